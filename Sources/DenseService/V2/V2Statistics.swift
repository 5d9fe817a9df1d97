internal import DenseEngine
internal import Glibc
internal import HTTPServer
internal import ModelStore
internal import TensorCoding

/// Triton's statistics extension: what was counted of the requests by every protocol, `POST /dense` included. A batch is as
/// large as its tensors' rows: all positions but the last axis.
enum V2Statistics {
    static func response(_ path: PathParameters, in models: ModelRegistry) throws(APIError) -> HTTPResponse {
        let chosen = try chosen(path, in: models)
        return HTTPResponse(.ok) { writer in
            writer.name("model_stats")
            writer.beginArray()
            for model in chosen { write(model, to: &writer) }
            writer.endArray()
        }
    }

    static func chosen(_ path: PathParameters, in models: ModelRegistry) throws(APIError) -> [Model] {
        if path.name.isEmpty { return models.all.flatMap(\.versions) }
        if !path.version.isEmpty { return [try V2Endpoint.model(path, in: models)] }
        return try api { () throws(ModelStoreError) in try models.versions(of: path.name) }
    }

    private static func write(_ model: Model, to writer: inout JSONWriter) {
        let totals = model.statistics.totals
        writer.beginObject()
        writer.member("name", model.name)
        writer.member("version", String(model.version))
        writer.member("last_inference", lastInference(totals))
        writer.member("inference_count", totals.rows)
        writer.member("execution_count", totals.executions)
        writer.name("inference_stats")
        writer.beginObject()
        let durations = [
            ("success", totals.success), ("fail", totals.failure), ("queue", totals.queue),
            ("compute_input", totals.decode), ("compute_infer", totals.compute), ("compute_output", totals.encode),
            ("cache_hit", ModelStatistics.Duration()), ("cache_miss", ModelStatistics.Duration()),
        ]
        for (name, duration) in durations { write(name, duration, to: &writer) }
        writer.endObject()
        writer.name("batch_stats")
        writer.beginArray()
        for batch in totals.batches {
            writer.beginObject()
            writer.member("batch_size", batch.rows)
            write("compute_input", batch.decode, to: &writer)
            write("compute_infer", batch.compute, to: &writer)
            write("compute_output", batch.encode, to: &writer)
            writer.endObject()
        }
        writer.endArray()
        writer.name("memory_usage")
        writer.beginArray()
        writer.beginObject()
        writer.member("type", "CPU")
        writer.member("id", 0)
        writer.member("byte_size", model.content.byteCount)
        writer.endObject()
        writer.endArray()
        writer.endObject()
    }

    private static func write(_ name: String, _ duration: ModelStatistics.Duration, to writer: inout JSONWriter) {
        writer.name(name)
        writer.beginObject()
        writer.member("count", duration.count)
        writer.member("ns", duration.nanoseconds)
        writer.endObject()
    }

    /// Milliseconds since 1970; 0 for never.
    static func lastInference(_ totals: ModelStatistics.Totals) -> Int {
        guard totals.lastEnded > 0 else { return 0 }
        var now = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &now)
        let nanoseconds = now.tv_sec &* 1_000_000_000 &+ now.tv_nsec
        return (nanoseconds &- Instant.now.since(Instant(nanoseconds: totals.lastEnded))) / 1_000_000
    }
}
