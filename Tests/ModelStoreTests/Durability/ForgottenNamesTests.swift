import ModelStore
import Testing

/// More names are removed than a store remembers.
@Suite("Forgotten names")
struct ForgottenNamesTests {
    private static func registry(on disk: SimulatedDisk) throws -> ModelRegistry {
        let folder = try StoreFolder("/data", disk: disk)
        let registry = ModelRegistry(maximumBytes: 1 << 20, folder: folder, rememberedNames: 3)
        #expect(try registry.restore() == [])
        return registry
    }

    @Test("the disk does not fill up with them, and none comes back with a version it had")
    func forgets() throws {
        let disk = SimulatedDisk()
        var highest: [String: Int] = [:]
        for round in 0..<3 {
            for number in 0..<10 {
                let registry = try Self.registry(on: disk)
                let name = "n\(number)"
                for seed in 0...number % 3 {
                    let content = try ModelSamples.document(Float(100 * round + seed))
                    let version = try registry.register(name, content).model.version
                    #expect(version > highest[name] ?? 0, "\(name)")
                    highest[name] = version
                }
                try registry.remove(name)
                #expect(disk.contents.keys.filter { $0.hasSuffix("/manifest") }.count <= 4)
            }
        }
        #expect(disk.contents["/data/first_version"] != nil)
    }

    @Test("whenever the power fails meanwhile", arguments: SimulatedDisk.Survival.allCases)
    func powerFailures(survival: SimulatedDisk.Survival) throws {
        var call = 0
        while true {
            call += 1
            let disk = SimulatedDisk()
            let registry = try Self.registry(on: disk)
            // Acknowledged before the failure, and under way during it.
            var highest: [String: Int] = [:]
            disk.set(.powerFailure(at: call))
            for number in 0..<6 where !disk.isOver {
                let name = "n\(number)"
                let document = try ModelSamples.document(Float(number))
                guard let model = try? registry.register(name, document).model else { break }
                highest[name] = model.version
                try? registry.remove(name)
            }
            guard disk.isOver else { break }
            let next = try Self.registry(on: disk.surviving(survival))
            for (name, version) in highest where (try? next.lookup(name)) == nil {
                let document = try ModelSamples.document(50)
                #expect(try next.register(name, document).model.version > version, "\(name), call \(call)")
            }
        }
        #expect(call > 50)
    }
}
