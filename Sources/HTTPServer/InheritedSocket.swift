/// A listening socket that another process opened and left to this one.
package struct InheritedSocket: Hashable, Sendable {
    /// What a socket that speaks TLS is called.
    package static let tlsName = "https"

    /// Its descriptor, which the server takes over when it starts.
    package var number: Int32
    /// What the other process calls it; empty for nothing.
    package var name: String
    /// Whether this process removes a Unix socket's file at its end, as the other one would have.
    package var ownsFile: Bool

    /// Describes a descriptor.
    package init(number: Int32, name: String = "", ownsFile: Bool = false) {
        self.number = number
        self.name = name
        self.ownsFile = ownsFile
    }
}
