internal import DenseEngine
internal import TensorCoding

/// What an HDF5 file is made of here: groups with one text attribute at most, and datasets of numbers.
enum HDF5Node {
    case group([HDF5Child], attribute: (name: String, value: String)?)
    case dataset(StoredWeight)
}

/// What a group holds under a name. A type, since the compiler does not always resolve a tuple that leads back to its enum.
struct HDF5Child {
    let name: String
    let node: HDF5Node
}

/// Writes the oldest form of the format, which every reader takes: superblock 0, symbol tables, contiguous datasets.
struct HDF5Writer {
    private var bytes: [UInt8]
    /// Half of what a symbol table's node has room for. The format lets a file choose it, so one node is enough for a group.
    private let leafK: Int
    /// Where the word is that marks datasets of bfloat16, once there is one.
    private var bfloat16Heap: Int?

    /// The half rank of B-trees libhdf5 uses for groups.
    private static let internalK = 16
    private static let undefined = [UInt8](repeating: 0xFF, count: 8)
    private static let superblockSize = 96

    /// The file with `root`, a group, at its root.
    static func file(_ root: HDF5Node) -> [UInt8] {
        var writer = HDF5Writer(leafK: max(4, (widest(root) + 1) / 2))
        let address = writer.write(root)
        writer.writeSuperblock(root: address)
        return writer.bytes
    }

    private init(leafK: Int) {
        self.leafK = min(leafK, 32_767)
        bytes = [UInt8](repeating: 0, count: Self.superblockSize)
    }

    /// The most links a group has.
    private static func widest(_ node: HDF5Node) -> Int {
        guard case .group(let children, _) = node else { return 0 }
        return children.reduce(children.count) { max($0, widest($1.node)) }
    }

    /// Section II.A.
    private mutating func writeSuperblock(root: Int) {
        var block = [0x89] + Array("HDF\r\n\u{1A}\n".utf8) + [0, 0, 0, 0, 0, 8, 8, 0]
        block += little(leafK, 2) + little(Self.internalK, 2) + little(0, 4)
        block += little(0, 8) + Self.undefined + little(bytes.count, 8) + Self.undefined
        block += little(0, 8) + little(root, 8) + little(0, 24)
        bytes.replaceSubrange(0..<block.count, with: block)
    }

    /// Writes a node behind all it leads to, and says where its header is.
    private mutating func write(_ node: HDF5Node) -> Int {
        switch node {
        case .dataset(let weight): return write(weight)
        case .group(let children, let attribute):
            var links: [(name: String, address: Int)] = []
            for child in children { links.append((child.name, write(child.node))) }
            // Readers search names in the order of their bytes.
            links.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
            return writeGroup(links, attribute)
        }
    }

    private mutating func align() {
        bytes += [UInt8](repeating: 0, count: -bytes.count & 7)
    }

    // MARK: Object headers

    /// Version 1 (section IV.A.1.a). Every message is filled up to a multiple of 8.
    private mutating func writeHeader(_ messages: [(type: Int, body: [UInt8])]) -> Int {
        var content: [UInt8] = []
        for message in messages {
            let padding = -message.body.count & 7
            content += little(message.type, 2) + little(message.body.count + padding, 2) + little(0, 4)
            content += message.body + [UInt8](repeating: 0, count: padding)
        }
        align()
        let address = bytes.count
        bytes += [1, 0] + little(messages.count, 2) + little(1, 4) + little(content.count, 4) + little(0, 4)
        bytes += content
        return address
    }

    private mutating func write(_ weight: StoredWeight) -> Int {
        align()
        let data = bytes.count
        bytes += weight.bytes
        let size = bytes.count - data
        let address = size == 0 ? Self.undefined : little(data, 8)
        var messages: [(type: Int, body: [UInt8])] = [
            (0x01, Self.dataspace(weight.tensor.shape.dimensions)), (0x03, Self.datatype(weight.type)),
            // No fill value; space is made when it is needed.
            (0x05, [2, 2, 2, 0]), (0x08, [3, 1] + address + little(size, 8)),
        ]
        if weight.type == .float(.bfloat16) { messages.append((0x0C, bfloat16Mark())) }
        return writeHeader(messages)
    }

    /// The attribute `dtype = "bfloat16"` that Keras looks for, as a string of variable length: of fixed length h5py would
    /// give Python bytes, which equal no text. Such strings are in a heap of the file's (section III.E).
    private mutating func bfloat16Mark() -> [UInt8] {
        let word = Array(DType.bfloat16.rawValue.utf8)
        if bfloat16Heap == nil {
            align()
            bfloat16Heap = bytes.count
            // The least size that libhdf5 takes.
            let size = 4096
            var heap = Array("GCOL".utf8) + [1, 0, 0, 0] + little(size, 8)
            heap += little(1, 2) + little(0, 6) + little(word.count, 8) + word
            heap += little(0, 8) + little(size - heap.count, 8)
            bytes += heap + [UInt8](repeating: 0, count: size - heap.count)
        }
        let name = Array("dtype".utf8) + [0, 0, 0]
        // Variable length, text, UTF-8; of bytes.
        let type = [0x19, 1, 1, 0] + little(16, 4) + [0x10, 0, 0, 0] + little(1, 4) + little(0, 2) + little(8, 2)
        return [1, 0] + little(6, 2) + little(type.count, 2) + little(8, 2) + name + type + little(0, 4)
            + Self.dataspace([]) + little(word.count, 4) + little(bfloat16Heap ?? 0, 8) + little(1, 4)
    }

    private static func dataspace(_ dimensions: [Int]) -> [UInt8] {
        [1, UInt8(truncatingIfNeeded: dimensions.count), 0, 0] + little(0, 4) + dimensions.flatMap { little($0, 8) }
    }

    private static func datatype(_ type: WeightType) -> [UInt8] {
        switch type {
        case .float(.float32): float(4, exponent: 8, significand: 23, bias: 127)
        case .float(.float64): float(8, exponent: 11, significand: 52, bias: 1023)
        case .float(.float16): float(2, exponent: 5, significand: 10, bias: 15)
        // Two bytes that say nothing of themselves, and an attribute that does.
        case .float(.bfloat16): [0x15, 0, 0, 0] + little(2, 4)
        case .int8: int8
        case .uint8: uint8
        }
    }

    /// Of 8 bits from bit 0 on.
    private static let uint8: [UInt8] = [0x10, 0x00, 0x00, 0x00] + little(1, 4) + little(0, 2) + little(8, 2)

    /// Signed, of 8 bits from bit 0 on.
    private static let int8: [UInt8] = [0x10, 0x08, 0x00, 0x00] + little(1, 4) + little(0, 2) + little(8, 2)

    /// IEEE's formats, little-endian: the sign at the last bit, the exponent before it, the significand at 0.
    private static func float(_ size: Int, exponent: UInt8, significand: UInt8, bias: Int) -> [UInt8] {
        [0x11, 0x20, UInt8(8 * size - 1), 0x00] + little(size, 4) + little(0, 2) + little(8 * size, 2)
            + [significand, exponent, 0, significand] + little(bias, 4)
    }

    private static func attribute(_ name: String, _ value: String) -> [UInt8] {
        let name = Array(name.utf8) + [0]
        let text = Array(value.utf8) + [0]
        // Of fixed size, ended by a zero, UTF-8.
        let type: [UInt8] = [0x13, 0x10, 0, 0] + little(text.count, 4)
        let space = dataspace([])
        return [1, 0] + little(name.count, 2) + little(type.count, 2) + little(space.count, 2)
            + name + [UInt8](repeating: 0, count: -name.count & 7) + type + space + text
    }

    // MARK: Groups

    private mutating func writeGroup(
        _ links: [(name: String, address: Int)], _ attribute: (name: String, value: String)?
    ) -> Int {
        // The names, after an empty one (section III.D).
        var names = little(0, 8)
        var offsets: [Int] = []
        for link in links {
            offsets.append(names.count)
            names += Array(link.name.utf8) + [0]
            names += [UInt8](repeating: 0, count: -names.count & 7)
        }
        align()
        let heap = bytes.count
        // 1: no free space.
        bytes +=
            Array("HEAP".utf8) + little(0, 4) + little(names.count, 8) + little(1, 8) + little(heap + 32, 8) + names

        let symbols = bytes.count
        if !links.isEmpty {
            var node = Array("SNOD".utf8) + [1, 0] + little(links.count, 2)
            for (link, offset) in zip(links, offsets) {
                node += little(offset, 8) + little(link.address, 8) + little(0, 24)
            }
            bytes += node + [UInt8](repeating: 0, count: 8 + 80 * leafK - node.count)
        }

        // One node of a B-tree, with room for all it might have (section III.A.1).
        let tree = bytes.count
        var node = Array("TREE".utf8) + [0, 0] + little(links.isEmpty ? 0 : 1, 2) + Self.undefined + Self.undefined
        node += little(0, 8)
        if let last = offsets.last { node += little(symbols, 8) + little(last, 8) }
        bytes += node + [UInt8](repeating: 0, count: 24 + 8 + 32 * Self.internalK - node.count)

        var messages = [(type: 0x11, body: little(tree, 8) + little(heap, 8))]
        if let attribute { messages.append((0x0C, Self.attribute(attribute.name, attribute.value))) }
        return writeHeader(messages)
    }
}
