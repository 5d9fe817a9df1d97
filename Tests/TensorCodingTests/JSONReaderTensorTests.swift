import DenseEngine
import TensorCoding
import Testing
import dense_fuzz

@Suite("Tensors in JSON")
struct JSONReaderTensorTests {
    @Test(
        "the shape is read off the nesting",
        arguments: [
            ("[1, 2, 3]", [3], [1, 2, 3]),
            ("[[1,2],[3,4]]", [2, 2], [1, 2, 3, 4]),
            ("[[[[5]]]]", [1, 1, 1, 1], [5]),
            ("[]", [0], []),
            ("[[]]", [1, 0], []),
            ("[[],[],[]]", [3, 0], []),
            ("[[[]],[[]]]", [2, 1, 0], []),
            ("7", [], [7]),
            (" [ \n[ 1.5 ,\t-2e1 ] ,\r [ 0 , -0.25 ] ] ", [2, 2], [1.5, -20, 0, -0.25]),
            (#"{"shape": [2, 1], "data": [1, 2]}"#, [2, 1], [1, 2]),
            (#"{"data": [1, 2], "shape": [2, 1]}"#, [2, 1], [1, 2]),
            (#"{"data": [[1], [2]], "shape": [2, 1], "dtype": "float32"}"#, [2, 1], [1, 2]),
            (#"{"shape": [], "data": [3]}"#, [], [3]),
            (#"{"shape": [0, 4], "data": []}"#, [0, 4], []),
            (#"{"shape": [1, 2], "dtype": "float32", "b64": "AACAPwAAAEA="}"#, [1, 2], [1, 2]),
            (#"{"b64": "AACAPwAAAEA=", "shape": [2]}"#, [2], [1, 2]),
            (#"{"b64": "AACAPwAAAEA\u003d", "shape": [2]}"#, [2], [1, 2]),
            (#"{"b64": "AAAAAAAA8D8=", "dtype": "float64", "shape": [1]}"#, [1], [1]),
            (#"{"dtype": "float16", "b64": "ADwAwA==", "shape": [2]}"#, [2], [1, -2]),
            (#"{"shape": [2], "dtype": "bfloat16", "b64": "gD8AwA=="}"#, [2], [1, -2]),
            (#"{"shape": [0], "b64": ""}"#, [0], []),
        ] as [(String, [Int], [Float])])
    func shapes(text: String, dimensions: [Int], elements: [Float]) throws {
        let expected = try Tensor(dimensions, elements)
        for padding in [0, 1, 31, 32, 64] {
            #expect(try tensor(text, padding: padding) == expected)
        }
    }

    @Test(
        "what is wrong is named with its sentence, its byte and its pointer",
        arguments: [
            // Ragged and mixed.
            ("[[1,2],[3]]", "ragged_tensor", 7, "/1", "Expected 2 elements as in the first, received 1."),
            ("[[1],[2,3,4],[5]]", "ragged_tensor", 5, "/1", "Expected 1 elements as in the first, received 3."),
            ("[[[1]],[[2],[3]]]", "ragged_tensor", 7, "/1", "Expected 1 elements as in the first, received 2."),
            ("[[],[1]]", "ragged_tensor", 4, "/1", "Expected 0 elements as in the first, received 1."),
            ("[[1],[]]", "ragged_tensor", 5, "/1", "Expected 1 elements as in the first, received 0."),
            (
                "[1,[2]]", "mixed_nesting", 3, "/1",
                "Expected a number like the first element at this depth, received an array."
            ),
            (
                "[[1],2]", "mixed_nesting", 5, "/1",
                "Expected an array like the first element at this depth, received a number."
            ),
            ("[[1,2],[[3]]]", "mixed_nesting", 8, "/1/0", "received an array."),
            // Other things among numbers.
            (#"[1,"2"]"#, "wrong_type", 3, "/1", "Expected a number, received a string."),
            ("[[1,2],[3,null]]", "wrong_type", 10, "/1/1", "Expected a number, received null."),
            ("[true]", "wrong_type", 1, "/0", "Expected a number, received a boolean."),
            ("[[1],{}]", "wrong_type", 5, "/1", "Expected an array of numbers, received an object."),
            (#""abc""#, "wrong_type", 0, "", "received a string."),
            // Numbers.
            (
                "[1,1e999]", "number_out_of_range", 3, "/1",
                "The number is out of range for float32. Expected at most 3.4028235e38 in magnitude, received 1e999."
            ),
            ("[-3.4028236e38]", "number_out_of_range", 1, "/0", "received -3.4028236e38."),
            ("[3.4028235677973367e38]", "number_out_of_range", 1, "/0", "received 3.4028235677973367e38."),
            (
                "[1,NaN]", "non_finite_token", 3, "/1",
                "NaN and infinities are not JSON. Expected a finite number, received NaN."
            ),
            ("[Infinity]", "non_finite_token", 1, "/0", "received Infinity."),
            ("[-Infinity]", "non_finite_token", 1, "/0", "received -Infinity."),
            ("[01]", "invalid_json", 1, "/0", "a number is malformed"),
            ("[1.]", "invalid_json", 1, "/0", "a number is malformed"),
            ("[.5]", "invalid_json", 1, "/0", "Expected a JSON value, received '.'"),
            ("[+1]", "invalid_json", 1, "/0", "Expected a JSON value, received '+'"),
            ("[1e]", "invalid_json", 1, "/0", "a number is malformed"),
            ("[1,-]", "invalid_json", 3, "/1", "a number is malformed"),
            ("[1x]", "invalid_json", 1, "/0", "a number is malformed"),
            (#"[1"a"]"#, "invalid_json", 1, "/0", "a number is malformed"),
            ("[nan]", "wrong_type", 1, "/0", "Expected a number, received null."),
            ("[Nan]", "invalid_json", 1, "/0", "a word is unknown. Expected true, false or null"),
            ("[inf]", "invalid_json", 1, "/0", "a word is unknown"),
            // Grammar.
            ("", "invalid_json", 0, "", "there is nothing but white space. Expected a value, received none"),
            (" \n", "invalid_json", 0, "", "there is nothing but white space"),
            ("[1,2", "invalid_json", 4, "/1", "it ends too early. Expected ',' or ']', received the end of the text"),
            ("[1,", "invalid_json", 3, "/1", "Expected a JSON value, received the end"),
            ("[1 2]", "invalid_json", 3, "/0", "Expected ',' or ']', received '2'"),
            ("[1,,2]", "invalid_json", 3, "/1", "Expected a JSON value, received ','"),
            ("[1,]", "invalid_json", 3, "/1", "Expected a JSON value, received ']'"),
            ("[1}", "invalid_json", 2, "/0", "Expected ',' or ']', received '}'"),
            (
                "[1]]", "invalid_json", 3, "",
                "something follows the value. Expected the end of the text, received 1 more bytes"
            ),
            ("[1] 2", "invalid_json", 4, "", "something follows the value"),
            ("\u{FEFF}[1]", "invalid_json", 0, "", "it begins with a byte order mark"),
            ("[1,\"a]", "invalid_json", 3, "", "a string is not closed"),
            // Objects.
            (#"{"data":[1]}"#, "missing_field", 11, "", "The key 'shape' is missing."),
            (#"{"shape":[1]}"#, "missing_field", 12, "", "The key 'data' is missing."),
            (
                #"{"shape":[2],"data":[1]}"#, "element_count_mismatch", 20, "/data",
                "Expected 2 for shape [2], received 1."
            ),
            (#"{"shape":[2,2],"data":[[1,2,3,4]]}"#, "element_count_mismatch", 22, "/data", "received 4."),
            (#"{"shape":[2],"data":[1,[2]]}"#, "mixed_nesting", 23, "/data/1", "received an array."),
            (#"{"shape":[-1],"data":[1]}"#, "invalid_shape", 9, "/shape", "received [-1]."),
            (
                #"{"shape":[4294967296,4294967296],"data":[]}"#, "invalid_shape", 9, "/shape",
                "received [4294967296, 4294967296]."
            ),
            (#"{"shape":[0,9223372036854775807],"data":[]}"#, "invalid_shape", 9, "/shape", "rows of nothing"),
            (#"{"shape":[1.5],"data":[1]}"#, "not_an_integer", 10, "/shape/0", "Expected an integer, received 1.5."),
            (
                #"{"shape":[9223372036854775808],"data":[1]}"#, "not_an_integer", 10, "/shape/0",
                "received 9223372036854775808."
            ),
            (#"{"shape":[1],"shape":[1],"data":[1]}"#, "duplicate_field", 13, "/shape", "The key 'shape' comes twice."),
            (
                #"{"shape":[1],"data":[1],"b64":""}"#, "unknown_field", 24, "/b64",
                "Expected one of 'shape', 'dtype', 'data'."
            ),
            (
                #"{"shape":[1],"values":[1]}"#, "unknown_field", 13, "/values",
                "The key 'values' is unknown. Expected one of 'shape', 'dtype', 'data', 'b64'."
            ),
            (
                #"{"shape":[1],"dtype":"int8","b64":"AA=="}"#, "unknown_dtype", 21, "/dtype",
                "Expected one of 'float32', 'float64', 'float16', 'bfloat16', received 'int8'."
            ),
            (
                #"{"shape":[2],"b64":"AACAPw=="}"#, "byte_count_mismatch", 19, "/b64",
                "Expected 2 * 4 for shape [2] of float32, received 4."
            ),
            (#"{"shape":[9223372036854775807],"b64":"AACAPw=="}"#, "byte_count_mismatch", 37, "/b64", "received 4."),
            (
                #"{"shape":[1],"b64":"AACAPw="}"#, "invalid_base64", 19, "/b64",
                "the length must be a multiple of four, padded with '='. Received 7 (character 7)."
            ),
            (
                #"{"shape":[1],"b64":"AAC_Pw=="}"#, "invalid_base64", 19, "/b64",
                "outside the alphabet A-Z a-z 0-9 + /. Received byte 95 (character 3)."
            ),
            (
                #"{"shape":[1],"b64":"AA=APw=="}"#, "invalid_base64", 19, "/b64",
                "'=' stands elsewhere than at the end (character 2)."
            ),
            (
                #"{"shape":[1],"b64":"AACAPx=="}"#, "invalid_base64", 19, "/b64",
                "carries bits that belong to no byte. Expected zeros (character 5)."
            ),
            (#"{"shape":[1],"b64":7}"#, "wrong_type", 19, "/b64", "Expected a string of base64, received a number."),
        ] as [(String, String, Int, String, String)])
    func faults(text: String, code: String, offset: Int, pointer: String, sentence: String) throws {
        for padding in [0, 64] {
            let error = try #require(failure { () throws(CodingError) in _ = try tensor(text, padding: padding) })
            #expect(error.code == code)
            #expect(error.location == JSONLocation(offset: offset, pointer: pointer))
            #expect(error.description.contains(sentence), "\(error)")
        }
    }

    @Test("a tensor may nest 32 deep, and no deeper")
    func depth() throws {
        let nested = { (depth: Int) in
            String(repeating: "[", count: depth) + "1" + String(repeating: "]", count: depth)
        }
        #expect(try tensor(nested(32)).shape.rank == 32)
        let error = failure { () throws(CodingError) in _ = try tensor(nested(33)) }
        #expect(
            error == .tooDeep(limit: 32, at: JSONLocation(offset: 32, pointer: String(repeating: "/0", count: 32))))
        let endless = String(repeating: "[", count: 100_000)
        #expect(failure { () throws(CodingError) in _ = try tensor(endless) }?.code == "too_deep")
    }

    @Test("NaN and the infinities are read where they are allowed, and nothing like them")
    func nonFinite() throws {
        let values = try tensor("[NaN, Infinity,-Infinity, 1,Inf, -Inf]", allowsNonFinite: true).elements
        #expect(values[0].isNaN)
        #expect(Array(values[1...]) == [.infinity, -.infinity, 1, .infinity, -.infinity])
        for text in [
            "[nan]", "[-NaN]", "[Infinit]", "[Infinityy]", "[Infi]", "[+Inf]", "[inf]", "[In]", "[+Infinity]",
            "[- Infinity]", "[N]", #"[NaN"a"]"#,
        ] {
            #expect(failure { () throws(CodingError) in _ = try tensor(text, allowsNonFinite: true) } != nil)
        }
        // Numbers out of range stay errors.
        #expect(failure { () throws(CodingError) in _ = try tensor("[1e39]", allowsNonFinite: true) } != nil)
    }

    @Test(
        "each number becomes the nearest float32, in one rounding",
        arguments: [
            ("0", 0x0000_0000), ("-0", 0x8000_0000), ("-0.0e99", 0x8000_0000), ("1e-46", 0), ("-1e-400", 0x8000_0000),
            ("1e-45", 1), ("7.006492321624085e-46", 0), ("7.006492321624086e-46", 1), ("0.1", 0x3DCC_CCCD),
            ("3.4028235677973366e38", 0x7F7F_FFFF), ("1.1754943508222875e-38", 0x0080_0000),
            // Half-way between two floats: to even. A trifle more or less, invisible to a float64, decides.
            ("16777217", 0x4B80_0000), ("16777219", 0x4B80_0002),
            ("16777217.000000000000000000000000000001", 0x4B80_0001),
            ("16777216.999999999999999999999999999999", 0x4B80_0000),
            ("1.00000005960464477539062499999999999999", 0x3F80_0000),
            ("1.00000005960464477539062500000000000001", 0x3F80_0001),
            ("123456789012345678901234567890", 0x6FC7_7488), ("18446744073709551616", 0x5F80_0000),
            ("0.00000000000000000000000000000000000000000000000000001e53", 0x3F80_0000),
            ("100000000000000000000000000000000000000000000000000000e-53", 0x3F80_0000), ("0e99999999999", 0),
        ] as [(String, UInt32)])
    func rounding(text: String, bits: UInt32) throws {
        // Far enough from the beginning, vectors read it.
        let indent = String(repeating: " ", count: 64)
        let many = indent + "[" + String(repeating: "\(text),", count: 200) + text + "]"
        for document in ["[\(text)]", "[1,\(text)]", "[[\(text) ]]", text, indent + "[[\(text)]]", many] {
            for padding in [0, 64] {
                #expect(try tensor(document, padding: padding).elements.last?.bitPattern == bits, "\(document)")
            }
        }
    }

    @Test("any number of digits reads as the standard library reads it")
    func digits() throws {
        var random = FuzzRandom(seed: 20_260_103)
        for round in 0..<20_000 {
            var text = Bool.random(using: &random) ? "-" : ""
            text += String(UInt64.random(in: 0 ... .max, using: &random) >> UInt64.random(in: 0..<64, using: &random))
            if Bool.random(using: &random) {
                text += "."
                for _ in 0..<Int.random(in: 1...30, using: &random) {
                    text += "\(Int.random(in: 0...9, using: &random))"
                }
            }
            if Bool.random(using: &random) { text += "e\(Int.random(in: -60...20, using: &random))" }
            let expected = try #require(Float(text))
            // The second of them is read by vectors, at first of 16 bytes; where those did not do, of 32, and byte by byte.
            let indent = String(repeating: "\n", count: 64)
            let list = "[" + String(repeating: "\(text),", count: 140) + "\(text)]"
            for document in ["[\(text)]", indent + "[\(text)]"] + (round % 20 == 0 ? [indent + list] : []) {
                let read = try? tensor(document, padding: 64).elements.map(\.bitPattern)
                #expect(Set(read ?? []) == (expected.isFinite ? [expected.bitPattern] : []), "\(text)")
            }
        }
    }

    @Test("a document cut off anywhere is refused")
    func truncation() {
        let body = Array(#" {"shape": [2, 1], "data": [[1.5e1], [-2]]} "#.utf8)
        for length in 0..<body.count - 1 {
            let result = failure { () throws(CodingError) in
                try reading(body[..<length], padding: length % 2 * 64) { (reader) throws(CodingError) in
                    _ = try reader.readTensor()
                }
            }
            #expect(result?.category == .malformed)
        }
    }

    @Test("a document with any byte replaced is refused, unless it is JSON still")
    func replacement() {
        let body = Array(#"[[1.5e1, 2], [-3, 0.25]]"#.utf8)
        for index in body.indices {
            for byte in UInt8.min ... .max where byte != body[index] {
                var changed = body
                changed[index] = byte
                let error = failure { () throws(CodingError) in
                    try reading(changed, padding: Int(byte) % 2 * 64) { (reader) throws(CodingError) in
                        _ = try reader.readTensor()
                    }
                }
                if !StrictJSON.isValid(changed) {
                    #expect(error != nil, "\(index) \(byte)")
                }
                if let offset = error?.location?.offset { #expect((0...changed.count).contains(offset)) }
            }
        }
    }
}
