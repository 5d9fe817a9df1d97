/// The versions of HTTP the server speaks; the raw value is what logs and metrics say.
package enum HTTPVersion: String, Hashable, Sendable, CaseIterable {
    case http10 = "HTTP/1.0"
    case http11 = "HTTP/1.1"
    case http2 = "HTTP/2"
}
