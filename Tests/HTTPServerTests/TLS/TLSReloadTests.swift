import COpenSSL
import Dispatch
import Glibc
import HTTPServer
import Locks
import TestCertificates
import Testing

private let get = "GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n"

@Suite("Certificates that change while a server runs")
struct TLSReloadTests {
    private let authority: TestAuthority
    private let identity: TestIdentity
    private let tls: TLSContexts
    private let server: TestServer

    init() throws {
        authority = try TestAuthority()
        identity = try authority.issue("server")
        let tls = try TLSContexts(TLSConfiguration(identity))
        self.tls = tls
        server = try TestServer {
            $0.tls = tls
            $0.tlsPort = 0
            $0.speaksClearText = false
        }
    }

    private func serial() throws -> Int {
        let client = try TLSTestClient(server.address, .init(authority: authority.file))
        try client.shakeHands()
        return client.serial
    }

    @Test("new connections get the new certificate, those that are open go on")
    func reload() throws {
        let open = try TLSTestClient(server.address)
        #expect(try open.exchange(get).status == 200)
        let first = try serial()
        _ = try authority.issue("server")
        #expect(try serial() == first)
        try tls.reload()
        let second = try serial()
        #expect(second != first)
        #expect(try open.exchange(get).text == "GET /a ")
        #expect(open.serial == first)
        #expect(server.tls?.reloads == 1)
    }

    @Test("what cannot be used changes nothing", arguments: ["key", "text", "gone"])
    func broken(kind: String) throws {
        let first = try serial()
        switch kind {
        case "key":
            let other = try authority.issue("other")
            #expect(unsafe rename(other.key, identity.key) == 0)
        case "text": try TestAuthority.write(Array("no certificate".utf8), to: identity.certificate)
        default: #expect(unsafe unlink(identity.certificate) == 0)
        }
        #expect(throws: TLSError.self) { try tls.reload() }
        #expect(try serial() == first)
        #expect(server.tls?.failedReloads == 1)
        #expect(server.tls?.reloads == 0)
        _ = try authority.issue("server")
        try tls.reload()
        #expect(try serial() != first)
    }

    @Test("a change is seen once it has settled, and only once")
    func change() throws {
        #expect(!tls.shouldReload())
        _ = try authority.issue("server")
        #expect(!tls.shouldReload(), "it may not be complete yet")
        #expect(tls.shouldReload())
        try tls.reload()
        #expect(!tls.shouldReload())
        try TestAuthority.write([], to: identity.key)
        #expect(!tls.shouldReload())
        #expect(tls.shouldReload())
        #expect(throws: TLSError.self) { try tls.reload() }
        #expect(!tls.shouldReload(), "what is broken is not tried again until it changes")
    }

    @Test("sessions are resumed, also after a reload", arguments: [TLS1_2_VERSION, TLS1_3_VERSION])
    func resumption(version: Int32) throws {
        let first = try TLSTestClient(server.address, .init(versions: version...version))
        #expect(try first.exchange(get).status == 200)
        #expect(!first.isResumed)
        let session = try first.takeSession()
        let second = try TLSTestClient(server.address, .init(versions: version...version, session: session))
        #expect(try second.exchange(get).status == 200)
        #expect(second.isResumed)
        _ = try authority.issue("server")
        try tls.reload()
        let third = try TLSTestClient(
            server.address, .init(versions: version...version, session: try second.takeSession()))
        #expect(try third.exchange(get).status == 200)
        #expect(third.isResumed)
        #expect(server.tls?.resumed == 2)
    }

    @Test("under load, reloads and broken files cost no request")
    func load() throws {
        let stop = Lock(false)
        let failures = Lock<[String]>([])
        let requests = Lock(0)
        let (address, file) = (server.address, authority.file)
        let clients = DispatchGroup()
        for _ in 0..<4 {
            DispatchQueue.global().async(group: clients) {
                while !stop.withLock({ $0 }) {
                    do {
                        let client = try TLSTestClient(address, .init(authority: file))
                        for _ in 0..<5 {
                            let status = try client.exchange(get).status
                            guard status == 200 else { return failures.withLock { $0.append("\(status)") } }
                            requests.withLock { $0 += 1 }
                        }
                    } catch { failures.withLock { $0.append("\(error)") } }
                }
            }
        }
        for number in 0..<40 {
            if number.isMultiple(of: 4) {
                try TestAuthority.write([], to: identity.key)
                #expect(throws: TLSError.self) { try tls.reload() }
            }
            _ = try authority.issue("server")
            try tls.reload()
            let before = requests.withLock { $0 }
            #expect(eventually { requests.withLock { $0 } > before || failures.withLock { !$0.isEmpty } })
        }
        stop.withLock { $0 = true }
        clients.wait()
        #expect(failures.withLock { $0 } == [])
        #expect(server.tls?.reloads == 40)
    }
}

@Suite("Sessions and the certificates of clients")
struct TLSClientResumptionTests {
    @Test("who was let in without a certificate, or by another authority, is not let in by a ticket")
    func scope() throws {
        let authority = try TestAuthority()
        let clients = try TestAuthority("Clients' authority")
        let identity = try authority.issue("server")
        let client = try clients.issue("client", usage: "clientAuth")
        let tls = try TLSContexts(TLSConfiguration(identity, .required, of: clients))
        let server = try TestServer {
            $0.tls = tls
            $0.tlsPort = 0
            $0.speaksClearText = false
        }
        for version in [TLS1_2_VERSION, TLS1_3_VERSION] {
            let first = try TLSTestClient(server.address, .init(versions: version...version, identity: client))
            #expect(try first.exchange(get).status == 200)
            let session = try first.takeSession()
            let second = try TLSTestClient(
                server.address, .init(versions: version...version, identity: client, session: session))
            #expect(try second.exchange(get).status == 200)
            #expect(second.isResumed)
            #expect(server.records.next()?.head?.clientCertificate?.commonName == "localhost")
            #expect(server.records.next()?.head?.clientCertificate?.commonName == "localhost")

            // From now on others are trusted.
            let earlier = try TestAuthority.read(clients.file)
            try TestAuthority.write(TestAuthority.read(authority.file), to: clients.file)
            try tls.reload()
            let third = try TLSTestClient(
                server.address, .init(versions: version...version, identity: client, session: second.takeSession()))
            #expect(throws: TLSTestClient.TLSFailure.self) { try third.exchange(get) }
            try TestAuthority.write(earlier, to: clients.file)
            try tls.reload()
        }
    }
}
