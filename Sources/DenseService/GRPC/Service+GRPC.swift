internal import ContentCoding
internal import GRPCMessages
internal import GRPCWire
internal import HTTPServer
internal import SwiftProtobuf

extension Service {
    /// Answers a call with one request and one answer.
    func call(_ method: GRPCMethod, _ request: HTTPRequest, _ responder: consuming HTTPResponder) {
        metrics.requestStarted()
        do throws(GRPCError) {
            let call = try GRPCCall(method, request, self)
            switch method {
            case .modelInfer: infer(GRPCInferJob(call), responder)
            case .predict: infer(GRPCPredictJob(call), responder)
            case .classify, .regress: infer(GRPCExampleJob(call, classifies: method == .classify), responder)
            case .serverLive, .serverReady, .healthCheck:
                answer(responder, call.response { () throws(APIError) in try reply(to: call) })
            case .repositoryModelLoad, .repositoryModelUnload:
                change(responder) { service in
                    call.response { () throws(APIError) in try service.reply(to: call) }
                }
            default:
                manage(responder) { service in
                    call.response { () throws(APIError) in try service.reply(to: call) }
                }
            }
        } catch { answer(responder, GRPCAnswer.status(error.status)) }
    }

    /// The answer to a call that computes nothing.
    private func reply(to call: GRPCCall) throws(APIError) -> any Message {
        try call.timing.requireInTime()
        // The shortest calls are answered on a loop's thread: what their messages come out as has to be short, too.
        let isShort = call.method == .serverLive || call.method == .serverReady || call.method == .healthCheck
        let message = try call.message.plain(limit: isShort ? 4096 : configuration.maximumBodyBytes)
        switch call.method {
        case .healthCheck: return try GRPCHealth.check(message, self)
        case .serverLive: return Inference_ServerLiveResponse.with { $0.live = true }
        case .serverReady: return Inference_ServerReadyResponse.with { $0.ready = isReady }
        case .modelReady: return try GRPCInference.modelReady(message, self)
        case .serverMetadata: return GRPCInference.serverMetadata(self)
        case .modelMetadata: return try GRPCInference.modelMetadata(message, self)
        case .modelConfig: return try GRPCInference.modelConfig(message, self)
        case .modelStatistics: return try GRPCInference.statistics(message, self)
        case .repositoryIndex: return try GRPCRepository.index(message, self)
        case .repositoryModelLoad: return try GRPCRepository.load(message, self)
        case .repositoryModelUnload: return try GRPCRepository.unload(message, self)
        case .systemSharedMemoryStatus: return Inference_SystemSharedMemoryStatusResponse()
        case .systemSharedMemoryUnregister: return Inference_SystemSharedMemoryUnregisterResponse()
        case .cudaSharedMemoryStatus: return Inference_CudaSharedMemoryStatusResponse()
        case .cudaSharedMemoryUnregister: return Inference_CudaSharedMemoryUnregisterResponse()
        case .systemSharedMemoryRegister, .cudaSharedMemoryRegister: throw APIError(V2Error.sharedMemoryOff)
        case .traceSetting: return try GRPCSettings.trace(message, self)
        case .logSettings: return try GRPCSettings.log(message, self)
        case .getModelMetadata: return try GRPCTensorFlow.metadata(message, self)
        case .getModelStatus: return try GRPCTensorFlow.status(message, self)
        case .reloadConfig:
            throw APIError(
                501, "unimplemented",
                "The configuration cannot be replaced by clients. Models come by PUT /models/NAME, RepositoryModelLoad, or "
                    + "the folder of models.")
        case .multiInference:
            throw APIError(
                501, "unimplemented", "MultiInference is not implemented. Call Classify or Regress for each task.")
        case .modelInfer, .modelStreamInfer, .predict, .classify, .regress, .healthWatch, .reflection, .reflectionAlpha:
            throw APIError(500, "internal_error", "The call went astray.")
        }
    }
}

/// One call with one request.
struct GRPCCall: Sendable {
    let method: GRPCMethod
    let service: Service
    let message: GRPCMessage
    /// How its message is compressed, and its answer may be.
    let coding: ContentCoding?
    let timing: Timing

    init(_ method: GRPCMethod, _ request: HTTPRequest, _ service: Service) throws(GRPCError) {
        self.method = method
        self.service = service
        do throws(GRPCCallError) {
            coding = try GRPCEncoding.coding(request.head)
            timing = Timing(
                arrival: Int(clamping: request.arrival), timeout: try GRPCTimeout(request.head),
                limit: service.configuration.requestTimeout)
        } catch { throw GRPCError(GRPCStatus(error)) }
        message = try GRPCMessage(only: request, coding, limit: service.configuration.maximumBodyBytes)
    }

    /// A message's answer.
    func response(framed: [UInt8]) -> HTTPResponse {
        GRPCAnswer.message(
            framed, message.isCompressed ? coding : nil, minimum: service.configuration.compressMinimumBytes)
    }

    /// What `body` gives, or why it does not.
    func response(_ body: () throws(APIError) -> any Message) -> HTTPResponse {
        do throws(APIError) { return response(framed: try GRPCProtobuf.framed(try body())) } catch {
            return GRPCAnswer.error(error)
        }
    }
}
