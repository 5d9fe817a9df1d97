import DenseEngine
import TensorCoding
import Testing
import dense_fuzz

@Suite("Reading JSON")
struct JSONReaderTests {
    @Test("objects, arrays and scalars are read in the order they are written")
    func walking() throws {
        let text = #" {"a" : [1, [], [2, -3]], "b":{"c":"x\ty","d":null} , "e":true,"f":2.5e-1,"g":[false,"",{}]} "#
        let seen = try reading(text.utf8) { (reader) throws(CodingError) -> [String] in
            var seen: [String] = []
            try reader.beginObject()
            while let name = try reader.nextField() {
                seen.append(name)
                switch name {
                case "a":
                    try reader.beginArray()
                    while try reader.nextElement() {
                        if try reader.nextKind() == .number {
                            seen.append("\(try reader.readInt())")
                        } else {
                            try reader.beginArray()
                            while try reader.nextElement() { seen.append("[\(try reader.readInt())]") }
                        }
                    }
                case "b":
                    try reader.beginObject()
                    while let inner = try reader.nextField() {
                        seen.append(inner)
                        if try !reader.readNull() { seen.append(try reader.readString()) }
                    }
                case "e": seen.append("\(try reader.readBool())")
                case "f": seen.append("\(try reader.readDouble())")
                default: try reader.skipValue()
                }
            }
            return seen
        }
        #expect(seen == ["a", "1", "[2]", "[-3]", "b", "c", "x\ty", "d", "e", "true", "f", "0.25", "g"])
    }

    @Test("a value of another type is named with what was expected")
    func types() {
        let expectations: [(String, String, (inout JSONReader) throws(CodingError) -> Void)] = [
            (
                "[]", "Expected an object, received an array.",
                { (reader) throws(CodingError) in try reader.beginObject() }
            ),
            (
                "{}", "Expected an array, received an object.",
                { (reader) throws(CodingError) in try reader.beginArray() }
            ),
            (
                "1", "Expected a string, received a number.",
                { (reader) throws(CodingError) in _ = try reader.readString() }
            ),
            (
                #""1""#, "Expected an integer, received a string.",
                { (reader) throws(CodingError) in _ = try reader.readInt() }
            ),
            ("2.0", "Expected an integer, received 2.0.", { (reader) throws(CodingError) in _ = try reader.readInt() }),
            (
                "true", "Expected an integer, received a boolean.",
                { (reader) throws(CodingError) in _ = try reader.readInt() }
            ),
            (
                "-9223372036854775809", "received -9223372036854775809.",
                { (reader) throws(CodingError) in _ = try reader.readInt() }
            ),
            (
                "null", "Expected a number, received null.",
                { (reader) throws(CodingError) in _ = try reader.readDouble() }
            ),
            ("1e309", "out of range for float64", { (reader) throws(CodingError) in _ = try reader.readDouble() }),
            (
                "0", "Expected true or false, received a number.",
                { (reader) throws(CodingError) in _ = try reader.readBool() }
            ),
            ("tru", "a word is unknown", { (reader) throws(CodingError) in _ = try reader.readBool() }),
            ("nulll", "a word is unknown", { (reader) throws(CodingError) in _ = try reader.readNull() }),
        ]
        for (text, sentence, read) in expectations {
            let error = failure { () throws(CodingError) in
                try reading(text.utf8) { (reader) throws(CodingError) in try read(&reader) }
            }
            #expect(error?.description.contains(sentence) == true, "\(text): \(error?.description ?? "accepted")")
            #expect(error?.category == (text == "1e309" ? .impossible : .malformed))
        }
    }

    @Test("unknown, repeated and missing members are named with their place")
    func members() {
        let read = { (text: String) in
            failure { () throws(CodingError) in
                try reading(text.utf8) { (reader) throws(CodingError) in
                    var hasA = false
                    try reader.beginObject()
                    while let name = try reader.nextField() {
                        guard name == "a" || name == "b/~" else { throw reader.unknownField(allowed: ["a", "b/~"]) }
                        if name == "a" { hasA = true }
                        try reader.skipValue()
                    }
                    if !hasA { throw reader.missingField("a") }
                }
            }
        }
        #expect(read(#"{"a":1,"b/~":2}"#) == nil)
        #expect(
            read(#"{"a":1,"c":2}"#)
                == .unknownField("c", allowed: ["a", "b/~"], at: JSONLocation(offset: 7, pointer: "/c")))
        #expect(
            read(#"{"a":1,"b/~":2,"\u0061":3}"#) == .duplicateField("a", at: JSONLocation(offset: 15, pointer: "/a")))
        #expect(read(#"{"b/~":[1}]}"#)?.location == JSONLocation(offset: 9, pointer: "/b~1~0/0"))
        #expect(read(#"{"b/~":2}"#) == .missingField("a", at: JSONLocation(offset: 8, pointer: "")))
        // Many members are hashed.
        let many = (0..<100).map { "\"k\($0)\":0" }.joined(separator: ",")
        #expect(failure { () throws(CodingError) in _ = try ConfigValue(json: "{\(many)}") } == nil)
        #expect(
            failure { () throws(CodingError) in _ = try ConfigValue(json: "{\(many),\"k3\":0}") }?.code
                == "duplicate_field")
        #expect(
            failure { () throws(CodingError) in _ = try ConfigValue(json: "{\(many),\"k77\":0}") }?.code
                == "duplicate_field")
    }

    @Test(
        "strings are read with their escapes",
        arguments: [
            (#""""#, ""), (#""abc""#, "abc"), (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"),
            (#""\u0041\u00e9\u20AC\ud83d\uDE00""#, "A\u{E9}\u{20AC}\u{1F600}"), (#""\u0000""#, "\u{0}"),
            ("\"\u{E9}\u{1F600}\u{7F}\"", "\u{E9}\u{1F600}\u{7F}"), (#""]}, \\""#, "]}, \\"),
        ])
    func strings(text: String, expected: String) throws {
        for suffix in ["", " ", "\n\t "] {
            let read = try reading((text + suffix).utf8) { (reader) throws(CodingError) in try reader.readString() }
            #expect(Array(read.utf8) == Array(expected.utf8))
        }
    }

    @Test(
        "broken strings are named with their place",
        arguments: [
            (Array(#"["\x"]"#.utf8), JSONFault.invalidEscape, 2), (Array(#"["a\u12"]"#.utf8), .invalidEscape, 3),
            (Array(#"["\u12g4"]"#.utf8), .invalidEscape, 2), (Array(#"["ab\ud83d"]"#.utf8), .loneSurrogate, 4),
            (Array(#"["\ud83dx"]"#.utf8), .loneSurrogate, 2), (Array(#"["\ud83d\u0041"]"#.utf8), .loneSurrogate, 2),
            (Array(#"["\ude00"]"#.utf8), .loneSurrogate, 2), (Array(#"["a"#.utf8), .unterminatedString, 1),
            (Array(#"["a\"]"#.utf8), .unterminatedString, 1), (Array("[\"a\nb\"]".utf8), .controlCharacter(10), 3),
            (Array("[\"a\\\nb\"]".utf8), .controlCharacter(10), 4),
            (Array("[\"a\u{0}\"]".utf8), .controlCharacter(0), 3),
            ([0x5B, 0x22, 0xFF, 0x22, 0x5D], .invalidUTF8, 2), ([0x22, 0xC0, 0x80, 0x22], .invalidUTF8, 1),
            ([0x22, 0xED, 0xA0, 0x80, 0x22], .invalidUTF8, 1), ([0x22, 0x61, 0xE2, 0x82, 0x22], .invalidUTF8, 2),
            ([0x22, 0xF4, 0x90, 0x80, 0x80, 0x22], .invalidUTF8, 1), ([0x31, 0x80], .invalidUTF8, 1),
            ([0x22, 0x5C, 0xFF, 0x22], .invalidUTF8, 2), ([0x22, 0xF0, 0x9F], .invalidUTF8, 1),
        ] as [([UInt8], JSONFault, Int)])
    func brokenStrings(text: [UInt8], fault: JSONFault, offset: Int) throws {
        let error = failure { () throws(CodingError) in _ = try ConfigValue(json: text) }
        guard case .invalidJSON(fault, let location) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(location.offset == offset)
    }

    @Test("a name in a message is no longer than a line, and no command for a terminal")
    func names() {
        let control = "\u{1B}[2J\u{7F}\u{9B}x\n"
        for error in [
            CodingError.unknownField(control, allowed: ["a"], at: JSONLocation(offset: 0, pointer: "")),
            .duplicateField(control, at: JSONLocation(offset: 0, pointer: "")),
            .unknownDType(control, at: nil),
        ] { #expect(error.description.contains("'?[2J??x?'"), "\(error)") }
        let long = String(repeating: "a", count: 1 << 20)
        #expect("\(CodingError.duplicateField(long, at: JSONLocation(offset: 0, pointer: "")))".utf8.count < 300)
    }

    @Test("configurations keep what was written")
    func configurations() throws {
        let text =
            #"{"units":3,"b":true,"n":null,"x":[1,-0.5,1e2,9223372036854775808,"s"],"o":{},"i":-9223372036854775808}"#
        let value = try ConfigValue(json: text)
        let expected: ConfigValue = .object([
            "units": .int(3), "b": .bool(true), "n": .null,
            "x": .array([.int(1), .double(-0.5), .double(100), .double(9_223_372_036_854_775_808), .string("s")]),
            "o": .object([:]), "i": .int(.min),
        ])
        #expect(value == expected)
        #expect(try ConfigValue(json: value.json) == value)
        #expect(
            value.json
                == #"{"units":3,"b":true,"n":null,"x":[1,-0.5,100.0,9.223372036854776e+18,"s"],"o":{},"i":-9223372036854775808}"#
        )
    }

    @Test("configurations have limits")
    func limits() {
        let nested = { (depth: Int) in
            failure { () throws(CodingError) in
                _ = try ConfigValue(
                    json: String(repeating: #"{"a":["#, count: depth / 2) + String(repeating: "]}", count: depth / 2))
            }
        }
        #expect(nested(32) == nil)
        #expect(nested(34)?.code == "too_deep")
        #expect(nested(1_000_000)?.code == "too_deep")
        let list = { (count: Int) in
            failure { () throws(CodingError) in
                _ = try ConfigValue(json: "[" + String(repeating: "0,", count: count - 1) + "0]")
            }
        }
        #expect(list(99_999) == nil)
        #expect(list(100_000)?.code == "too_many_values")
        let object = { (count: Int) in
            failure { () throws(CodingError) in
                _ = try ConfigValue(json: "{" + (0..<count).map { "\"\($0)\":0" }.joined(separator: ",") + "}")
            }
        }
        #expect(object(1_024) == nil)
        #expect(object(1_025)?.code == "too_many_values")
    }

    @Test("a configuration cut off or changed anywhere is JSON, or refused")
    func mutations() {
        let body = Array(#"{"units": 3, "a": [true, null, -1.5e3, "\u00e9\"x"], "o": {"k": false}}"#.utf8)
        let accepts = { (bytes: [UInt8]) in
            failure { () throws(CodingError) in _ = try ConfigValue(json: bytes) } == nil
        }
        for length in body.indices { #expect(!accepts(Array(body[..<length]))) }
        for index in body.indices {
            for byte in Array("\"\\{}[],:0e.-+tfn \n\u{0}x/".utf8) + [0x80, 0xC3, 0xFF] {
                var changed = body
                changed[index] = byte
                // Two names made equal are refused, though the grammar allows them: none of these changes does that.
                #expect(accepts(changed) == StrictJSON.isValid(changed), "\(index) \(byte)")
            }
        }
    }

    @Test("readers can be nested, abandoned and used on many threads at once")
    func reuse() async throws {
        await withTaskGroup { group in
            for task in 0..<8 {
                group.addTask {
                    for round in 0..<200 {
                        let count = (task * 37 + round * 11) % 300 + 1
                        let values = (0..<count).map { "\($0)" }.joined(separator: ",")
                        let read = try? tensor("[\(values)]")
                        #expect(read?.elements == (0..<count).map { Float($0) })
                        #expect(throws: CodingError.self) { try tensor("[\(values)") }
                    }
                }
            }
        }
    }
}
