import HTTPServer
import Testing

private let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

@Suite("Connections for each address", .serialized)
struct ConnectionPlacesTests {
    @Test("an IPv4 address counts by itself, an IPv6 address with its /64")
    func networks() throws {
        let four = try #require(ClientNetwork([127, 0, 0, 1]))
        #expect(four != ClientNetwork([127, 0, 0, 2]))
        // An IPv4 client of a socket for both versions.
        #expect(four == ClientNetwork([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 127, 0, 0, 1]))
        let six = try #require(ClientNetwork([0x20, 1, 0xD, 0xB8, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]))
        #expect(six == ClientNetwork([0x20, 1, 0xD, 0xB8, 1, 2, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0]))
        #expect(six != ClientNetwork([0x20, 1, 0xD, 0xB8, 1, 2, 3, 5, 5, 6, 7, 8, 9, 10, 11, 12]))
        #expect(ClientNetwork([]) == nil)
    }

    @Test("one connection too many from an address is answered with 503, until another one is closed")
    func perAddress() throws {
        let server = try TestServer { $0.maxConnectionsPerAddress = 2 }
        let first = try server.client()
        var second: TestClient? = try server.client()
        for client in [first, second] { #expect(try client?.exchange(get).status == 200) }
        let third = try server.client()
        let refusal = try third.response()
        #expect(refusal.status == 503)
        #expect(refusal.fields["retry-after"] == "1")
        #expect(refusal.fields["connection"] == "close")
        #expect(refusal.text.contains("Expected at most 2 at once (max_connections_per_address), received one more."))
        #expect(server.server.counters.refusedForAddress == 1)
        #expect(server.server.counters.refusedConnections == 0)
        #expect(try first.exchange(get).status == 200)
        second = nil
        // The server learns of it when it gets to it.
        #expect(
            eventually {
                guard let client = try? server.client() else { return false }
                return (try? client.exchange(get).status) == 200
            })
    }

    @Test("refused connections take no place of those that are served")
    func refusedAreNotCounted() throws {
        let server = try TestServer {
            $0.maxConnections = 2
            $0.lingerTimeout = 60_000
        }
        var clients = try [server.client(), server.client()]
        for client in clients { #expect(try client.exchange(get).status == 200) }
        // They linger, and are there still when there is room again.
        let refused = try (0..<20).map { _ in try server.client() }
        for client in refused { #expect(try client.response().status == 503) }
        clients = []
        #expect(
            eventually {
                guard let client = try? server.client() else { return false }
                return (try? client.exchange(get).status) == 200
            })
        withExtendedLifetime(refused) {}
    }
}
