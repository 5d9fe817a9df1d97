package import DenseEngine

extension DType {
    /// - Throws: `CodingError.unknownDType`.
    package init(name: String) throws(CodingError) {
        guard let type = DType(rawValue: name) else { throw .unknownDType(name, at: nil) }
        self = type
    }
}
