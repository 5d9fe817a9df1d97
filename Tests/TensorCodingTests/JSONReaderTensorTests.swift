import DenseEngine
import Testing

import TensorCoding

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
}
