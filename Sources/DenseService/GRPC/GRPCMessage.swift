internal import ContentCoding
internal import GRPCWire
internal import HTTPServer

/// One message of a call, in the body that it came in.
struct GRPCMessage: Sendable {
    /// Where it lies, among other messages perhaps.
    let body: HTTPBody
    private let range: Range<Int>
    /// How it is compressed; nil for not.
    private let coding: ContentCoding?

    /// The only message of a call with one.
    init(
        only request: HTTPRequest, _ coding: ContentCoding?, limit: Int
    ) throws(GRPCError) {
        let body = request.body
        let found: (message: Range<Int>, isCompressed: Bool)
        do throws(GRPCFrameError) {
            found = try unsafe body.withUnsafeBytes { bytes throws(GRPCFrameError) in
                try GRPCFramer.only(in: unsafe bytes.bindMemory(to: UInt8.self).span, limit: limit)
            }
        } catch { throw GRPCError(GRPCStatus(error)) }
        try self.init(body, found.message, coding, isCompressed: found.isCompressed)
    }

    /// A message of a stream.
    init(
        _ body: HTTPBody, _ range: Range<Int>, _ coding: ContentCoding?, isCompressed: Bool
    ) throws(GRPCError) {
        guard !isCompressed || coding != nil else {
            throw GRPCError(GRPCStatus(GRPCCallError.compressedWithoutEncoding))
        }
        self.body = body
        self.range = range
        self.coding = isCompressed ? coding : nil
    }

    /// As it came.
    var count: Int { range.count }
    var isCompressed: Bool { coding != nil }

    /// Shows its bytes.
    ///
    /// - Precondition: it is not compressed.
    func withBytes<Result, E: Error>(_ read: (UnsafeRawBufferPointer) throws(E) -> Result) throws(E) -> Result {
        try unsafe body.withUnsafeBytes { bytes throws(E) in
            try unsafe read(UnsafeRawBufferPointer(rebasing: bytes[range]))
        }
    }

    /// The message without its compression.
    ///
    /// - Parameter limit: how long it may become.
    func decompressed(limit: Int) throws(ContentCodingError) -> GRPCMessage {
        guard let coding else { return self }
        let plain = HTTPBody(replacing: body)
        try unsafe withBytes { bytes throws(ContentCodingError) in
            try unsafe ContentDecoder.decode(bytes, [coding], limit: limit) { unsafe plain.append(decoded: $0) }
        }
        return GRPCMessage(plain)
    }

    private init(_ plain: HTTPBody) {
        body = plain
        range = 0..<plain.count
        coding = nil
    }
}

extension GRPCMessage {
    /// What the first bytes of a `ModelInfer` call's body say of it.
    static func outline(of beginning: UnsafeRawBufferPointer) -> HTTPBodyOutline {
        var framer = GRPCFramer(limit: .max)
        var position = 0
        guard
            case .begin(let length, isCompressed: false)? = try? framer.next(
                unsafe beginning.bindMemory(to: UInt8.self).span, at: &position)
        else { return HTTPBodyOutline() }
        let offset = unsafe InferRequestMessage.offsetOfRaw(
            inBeginning: UnsafeRawBufferPointer(rebasing: beginning[position...]))
        return HTTPBodyOutline(numbersOffset: position + (offset ?? 0), length: position + length)
    }

    /// What it counts for while it waits. What is compressed may come out as anything, so it is not decoded on a loop's thread.
    var waitingBytes: Int { isCompressed ? max(count, Placement.leastWorkerBytes) : count }

    /// `decompressed`, with the API's errors.
    func plain(limit: Int) throws(APIError) -> GRPCMessage {
        do throws(ContentCodingError) { return try decompressed(limit: limit) } catch { throw APIError(error) }
    }
}

/// The end of a call that did not come to a good one.
struct GRPCError: Error {
    var status: GRPCStatus

    init(_ status: GRPCStatus) { self.status = status }
}
