/// Everything `dense-bench load` does with a server: registering, a first answer, then the loads.
package struct LoadSession {
    /// A request of the user's own.
    package struct File {
        let bytes: [UInt8]
        let mediaType: String

        /// The body and its media type.
        package init(bytes: [UInt8], mediaType: String) {
            self.bytes = bytes
            self.mediaType = mediaType
        }
    }

    package let address: LoadAddress
    package var shapes = LoadShape.allCases
    package var format = TensorFormat.json
    package var strictness = AnswerCheck.Strictness.exact
    /// Whether the models are put into the server first.
    package var registers = true
    /// The target instead of `/dense`; `{shape}` stands for the shape's letter.
    package var endpoint: String?
    /// Sent instead of the shapes' requests.
    package var file: File?
    /// The server's process; `nil` looks for the one that listens.
    package var process: Int?
    /// Who else is connected meanwhile.
    package var crowd = LoadCrowd()
    /// How each shape (`nil`: the file) is sent.
    package var plan: (LoadShape?) -> LoadPlan = { LoadPlan(connections: $0?.connections ?? 16) }

    package init(address: LoadAddress) { self.address = address }

    /// Does it all, one load after the other.
    ///
    /// - Parameters:
    ///   - progress: called with lines for people.
    ///   - report: called with each result.
    /// - Throws: `LoadError` when the server cannot be driven, or its first answer is wrong.
    package func run(progress: (String) -> Void = { _ in }, report: (LoadResult) -> Void) throws(LoadError) {
        if let process, ProcFile.text("/proc/\(process)/stat").isEmpty { throw .noProcess(process) }
        let socketAddress = try address.resolve()
        let processes = process.map { [$0] } ?? ListeningProcesses.find(port: address.port)
        if crowd.count > 0 { progress("connecting \(crowd.count) others") }
        let visit = try LoadCrowdVisit(crowd, at: address, socketAddress)
        defer { visit.end() }
        let loads: [LoadShape?] = file == nil ? shapes : [nil]
        for shape in loads {
            let plan = plan(shape)
            let client = LoadClient(address, socketAddress, timeout: max(Int(plan.timeout), 1))
            let (name, request) = try prepare(shape, client, progress)
            let (result, wasInterrupted) = try LoadRun(name, plan, request, at: address, processes: processes)
                .run(progress: progress)
            report(result)
            if wasInterrupted || result.tally.failure != nil { return }
        }
    }

    /// The request of a load, once the server has answered it as it should.
    private func prepare(
        _ shape: LoadShape?, _ client: LoadClient, _ progress: (String) -> Void
    ) throws(LoadError) -> (name: String, request: LoadRequest) {
        let name: String
        let request: LoadRequest
        if let shape {
            progress("\(shape.rawValue): registering")
            let model = try made(shape)
            if registers { _ = try accepted(try registration(of: model), client) }
            let target = endpoint.map { Self.replacing("{shape}", in: $0, by: shape.rawValue.lowercased()) }
            name = "\(shape.rawValue) \(format.rawValue)"
            request = LoadRequest(model, as: format, at: address, endpoint: target, strictness: strictness)
        } else {
            name = endpoint ?? "/"
            request = LoadRequest(
                "POST", name, at: address, headers: file.map { [("Content-Type", $0.mediaType)] } ?? [],
                body: file?.bytes ?? [])
        }
        let body = try accepted(request, client)
        if let fault = request.check?.fault(of: body) { throw .wrongAnswer(request: request.name, fault) }
        return (name, request)
    }

    /// The answer's body when its status is 2xx.
    private func accepted(_ request: LoadRequest, _ client: LoadClient) throws(LoadError) -> [UInt8] {
        let (status, body) = try client.send(request)
        guard (200..<300).contains(status) else {
            throw .refused(
                request: request.name, status: status, text: String(decoding: body.prefix(300), as: UTF8.self))
        }
        return body
    }

    private func made(_ shape: LoadShape) throws(LoadError) -> LoadModel {
        do { return try LoadModel(shape) } catch { throw .system(call: "The engine", reason: "\(error)") }
    }

    private func registration(of model: LoadModel) throws(LoadError) -> LoadRequest {
        do { return try LoadRequest(registering: model, at: address) } catch {
            throw .system(call: "Writing a model", reason: "\(error)")
        }
    }

    private static func replacing(_ part: String, in text: String, by other: String) -> String {
        guard let range = text.firstRange(of: part) else { return text }
        return text[..<range.lowerBound] + other + text[range.upperBound...]
    }
}
