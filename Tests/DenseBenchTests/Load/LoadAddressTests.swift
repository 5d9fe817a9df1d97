import Testing
import dense_bench

@Suite("The address of a load")
struct LoadAddressTests {
    @Test(
        "URLs are read",
        arguments: [
            ("http://127.0.0.1:8080", "127.0.0.1", 8080, "", "127.0.0.1:8080"),
            ("http://localhost", "localhost", 80, "", "localhost:80"),
            ("http://localhost/", "localhost", 80, "", "localhost:80"),
            ("http://[::1]:9/base/", "::1", 9, "/base", "[::1]:9"),
            ("http://[::1]", "::1", 80, "", "[::1]:80"),
        ])
    func reads(_ url: String, _ host: String, _ port: UInt16, _ path: String, _ authority: String) throws {
        let address = try LoadAddress(url: url)
        #expect(address.host == host && address.port == port && address.path == path)
        #expect(address.authority == authority)
    }

    @Test(
        "what is no URL of a server is refused",
        arguments: [
            "", "localhost:80", "https://localhost", "http://", "http://:80", "http://a:0", "http://a:65536",
            "http://a:b",
            "http://a:", "http://[::1", "http://[::1]80", "http://a/?b", "http://a b", "http://user@host",
        ])
    func refuses(_ url: String) {
        #expect(throws: LoadError.invalidURL(url)) { try LoadAddress(url: url) }
    }
}
