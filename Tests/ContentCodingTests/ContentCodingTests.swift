import ContentCoding
import Testing
import dense_fuzz

@Suite("Content codings")
struct ContentCodingTests {
    static let text = Array(String(repeating: #"{"input":[[1.5,-2.25,3.0e-3]],"model":"m"} "#, count: 500).utf8)

    private func error(_ input: [UInt8], _ codings: [ContentCoding], limit: Int = 1 << 20) -> ContentCodingError? {
        do throws(ContentCodingError) {
            _ = try ContentDecoder.decode(input, codings, limit: limit)
            return nil
        } catch { return error }
    }

    @Test("what is coded is decoded, alone and behind another coding", arguments: ContentCoding.allCases)
    func roundTrip(coding: ContentCoding) throws {
        let coded = try #require(ContentEncoder.encode(Self.text, coding))
        #expect(coded.count < Self.text.count / 4)
        #expect(try ContentDecoder.decode(coded, [coding], limit: Self.text.count) == Self.text)
        let noise = (0..<3000).map { _ in UInt8.random(in: .min ... .max) }
        #expect(ContentEncoder.encode(noise, coding) == nil, "noise does not get smaller")
        for other in ContentCoding.allCases {
            let both = ContentEncoder.encode(coded + [UInt8](repeating: 0, count: 5000), other) ?? []
            // The trailing zeros belong to nothing.
            #expect(error(both, [coding, other]) != nil)
        }
    }

    @Test("every prefix of a coded body is truncated", arguments: ContentCoding.allCases)
    func truncated(coding: ContentCoding) throws {
        let coded = try #require(ContentEncoder.encode(Array(Self.text.prefix(400)), coding))
        for count in 0..<coded.count {
            let error = error(Array(coded.prefix(count)), [coding])
            #expect(error == .truncated(coding), "\(count) of \(coded.count): \(String(describing: error))")
        }
    }

    @Test("bytes behind the end are refused, another gzip member or zstd frame is not")
    func trailing() throws {
        for coding in ContentCoding.allCases {
            let coded = try #require(ContentEncoder.encode(Self.text, coding))
            #expect(error(coded + [0, 0, 0], [coding]) != nil)
        }
        for coding in [ContentCoding.gzip, .zstd] {
            let coded = try #require(ContentEncoder.encode(Self.text, coding))
            #expect(
                try ContentDecoder.decode(coded + coded, [coding], limit: 1 << 20) == Self.text + Self.text)
        }
    }

    @Test("a changed byte is found by the checksums of gzip and deflate")
    func corrupt() throws {
        for coding in [ContentCoding.gzip, .deflate] {
            var coded = try #require(ContentEncoder.encode(Self.text, coding))
            coded[coded.count - 6] ^= 1
            guard case .corrupt(coding, _)? = error(coded, [coding]) else {
                Issue.record("a wrong checksum was taken")
                continue
            }
        }
    }

    @Test("deflate without zlib's frame is read too")
    func rawDeflate() throws {
        // zlib.compressobj(9, zlib.DEFLATED, -15) of b"hello hello hello hello"
        let raw: [UInt8] = [0xCB, 0x48, 0xCD, 0xC9, 0xC9, 0x57, 0xC8, 0x40, 0x27, 0x01]
        #expect(try ContentDecoder.decode(raw, [.deflate], limit: 100) == Array("hello hello hello hello".utf8))
    }

    @Test("nothing is decoded beyond the limit, nor between two codings", arguments: ContentCoding.allCases)
    func limit(coding: ContentCoding) throws {
        let zeros = [UInt8](repeating: 0, count: 10 << 20)
        let bomb = try #require(ContentEncoder.encode(zeros, coding))
        #expect(error(bomb, [coding], limit: zeros.count - 1) == .tooLarge(limit: zeros.count - 1))
        #expect(error(bomb, [coding], limit: zeros.count) == nil)
        var taken = 0
        #expect(throws: ContentCodingError.noRoom) {
            try unsafe bomb.withUnsafeBytes { bytes in
                try unsafe ContentDecoder.decode(bytes, [coding], limit: zeros.count) { piece in
                    taken += piece.count
                    return taken < 200_000
                }
            }
        }
        #expect(taken < 300_000)
        let twice = try #require(ContentEncoder.encode(bomb, .gzip))
        #expect(error(twice, [coding, .gzip], limit: bomb.count - 1) == .tooLarge(limit: bomb.count - 1))
    }

    @Test("a zstd window larger than HTTP allows is refused before it is allocated")
    func window() {
        // A frame that claims a window of 128 MiB, and holds one raw block of three bytes.
        let frame: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x88, 0x19, 0x00, 0x00, 0x61, 0x62, 0x63]
        guard case .corrupt(.zstd, _)? = error(frame, [.zstd]) else {
            Issue.record("the window was taken")
            return
        }
    }

    @Test(
        "Content-Encoding is a list, names are known in any case",
        arguments: [
            ([], []), (["gzip"], [.gzip]), (["GZip , x-gzip"], [.gzip, .gzip]), (["identity"], []), ([" , "], []),
            (["zstd", "deflate"], [.zstd, .deflate]),
        ] as [([String], [ContentCoding])])
    func list(fields: [String], codings: [ContentCoding]) throws {
        #expect(try ContentCoding.list(fields) == codings)
    }

    @Test("codings that are not known, and too many, are refused")
    func refusedLists() {
        #expect(throws: ContentCodingError.unsupported("br")) { try ContentCoding.list(["gzip, br"]) }
        #expect(throws: ContentCodingError.tooMany(limit: 3)) { try ContentCoding.list(["gzip,gzip", "gzip,zstd"]) }
    }

    @Test(
        "Accept-Encoding chooses",
        arguments: [
            ([], nil, true), ([""], nil, true), (["gzip, deflate"], .gzip, true),
            (["gzip, deflate, br, zstd"], .zstd, true), (["gzip;q=1.0, zstd;q=0.5"], .gzip, true),
            (["gzip;q=0"], nil, true), (["*"], .zstd, true), (["*;q=0"], nil, false),
            (["*;q=0, gzip"], .gzip, false), (["identity;q=0"], nil, false), (["identity;q=0, *"], .zstd, false),
            (["identity, gzip;q=0.5"], nil, true), (["identity;q=0.2", "GZIP ; Q=0.3"], .gzip, true),
            (["zstd;q=0, *;q=0.1"], .gzip, true), (["gzip;q=2, deflate;q=0.001"], .deflate, true),
            (["gzip;q=x, br"], nil, true), (["*;q=0, identity;q=0.1"], nil, true),
        ] as [([String], ContentCoding?, Bool)])
    func accepted(fields: [String], best: ContentCoding?, allowsIdentity: Bool) {
        let accepted = AcceptedCodings(fields)
        #expect(accepted.best == best)
        #expect(accepted.allowsIdentity == allowsIdentity)
    }

    @Test("the decoders keep what they promise for mutated bodies")
    func fuzz() throws {
        let outcomes = try CodingFuzz.target.run(count: 5_000, seed: 20_260_104)
        #expect(outcomes["ok", default: 0] > 4)
        #expect(outcomes.count > 12)
    }
}
