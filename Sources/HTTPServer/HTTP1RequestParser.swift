/// Turns the bytes of an HTTP/1 connection into requests, one event at a time (RFC 9112).
///
/// It does no I/O and keeps no bytes: what an event did not consume is shown again, with more behind it. How the bytes are cut
/// into pieces never changes the events, apart from where one part of a body ends and the next begins. Strict where
/// two readers could disagree on where a request ends: line ends, lengths, codings and white space.
package struct HTTP1RequestParser: Sendable {
    /// What a client can make large, in bytes unless said otherwise.
    package struct Limits: Sendable {
        /// A head, from its request line to its empty line, and also all trailers of a body: 431.
        package var maxHeadBytes: Int
        /// A request target: 414.
        package var maxTargetBytes: Int
        /// Fields of a head, and of the trailers: 431.
        package var maxFields: Int
        /// A body without its transfer coding: 413.
        package var maxBodyBytes: Int

        /// The limits of the default configuration, or others.
        package init(
            maxHeadBytes: Int = 64 << 10, maxTargetBytes: Int = 8 << 10, maxFields: Int = 256,
            maxBodyBytes: Int = 64 << 20
        ) {
            self.maxHeadBytes = maxHeadBytes
            self.maxTargetBytes = maxTargetBytes
            self.maxFields = maxFields
            self.maxBodyBytes = maxBodyBytes
        }
    }

    /// What was read.
    package enum Event: Sendable {
        /// More bytes are needed.
        case partial
        /// A head is complete. A body that was announced too large fails with the next event.
        case head(HTTPRequestHead)
        /// These bytes of the input belong to the body.
        case body(Range<Int>)
        /// The request is complete; what follows is the next one.
        case end
        /// The stream is no HTTP, or beyond the limits; nothing more can be read from it.
        case failed(HTTPError)
    }

    /// An event, and how many of the bytes are done with.
    package struct Step: Sendable {
        /// What was read.
        package var event: Event
        /// How many bytes need not be shown again.
        package var consumed: Int
    }

    private enum State: Sendable {
        case head
        case length(remaining: Int)
        case chunkSize
        case chunkData(remaining: Int)
        case chunkEnd
        case trailers
        case failed(HTTPError)
    }

    /// The longest line that tells a chunk's size; only extensions are long.
    private static let maxChunkLine = 1024

    private let limits: Limits
    private let tls: TLSDetails?
    private var state = State.head
    private var head: HTTP1HeadBuilder
    /// How many bytes of an unfinished line are known to hold no line feed, so that none is looked at twice.
    private var scanned = 0
    private var bodyBytes = 0
    private var extensionBytes = 0
    private var trailerBytes = 0
    private var trailerFields = 0

    /// A parser at the beginning of a connection, whose heads will tell of its TLS session.
    package init(limits: Limits = Limits(), tls: TLSDetails? = nil) {
        self.limits = limits
        self.tls = tls
        head = HTTP1HeadBuilder(limits: limits, tls: tls)
    }

    /// How many bytes of a body with a known length are still to come; zero in every other state. They may be read past
    /// the parser, which is told by `skipBody`.
    package var remainingLength: Int {
        guard case .length(let remaining) = state, remaining <= limits.maxBodyBytes else { return 0 }
        return remaining
    }

    /// Whether a request has begun: its head or its body is incomplete.
    package var isInsideRequest: Bool {
        if case .head = state { return head.hasBegun }
        return true
    }

    /// Whether the head that is incomplete, or that could not be read, begins with the method HEAD.
    var isAtHEAD: Bool { head.isHEAD }

    /// Takes note of `count` bytes of the body that were read past the parser.
    package mutating func skipBody(_ count: Int) {
        precondition(count <= remainingLength)
        state = .length(remaining: remainingLength - count)
    }

    /// Takes memory to be used for the head of the request that begins now.
    mutating func use(_ memory: LoopSpares.Head) { head.use(memory) }

    /// Reads the next event off the front of `input`.
    package mutating func next(_ input: Span<UInt8>) -> Step {
        do throws(HTTPError) {
            switch state {
            case .head: return try nextHead(input)
            case .length(let remaining): return try nextBody(input, remaining)
            case .chunkSize, .chunkData, .chunkEnd, .trailers: return try nextChunk(input)
            case .failed(let error): throw error
            }
        } catch {
            state = .failed(error)
            return Step(event: .failed(error), consumed: 0)
        }
    }

    private mutating func nextHead(_ input: Span<UInt8>) throws(HTTPError) -> Step {
        guard let end = try head.parse(input) else { return Step(event: .partial, consumed: 0) }
        let finished = try head.finish(input, end: end)
        head = HTTP1HeadBuilder(limits: limits, tls: tls)
        bodyBytes = 0
        extensionBytes = 0
        trailerBytes = 0
        trailerFields = 0
        switch finished.framing {
        case .none: state = .length(remaining: 0)
        case .length(let length): state = .length(remaining: length)
        case .chunked: state = .chunkSize
        }
        return Step(event: .head(finished), consumed: end)
    }

    private mutating func nextBody(_ input: Span<UInt8>, _ remaining: Int) throws(HTTPError) -> Step {
        guard remaining > 0 else {
            state = .head
            return Step(event: .end, consumed: 0)
        }
        guard remaining <= limits.maxBodyBytes else {
            throw .bodyTooLarge(limit: limits.maxBodyBytes, announced: remaining)
        }
        let count = min(remaining, input.count)
        guard count > 0 else { return Step(event: .partial, consumed: 0) }
        state = .length(remaining: remaining - count)
        return Step(event: .body(0..<count), consumed: count)
    }

    /// Reads on in a chunked body until there is an event (RFC 9112, section 7.1).
    private mutating func nextChunk(_ input: Span<UInt8>) throws(HTTPError) -> Step {
        var position = 0
        while true {
            switch state {
            case .chunkSize:
                guard let line = try nextLine(input, from: position, limit: Self.maxChunkLine, else: .chunkExtensions)
                else { return Step(event: .partial, consumed: position) }
                let size = try parseChunkSize(input, line)
                position = line.upperBound + 2
                state = size == 0 ? .trailers : .chunkData(remaining: size)
            case .chunkData(let remaining):
                let count = min(remaining, input.count - position)
                guard count > 0 else { return Step(event: .partial, consumed: position) }
                state = count == remaining ? .chunkEnd : .chunkData(remaining: remaining - count)
                return Step(event: .body(position..<position + count), consumed: position + count)
            case .chunkEnd:
                // Byte by byte: what is not CR LF is wrong as soon as it is seen.
                let available = input.count - position
                guard available == 0 || input[position] == ASCII.carriageReturn,
                    available < 2 || input[position + 1] == ASCII.lineFeed
                else { throw .malformed(.chunk) }
                guard available >= 2 else { return Step(event: .partial, consumed: position) }
                position += 2
                state = .chunkSize
            case .trailers:
                let room = limits.maxHeadBytes - trailerBytes
                guard let line = try nextLine(input, from: position, limit: room, else: nil) else {
                    return Step(event: .partial, consumed: position)
                }
                position = line.upperBound + 2
                if line.isEmpty {
                    state = .head
                    return Step(event: .end, consumed: position)
                }
                try checkTrailer(input, line)
            case .head, .length, .failed:
                return Step(event: .partial, consumed: position)
            }
        }
    }

    /// The next line without its CR LF, or nil while it is incomplete.
    private mutating func nextLine(
        _ input: Span<UInt8>, from start: Int, limit: Int, else tooLong: MalformedRequest?
    ) throws(HTTPError) -> Range<Int>? {
        let end = input.firstLineFeed(from: start + scanned)
        guard (end ?? input.count) - start <= limit else {
            if let tooLong { throw .malformed(tooLong) }
            throw .headTooLarge(limit: limits.maxHeadBytes)
        }
        guard let end else {
            scanned = input.count - start
            return nil
        }
        scanned = 0
        guard end > start, input[end - 1] == ASCII.carriageReturn else { throw .malformed(.lineEnding) }
        return start..<end - 1
    }

    /// `chunk-size [ chunk-ext ]`. Extensions are checked for control bytes and length and then ignored.
    private mutating func parseChunkSize(_ input: Span<UInt8>, _ line: Range<Int>) throws(HTTPError) -> Int {
        var size = 0
        var position = line.lowerBound
        while position < line.upperBound, let digit = input[position].hexadecimalValue {
            guard size <= Int.max >> 4 else { throw .bodyTooLarge(limit: limits.maxBodyBytes, announced: nil) }
            size = size << 4 | Int(digit)
            position += 1
        }
        guard position > line.lowerBound,
            position == line.upperBound || HTTP1ChunkExtension.isValid(input, position..<line.upperBound)
        else { throw .malformed(.chunk) }
        extensionBytes += line.upperBound - position
        guard extensionBytes <= limits.maxHeadBytes else { throw .malformed(.chunkExtensions) }
        guard size <= limits.maxBodyBytes - bodyBytes else {
            throw .bodyTooLarge(limit: limits.maxBodyBytes, announced: nil)
        }
        bodyBytes += size
        return size
    }

    /// Trailers must be well-formed and few; nothing in them is used (RFC 9110, section 6.5.1, lets a recipient drop them).
    private mutating func checkTrailer(_ input: Span<UInt8>, _ line: Range<Int>) throws(HTTPError) {
        _ = try HTTP1FieldLine(input, line)
        trailerBytes += line.count + 2
        trailerFields += 1
        guard trailerBytes <= limits.maxHeadBytes else { throw .headTooLarge(limit: limits.maxHeadBytes) }
        guard trailerFields <= limits.maxFields else { throw .tooManyFields(limit: limits.maxFields) }
    }
}
