extension Router {
    /// What stands behind `/v2`.
    static func matchV2(_ segments: ArraySlice<String>) -> (PathTemplate, PathParameters)? {
        switch segments.first {
        case nil: (.v2, PathParameters())
        case "models": matchModels(segments.dropFirst())
        default: matchServer(segments)
        }
    }

    private static func matchModels(_ segments: ArraySlice<String>) -> (PathTemplate, PathParameters)? {
        guard let name = segments.first else { return (.v2Models, PathParameters()) }
        guard !name.isEmpty else { return nil }
        var rest = segments.dropFirst()
        var parameters = PathParameters(name: name)
        // As in Triton no model's description can be had that is called so.
        if name == "stats", rest.isEmpty { return (.v2Statistics, PathParameters()) }
        if rest.first == "versions" {
            guard let version = rest.dropFirst().first else { return nil }
            parameters.version = version
            rest = rest.dropFirst(2)
        }
        let hasVersion = !parameters.version.isEmpty
        switch (Array(rest), hasVersion) {
        case ([], false): return (.v2Model, parameters)
        case ([], true): return (.v2Version, parameters)
        case (["ready"], false): return (.v2ModelReady, parameters)
        case (["ready"], true): return (.v2VersionReady, parameters)
        case (["config"], false): return (.v2ModelConfiguration, parameters)
        case (["config"], true): return (.v2VersionConfiguration, parameters)
        case (["stats"], false): return (.v2ModelStatistics, parameters)
        case (["stats"], true): return (.v2VersionStatistics, parameters)
        case (["infer"], false): return (.v2ModelInfer, parameters)
        case (["infer"], true): return (.v2VersionInfer, parameters)
        case (["trace", "setting"], false): return (.v2ModelTrace, parameters)
        default: return nil
        }
    }

    private static func matchServer(_ segments: ArraySlice<String>) -> (PathTemplate, PathParameters)? {
        func plain(_ path: PathTemplate) -> (PathTemplate, PathParameters) { (path, PathParameters()) }
        let parts = Array(segments)
        switch parts {
        case ["health", "live"]: return plain(.v2Live)
        case ["health", "ready"]: return plain(.v2Ready)
        case ["logging"]: return plain(.v2Logging)
        case ["trace", "setting"]: return plain(.v2Trace)
        case ["repository", "index"]: return plain(.v2Index)
        case ["systemsharedmemory", "status"]: return plain(.systemMemory)
        case ["systemsharedmemory", "unregister"]: return plain(.unregisterAllSystemMemory)
        case ["cudasharedmemory", "status"]: return plain(.cudaMemory)
        case ["cudasharedmemory", "unregister"]: return plain(.unregisterAllCUDAMemory)
        default: break
        }
        guard parts.count == 4, !parts[2].isEmpty else { return nil }
        let parameters = PathParameters(name: parts[2])
        switch (parts[0], parts[1], parts[3]) {
        case ("repository", "models", "load"): return (.v2Load, parameters)
        case ("repository", "models", "unload"): return (.v2Unload, parameters)
        case ("systemsharedmemory", "region", "status"): return (.systemMemoryRegion, parameters)
        case ("systemsharedmemory", "region", "register"): return (.registerSystemMemory, parameters)
        case ("systemsharedmemory", "region", "unregister"): return (.unregisterSystemMemory, parameters)
        case ("cudasharedmemory", "region", "status"): return (.cudaMemoryRegion, parameters)
        case ("cudasharedmemory", "region", "register"): return (.registerCUDAMemory, parameters)
        case ("cudasharedmemory", "region", "unregister"): return (.unregisterCUDAMemory, parameters)
        default: return nil
        }
    }
}
