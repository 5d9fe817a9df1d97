import DenseService
import Testing

@Suite("GET /metrics")
struct MetricsTests {
    /// The samples by name and labels, and the families' types.
    private func parse(_ text: String) -> (samples: [String: Double], types: [String: String], broken: [String]) {
        var samples: [String: Double] = [:]
        var types: [String: String] = [:]
        var broken: [String] = []
        for line in text.split(separator: "\n") {
            if line.hasPrefix("# TYPE ") {
                let parts = line.split(separator: " ")
                types[String(parts[2])] = String(parts[3])
            } else if !line.hasPrefix("# HELP ") {
                guard let space = line.lastIndex(of: " "),
                    let value = Double(String(line[line.index(after: space)...])),
                    samples.updateValue(value, forKey: String(line[..<space])) == nil
                else {
                    broken.append(String(line))
                    continue
                }
            }
        }
        return (samples, types, broken)
    }

    @Test("the text is valid, every sample once and under a declared family")
    func isValid() throws {
        let server = try TestServer()
        try server.register("m")
        _ = try server.dense(#"{"input":[[1,2]],"model":"m"}"#)
        let response = try server.request("GET", "/metrics")
        #expect(response["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8")
        #expect(response.text.hasSuffix("\n"))
        let (samples, types, broken) = parse(response.text)
        #expect(broken.isEmpty, "\(broken)")
        for name in samples.keys {
            let base = String(name.prefix { $0 != "{" })
            let family = ["_bucket", "_sum", "_count"].first { base.hasSuffix($0) }
                .map { String(base.dropLast($0.count)) }
            #expect(types[base] != nil || family.map { types[$0] == "histogram" } == true, "\(name)")
        }
        for (name, type) in types {
            #expect((type == "counter") == name.hasSuffix("_total"), "\(name) is a \(type)")
        }
        let needed = [
            "dense_models", "dense_model_versions", "dense_model_bytes", "dense_queue_requests", "dense_queue_bytes",
            "dense_http_requests_in_flight", "dense_connections_open", "process_start_time_seconds",
            "process_resident_memory_bytes",
        ]
        for name in needed { #expect(samples[name] != nil, "\(name) is missing") }
        #expect(samples[#"dense_http_protocol_requests_total{protocol="HTTP/1.1"}"#].map { $0 >= 2 } == true)
        #expect(samples[#"dense_http_protocol_requests_total{protocol="HTTP/2"}"#] == 0)
        #expect(samples["dense_http2_floods_total"] == 0)
        #expect(samples.keys.contains { $0.hasPrefix("dense_build_info{version=") })
        #expect(samples.keys.contains { $0.hasPrefix("dense_instruction_set_info{instruction_set=") })
        #expect(samples["dense_models"] == 1)
        #expect((samples["process_start_time_seconds"] ?? 0) > 1.6e9)
        #expect((samples["process_resident_memory_bytes"] ?? 0) > 1e6)
    }

    @Test("requests are counted by endpoint and status, with labels no client can add to")
    func counts() throws {
        let server = try TestServer()
        try server.register("m")
        for _ in 0..<5 { _ = try server.dense(#"{"input":[[1,2]],"model":"m"}"#) }
        _ = try server.dense("{")
        for name in ["a", "b", "c"] { _ = try server.request("GET", "/models/\(name)") }
        _ = try server.request("GET", "/secret/path")
        let metrics = server.service.metrics
        #expect(eventually { metrics.requests(nil, status: 404) == 1 })
        #expect(metrics.requests(.dense, status: 200) == 5)
        #expect(metrics.requests(.dense, status: 400) == 1)
        #expect(metrics.requests(.readModel, status: 404) == 3)
        #expect(metrics.requests(.registerModel, status: 201) == 1)

        let text = try server.request("GET", "/metrics").text
        #expect(!text.contains("secret"))
        let samples = parse(text).samples
        #expect(samples[#"dense_http_requests_total{api="dense",method="POST",endpoint="/dense",status="200"}"#] == 5)
        for phase in ["decode", "queue", "compute", "encode"] {
            let label = "{phase=\"\(phase)\"}"
            #expect(samples["dense_phase_duration_seconds_count\(label)"] == 5, "\(phase)")
            #expect(samples["dense_phase_duration_seconds_sum\(label)"] != nil)
        }
        let buckets = samples.filter { $0.key.hasPrefix(#"dense_phase_duration_seconds_bucket{phase="compute""#) }
        #expect(buckets.values.max() == 5)
        #expect(buckets[#"dense_phase_duration_seconds_bucket{phase="compute",le="+Inf"}"#] == 5)
    }
}
