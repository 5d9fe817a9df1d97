import Glibc
import TestCertificates
import Testing

/// `dense-bench soak`, briefly, against the built server.
@Suite("A soak", .serialized)
struct SoakTests {
    private static let flags = ["--rate", "100", "--interval", "2"]
    private static let allowedMegabytes = Sanitizer.isAddress ? "512" : "64"

    @Test("finds nothing wrong in ten seconds of good and bad traffic")
    func brief() throws {
        let authority = try TestAuthority()
        let identity = try authority.issue("server")
        let server = try ChildProcess([
            "serve", "--port", "0", "--access-log", "false", "--tls-port", "0", "--tls-certificate",
            identity.certificate,
            "--tls-key", identity.key,
        ])
        let soak = try ChildProcess(
            [
                "soak", server.address(), "--tls", server.address(), "--duration", "10s", "--resets", "50",
                "--allow-mb",
                Self.allowedMegabytes,
            ] + Self.flags, program: "dense-bench"
        ).wait()
        #expect(soak.status == 0, "\(soak.output)\(soak.errors)")
        #expect(soak.output.hasSuffix("all is well\n"))
        // The title, a look at the server before, between and after, and the last word.
        #expect(soak.output.split(separator: "\n").count >= 5, "\(soak.output)")
        server.send(SIGTERM)
        #expect(try server.wait().status == 0)
    }

    @Test("tells of a server that ends, and of one that does not want its models")
    func faults() throws {
        let server = try ChildProcess(["serve", "--port", "0", "--access-log", "false"])
        let gone = try ChildProcess(
            ["soak", server.address(), "--duration", "5s", "--pid", "99999999"] + Self.flags, program: "dense-bench"
        ).wait()
        #expect(gone.status == 1)
        #expect(gone.output.contains("fault: the server is gone\n"), "\(gone.output)\(gone.errors)")
        let strict = try ChildProcess(["serve", "--port", "0", "--max-body-bytes", "10"])
        let refused = try ChildProcess(["soak", strict.address()], program: "dense-bench").wait()
        #expect(refused.status == 1)
        #expect(refused.errors.contains("received 413"), "\(refused.errors)")
        let misused = try ChildProcess(["soak", "http://127.0.0.1:1", "--duration", "soon"], program: "dense-bench")
            .wait()
        #expect(misused.status == 64)
    }
}
