package import DenseEngine
internal import Glibc
internal import TensorCoding

/// A shape's model, its one input and the answer, all made from a fixed seed: the same bytes on every run and machine.
package struct LoadModel: Sendable {
    package let shape: LoadShape
    package let input: Tensor
    /// The engine's own answer.
    package let output: Tensor
    /// The input as nested arrays with seven significant digits, as most clients send it.
    package let inputText: [UInt8]
    private let layers: [Dense]

    /// - Throws: what the engine has against the shape, which is nothing.
    package init(_ shape: LoadShape) throws {
        self.shape = shape
        var generator = PCG64(entropy: [20_240_601, UInt32(shape.rawValue.utf8.first ?? 0)])
        var layers: [Dense] = []
        var inputDimension = shape.input.last ?? 1
        for units in shape.units {
            let limit = (6 / Double(inputDimension + units)).squareRoot()
            let kernel = try Self.tensor([inputDimension, units]) { Float((2 * generator.nextUniform() - 1) * limit) }
            let bias = try Self.tensor([units]) { Float(generator.nextNormal() * 0.1) }
            layers.append(try Dense(DenseConfiguration(units: units, activation: .relu), kernel: kernel, bias: bias))
            inputDimension = units
        }
        self.layers = layers
        let dimensions = try Shape(shape.input)
        // What a server reads is the text, so the numbers are those of the text.
        let numbers = (0..<dimensions.count).map { _ in SevenDigits.text(generator.nextNormal()) }
        inputText = Self.nested(numbers, dimensions.dimensions)
        input = try Tensor(shape: dimensions, elements: numbers.map(SevenDigits.value))
        output = try layers.reduce(input) { try $1($0) }
    }

    /// What `PUT /models/{name}` takes.
    package var registration: [UInt8] {
        get throws {
            let count = layers.reduce(0) {
                $0 + JSONWriter.capacity(for: $1.kernel.shape, form: .nested) + 32 * $1.units
            }
            var writer = JSONWriter(capacity: count + 1024)
            writer.beginObject()
            writer.name("layers")
            writer.beginArray()
            for layer in layers {
                writer.beginObject()
                writer.name("layer")
                writer.beginObject()
                writer.member("units", layer.units)
                writer.member("activation", "relu")
                writer.endObject()
                writer.name("weights")
                writer.beginObject()
                writer.name("kernel")
                try writer.write(layer.kernel, form: .nested, nonFinite: .error)
                writer.name("bias")
                try writer.write(layer.bias?.elements ?? [], nonFinite: .error)
                writer.endObject()
                writer.endObject()
            }
            writer.endArray()
            writer.endObject()
            return writer.bytes
        }
    }

    /// The right answer as a server writes it.
    package var answer: [UInt8] {
        get throws {
            var writer = JSONWriter(capacity: JSONWriter.capacity(for: output.shape, form: .nested) + 128)
            writer.beginObject()
            writer.name("output")
            try writer.write(output, form: .nested, nonFinite: .error)
            writer.member("shape", output.shape.dimensions)
            writer.member("dtype", "float32")
            writer.endObject()
            return writer.bytes
        }
    }

    private static func tensor(_ dimensions: [Int], _ draw: () -> Float) throws -> Tensor {
        let shape = try Shape(dimensions)
        return try Tensor(shape: shape, elements: (0..<shape.count).map { _ in draw() })
    }

    private static func nested(_ numbers: [[UInt8]], _ dimensions: [Int]) -> [UInt8] {
        var text: [UInt8] = []
        func append(_ range: Range<Int>, _ axis: Int) {
            guard axis < dimensions.count else {
                text += numbers[range.lowerBound]
                return
            }
            text.append(UInt8(ascii: "["))
            let size = range.count / dimensions[axis]
            for index in 0..<dimensions[axis] {
                if index > 0 { text.append(UInt8(ascii: ",")) }
                append(range.lowerBound + index * size..<range.lowerBound + (index + 1) * size, axis + 1)
            }
            text.append(UInt8(ascii: "]"))
        }
        append(0..<numbers.count, 0)
        return text
    }
}

/// Numbers as C's `%.7g` writes them.
enum SevenDigits {
    static func text(_ value: Double) -> [UInt8] {
        var buffer = [CChar](repeating: 0, count: 32)
        let count = unsafe withVaList([value]) { unsafe vsnprintf(&buffer, buffer.count, "%.7g", $0) }
        return buffer.prefix(Int(count)).map(UInt8.init(bitPattern:))
    }

    static func value(_ text: [UInt8]) -> Float { Float(String(decoding: text, as: UTF8.self)) ?? 0 }
}

extension LoadModel {
    /// What `POST /dense` takes.
    package func body(as format: TensorFormat) -> [UInt8] {
        switch format {
        case .json: Array(#"{"model":"\#(shape.model)","input":"#.utf8) + inputText + Array("}".utf8)
        case .octets: RawTensor.encode(input)
        case .npy: NumPyFile.encode(input)
        }
    }
}
