import DenseEngine
import TensorCoding

/// The JSON reader and writer.
package enum JSONFuzz {
    package static var target: FuzzTarget { FuzzTarget(name: "json", seeds: seeds, tokens: tokens, check: check) }

    private static let seeds: [[UInt8]] = [
        "[1, 2.5, -3e-2]", "[[1,2],[3,4]]", "[[[0.1,0.2],[0.3,0.4]]]", "[]", "[[]]", "[[],[]]", "7", "-0.0", "null",
        #"{"shape":[2,1],"data":[1,2]}"#, #"{"data":[[1],[2]],"shape":[2,1],"dtype":"float32"}"#,
        #"{"shape":[1,2],"dtype":"float32","b64":"AACAPwAAAEA="}"#,
        #"{"b64":"ADwAwA==","dtype":"float16","shape":[2]}"#,
        #"{"dtype":"float64","shape":[1],"b64":"AAAAAAAA8D8="}"#, #"{"shape":[2],"dtype":"bfloat16","b64":"gD8AwA=="}"#,
        #"{"units":3,"activation":"relu","use_bias":true,"kernel_initializer":{"class_name":"Zeros","config":{}}}"#,
        #"{"a":[true,false,null,"x\u00e9\ud83d\ude00\n"],"b":{"c":[1,2,{"d":[]}]},"":-1.5E+10}"#,
        String(repeating: " ", count: 70) + "[[0.1234567,-12.5,3],[-0.333333333333333315,100000.0,1.5e-7],[7,-8,9]]",
        String(repeating: "\n", count: 64)
            + "[1.0000000596046447,-2.0000001192092896,0.10000000149011612,16777217,1e5]",
        "[3.4028235e38, 1e-45, 16777217, 0.1, 123456789012345678901234567890]", "[NaN, Infinity, -Infinity]",
        " \n\t[ \r1 , 2 ] ", "[\"\u{E9}\u{1F600}\", \"\\\"\\\\\"]",
    ].map { Array($0.utf8) }

    private static let tokens = [
        "[", "]", "{", "}", ",", ":", "\"", "\\", "[[", "]]", "],[", "[]", "{}", "null", "true", "false", "NaN",
        "Infinity",
        "-Infinity", "1e999", "-1e999", "1e-999", "3.4028236e38", "3.4028235677973366e38", "1e-46", "-0", "0.", ".5",
        "1e", "+1",
        "01", "9223372036854775808", "18446744073709551616", "340282366920938463463374607431768211456", "\"shape\":",
        "\"data\":", "\"b64\":", "\"dtype\":", "\"float16\"", "\\u0000", "\\ud800", "\\udc00", "\\u12", "\u{E9}",
        "\u{1F600}", "\u{FEFF}", "  ", "\t", "\n", "0.1234567", "1.17549435e-38", "16777217.0000000000000000001",
        "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]", "\"a\":1,", "-", "e", "E", ".", "9",
        "0",
    ]

    private static func check(_ input: [UInt8]) throws(FuzzFailure) -> String {
        let value = try agreed(input) { (reader) throws(CodingError) in try reader.readConfigValue() }
        switch value {
        case .success(let value):
            guard StrictJSON.isValid(input) else { throw FuzzFailure("accepted what is not JSON", input) }
            let again = try? ConfigValue(json: value.json)
            guard again == value else { throw FuzzFailure("a value changed when written and read", input) }
        case .failure(.invalidJSON(.loneSurrogate, _)): break
        case .failure(.invalidJSON), .failure(.nonFiniteToken):
            guard !StrictJSON.isValid(input) else { throw FuzzFailure("refused JSON: \(value)", input) }
        case .failure: break
        }
        let tensor = try agreed(input) { (reader) throws(CodingError) in
            let tensor = try reader.readTensor()
            return Bits(tensor)
        }
        if case .success(let bits) = tensor { try check(bits.tensor, input) }
        switch (tensor, value) {
        case (.success, _): return "ok"
        case (.failure(let error), .success): return "value, \(error.code)"
        case (.failure(let error), .failure): return error.code
        }
    }

    /// A tensor compared by its bits, as NaN is not equal to itself.
    private struct Bits: Equatable {
        let tensor: Tensor

        init(_ tensor: Tensor) { self.tensor = tensor }

        static func == (a: Bits, b: Bits) -> Bool {
            a.tensor.shape == b.tensor.shape
                && a.tensor.elements.map(\.bitPattern) == b.tensor.elements.map(\.bitPattern)
        }
    }

    /// Cuts every tensor of two elements and more.
    private static let parts = CodingThreads(count: 2, minimum: 2)

    /// What reading gives, which must not depend on what follows the bytes nor on the threads, and where non-finite
    /// tokens are allowed may only differ for the texts that hold some.
    private static func agreed<Value: Equatable>(
        _ input: [UInt8], _ read: (inout JSONReader) throws(CodingError) -> Value
    ) throws(FuzzFailure) -> Result<Value, CodingError> {
        let plain = run(input, padding: 0, allowsNonFinite: false, read)
        for padding in [1, 33, 64] where run(input, padding: padding, allowsNonFinite: false, read) != plain {
            throw FuzzFailure("what follows the bytes makes a difference", input)
        }
        for padding in [0, 64]
        where run(input, padding: padding, allowsNonFinite: false, threads: parts, read) != plain {
            throw FuzzFailure("threads make a difference", input)
        }
        let lenient = run(input, padding: 64, allowsNonFinite: true, read)
        switch plain {
        case .success: if lenient != plain { throw FuzzFailure("allowing more made a difference", input) }
        case .failure(let error):
            if case .nonFiniteToken = error { break }
            if lenient != plain { throw FuzzFailure("allowing more made a difference", input) }
            if let location = error.location, location.offset < 0 || location.offset > input.count {
                throw FuzzFailure("an error lies outside the text: \(error)", input)
            }
        }
        return plain
    }

    private static func run<Value>(
        _ input: [UInt8], padding: Int, allowsNonFinite: Bool, threads: CodingThreads = .one,
        _ read: (inout JSONReader) throws(CodingError) -> Value
    ) -> Result<Value, CodingError> {
        // The memory is exactly as large as the reader may read, so that the address sanitizer sees a byte too many.
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: input.count + padding, alignment: 1)
        defer { unsafe memory.deallocate() }
        unsafe memory.copyBytes(from: input)
        for index in input.count..<input.count + padding {
            unsafe memory[index] = UInt8(ascii: index % 2 == 0 ? "1" : "]")
        }
        do throws(CodingError) {
            let bytes = unsafe UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(memory)[..<input.count])
            var reader = unsafe try JSONReader(
                bytes: bytes, padding: padding, allowsNonFinite: allowsNonFinite, threads: threads)
            let value = try read(&reader)
            try reader.finish()
            return .success(value)
        } catch {
            return .failure(error)
        }
    }

    /// A tensor comes back with the same bits from every form.
    private static func check(_ tensor: Tensor, _ input: [UInt8]) throws(FuzzFailure) {
        let isFinite = tensor.elements.allSatisfy(\.isFinite)
        for form in TensorForm.allCases {
            var writer = JSONWriter(threads: .one)
            do throws(CodingError) {
                try writer.write(tensor, form: form, nonFinite: .token)
            } catch {
                throw FuzzFailure("could not write as \(form): \(error)", input)
            }
            guard writer.bytes.count <= JSONWriter.capacity(for: tensor.shape, form: form) else {
                throw FuzzFailure("more bytes than foreseen as \(form)", input)
            }
            var partsWriter = JSONWriter(threads: parts)
            try? partsWriter.write(tensor, form: form, nonFinite: .token)
            guard partsWriter.bytes == writer.bytes else {
                throw FuzzFailure("threads make a difference as \(form)", input)
            }
            if isFinite && !StrictJSON.isValid(writer.bytes) { throw FuzzFailure("wrote no JSON as \(form)", input) }
            let again = run(writer.bytes, padding: 64, allowsNonFinite: true) { (reader) throws(CodingError) in
                Bits(try reader.readTensor())
            }
            // NaN is one token for all its bits.
            if isFinite && again != .success(Bits(tensor)) { throw FuzzFailure("bits changed as \(form)", input) }
        }
    }
}
