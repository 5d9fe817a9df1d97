/// A listening socket that another process opened and left to this one.
package struct InheritedSocket: Hashable, Sendable {
    /// What a socket that speaks TLS is called.
    package static let tlsName = "https"

    /// Its descriptor, which the server takes over when it starts.
    package var number: Int32
    /// What the other process calls it; empty for nothing.
    package var name: String
    /// Whether nobody keeps it open beside this process: then a Unix socket's file is removed at the end, and what waits
    /// to be accepted is not left in its queue.
    package var isOwn: Bool

    /// Describes a descriptor.
    package init(number: Int32, name: String = "", isOwn: Bool = false) {
        self.number = number
        self.name = name
        self.isOwn = isOwn
    }
}
