/// Makes adapters that are whole as documents, of five bytes for each layer: its name, the factors' three sizes, and a byte
/// whose lower half says the alpha and whose upper half the numbers.
enum AdapterProgram {
    private static let names = [
        "dense", "dense_1", "dense", "dense_1", "model.dense", "activation", "dense.dense_1",
    ]
    private static let sizes = [0, 1, 2, 3, 2, 1, 4, 40]
    private static let alphas = ["null", "8", "0", "-1.5", "1e38", "1e39", "1e-300", "1e300"]
    private static let numbers: [Float] = [0.5, -1, 0, .leastNonzeroMagnitude, 3e38, 2, -0.0, 0.1]

    private struct Layer {
        let name: String
        let factors: [(name: String, rows: Int, columns: Int)]
        let alpha: String
        let number: Float

        init(_ bytes: ArraySlice<UInt8>) {
            let bytes = bytes.map(Int.init)
            name = names[bytes[0] % names.count]
            let rank = sizes[bytes[2] % sizes.count]
            factors = [
                ("lora_kernel_a", sizes[bytes[1] % sizes.count], rank),
                ("lora_kernel_b", rank, sizes[bytes[3] % sizes.count]),
            ]
            alpha = alphas[bytes[4] % alphas.count]
            number = numbers[(bytes[4] >> 4) % numbers.count]
        }
    }

    static func document(_ program: ArraySlice<UInt8>, isFile: Bool) -> [UInt8] {
        var layers: [String: Layer] = [:]
        var rest = program
        while rest.count >= 5, layers.count < names.count {
            let layer = Layer(rest.prefix(5))
            layers[layer.name] = layer
            rest = rest.dropFirst(5)
        }
        let sorted = layers.values.sorted { $0.name < $1.name }
        return isFile ? file(sorted) : json(sorted)
    }

    private static func json(_ layers: [Layer]) -> [UInt8] {
        let members = layers.map { layer in
            let factors = layer.factors.map { name, rows, columns in
                let data = Array(repeating: "\(layer.number)", count: rows * columns).joined(separator: ",")
                return #""\#(name)":{"shape":[\#(rows),\#(columns)],"data":[\#(data)]}"#
            }
            return #""\#(layer.name)":{\#(factors.joined(separator: ",")),"lora_alpha":\#(layer.alpha)}"#
        }
        return Array(#"{"layers":{\#(members.joined(separator: ","))}}"#.utf8)
    }

    private static func file(_ layers: [Layer]) -> [UInt8] {
        var members: [String] = []
        var octets: [UInt8] = []
        for layer in layers {
            for (name, rows, columns) in layer.factors {
                let start = octets.count
                for _ in 0..<rows * columns { octets += StoredZip.little(Int(layer.number.bitPattern), 4) }
                members.append(
                    #""\#(layer.name).\#(name)":{"dtype":"F32","shape":[\#(rows),\#(columns)],"data_offsets":[\#(start),\#(octets.count)]}"#
                )
            }
        }
        let alphas = layers.filter { $0.alpha != "null" }.map { #"\"\#($0.name)\":\#($0.alpha)"# }
        members.append(#""__metadata__":{"lora_alpha":"{\#(alphas.joined(separator: ","))}"}"#)
        let header = "{\(members.joined(separator: ","))}"
        return StoredZip.little(header.utf8.count, 8) + Array(header.utf8) + octets
    }
}
