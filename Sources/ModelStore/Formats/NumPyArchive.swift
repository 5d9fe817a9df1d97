internal import DenseEngine
internal import TensorCoding

/// NumPy's `.npz` files, which are zips of `.npy` files, and single `.npy` files. Pickles are never read.
enum NumPyArchive {
    /// The member in which files this server writes keep the layers' configuration.
    static let configurationName = "layers.json"

    static func decode(
        _ archive: ZipArchive, _ budget: inout FileBudget
    ) throws(ModelFileError) -> WeightList {
        var list = WeightList(kind: .npz)
        for member in archive.members {
            if member.name == configurationName {
                let content = try archive.content(of: member, &budget)
                do throws(CodingError) { list.configuration = try ConfigValue(json: content.array) } catch {
                    throw .damaged(.npz, message: "Its member '\(configurationName)' is not JSON: \(error)")
                }
                continue
            }
            guard member.name.hasSuffix(".npy") else {
                throw .unsupported(
                    .npz, message: "The member \(member.name.quoted) is no array. Expected members that end in '.npy'.")
            }
            let content = try archive.content(of: member, &budget)
            try add(String(member.name.dropLast(4)), content, to: &list, &budget)
        }
        return list
    }

    /// One array by itself is a kernel.
    static func decode(npy bytes: FileBytes, _ budget: inout FileBudget) throws(ModelFileError) -> WeightList {
        var list = WeightList(kind: .npy)
        try add("kernel", bytes, to: &list, &budget)
        if let error = list.unread.values.first { throw error }
        return list
    }

    private static func add(
        _ name: String, _ content: FileBytes, to list: inout WeightList, _ budget: inout FileBudget
    ) throws(ModelFileError) {
        // Stored members may lie over each other, so each counts. Elements of one byte become four.
        try budget.take(content.count, "the array \(name.quoted)", list.kind)
        do throws(CodingError) {
            list.tensors.append(
                (
                    name,
                    unsafe try content.withUnsafeBytes { bytes throws(CodingError) in
                        try unsafe NumPyFile.decode(bytes, asDoubles: nil)
                    }
                ))
        } catch {
            if case .invalidNumPyFile(.unsupportedType) = error {
                list.unread[name] = .unsupported(list.kind, message: "The array \(name.quoted): \(error)")
            } else {
                throw .damaged(
                    list.kind, message: "The array \(name.quoted): \(error)", offset: content.range.lowerBound)
            }
        }
    }
}
