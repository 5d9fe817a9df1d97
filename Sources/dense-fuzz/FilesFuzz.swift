import ContentCoding
import DenseEngine
import ModelStore

/// The readers of model files: whatever the bytes are, there is a sentence about what is wrong, or a model no larger than
/// the file allows, which leads back to itself when it is written and read once more.
///
/// The first byte of an input says how the rest is read: as a file by itself or with a configuration beside, or, from
/// `wrapped` on, as the HDF5 file inside a `.keras`, whose checksums then hold.
package enum FilesFuzz {
    /// - Parameter more: files to begin with besides those the project's own exports give, and what goes with them.
    package static func target(_ more: [(file: [UInt8], configuration: [UInt8]?)] = []) -> FuzzTarget {
        let configurations = configurations + more.compactMap(\.configuration)
        var seeds = seeds
        for (file, configuration) in more {
            let place = configuration.flatMap { configurations.firstIndex(of: $0) }
            seeds += place.map { [[UInt8($0 + 1)] + file] } ?? variants(file)
        }
        return FuzzTarget(
            name: "files", seeds: seeds, tokens: tokens, overwrites: overwrites, maximumSize: 32 << 10,
            check: { input throws(FuzzFailure) in try check(input, configurations) }, repair: repair)
    }

    private static let wrapped: UInt8 = 128

    // MARK: Inputs

    private static let configurations: [[UInt8]] = [
        #"{"class_name": "Dense", "config": {"units": 2, "name": "dense"}}"#,
        #"""
        {"class_name": "Sequential", "config": {"layers": [
        {"class_name": "Dense", "config": {"units": 3, "activation": "relu", "name": "dense"}},
        {"class_name": "Dense", "config": {"units": 2, "name": "dense_1"}}]}}
        """#,
    ].map { Array($0.utf8) }

    private static let documents = [
        #"{"layers": [{"layer": {"units": 2}, "weights": {"kernel": [[1, 2], [3, 4], [5, 6]], "bias": [0.5, -0.5]}}]}"#,
        #"""
        {"layers": [{"layer": {"units": 3, "activation": "relu", "name": "dense"},
        "weights": {"kernel": [[1, 2, 3], [4, 5, 6]], "bias": [1, 2, 3]}},
        {"layer": {"units": 2, "name": "dense_1"}, "weights": {"kernel": [[1, 2], [3, 4], [5, 6]], "bias": [0, 1]}}]}
        """#,
    ]

    private static let seeds: [[UInt8]] = {
        let registry = ModelRegistry(maximumBytes: 1 << 20)
        return documents.enumerated().flatMap { index, text -> [[UInt8]] in
            guard let document = try? ModelDocument(json: Array(text.utf8)),
                let model = try? registry.register("m\(index)", document).model, let npz = try? model.npz(),
                let keras = try? model.keras()
            else { return [] }
            return [model.safeTensors, npz, keras].flatMap(variants)
        }
    }()

    /// A file in the ways it can be read: HDF5 with each configuration, beside it and around it.
    private static func variants(_ file: [UInt8]) -> [[UInt8]] {
        if file.starts(with: hdf5) {
            return [0, 1, 2, wrapped, wrapped + 1].map { [$0] + file }
        }
        guard let start = file.firstIndex(of: hdf5[0]), file[start...].starts(with: hdf5) else {
            return [[0] + file]
        }
        return [[0] + file] + variants(Array(file[start...]))
    }

    private static let hdf5: [UInt8] = [0x89] + Array("HDF\r\n".utf8) + [0x1A, 0x0A]

    private static let tokens = [
        "PK\u{1}\u{2}", "PK\u{3}\u{4}", "PK\u{5}\u{6}", "PK\u{6}\u{6}", "PK\u{6}\u{7}", "TREE", "SNOD",
        "HEAP", "GCOL",
        "OHDR", "OCHK", #""data_offsets":[0,9223372036854775807]"#, #""shape":[4294967296,4294967296]"#,
        #""dtype":"BF16""#, "kernel", "bias", "arr_0", "arr_1", "layers/dense/vars", "layer_names",
        "[]", "{}",
    ]

    private static let overwrites: [[UInt8]] = {
        let values: [UInt64] = [
            0, 1, 2, 3, 4, 8, 16, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF,
            0x7FFF_FFFF_FFFF_FFFF, 0x8000_0000_0000_0000, 0xFFFF_FFFF_FFFF_FFF8, .max,
        ]
        let fields = values.flatMap { value in
            [1, 2, 4, 8].map { size in (0..<size).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) } }
        }
        let messages: [[UInt8]] = [1, 2, 3, 6, 8, 11, 12, 16, 17, 21].map { [$0, 0] }
        return fields + messages + ["TREE", "SNOD", "OCHK", "PK\u{3}\u{4}"].map { Array($0.utf8) }
    }()

    // MARK: What has to hold

    /// Of one file by itself.
    static func check(_ input: [UInt8]) throws(FuzzFailure) -> String { try check(input, configurations) }

    private static func check(_ input: [UInt8], _ configurations: [[UInt8]]) throws(FuzzFailure)
        -> String
    {
        guard let first = input.first else { return "empty" }
        var options = ModelFileOptions()
        var file = Array(input.dropFirst())
        if first >= wrapped {
            let config = configurations[Int(first - wrapped) % configurations.count]
            file = StoredZip.file([("config.json", config), ("model.weights.h5", file)])
        } else if first > 0 {
            options.configuration = configurations[Int(first - 1) % configurations.count]
        }
        let clock = ContinuousClock()
        let start = clock.now
        var model: (document: ModelDocument, network: Sequential)?
        var outcome = "ok"
        do throws(ModelStoreError) {
            let document = try ModelDocument(file: file, options)
            model = (document, try document.build())
        } catch {
            outcome = try word(error, input)
        }
        // Far more than any file of this size takes, however slow the machine.
        guard clock.now - start < .seconds(20) else {
            throw FuzzFailure("it took \(clock.now - start)", input)
        }
        guard let model else { return outcome }
        try require(model.document, model.network, file, input)
        return outcome
    }

    private static func require(
        _ document: ModelDocument, _ network: Sequential, _ file: [UInt8], _ input: [UInt8]
    ) throws(FuzzFailure) {
        // What the readers may take for a file of this size, as float32 where it was of one byte.
        let limit = 4 * (16 << 20 + 8 * file.count)
        guard network.byteCount <= limit else {
            throw FuzzFailure("\(network.byteCount) bytes of weights", input)
        }
        for layer in network.layers {
            for (name, tensor) in layer.weights where tensor.elements.count != tensor.shape.count {
                throw FuzzFailure("\(name) has \(tensor.elements.count) elements of \(tensor.shape)", input)
            }
        }
        let registry = ModelRegistry(maximumBytes: limit)
        guard let model = try? registry.register("m", document).model else { return }
        for again in [model.safeTensors, try? model.npz(), try? model.keras()] {
            guard let again, let network = try? ModelDocument(file: again).build(),
                ModelContent(network).digest == model.content.digest
            else { throw FuzzFailure("an export does not lead back", input) }
        }
    }

    /// A sentence of some length that can be printed, and a word for it.
    static func word(_ error: ModelStoreError, _ input: [UInt8]) throws(FuzzFailure) -> String {
        let text = "\(error)"
        guard text.count > 20, text.utf8.count <= 16 << 10 else {
            throw FuzzFailure("not a sentence: \(text)", input)
        }
        guard case .file(let file) = error else { return String(text.prefix(24)) }
        guard text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F }) else {
            throw FuzzFailure("a message with control characters: \(text)", input)
        }
        switch file {
        case .damaged(let kind, let message, _): return "\(kind) damaged: \(beginning(message))"
        case .unsupported(let kind, let message): return "\(kind) unsupported: \(beginning(message))"
        case .tooLarge(let kind, let what, _, _): return "\(kind) too large: \(beginning(what))"
        case .truncated(let kind, _, _): return "\(kind) truncated"
        case .mismatch(let kind, let message): return "\(kind) mismatch: \(beginning(message))"
        }
    }

    /// Up to where a name may begin.
    private static func beginning(_ message: String) -> String {
        String(message.prefix(28).prefix { $0 != "'" })
    }

    /// Makes the checksums of a zip's stored members, and the length of a safetensors header, agree with what is there.
    private static func repair(_ input: [UInt8]) -> [UInt8] {
        guard input.first == 0 else { return input }
        var file = Array(input.dropFirst())
        if file.starts(with: "PK".utf8) {
            StoredZip.repairChecksums(&file)
        } else {
            file = withLengthOfHeader(file)
        }
        return [0] + file
    }

    /// A safetensors file whose first bytes say where its header ends; other bytes as they are.
    static func withLengthOfHeader(_ file: [UInt8]) -> [UInt8] {
        guard file.count > 16, file[8] == UInt8(ascii: "{"),
            let end = file.indices.dropLast().last(where: { file[$0] == 0x7D && file[$0 + 1] == 0x7D })
        else { return file }
        return StoredZip.little((end + 2 - 8 + 7) & ~7, 8) + file[8...]
    }
}
