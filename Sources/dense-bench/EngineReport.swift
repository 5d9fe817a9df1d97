internal import DenseEngine
internal import TensorCoding

/// What `dense-bench engine` found.
package struct EngineReport: Sendable {
    package let limits: MachineLimits
    package let products: [ProductResult]
    package let packing: PackingResult?
    package let stacks: [StackResult]
    package let activations: [ActivationResult]
    /// The other libraries and the function called in each; no function where one is not installed.
    package let peers: [(name: String, function: String?)]

    /// As tables for people.
    package var text: String {
        var text = limitsText
        if !products.isEmpty { text += "\n" + productsText }
        if let packing {
            text += "\n\(PackingResult.name): \((packing.packing.best * 1e3).fixed(1)) ms, "
            text += "copying it \((packing.copying.best * 1e3).fixed(1)) ms\n"
        }
        if !stacks.isEmpty { text += "\n" + stacksText }
        if !activations.isEmpty { text += "\n" + activationsText }
        return text
    }

    private var limitsText: String {
        let levels = MemoryLevel.allCases
        let rows = [("1 thread", limits.oneThread), ("2 threads", limits.twoThreads)].map { name, rates in
            [name, (rates.operations / 1e9).fixed(1)] + levels.map { ((rates.bytes[$0] ?? 0) / 1e9).fixed(1) }
        }
        let title = ["limits, \(limits.instructionSet)", "FMA GFLOP/s"] + levels.map { "\($0.rawValue) GB/s" }
        return TextTable.text(title: title, rows: rows)
    }

    private var productsText: String {
        let title = ["product", "threads", "best µs", "median µs", "GFLOP/s", "GB/s", "limit", "%"]
        let rows = products.map { result in
            [
                result.size.name, String(result.threads), Self.microseconds(result.time.best),
                Self.microseconds(result.time.median), (result.operationsPerSecond / 1e9).fixed(1),
                (result.bytesPerSecond / 1e9).fixed(1), result.limit, result.percent.fixed(0),
            ] + peers.map { result.peers[$0.name].map { Self.microseconds($0.best) } ?? "-" }
        }
        let names = peers.map { "\($0.name) \($0.function.map { "\($0) µs" } ?? "(not installed)")" }
        return TextTable.text(title: title + names, rows: rows)
    }

    private var stacksText: String {
        let rows = stacks.map { result in
            [
                result.size.name, Self.microseconds(result.plan.best), Self.microseconds(result.plan.median),
                Self.microseconds(result.layers.best), (result.layers.best / result.plan.best).fixed(2),
                (result.operationsPerSecond / 1e9).fixed(1), result.percent.fixed(0),
            ]
        }
        return TextTable.text(
            title: ["stack", "best µs", "median µs", "layer by layer µs", "times", "GFLOP/s", "%"], rows: rows)
    }

    private var activationsText: String {
        let rows = activations.map { result in
            [
                result.name, result.nanosecondsPerElement.fixed(3), Self.microseconds(result.time.best),
                Self.microseconds(result.time.median), (result.bytesPerSecond / 1e9).fixed(1), result.percent.fixed(0),
            ]
        }
        return TextTable.text(
            title: ["activation", "ns an element", "best µs", "median µs", "GB/s", "%"], rows: rows)
    }

    private static func microseconds(_ seconds: Double) -> String {
        let value = seconds * 1e6
        return value.fixed(value < 10 ? 3 : value < 1000 ? 1 : 0)
    }

    /// As one JSON object. Times are in seconds, rates in operations or bytes a second.
    package var json: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.name("limits")
        writer.write(limits: limits)
        writer.name("products")
        writer.writeArray(products) { $0.write(product: $1) }
        if let packing {
            writer.name("packing")
            writer.beginObject()
            writer.member("seconds", packing.packing)
            writer.member("copy_seconds", packing.copying)
            writer.endObject()
        }
        writer.name("stacks")
        writer.writeArray(stacks) { $0.write(stack: $1) }
        writer.name("activations")
        writer.writeArray(activations) { $0.write(activation: $1) }
        writer.name("peers")
        writer.beginObject()
        for peer in peers {
            writer.name(peer.name)
            if let function = peer.function { writer.write(function) } else { writer.writeNull() }
        }
        writer.endObject()
        writer.endObject()
        return writer.bytes
    }
}

extension JSONWriter {
    fileprivate mutating func writeArray<Element>(
        _ elements: [Element], _ write: (inout JSONWriter, Element) -> Void
    ) {
        beginArray()
        for element in elements { write(&self, element) }
        endArray()
    }

    fileprivate mutating func member(_ name: String, _ time: Measurement) {
        self.name(name)
        beginObject()
        member("best", time.best)
        member("median", time.median)
        endObject()
    }

    fileprivate mutating func write(limits: MachineLimits) {
        beginObject()
        name("instruction_set")
        write(limits.instructionSet)
        for (threads, rates) in [("one_thread", limits.oneThread), ("two_threads", limits.twoThreads)] {
            name(threads)
            beginObject()
            member("fma", rates.operations)
            for level in MemoryLevel.allCases { member(level.rawValue, rates.bytes[level] ?? 0) }
            endObject()
        }
        endObject()
    }

    fileprivate mutating func write(product result: ProductResult) {
        beginObject()
        name("size")
        write([result.size.rows, result.size.inputDimension, result.size.units])
        name("threads")
        write(result.threads)
        member("seconds", result.time)
        member("operations_per_second", result.operationsPerSecond)
        member("bytes_per_second", result.bytesPerSecond)
        name("limit")
        write(result.limit)
        member("percent", result.percent)
        name("peers")
        beginObject()
        for (name, time) in result.peers.sorted(by: { $0.key < $1.key }) { member(name, time) }
        endObject()
        endObject()
    }

    fileprivate mutating func write(stack result: StackResult) {
        beginObject()
        name("name")
        write(result.size.name)
        member("seconds", result.plan)
        member("layer_by_layer", result.layers)
        member("operations_per_second", result.operationsPerSecond)
        member("percent", result.percent)
        endObject()
    }

    fileprivate mutating func write(activation result: ActivationResult) {
        beginObject()
        name("name")
        write(result.name)
        member("seconds", result.time)
        name("elements")
        write(result.elements)
        member("nanoseconds_per_element", result.nanosecondsPerElement)
        member("percent", result.percent)
        endObject()
    }
}
