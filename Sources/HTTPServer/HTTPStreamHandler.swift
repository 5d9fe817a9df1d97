/// What handles one streamed request: its body as it comes, while its answer may be on its way already.
///
/// All methods are called on the event loop's thread, one after the other, and must not block.
package protocol HTTPStreamHandler: AnyObject, Sendable {
    /// The request begins. `stream` is the way to answer it, from any thread, and lives as long as somebody refers to it.
    func begin(_ stream: HTTPStream)

    /// Takes the next bytes of the body; they are gone when it returns. They count as held by the connection until
    /// `HTTPStream.release` is told of as many.
    func receive(_ bytes: UnsafeRawBufferPointer)

    /// The client has sent all of the body.
    func receiveEnd()

    /// How much more of the body it would take. Asked after bytes were received, and again when some were released.
    var appetite: HTTPStreamAppetite { get }

    /// Most of what was given to be sent is sent: `HTTPStream.unsentBytes` was above `HTTPStream.lowWater` and is no more.
    func sendMore()

    /// The server is stopping: what has come is to be answered, and the stream to be ended then.
    func drain()

    /// The stream is over before it was ended: the client has gone, or takes or sends nothing. Whatever is sent on it is
    /// dropped.
    func cancel()
}

/// How much of a body a handler would take now.
package enum HTTPStreamAppetite: Sendable {
    /// Nothing, until it has released some of what it holds.
    case none
    /// Anything; it may as well wait for ever.
    case anything
    /// The rest of something that has begun. It has to come as fast as a body has to.
    case rest
}
