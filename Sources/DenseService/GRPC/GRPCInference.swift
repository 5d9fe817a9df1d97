internal import DenseEngine
internal import GRPCMessages
internal import HTTPServer
internal import ModelStore
internal import SwiftProtobuf

/// What `inference.GRPCInferenceService` tells of the server and its models: the same as `/v2` does.
enum GRPCInference {
    static func serverMetadata(_ service: Service) -> any Message {
        Inference_ServerMetadataResponse.with { response in
            response.name = "dense-serve"
            response.version = service.configuration.version
            response.extensions = V2Endpoint.extensions
        }
    }

    static func modelReady(_ message: GRPCMessage, _ service: Service) throws(APIError) -> any Message {
        let request = try GRPCProtobuf.decode(Inference_ModelReadyRequest.self, message)
        // As in Triton, a model that there is not is not ready, and no error.
        let isThere = (try? service.model(named: request.name, version: request.version)) != nil
        return Inference_ModelReadyResponse.with { $0.ready = isThere && service.isReady }
    }

    static func modelMetadata(_ message: GRPCMessage, _ service: Service) throws(APIError) -> any Message {
        let request = try GRPCProtobuf.decode(Inference_ModelMetadataRequest.self, message)
        let model = try service.model(named: request.name, version: request.version)
        let versions = (try? service.models.versions(of: model.name)) ?? [model]
        let signature = ModelSignature(model)
        return Inference_ModelMetadataResponse.with { response in
            response.name = request.name
            response.versions = versions.map { String($0.version) }
            response.platform = V2Endpoint.platform
            response.inputs = [tensor(signature.input, signature.inputShape, signature.inputType)]
            response.outputs = [tensor(signature.output, signature.outputShape, signature.outputType)]
        }
    }

    private static func tensor(
        _ name: String, _ shape: [Int?], _ type: DType
    ) -> Inference_ModelMetadataResponse.TensorMetadata {
        .with { tensor in
            tensor.name = name
            tensor.datatype = V2Datatype(type).rawValue
            tensor.shape = shape.map { Int64($0 ?? -1) }
        }
    }

    static func modelConfig(_ message: GRPCMessage, _ service: Service) throws(APIError) -> any Message {
        let request = try GRPCProtobuf.decode(Inference_ModelConfigRequest.self, message)
        let model = try service.model(named: request.name, version: request.version)
        let signature = ModelSignature(model)
        let limits = model.batching.limits(service.configuration.batching)
        let config = Inference_ModelConfig.with { config in
            config.name = request.name
            config.platform = V2Endpoint.platform
            config.backend = V2Endpoint.platform
            config.maxBatchSize = Int32(clamping: limits.maximumRows)
            config.input = [
                .with { input in
                    input.name = signature.input
                    input.dataType = dataType(signature.inputType)
                    input.dims = dims(signature.inputShape)
                }
            ]
            config.output = [
                .with { output in
                    output.name = signature.output
                    output.dataType = dataType(signature.outputType)
                    output.dims = dims(signature.outputShape)
                }
            ]
            config.dynamicBatching = .with { batching in
                batching.maxQueueDelayMicroseconds = UInt64(clamping: limits.maximumDelay)
                batching.priorityLevels = UInt64(WorkOptions.priorities.count)
                batching.defaultPriorityLevel = UInt64(
                    WorkOptions.priorities.upperBound + 1 - WorkOptions.defaultPriority)
            }
        }
        return Inference_ModelConfigResponse.with { $0.config = config }
    }

    private static func dataType(_ type: DType) -> Inference_DataType {
        switch type {
        case .float16: .typeFp16
        case .bfloat16: .typeBf16
        case .float32: .typeFp32
        case .float64: .typeFp64
        }
    }

    private static func dims(_ shape: [Int?]) -> [Int64] { shape.dropFirst().map { Int64($0 ?? -1) } }

    // MARK: Statistics

    static func statistics(_ message: GRPCMessage, _ service: Service) throws(APIError) -> any Message {
        let request = try GRPCProtobuf.decode(Inference_ModelStatisticsRequest.self, message)
        let path = PathParameters(name: request.name, version: request.version)
        let models = try V2Statistics.chosen(path, in: service.models)
        return Inference_ModelStatisticsResponse.with { $0.modelStats = models.map(statistics) }
    }

    private static func statistics(_ model: Model) -> Inference_ModelStatistics {
        let totals = model.statistics.totals
        return .with { statistics in
            statistics.name = model.name
            statistics.version = String(model.version)
            statistics.lastInference = UInt64(clamping: V2Statistics.lastInference(totals))
            statistics.inferenceCount = UInt64(clamping: totals.rows)
            statistics.executionCount = UInt64(clamping: totals.executions)
            statistics.inferenceStats = .with { parts in
                parts.success = duration(totals.success)
                parts.fail = duration(totals.failure)
                parts.queue = duration(totals.queue)
                parts.computeInput = duration(totals.decode)
                parts.computeInfer = duration(totals.compute)
                parts.computeOutput = duration(totals.encode)
                parts.cacheHit = duration(ModelStatistics.Duration())
                parts.cacheMiss = duration(ModelStatistics.Duration())
            }
            statistics.batchStats = totals.batches.map { batch in
                .with { parts in
                    parts.batchSize = UInt64(clamping: batch.rows)
                    parts.computeInput = duration(batch.decode)
                    parts.computeInfer = duration(batch.compute)
                    parts.computeOutput = duration(batch.encode)
                }
            }
            statistics.memoryUsage = [
                .with { usage in
                    usage.type = "CPU"
                    usage.byteSize = UInt64(clamping: model.content.byteCount)
                }
            ]
        }
    }

    private static func duration(_ duration: ModelStatistics.Duration) -> Inference_StatisticDuration {
        .with { part in
            part.count = UInt64(clamping: duration.count)
            part.ns = UInt64(clamping: duration.nanoseconds)
        }
    }
}
