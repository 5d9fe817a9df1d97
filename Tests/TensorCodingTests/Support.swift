import DenseEngine
import TensorCoding

/// Runs `body` on a reader over `text`. `padding` readable bytes, full of digits and brackets, follow the text.
func reading<R>(
    _ text: some Sequence<UInt8>, padding: Int = 0, allowsNonFinite: Bool = false, threads: CodingThreads = .all,
    _ body: (inout JSONReader) throws(CodingError) -> R
) throws(CodingError) -> R {
    let bytes = Array(text)
    let padded = bytes + (0..<padding).map { Array("1]".utf8)[$0 % 2] }
    let result = unsafe padded.withUnsafeBytes { buffer -> Result<R, CodingError> in
        do throws(CodingError) {
            var reader = unsafe try JSONReader(
                bytes: UnsafeRawBufferPointer(rebasing: buffer[..<bytes.count]), padding: padding,
                allowsNonFinite: allowsNonFinite, threads: threads)
            let value = try body(&reader)
            try reader.finish()
            return .success(value)
        } catch {
            return .failure(error)
        }
    }
    return try result.get()
}

func tensor(_ text: String, padding: Int = 0, allowsNonFinite: Bool = false) throws(CodingError) -> Tensor {
    try reading(text.utf8, padding: padding, allowsNonFinite: allowsNonFinite) { (reader) throws(CodingError) in
        try reader.readTensor()
    }
}

/// The error that `body` throws, or `nil`.
func failure(_ body: () throws(CodingError) -> Void) -> CodingError? {
    do throws(CodingError) {
        try body()
        return nil
    } catch {
        return error
    }
}

func text(_ write: (inout JSONWriter) throws(CodingError) -> Void) throws(CodingError) -> String {
    var writer = JSONWriter()
    try write(&writer)
    return String(decoding: writer.bytes, as: UTF8.self)
}
