/// A request as it goes over the wire, the same every time.
package struct LoadRequest: Sendable {
    /// The method and the target, for messages.
    package let name: String
    /// Head and body.
    package let bytes: [UInt8]
    /// What its answers are compared with.
    package let check: AnswerCheck?

    /// - Parameter headers: beside `Host` and `Content-Length`.
    package init(
        _ method: String, _ target: String, at address: LoadAddress, headers: [(name: String, value: String)],
        body: [UInt8], check: AnswerCheck? = nil
    ) {
        let target = address.path + target
        name = "\(method) \(target)"
        var head = "\(method) \(target) HTTP/1.1\r\nHost: \(address.authority)\r\n"
        for header in headers { head += "\(header.name): \(header.value)\r\n" }
        if !body.isEmpty || method != "GET" { head += "Content-Length: \(body.count)\r\n" }
        bytes = Array((head + "\r\n").utf8) + body
        self.check = check
    }

    /// `PUT /models/{name}`.
    package init(registering model: LoadModel, at address: LoadAddress) throws {
        self.init(
            "PUT", "/models/\(model.shape.model)", at: address, headers: [("Content-Type", "application/json")],
            body: try model.registration)
    }

    /// `POST /dense` in a format; `endpoint` stands in for the target where another server has another.
    package init(
        _ model: LoadModel, as format: TensorFormat, at address: LoadAddress, endpoint: String? = nil,
        strictness: AnswerCheck.Strictness = .exact
    ) {
        var headers = [("Content-Type", format.mediaType)]
        if format == .octets {
            headers.append(("X-Tensor-Shape", model.shape.input.map(String.init).joined(separator: ",")))
        }
        let target = format == .json ? "/dense" : "/dense?model=\(model.shape.model)"
        let check = AnswerCheck(expected: model.output, format: format, strictness: strictness)
        self.init(
            "POST", endpoint ?? target, at: address, headers: headers, body: model.body(as: format),
            check: strictness == .none ? nil : check)
    }
}
