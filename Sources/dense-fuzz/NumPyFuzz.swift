import DenseEngine
import TensorCoding

/// The NumPy reader and writer.
package enum NumPyFuzz {
    package static var target: FuzzTarget {
        FuzzTarget(name: "npy", seeds: seeds, tokens: tokens, check: check, repair: repair)
    }

    private static let seeds: [[UInt8]] = {
        let types = [
            "<f4", ">f4", "<f2", ">f2", "<f8", ">f8", "|i1", "<i2", ">i4", "<i8", "|u1", ">u2", "<u4", ">u8", "|b1",
        ]
        var files: [[UInt8]] = []
        for (index, type) in types.enumerated() {
            let size = Int(String(type.suffix(1))) ?? 1
            let order = index % 2 == 0 ? "False" : "True"
            for (shape, count) in [("()", 1), ("(3,)", 3), ("(2, 3)", 6), ("(0, 4)", 0), ("(2, 1, 2, 2)", 8)] {
                let header = "{'descr': '\(type)', 'fortran_order': \(order), 'shape': \(shape), }"
                let data = (0..<count * size).map { UInt8(truncatingIfNeeded: $0 * 37 + 60) }
                files.append(file(version: UInt8(1 + index % 3), header: header, data: data))
            }
        }
        return files
    }()

    private static func file(version: UInt8, header: String, data: [UInt8]) -> [UInt8] {
        let text = Array((header + "   \n").utf8)
        let length: [UInt8] = [UInt8(text.count & 255), UInt8(text.count >> 8)] + (version > 1 ? [0, 0] : [])
        return [0x93] + Array("NUMPY".utf8) + [version, 0] + length + text + data
    }

    private static let tokens = [
        "{", "}", "(", ")", ",", ":", "'", "\"", "'descr'", "'fortran_order'", "'shape'", "True", "False", "None", "()",
        "(1,)",
        "(1)", "(0, 9223372036854775807)", "(4294967296, 4294967296)", "(1000000000, 0)", "-1", "1L", "0x1", "<f4",
        ">f8",
        "<f2", "|b1", "<c8", "|S1", "|O", "<i3", "[('a', '<f4')]", "\u{93}NUMPY", "\u{1}\u{0}", "\u{0}", "\n", "  ",
        "99999999999",
    ]

    private static func check(_ input: [UInt8]) throws(FuzzFailure) -> String {
        let result = decode(input, offset: 0)
        // The elements lie wherever the bytes before them end: an odd address must not matter.
        guard decode(input, offset: 1) == result else { throw FuzzFailure("alignment makes a difference", input) }
        switch result {
        case .failure(.invalidNumPyFile(.invalidHeader(_, let offset))):
            guard (0...input.count).contains(offset) else { throw FuzzFailure("an error lies outside the file", input) }
            return "header"
        case .failure(.invalidNumPyFile(let fault)): return String("\(fault)".prefix(12))
        case .failure(let error): return error.code
        case .success(let file):
            // Files are compared as they are written, since NaN is not equal to itself.
            guard decode(file, offset: 0) == .success(file) else { throw FuzzFailure("bits changed", input) }
            return "ok"
        }
    }

    /// Gives the file its first bytes back, the header the length it has up to the first line's end, and the data the length the header says.
    private static func repair(_ input: [UInt8]) -> [UInt8] {
        let fields = input.count > 6 && input[6] == 1 ? 10 : 12
        guard input.count > fields, let end = input[fields...].firstIndex(of: UInt8(ascii: "\n")) else { return input }
        let length = end + 1 - fields
        var file = [0x93] + Array("NUMPY".utf8) + input[6...]
        (file[8], file[9]) = (UInt8(truncatingIfNeeded: length), UInt8(truncatingIfNeeded: length >> 8))
        if fields == 12 { (file[10], file[11]) = (0, 0) }
        guard case .failure(.invalidNumPyFile(.dataSize(_, let expected, let received))) = decode(file, offset: 0),
            expected <= 4_096
        else { return file }
        file.removeLast(max(0, received - expected))
        return file + [UInt8](repeating: 0xC1, count: max(0, expected - received))
    }

    private static func decode(_ input: [UInt8], offset: Int) -> Result<[UInt8], CodingError> {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: input.count + offset, alignment: 16)
        defer { unsafe memory.deallocate() }
        let bytes = unsafe UnsafeMutableRawBufferPointer(rebasing: memory[offset...])
        unsafe bytes.copyBytes(from: input)
        do throws(CodingError) {
            return .success(NumPyFile.encode(unsafe try NumPyFile.decode(UnsafeRawBufferPointer(bytes))))
        } catch {
            return .failure(error)
        }
    }
}
