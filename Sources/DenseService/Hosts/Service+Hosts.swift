internal import DenseEngine
internal import HTTPServer
internal import ModelStore
internal import TensorCoding

// What containers have to answer at cloud hosts: SageMaker's `POST /invocations`, and Vertex AI's predictions, which come
// to a path of the host's choice. Both name no model.

extension Service {
    /// A tensor for the default model, in the form its body has: TensorFlow Serving's (Vertex AI's `instances`, too), the Open
    /// Inference Protocol's in JSON or binary, a NumPy file, or raw octets.
    func invoke(_ request: HTTPRequest, _ responder: consuming HTTPResponder) {
        let name: String
        do throws(APIError) { name = try defaultModel(for: request) } catch {
            return answer(responder, error.response)
        }
        let types: [MediaType] = [.npy, .octets]
        let type = types.first { request.headers.value(of: "Content-Type", is: $0.name) }
        let hasHeader = request.headers.contains(V2BodyForm.header)
        let isSageMaker = request.headers["Content-Type"]?.lowercased().hasPrefix(V2BodyForm.sageMakerType) ?? false
        if type != nil, !hasHeader {
            let job: DenseJob
            do throws(APIError) { job = try DenseJob(request, self, defaultModel: name) } catch {
                return answer(responder, error.response)
            }
            infer(job, responder)
        } else if hasHeader || isSageMaker || isV2(request.body) {
            v2Infer(PathParameters(name: name), request, responder)
        } else {
            v1Infer(.v1Predict, PathParameters(name: name), request, responder)
        }
    }

    /// The model of requests whose path names none.
    ///
    /// - Throws: when that cannot be told.
    private func defaultModel(for request: HTTPRequest) throws(APIError) -> String {
        if let target = request.headers["X-Amzn-SageMaker-Target-Model"] { return target }
        if let name = configuration.defaultModel { return name }
        let names = models.names(atMost: 2)
        guard let name = names.first, names.count == 1 else { throw APIError(.noDefaultModel(names)) }
        return name
    }

    /// Whether a body in JSON is the Open Inference Protocol's, whose `inputs` is a list of objects.
    private func isV2(_ body: HTTPBody) -> Bool {
        unsafe body.withUnsafeBytes { bytes in
            (unsafe try? Self.isV2(bytes)) ?? false
        }
    }

    private static func isV2(_ bytes: UnsafeRawBufferPointer) throws(CodingError) -> Bool {
        var reader = try unsafe JSONReader(bytes: bytes, padding: HTTPBody.padding, allowsNonFinite: true)
        try reader.beginObject()
        while let name = try reader.nextField() {
            switch name {
            case "inputs": return reader.kindOfFirstElement == .object
            case "instances": return false
            default: try reader.skipValue()
            }
        }
        return false
    }
}
