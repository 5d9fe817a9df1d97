internal import DenseEngine

/// The attributes of objects that hold text (section IV.A.2.m), and the heap their strings lie in (section III.E).
extension HDF5File {
    /// The strings of an attribute, nil when the object has none of that name. An attribute with no strings of any kind is
    /// an empty list: what h5py makes of `[]`.
    func strings(_ name: String, at address: Int) throws(ModelFileError) -> [String]? {
        for message in try messages(at: address) {
            switch message.kind {
            case .attribute:
                try step()
                if let strings = try strings(message, if: name) { return strings }
            case .attributeInfo: try refuseDenseAttributes(message)
            default: break
            }
        }
        return nil
    }

    private func strings(_ message: HDF5Message, if name: String) throws(ModelFileError) -> [String]? {
        var cursor = try message.cursor("attribute")
        let version = try cursor.integer(1)
        guard (1...3).contains(version) else {
            throw .unsupported(.hdf5, message: "An attribute has version \(version). Expected 1 to 3.")
        }
        let flags = try cursor.integer(1)
        let sizes = [try cursor.integer(2), try cursor.integer(2), try cursor.integer(2)]
        if version == 3 { try cursor.skip(1) }
        // Version 1 fills up each part to a multiple of 8.
        let padded = version == 1 ? sizes.map { ($0 + 7) & ~7 } : sizes
        let found = try cursor.part(padded[0])
        guard found.hasBytes(name, at: 0), found[name.utf8.count] ?? 0 == 0 else { return nil }
        guard version == 1 || flags & 3 == 0 else {
            throw .unsupported(.hdf5, message: "The attribute \(name.quoted) shares its type. Expected one of its own.")
        }
        var typeCursor = FileCursor(try cursor.part(padded[1]))
        let type = try HDF5Datatype(&typeCursor)
        var spaceCursor = FileCursor(try cursor.part(padded[2]))
        guard let shape = try HDF5Dataspace.shape(&spaceCursor), shape.count > 0 else { return [] }

        // Every string takes bytes of the message, so a claim beyond it ends here.
        var strings: [String] = []
        for _ in 0..<shape.count {
            try step()
            switch type {
            case .fixedString(let size):
                guard size > 0 else { throw .damaged(.hdf5, message: "Expected a string's size, received 0.") }
                strings.append(try cursor.part(size).textBeforeNull)
            case .variableString:
                let size = try cursor.integer(4)
                let collection = try cursor.integer(8)
                let index = try cursor.integer(4)
                strings.append(try heapObject(index, of: collection, size: size))
            case .number, .opaque, .other:
                throw .unsupported(
                    .hdf5, message: "The attribute \(name.quoted) holds \(type.name). Expected strings.")
            }
        }
        return strings
    }

    /// A string in a global heap: heaps are lists of objects, each with its number and size.
    private func heapObject(_ index: Int, of address: Int, size: Int) throws(ModelFileError) -> String {
        if size == 0 { return "" }
        var head = FileCursor(bytes, at: address)
        try head.require("GCOL", "a heap of strings")
        try head.skip(4)
        let count = try head.integer(8)
        guard count >= 16 else {
            throw .damaged(.hdf5, message: "Expected a heap of 16 bytes or more, received \(count).", offset: address)
        }
        var cursor = FileCursor(try bytes.part(at: address, count: count), at: 16)
        while cursor.remaining >= 16 {
            try step()
            let found = try cursor.integer(2)
            try cursor.skip(6)
            let length = try cursor.integer(8)
            // Number 0 is the space left.
            if found == 0 { break }
            let object = try cursor.part(length)
            if found == index {
                try budget.take(size, "strings", .hdf5)
                return try object.part(at: 0, count: size).textBeforeNull
            }
            try cursor.skip(min(-length & 7, cursor.remaining))
        }
        throw .damaged(.hdf5, message: "Expected string \(index) in its heap, received none.", offset: address)
    }

    /// Section IV.A.2.v.
    private func refuseDenseAttributes(_ message: HDF5Message) throws(ModelFileError) {
        var cursor = try message.cursor("attribute info")
        try cursor.skip(1)
        let flags = try cursor.integer(1)
        if flags & 1 != 0 { try cursor.skip(2) }
        guard try cursor.word(8) == .max else {
            throw .unsupported(
                .hdf5,
                message: "An object keeps its attributes in a fractal heap, as libver='latest' does for many. "
                    + "Expected a file written with libver='earliest', h5py's and Keras's default.")
        }
    }
}

extension FileBytes {
    /// The text up to the zero that ends or fills it.
    var textBeforeNull: String {
        guard let end = firstIndex(of: 0, from: 0, limit: count), let text = try? part(at: 0, count: end) else {
            return text
        }
        return text.text
    }
}
