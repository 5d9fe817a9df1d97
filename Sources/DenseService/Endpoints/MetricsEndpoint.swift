internal import DenseEngine
internal import HTTPServer
internal import ModelStore

/// `GET /metrics`.
enum MetricsEndpoint {
    static func response(
        _ metrics: Metrics, models: ModelRegistry, workers: WorkerQueue, server: ServerCounters?, version: String
    ) -> HTTPResponse {
        var text = PrometheusText()
        metrics.write(to: &text)

        let depth = workers.depth
        text.single(
            "dense_queue_requests", .gauge, String(depth.requests), "Requests waiting for a worker or running on one.")
        text.single("dense_queue_bytes", .gauge, String(depth.bytes), "Memory reckoned for those requests.")
        text.single(
            "dense_queue_refused_total", .counter, String(workers.refused),
            "Requests refused because the queue held as many, or as much, as it may.")

        let usage = models.usage
        text.single("dense_models", .gauge, String(usage.models), "Registered models.")
        text.single("dense_model_versions", .gauge, String(usage.versions), "Registered versions of all models.")
        text.single(
            "dense_model_adapters", .gauge, String(models.adapterCount), "Registered adapters of all versions.")
        text.single("dense_model_bytes", .gauge, String(usage.bytes), "Memory of all registered models.")
        text.single(
            "dense_model_bytes_limit", .gauge, String(models.maximumBytes), "The bound on that memory, max_model_bytes."
        )

        let loads = models.loads.counts
        text.family("dense_model_loads", .gauge, "Models that are being loaded, and that could not be loaded.")
        text.sample("dense_model_loads", [("state", "loading")], String(loads.loading))
        text.sample("dense_model_loads", [("state", "failed")], String(loads.failed))
        text.family("dense_model_loads_total", .counter, "Loads of models that ended, well or not.")
        text.sample("dense_model_loads_total", [("result", "loaded")], String(loads.succeededInAll))
        text.sample("dense_model_loads_total", [("result", "failed")], String(loads.failedInAll))
        if let storage = models.storage {
            text.single(
                "dense_store_bytes", .gauge, String(storage.bytes), "Versions' files in the data folder.")
            text.single(
                "dense_store_fsyncs_total", .counter, String(storage.synchronization.count),
                "Files and folders brought to the disk.")
            text.single(
                "dense_store_fsync_seconds_total", .counter,
                PrometheusText.seconds(storage.synchronization.nanoseconds), "Time that took.")
        }

        if let server {
            text.single("dense_connections_open", .gauge, String(server.openConnections), "Open connections.")
            text.single(
                "dense_connections_accepted_total", .counter, String(server.acceptedConnections),
                "Connections accepted.")
            text.family(
                "dense_connections_refused_total", .counter,
                "Connections refused because there were too many, in all or from their address.")
            for (limit, count) in [
                ("max_connections", server.refusedConnections),
                ("max_connections_per_address", server.refusedForAddress),
            ] {
                text.sample("dense_connections_refused_total", [("limit", limit)], String(count))
            }
            text.family(
                "dense_client_timeouts_total", .counter,
                "Clients that took too long to send a head or a body, to take an answer, or to send another request.")
            for timeout in ClientTimeout.allCases {
                text.sample(
                    "dense_client_timeouts_total", [("waiting_for", timeout.rawValue)],
                    String(server.timeouts[timeout] ?? 0))
            }
            text.single(
                "dense_buffer_bytes", .gauge, String(server.bufferBytes),
                "Bodies that are not answered and answers that are not sent; max_buffer_bytes is the bound.")
            text.single(
                "dense_buffer_refused_total", .counter, String(server.bufferRefusals),
                "Bodies and answers refused because there was no room for them.")
            text.single(
                "dense_connection_rests_total", .counter, String(server.rests),
                "How often a connection was not read from for a while, because too many requests were refused.")
            text.single(
                "dense_http2_floods_total", .counter, String(server.floods),
                "HTTP/2 connections ended because they cost more than they brought.")
            server.tls?.write(to: &text)
        }

        text.single(
            "process_start_time_seconds", .gauge, String(ProcessFacts.startTime), "Start of the process, since 1970.")
        text.single(
            "process_resident_memory_bytes", .gauge, String(ProcessFacts.residentBytes), "Memory of the process in RAM."
        )
        text.single(
            "process_cpu_seconds_total", .counter, String(ProcessFacts.processorSeconds),
            "Processor time used, user and system.")

        text.family("dense_instruction_set_info", .gauge, "The instruction set the kernels were chosen for; always 1.")
        text.sample(
            "dense_instruction_set_info", [("instruction_set", Kernels.instructionSet)], "1")
        text.family("dense_build_info", .gauge, "The server's version; always 1.")
        text.sample("dense_build_info", [("version", version)], "1")
        return HTTPResponse(
            .ok, headers: [(name: "Content-Type", value: PrometheusText.contentType)], body: Array(text.text.utf8))
    }
}
