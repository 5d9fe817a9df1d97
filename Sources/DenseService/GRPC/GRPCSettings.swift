internal import DenseEngine
internal import GRPCMessages
internal import SwiftProtobuf

/// Triton's settings of logs and traces.
enum GRPCSettings {
    static func log(_ message: GRPCMessage, _ service: Service) throws(APIError) -> any Message {
        let request = try GRPCProtobuf.decode(Inference_LogSettingsRequest.self, message)
        var logging = V2Logging(service.configuration.logging.level)
        var members = ConfigObject()
        for (name, setting) in request.settings.sorted(by: { $0.key < $1.key }) {
            switch setting.parameterChoice {
            case .boolParam(let flag): members[name] = .bool(flag)
            case .uint32Param(let number): members[name] = .int(Int(number))
            case .stringParam(let text): members[name] = .string(text)
            case nil: break
            }
        }
        if !members.members.isEmpty {
            try api { () throws(V2Error) in try logging.change(members) }
            service.configuration.logging.level = logging.level
            logging = V2Logging(logging.level)
        }
        return Inference_LogSettingsResponse.with { response in
            response.settings["log_file"] = .with { $0.stringParam = "" }
            response.settings["log_info"] = .with { $0.boolParam = logging.info }
            response.settings["log_warning"] = .with { $0.boolParam = logging.warning }
            response.settings["log_error"] = .with { $0.boolParam = logging.error }
            response.settings["log_verbose_level"] = .with { $0.uint32Param = UInt32(clamping: logging.verboseLevel) }
            response.settings["log_format"] = .with { $0.stringParam = "default" }
        }
    }

    static func trace(_ message: GRPCMessage, _ service: Service) throws(APIError) -> any Message {
        let request = try GRPCProtobuf.decode(Inference_TraceSettingRequest.self, message)
        if !request.modelName.isEmpty { _ = try service.model(named: request.modelName, version: "") }
        let levels = request.settings["trace_level"]?.value ?? []
        if let level = levels.first(where: { $0 != "OFF" }) { throw APIError(V2Error.tracingOff(level)) }
        return Inference_TraceSettingResponse.with { response in
            for (name, value) in [
                ("trace_level", "OFF"), ("trace_rate", "1000"), ("trace_count", "-1"), ("log_frequency", "0"),
                ("trace_file", ""), ("trace_mode", "triton"),
            ] {
                response.settings[name] = .with { $0.value = [value] }
            }
        }
    }
}
