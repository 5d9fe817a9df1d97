internal import DenseEngine
internal import TensorCoding

/// Changes models of its own, one change at a time, and knows what the server has acknowledged.
struct KillClient: Sendable {
    /// What a model is known to be: the first weight of each version, what each of its adapters adds to that, and the labels.
    struct Model: Hashable, Sendable {
        var versions: [Int: Int] = [:]
        var adapters: [Int: [String: Int]] = [:]
        var labels: [String: Int] = [:]
    }

    enum Change: Sendable {
        case register(seed: Int)
        case remove(version: Int?)
        case label(String, version: Int)
        case unlabel(String)
        case adapt(version: Int, String, seed: Int)
        case unadapt(version: Int, String)
    }

    private static let labels = ["stable", "canary"]
    private static let adapters = ["x", "y"]
    private static let features = [1, 16, 300]

    private let names: [String]
    private var models: [String: Model] = [:]
    /// The greatest version each name was ever seen to have.
    private var highest: [String: Int] = [:]
    /// What was asked for and not answered.
    private var pending: (name: String, change: Change)?
    private var seed: Int
    /// Answers that nothing should have been refused with.
    private var refusals: [String] = []
    private(set) var acknowledged = 0
    private(set) var checked = 0

    init(number: Int) {
        names = ["a", "b"].map { "client-\(number)-\($0)" }
        seed = number * 200_000
    }

    // MARK: Changing

    /// Changes models until the server is gone.
    mutating func work(_ client: LoadClient, _ address: LoadAddress) {
        while true {
            let name = names[Int.random(in: 0..<names.count)]
            let change = nextChange(of: models[name] ?? Model())
            pending = (name, change)
            let request = request(change, of: name, address)
            guard let (status, body) = try? client.send(request) else { return }
            guard (200..<300).contains(status) else {
                refusals.append("\(request.name): \(status) \(String(decoding: body.prefix(200), as: UTF8.self))")
                return
            }
            apply(change, to: name, body)
            pending = nil
            acknowledged += 1
        }
    }

    private mutating func nextChange(of model: Model) -> Change {
        let versions = model.versions.keys.sorted()
        let kind = Int.random(in: 0..<14)
        if kind < 5 || versions.isEmpty {
            seed += 1
            return .register(seed: seed)
        }
        let version = versions[Int.random(in: 0..<versions.count)]
        let label = Self.labels[Int.random(in: 0..<Self.labels.count)]
        switch kind {
        case 10...: return nextAdaptation(of: model, version)
        case 5, 6: return .label(label, version: version)
        case 7 where model.labels[label] != nil: return .unlabel(label)
        case 8 where versions.count > 1 && Int.random(in: 0..<4) == 0: return .remove(version: nil)
        default:
            guard !model.labels.values.contains(version) else { return .label(label, version: version) }
            return .remove(version: version)
        }
    }

    private mutating func nextAdaptation(of model: Model, _ version: Int) -> Change {
        let adapter = Self.adapters[Int.random(in: 0..<Self.adapters.count)]
        guard let known = model.adapters[version]?[adapter] else {
            seed += 1
            return .adapt(version: version, adapter, seed: seed)
        }
        // The same again changes nothing.
        return Bool.random()
            ? .unadapt(version: version, adapter) : .adapt(version: version, adapter, seed: known)
    }

    private func request(_ change: Change, of name: String, _ address: LoadAddress) -> LoadRequest {
        let path = "/models/\(name)"
        func request(_ method: String, _ target: String, _ body: String = "") -> LoadRequest {
            LoadRequest(
                method, target, at: address, headers: [("Content-Type", "application/json")], body: Array(body.utf8))
        }
        switch change {
        case .register(let seed):
            let rest = String(repeating: ",[0]", count: Self.features[seed % Self.features.count] - 1)
            let layer = "{\"layer\":{\"units\":1},\"weights\":{\"kernel\":[[\(seed)]\(rest)],\"bias\":[0]}}"
            return request("PUT", path, "{\"layers\":[\(layer)]}")
        case .remove(nil): return request("DELETE", path)
        case .remove(let version?): return request("DELETE", path + "/versions/\(version)")
        case .label(let label, let version):
            return request("PUT", path + "/labels/\(label)", "{\"version\":\(version)}")
        case .unlabel(let label): return request("DELETE", path + "/labels/\(label)")
        case .adapt(let version, let adapter, let seed):
            let features = Self.features[(models[name]?.versions[version] ?? 0) % Self.features.count]
            let rest = String(repeating: ",[0]", count: features - 1)
            let factors = "{\"lora_kernel_a\":[[1]\(rest)],\"lora_kernel_b\":[[\(seed)]]}"
            return request(
                "PUT", path + "/versions/\(version)/adapters/\(adapter)", "{\"layers\":{\"dense\":\(factors)}}")
        case .unadapt(let version, let adapter):
            return request("DELETE", path + "/versions/\(version)/adapters/\(adapter)")
        }
    }

    private mutating func apply(_ change: Change, to name: String, _ body: [UInt8]) {
        var model = models[name] ?? Model()
        switch change {
        case .register(let seed):
            guard case .object(let object)? = try? ConfigValue(json: body), case .int(let version)? = object["version"]
            else { return }
            model.versions[version] = seed
            highest[name] = max(highest[name] ?? 0, version)
        default: model = model.applying(change)
        }
        models[name] = model
    }

    // MARK: Checking

    /// Compares what is there with what should be, and goes on with what is.
    mutating func check(_ client: LoadClient, _ address: LoadAddress) throws(LoadError) -> [String] {
        var faults = refusals
        for name in names {
            let before = models[name] ?? Model()
            let found = try found(name, client, address)
            let added = found.versions.filter { before.versions[$0.key] == nil }
            var allowed = [before]
            if let pending, pending.name == name {
                if case .register(let seed) = pending.change, let (version, _) = added.first {
                    var after = before
                    after.versions[version] = seed
                    allowed.append(after)
                } else {
                    allowed.append(before.applying(pending.change))
                }
            }
            if !allowed.contains(found) {
                faults.append("\(name): expected one of \(allowed), received \(found)")
            }
            for version in added.keys where version <= highest[name] ?? 0 {
                faults.append("\(name): version \(version) came back")
            }
            models[name] = found
            highest[name] = max(highest[name] ?? 0, found.versions.keys.max() ?? 0)
        }
        pending = nil
        return faults
    }

    private mutating func found(
        _ name: String, _ client: LoadClient, _ address: LoadAddress
    ) throws(LoadError) -> Model {
        let request = LoadRequest("GET", "/models/\(name)", at: address, headers: [], body: [])
        let (status, body) = try client.send(request)
        var model = Model()
        guard status == 200, case .object(let object)? = try? ConfigValue(json: body),
            case .array(let versions)? = object["versions"], case .object(let labels)? = object["labels"]
        else { return model }
        for case .int(let version) in versions {
            let weight = try weight(of: version, name, client, address)
            model.versions[version] = weight
            checked += 1
            for adapter in try adapters(of: version, name, client, address) {
                guard let weight, let sum = try self.weight(of: version, adapter: adapter, name, client, address) else {
                    continue
                }
                model.adapters[version, default: [:]][adapter] = sum - weight
            }
        }
        for member in labels.members {
            if case .int(let version) = member.value { model.labels[member.name] = version }
        }
        return model
    }

    private func adapters(
        of version: Int, _ name: String, _ client: LoadClient, _ address: LoadAddress
    ) throws(LoadError) -> [String] {
        let path = "/models/\(name)/versions/\(version)"
        let (status, body) = try client.send(LoadRequest("GET", path, at: address, headers: [], body: []))
        guard status == 200, case .object(let object)? = try? ConfigValue(json: body),
            case .array(let names)? = object["adapters"]
        else { return [] }
        return names.compactMap { if case .string(let name) = $0 { name } else { nil } }
    }

    /// What a version computes of a one and zeros: its first weight, and what an adapter adds.
    private func weight(
        of version: Int, adapter: String? = nil, _ name: String, _ client: LoadClient, _ address: LoadAddress
    ) throws(LoadError) -> Int? {
        for features in Self.features {
            let rest = String(repeating: ",0", count: features - 1)
            let chosen = adapter.map { "\"adapter\":\"\($0)\"," } ?? ""
            let body = "{\"model\":\"\(name)\",\"version\":\(version),\(chosen)\"input\":[[1\(rest)]]}"
            let request = LoadRequest("POST", "/dense", at: address, headers: [], body: Array(body.utf8))
            let (status, answer) = try client.send(request)
            guard status == 200, case .object(let object)? = try? ConfigValue(json: answer),
                case .array(let rows)? = object["output"], case .array(let row)? = rows.first
            else { continue }
            switch row.first {
            case .double(let value)?: return Int(exactly: value)
            case .int(let value)?: return value
            default: return nil
            }
        }
        return nil
    }
}

extension KillClient.Model {
    /// Without a registration, whose version the server chooses.
    func applying(_ change: KillClient.Change) -> KillClient.Model {
        var model = self
        switch change {
        case .register: break
        case .remove(nil): model = KillClient.Model()
        case .remove(let version?):
            model.versions[version] = nil
            model.adapters[version] = nil
        case .label(let label, let version): model.labels[label] = version
        case .unlabel(let label): model.labels[label] = nil
        case .adapt(let version, let adapter, let seed): model.adapters[version, default: [:]][adapter] = seed
        case .unadapt(let version, let adapter):
            model.adapters[version]?[adapter] = nil
            if model.adapters[version]?.isEmpty == true { model.adapters[version] = nil }
        }
        return model
    }
}
