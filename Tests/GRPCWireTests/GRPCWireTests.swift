import GRPCWire
import Testing
import dense_fuzz

@Suite("gRPC on the wire")
struct GRPCWireTests {
    // MARK: Statuses

    @Test(
        "a status message is percent-encoded where it has to be",
        arguments: [
            ("fine", "fine"), ("100 %", "100 %25"), ("a\nb", "a%0Ab"), ("ü", "%C3%BC"), ("~ !", "~ !"),
            ("\u{7F}", "%7F"),
        ])
    func message(text: String, encoded: String) {
        #expect(GRPCStatus.encoded(text) == encoded)
        #expect(GRPCStatus(.notFound, text).trailers.map(\.value) == ["5", encoded])
    }

    @Test("a status without a message has none in its trailers")
    func noMessage() {
        #expect(GRPCStatus.ok.trailers.map(\.name) == ["grpc-status"])
    }

    // MARK: Timeouts

    @Test(
        "a timeout has one to eight digits and a unit",
        arguments: [
            ("1H", 3_600_000_000_000), ("2M", 120_000_000_000), ("3S", 3_000_000_000), ("4m", 4_000_000), ("5u", 5_000),
            ("6n", 6), ("0n", 0), ("99999999H", .max), ("00000001S", 1_000_000_000),
        ] as [(String, Int)])
    func timeout(text: String, nanoseconds: Int) {
        #expect(GRPCTimeout(text.utf8)?.nanoseconds == nanoseconds)
    }

    @Test("what is no timeout", arguments: ["", "1", "S", "1s", "-1S", "1 S", "1SS", "123456789S", "1.5S", "٣S"])
    func noTimeout(text: String) {
        #expect(GRPCTimeout(text.utf8) == nil)
    }

    // MARK: Frames

    @Test("messages are found however their bytes are cut", arguments: 1...9)
    func cuts(size: Int) throws {
        let bytes =
            GRPCFramer.prefix(length: 3) + [1, 2, 3] + GRPCFramer.prefix(length: 0, isCompressed: true)
            + GRPCFramer.prefix(length: 1) + [4]
        var framer = GRPCFramer(limit: 10)
        var messages: [[UInt8]] = []
        var flags: [Bool] = []
        for start in stride(from: 0, to: bytes.count, by: size) {
            let piece = Array(bytes[start..<min(start + size, bytes.count)])
            var position = 0
            while let event = try framer.next(piece.span, at: &position) {
                switch event {
                case .begin(_, let isCompressed):
                    messages.append([])
                    flags.append(isCompressed)
                case .bytes(let range): messages[messages.count - 1] += piece[range]
                case .end: break
                }
            }
        }
        #expect(messages == [[1, 2, 3], [], [4]])
        #expect(flags == [false, true, false])
        #expect(!framer.isInside)
    }

    @Test("a message too long is refused at its prefix, and a wrong flag")
    func refused() {
        var framer = GRPCFramer(limit: 9)
        var position = 0
        #expect(throws: GRPCFrameError.tooLarge(limit: 9, length: 10)) {
            try framer.next(GRPCFramer.prefix(length: 10).span, at: &position)
        }
        position = 0
        framer = GRPCFramer(limit: 9)
        #expect(throws: GRPCFrameError.invalidFlag(2)) {
            try framer.next(([2, 0, 0, 0, 1] as [UInt8]).span, at: &position)
        }
    }

    @Test(
        "the body of a call with one request is one message",
        arguments: [
            ([], .noMessage), ([0, 0, 0, 0], .truncated(expected: 5, received: 4)),
            ([0, 0, 0, 0, 2, 1], .truncated(expected: 2, received: 1)), ([0, 0, 0, 0, 0, 0], .severalMessages),
            ([0, 0, 0, 0, 1, 7, 0, 0, 0, 0, 0], .severalMessages), ([7, 0, 0, 0, 0], .invalidFlag(7)),
            ([0, 0, 0, 0, 9, 1], .tooLarge(limit: 8, length: 9)),
        ] as [([UInt8], GRPCFrameError)])
    func notOne(bytes: [UInt8], error: GRPCFrameError) {
        #expect(throws: error) { try GRPCFramer.only(in: bytes.span, limit: 8) }
    }

    @Test("one message is found with its flag")
    func one() throws {
        let found = try GRPCFramer.only(in: ([1, 0, 0, 0, 2, 7, 8] as [UInt8]).span, limit: 8)
        #expect(found.message == 5..<7)
        #expect(found.isCompressed)
    }

    @Test("the framer and the readers hold against mutated messages, and read what swift-protobuf reads")
    func fuzz() throws {
        let outcomes = try GRPCFuzz.target.run(count: 4_000, seed: 20_261_128)
        #expect(outcomes["ok", default: 0] > 150)
        #expect(outcomes.count > 8)
    }

    // MARK: The beginning of a request

    @Test("where the first raw input lies is told as soon as its length is there, and never wrongly before")
    func offsetOfRaw() {
        let message =
            Array("\n\u{01}m".utf8) + [0x2A, 7, 0x0A, 5] + Array("input".utf8) + [0x3A, 0xC8, 0x01]
            + [UInt8](repeating: 9, count: 200)
        let offset = message.count - 200
        for count in 0...message.count {
            let found = unsafe Array(message.prefix(count)).withUnsafeBytes {
                unsafe InferRequestMessage.offsetOfRaw(inBeginning: $0)
            }
            #expect(found == (count < offset ? nil : offset))
        }
        for bytes in [[0x3A], [0xFF, 0xFF], [0x0B, 0x0B], [0x2A, 0xFF]] as [[UInt8]] {
            #expect(unsafe bytes.withUnsafeBytes { unsafe InferRequestMessage.offsetOfRaw(inBeginning: $0) } == nil)
        }
    }
}
