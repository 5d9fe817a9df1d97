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
        case .json: HTTPResponse(.ok, headers: Self.jsonHeaders, body: try json())
        case .npy:
            HTTPResponse(.ok, headers: binaryHeaders(type), body: NumPyFile.encode(result.output))
        case .octets:
            HTTPResponse(
                .ok,
                headers: binaryHeaders(type) + [
                    (
                        name: "X-Tensor-Shape",
                        value: result.output.shape.dimensions.map(String.init).joined(separator: ",")
                    ),
                    (name: "X-Tensor-Dtype", value: DType.float32.rawValue),
                ],
                body: RawTensor.encode(result.output))
        }
    }

    private static let jsonHeaders = [(name: "Content-Type", value: MediaType.json.rawValue)]

    private func binaryHeaders(_ type: MediaType) -> [(name: String, value: String)] {
        [(name: "Content-Type", value: type.rawValue)]
            + (version.map { [(name: "X-Model-Version", value: String($0))] } ?? [])
    }

    private func json() throws(APIError) -> [UInt8] {
        var capacity = 128 + JSONWriter.capacity(for: result.output, form: parameters.form)
        if let logits = result.logits { capacity += JSONWriter.capacity(for: logits, form: parameters.form) }
        var writer = JSONWriter(capacity: capacity)
        writer.beginObject()
        try write(result.output, named: "output", to: &writer)
        writer.name("shape")
        writer.write(result.output.shape.dimensions)
        writer.name("dtype")
        writer.write(DType.float32.rawValue)
        if let logits = result.logits { try write(logits, named: "logits", to: &writer) }
        if let losses = result.losses {
            writer.name("losses")
            try at("/losses") { () throws(CodingError) in
                try writer.write(losses, nonFinite: parameters.nonFinite)
            }
        }
        if !result.warnings.isEmpty {
            writer.name("warnings")
            writer.beginArray()
            for warning in result.warnings { writer.write(warning) }
            writer.endArray()
        }
        if let version {
            writer.name("version")
            writer.write(version)
        }
        writer.endObject()
        return writer.bytes
    }

    private func write(_ tensor: Tensor, named name: String, to writer: inout JSONWriter) throws(APIError) {
        writer.name(name)
        try at("/" + name) { () throws(CodingError) in
            try writer.write(tensor, form: parameters.form, nonFinite: parameters.nonFinite)
        }
    }

    /// Runs `body`; its error's pointer leads into the answer, where the number is.
    private func at(_ member: String, _ body: () throws(CodingError) -> Void) throws(APIError) {
        do throws(CodingError) { try body() } catch {
            var converted = APIError(error)
            if case .nonFiniteElement(_, _, let pointer) = error { converted.pointer = member + pointer }
            throw converted
        }
    }
}
