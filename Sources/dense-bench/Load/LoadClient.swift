/// A client for one request at a time, which waits: what registers models and asks for the first answers.
package struct LoadClient: Sendable {
    private let address: LoadAddress
    private let socketAddress: SocketAddress
    private let timeout: Int

    /// A client of a server whose name need not be looked up any more.
    ///
    /// - Parameter timeout: seconds that sending and receiving may each take.
    /// - Throws: `LoadError.unknownHost`.
    package init(_ address: LoadAddress, timeout: Int) throws(LoadError) {
        self.init(address, try address.resolve(), timeout: timeout)
    }

    /// - Parameter timeout: seconds that sending and receiving may each take.
    init(_ address: LoadAddress, _ socketAddress: SocketAddress, timeout: Int) {
        self.address = address
        self.socketAddress = socketAddress
        self.timeout = timeout
    }

    /// Connects. ALPN offers `protocols` where the address speaks TLS; without any, none is spoken.
    package func connect(protocols: [String] = ["http/1.1"]) throws(LoadError) -> BlockingConnection {
        try BlockingConnection(address, socketAddress, timeout: timeout, protocols: protocols)
    }

    /// Sends one request over a connection of its own and reads the answer.
    func send(_ request: LoadRequest) throws(LoadError) -> (status: Int, body: [UInt8]) {
        let connection = try connect()
        // Whoever refuses a body before its end has said why: that is read.
        connection.send(request.bytes)
        let (status, body, _) = try connection.response()
        return (status, body)
    }
}
