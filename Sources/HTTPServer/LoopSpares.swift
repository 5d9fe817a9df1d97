/// What the last requests of a loop have left for the next ones, so that a loop at work allocates nothing for them: one of
/// each kind, and only what nobody else refers to any more. Confined to the loop's thread.
struct LoopSpares {
    /// The memory of a head.
    struct Head {
        var bytes: [UInt8] = []
        var fields: [HTTPHeaders.Field] = []
    }

    private var body: HTTPBody?
    private var head: HTTPRequestHead?

    /// An empty body that will become so long, within the loop's budget.
    mutating func takeBody(length: Int, within budget: MemoryBudget) -> HTTPBody {
        guard let spare = body.take() else { return HTTPBody(length: length, within: budget) }
        spare.renew(length: length)
        return spare
    }

    /// Takes a body back, if it is small and was the caller's alone.
    mutating func giveBack(_ spare: inout HTTPBody) {
        if isKnownUniquelyReferenced(&spare), spare.isKeepable { body = spare }
    }

    /// Empty memory for a head.
    mutating func takeHead() -> Head {
        guard let spare = head.take() else { return Head() }
        var (bytes, fields) = (spare.headers.bytes, spare.headers.fields)
        _ = consume spare
        // What others still refer to stays theirs: these become new ones then.
        bytes.removeAll(keepingCapacity: bytes.capacity <= 4096)
        fields.removeAll(keepingCapacity: fields.capacity <= 64)
        return Head(bytes: bytes, fields: fields)
    }

    /// Takes the memory of a head whose request is done with.
    mutating func giveBack(_ spare: HTTPRequestHead) { head = spare }
}
