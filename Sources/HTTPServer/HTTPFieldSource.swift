/// Fields of an answer that are spelled only when it is sent, straight to where they are sent from: what comes with every
/// answer should cost no allocation. A value of three words at most costs none.
package protocol HTTPFieldSource: Sendable {
    /// The most bytes that all fields take together, with four more for each.
    var mostBytes: Int { get }

    /// Hands over each field: its name, the most bytes its value takes, and what appends those. Both are plain: the name a
    /// token that is none of the server's own fields, the value without control characters and spaces around it.
    func forEachField(_ body: (_ name: StaticString, _ count: Int, _ value: (inout OutputSpan<UInt8>) -> Void) -> Void)
}
