import DenseEngine
import TensorCoding
import Testing
import dense_fuzz

@Suite("Writing JSON")
struct JSONWriterTests {
    @Test("objects, arrays and scalars get their commas")
    func structure() throws {
        let written = try text { (writer) throws(CodingError) in
            writer.beginObject()
            writer.name("a\"b")
            writer.beginArray()
            writer.write(1)
            writer.write(true)
            writer.writeNull()
            writer.beginObject()
            writer.endObject()
            writer.write("x")
            writer.write(Float(0.1))
            writer.write(Float.nan)
            writer.write(0.1)
            writer.write(Double.infinity)
            writer.endArray()
            writer.name("shape")
            writer.write([2, 3])
            writer.name("empty")
            writer.write([Int]())
            writer.name("values")
            try writer.write([1, 2.5], nonFinite: .error)
            writer.endObject()
        }
        let expected =
            #"{"a\"b":[1,true,null,{},"x",0.1,null,0.1,null],"shape":[2,3],"empty":[],"values":[1.0,2.5]}"#
        #expect(written == expected)
    }

    @Test("a member has its name and its value, of any kind")
    func members() throws {
        let written = try text { (writer) throws(CodingError) in
            writer.beginObject()
            writer.member("a\"b", "x\"")
            writer.member("count", 3)
            writer.member("flag", false)
            writer.member("part", 0.5)
            writer.member("none", Double.nan)
            writer.member("shape", [2, 3])
            writer.member("config", ConfigValue.array([.null]))
            writer.endObject()
        }
        #expect(
            written
                == #"{"a\"b":"x\"","count":3,"flag":false,"part":0.5,"none":null,"shape":[2,3],"config":[null]}"#)
    }

    @Test("strings are escaped, and read back")
    func strings() throws {
        let value = (0..<0x80).map { String(Unicode.Scalar(UInt8($0))) }.joined() + "\u{E9}\u{20AC}\u{1F600}\u{2028}"
        let written = try text { (writer) throws(CodingError) in writer.write(value) }
        #expect(StrictJSON.isValid(Array(written.utf8)))
        #expect(written.hasPrefix(#""\u0000\u0001"#))
        #expect(written.contains(#"\t\n\u000b\u000c\r\u000e"#))
        #expect(written.contains(##" !\"#$"##))
        let read = try reading(written.utf8) { (reader) throws(CodingError) in try reader.readString() }
        #expect(Array(read.utf8) == Array(value.utf8))
    }

    @Test("tensors are written in three forms")
    func forms() throws {
        let write = { (dimensions: [Int], form: TensorForm) in
            let count = dimensions.reduce(1, *)
            let tensor = try Tensor(dimensions, (0..<count).map { Float($0) + 0.5 })
            return try text { (writer) throws(CodingError) in try writer.write(tensor, form: form, nonFinite: .error) }
        }
        #expect(try write([2, 2], .nested) == "[[0.5,1.5],[2.5,3.5]]")
        #expect(try write([1, 1, 2], .nested) == "[[[0.5,1.5]]]")
        #expect(try write([], .nested) == "0.5")
        #expect(try write([0], .nested) == "[]")
        #expect(try write([2, 0], .nested) == "[[],[]]")
        #expect(try write([2, 0, 3], .nested) == "[[],[]]")
        #expect(try write([0, 3], .nested) == "[]")
        #expect(try write([2, 1], .flat) == #"{"shape":[2,1],"data":[0.5,1.5]}"#)
        #expect(try write([0, 3], .flat) == #"{"shape":[0,3],"data":[]}"#)
        #expect(try write([1], .base64) == #"{"shape":[1],"dtype":"float32","b64":"AAAAPw=="}"#)
        #expect(try write([2], .base64) == #"{"shape":[2],"dtype":"float32","b64":"AAAAPwAAwD8="}"#)
        #expect(try write([0], .base64) == #"{"shape":[0],"dtype":"float32","b64":""}"#)
    }

    @Test("tensors of all sizes read back as they were", arguments: TensorForm.allCases)
    func roundTrips(form: TensorForm) throws {
        var random = FuzzRandom(seed: 7)
        for rank in 0...6 {
            for _ in 0..<20 {
                let dimensions = (0..<rank).map { _ in Int.random(in: 0...4, using: &random) }
                // Behind an axis of zero, nested arrays say nothing.
                if form == .nested, dimensions.dropLast().contains(0) { continue }
                let elements = (0..<dimensions.reduce(1, *)).map { _ in
                    Float(bitPattern: UInt32.random(in: 0...0xFF7F_FFFF, using: &random))
                }.map { $0.isFinite ? $0 : -0.0 }
                let original = try Tensor(dimensions, elements)
                var writer = JSONWriter(capacity: JSONWriter.capacity(for: original.shape, form: form))
                try writer.write(original, form: form, nonFinite: .error)
                #expect(writer.bytes.count <= JSONWriter.capacity(for: original.shape, form: form))
                #expect(StrictJSON.isValid(writer.bytes))
                let read = try tensor(String(decoding: writer.bytes, as: UTF8.self))
                #expect(read.shape == original.shape)
                #expect(read.elements.map(\.bitPattern) == original.elements.map(\.bitPattern))
            }
        }
    }

    @Test("what is not finite follows the policy")
    func nonFinite() throws {
        let tensor = try Tensor([2, 2], [1, .nan, -.infinity, .infinity])
        let write = { (form: TensorForm, policy: NonFinitePolicy) in
            try text { (writer) throws(CodingError) in try writer.write(tensor, form: form, nonFinite: policy) }
        }
        #expect(try write(.nested, .token) == "[[1.0,NaN],[-Infinity,Infinity]]")
        #expect(try write(.nested, .null) == "[[1.0,null],[null,null]]")
        #expect(try write(.nested, .string) == #"[[1.0,"NaN"],["-Infinity","Infinity"]]"#)
        #expect(try write(.base64, .null).contains("AACAPwAAwH8AAID/AACAfw=="))
        for (form, pointer) in [(TensorForm.nested, "/0/1"), (.flat, "/1"), (.base64, "/0/1")] {
            let error = #expect(throws: CodingError.self) { try write(form, .error) }
            guard case .nonFiniteElement(let value, 1, pointer) = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
            #expect(value.isNaN)
            #expect(error?.category == .impossible)
            #expect(error?.description.contains("received NaN at \(pointer).") == true)
        }
    }

    @Test("a shape that is nothing but millions of empty rows is not nested")
    func emptyRows() throws {
        let tensor = try Tensor([1_000_000_000, 0], [])
        #expect(JSONWriter.capacity(for: tensor.shape, form: .nested) < 1_000)
        let error = failure { () throws(CodingError) in
            var writer = JSONWriter()
            try writer.write(tensor, form: .nested, nonFinite: .error)
        }
        #expect(error?.code == "invalid_shape")
    }
}
