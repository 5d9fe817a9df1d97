internal import DenseEngine
internal import TensorCoding

extension SafeTensors {
    /// What the reference implementation refuses is more; nothing that is served needs so much.
    static let maximumHeader = 16 << 20

    /// One tensor as the header describes it.
    private struct Entry {
        let name: String
        let type: String
        let shape: Shape
        let range: Range<Int>
    }

    /// Reads the format. The tensors must fill the data behind the header without gaps and overlaps, as the reference
    /// implementation demands.
    ///
    /// - Throws: `damaged`, `truncated`, `tooLarge`.
    static func decode(_ bytes: FileBytes) throws(ModelFileError) -> WeightList {
        var cursor = FileCursor(bytes)
        let size = try cursor.integer(8)
        guard size <= maximumHeader else {
            throw .tooLarge(.safeTensors, what: "the header's bytes", limit: maximumHeader, received: size)
        }
        let header = try cursor.part(size)
        let data = try cursor.part(cursor.remaining)
        var list = WeightList(kind: .safeTensors)
        let entries = try entries(header, &list)
        try requireWhole(entries, data)
        for entry in entries {
            let part = try data.part(at: entry.range.lowerBound, count: entry.range.count)
            switch entry.type {
            case "F32": try add(entry, try part.tensor(entry.shape, number("<f4")), to: &list)
            case "F16": try add(entry, try part.tensor(entry.shape, number("<f2")), to: &list)
            case "F64": try add(entry, try part.tensor(entry.shape, number("<f8")), to: &list)
            case "I8": try add(entry, try part.tensor(entry.shape, number("|i1")), to: &list)
            case "U8": try add(entry, try part.tensor(entry.shape, number("|u1")), to: &list)
            case "BF16": try add(entry, try part.bfloat16Tensor(entry.shape), to: &list)
            default:
                list.unread[entry.name] = .unsupported(
                    .safeTensors,
                    message: "The tensor \(entry.name.quoted) has the type \(entry.type.quoted). Expected F32, "
                        + "F16, BF16, F64, I8 or U8.")
            }
        }
        return list
    }

    private static func add(_ entry: Entry, _ tensor: Tensor, to list: inout WeightList) throws(ModelFileError) {
        list.tensors.append((entry.name, tensor))
    }

    private static func number(_ description: String) throws(ModelFileError) -> NumPyType {
        guard let type = NumPyType(description: description) else {
            throw .unsupported(.safeTensors, message: "The type \(description) is not known.")
        }
        return type
    }

    private static func requireWhole(_ entries: [Entry], _ data: FileBytes) throws(ModelFileError) {
        var end = 0
        for entry in entries.sorted(by: {
            ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
        }) {
            guard entry.range.lowerBound == end else {
                throw .damaged(
                    .safeTensors,
                    message: "The tensors must follow each other without gaps or overlaps. Expected "
                        + "\(entry.name.quoted) at \(end), received \(entry.range.lowerBound).")
            }
            end = entry.range.upperBound
        }
        _ = try data.part(at: 0, count: end)
        guard end == data.count else {
            throw .damaged(
                .safeTensors,
                message: "The tensors must fill the file. Expected \(end) bytes of data, received \(data.count).")
        }
    }

    // MARK: The header

    private static func entries(
        _ header: FileBytes, _ list: inout WeightList
    ) throws(ModelFileError) -> [Entry] {
        var entries: [Entry] = []
        var metadata: [String: ConfigValue] = [:]
        do throws(HeaderError) {
            unsafe try header.withUnsafeBytes { bytes throws(HeaderError) in
                var reader = try json { () throws(CodingError) in try unsafe JSONReader(bytes: bytes) }
                try json { () throws(CodingError) in try reader.beginObject() }
                while let name = try json({ () throws(CodingError) in try reader.nextField() }) {
                    if name == "__metadata__" {
                        metadata = try json { () throws(CodingError) in try ownMetadata(&reader) }
                    } else {
                        entries.append(try entry(name, &reader))
                    }
                }
                try json { () throws(CodingError) in try reader.finish() }
            }
        } catch {
            switch error {
            case .json(let error):
                throw .damaged(
                    .safeTensors, message: "Its header is not the JSON it has to be: \(error)",
                    offset: error.location.map { 8 + $0.offset })
            case .file(let error): throw error
            }
        }
        list.configuration = metadata["layers"]
        list.alphas = metadata["lora_alpha"]
        if case .array(let sizes)? = metadata["input_shape"] {
            list.inputShape = sizes.map { size in if case .int(let size) = size { size } else { nil } }
        }
        return entries
    }

    private enum HeaderError: Error {
        case json(CodingError)
        case file(ModelFileError)
    }

    private static func json<Result: ~Copyable>(
        _ body: () throws(CodingError) -> Result
    ) throws(HeaderError) -> Result {
        do throws(CodingError) { return try body() } catch { throw .json(error) }
    }

    /// The layers' configuration and the input's shape in the metadata of files this server writes, and an adapter's alphas;
    /// other metadata is not looked at.
    private static func ownMetadata(
        _ reader: inout JSONReader
    ) throws(CodingError) -> [String: ConfigValue] {
        var metadata: [String: ConfigValue] = [:]
        try reader.beginObject()
        while let name = try reader.nextField() {
            guard ["layers", "input_shape", "lora_alpha"].contains(name), try reader.nextKind() == .string else {
                try reader.skipValue()
                continue
            }
            metadata[name] = try? ConfigValue(json: try reader.readString())
        }
        return metadata
    }

    private static func entry(_ name: String, _ reader: inout JSONReader) throws(HeaderError) -> Entry {
        var type: String?
        var dimensions: [Int]?
        var offsets: [Int]?
        do throws(CodingError) {
            try reader.beginObject()
            while let member = try reader.nextField() {
                switch member {
                case "dtype": type = try reader.readString()
                case "shape": dimensions = try integers(&reader)
                case "data_offsets": offsets = try integers(&reader)
                default: throw reader.unknownField(allowed: ["dtype", "shape", "data_offsets"])
                }
            }
        } catch { throw .json(error) }
        guard let type, let dimensions, let offsets, offsets.count == 2, offsets[0] >= 0, offsets[0] <= offsets[1]
        else {
            throw .file(
                .damaged(
                    .safeTensors,
                    message: "The tensor \(name.quoted) is not described. Expected 'dtype', 'shape' and two "
                        + "ascending 'data_offsets'."))
        }
        do throws(EngineError) {
            return Entry(name: name, type: type, shape: try Shape(dimensions), range: offsets[0]..<offsets[1])
        } catch {
            throw .file(.damaged(.safeTensors, message: "\(error) (the tensor \(name.quoted))"))
        }
    }

    private static func integers(_ reader: inout JSONReader) throws(CodingError) -> [Int] {
        var list: [Int] = []
        try reader.beginArray()
        while try reader.nextElement() {
            // A tensor's rank is small; what is longer is no shape, and is not kept.
            let value = try reader.readInt()
            if list.count <= 32 { list.append(value) }
        }
        return list
    }
}
