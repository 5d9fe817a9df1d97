internal import DenseEngine
internal import HTTPServer
internal import TensorCoding

/// What `/dense` answers with, before it is bytes.
struct DenseAnswer {
    let result: ModelOutput
    let parameters: DenseParameters
    /// The version that computed it, when it was a registered model's.
    let version: Int?

    /// - Throws: for an element that is not finite, under the policy `error`; the pointer names the first.
    func response(as type: MediaType) throws(APIError) -> HTTPResponse {
        switch type {
        case .json:
            HTTPResponse(
                .ok, headers: Self.jsonHeaders,
                body: try api { () throws(CodingError) in
                    try result.json(form: parameters.form, nonFinite: parameters.nonFinite, version: version)
                })
        case .npy:
            HTTPResponse(.ok, headers: binaryHeaders(type), body: NumPyFile.encode(result.output))
        // The last three are no tensors' types, and never chosen.
        case .octets, .zip, .hdf5, .form:
            HTTPResponse(
                .ok,
                headers: binaryHeaders(type) + [
                    (
                        name: "X-Tensor-Shape",
                        value: result.output.shape.dimensions.map(String.init).joined(separator: ",")
                    ),
                    (name: "X-Tensor-Dtype", value: result.output.type.rawValue),
                ],
                body: RawTensor.encode(result.output))
        }
    }

    /// About the most bytes a tensor takes in an answer.
    static func capacity(
        for shape: Shape, of element: DType, as type: MediaType, _ parameters: DenseParameters
    ) -> Int {
        switch type {
        case .json: JSONWriter.capacity(for: shape, form: parameters.form, type: element)
        case .npy, .octets, .zip, .hdf5, .form: Service.bytes(shape.count, times: element.size)
        }
    }

    private static let jsonHeaders = [(name: "Content-Type", value: MediaType.json.rawValue)]

    private func binaryHeaders(_ type: MediaType) -> [(name: String, value: String)] {
        [(name: "Content-Type", value: type.rawValue)]
            + (version.map { [(name: "X-Model-Version", value: String($0))] } ?? [])
    }
}
