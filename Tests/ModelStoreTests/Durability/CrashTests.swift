import Glibc
import ModelStore
import Testing

/// The power fails, or the disk, at every single call of a series of changes of every kind.
@Suite("The store on a failing disk")
struct CrashTests {
    private static func registry(on disk: SimulatedDisk) throws -> (ModelRegistry, [StoredDamage]) {
        let registry = ModelRegistry(maximumBytes: 1 << 24, folder: try StoreFolder("/data", disk: disk))
        let damages = try registry.restore()
        return (registry, damages)
    }

    /// Makes the changes from one on, until one fails. Returns how many were made in all.
    private static func run(_ registry: ModelRegistry, from first: Int = 0) -> (made: Int, error: ModelStoreError?) {
        for (index, change) in StoreScript.changes.enumerated().dropFirst(first) {
            do throws(ModelStoreError) { try change(registry) } catch { return (index, error) }
        }
        return (StoreScript.changes.count, nil)
    }

    @Test("a store without faults is what it was, after each restart")
    func restarts() throws {
        let states = try StoreScript.states()
        let disk = SimulatedDisk()
        for (index, change) in StoreScript.changes.enumerated() {
            let (registry, damages) = try Self.registry(on: disk)
            #expect(damages == [] && StoreScript.description(of: registry) == states[index])
            try change(registry)
            #expect(StoreScript.description(of: registry) == states[index + 1])
        }
        let (registry, _) = try Self.registry(on: disk)
        let memory = ModelRegistry(maximumBytes: 1 << 24)
        #expect(Self.run(memory).error == nil)
        #expect(try StoreScript.nextVersions(of: registry) == StoreScript.nextVersions(of: memory))
        // A manifest a name, and a file a version and an adapter.
        let files = disk.contents.keys.sorted()
        #expect(files.filter { $0.hasSuffix("/manifest") }.count == 3)
        #expect(files.filter { $0.hasSuffix(".safetensors") }.count == registry.usage.versions)
        #expect(registry.adapterCount == 2 && files.filter { $0.hasSuffix(".adapter") }.count == 2)
        #expect(files.count == 3 + registry.usage.versions + 2, "\(files)")
    }

    @Test(
        "whenever the power fails, what was acknowledged is there, and nothing is there in part",
        arguments: SimulatedDisk.Survival.allCases)
    func powerFailures(survival: SimulatedDisk.Survival) throws {
        let states = try StoreScript.states()
        let last = try StoreScript.nextVersions(
            of: {
                let registry = ModelRegistry(maximumBytes: 1 << 24)
                #expect(Self.run(registry).error == nil)
                return registry
            }())
        var call = 0
        while true {
            call += 1
            let disk = SimulatedDisk()
            let (registry, _) = try Self.registry(on: disk)
            disk.set(.powerFailure(at: call))
            let (made, _) = Self.run(registry)
            guard disk.isOver else { break }
            let found = disk.surviving(survival)
            let (next, damages) = try Self.registry(on: found)
            let state = StoreScript.description(of: next)
            #expect(damages == [], "call \(call)")
            // The change that was under way was made or not; without power nobody was told either.
            #expect(states[made] == state || states[min(made + 1, states.count - 1)] == state, "call \(call), \(made)")
            #expect(!found.contents.keys.contains { $0.hasSuffix(".tmp") }, "call \(call)")
            #expect(Self.run(next, from: made).error == nil, "call \(call)")
            #expect(StoreScript.description(of: next) == states.last, "call \(call)")
            #expect(try StoreScript.nextVersions(of: next) == last, "call \(call)")
        }
        #expect(call > 100)
    }

    @Test(
        "whenever a call fails, the change is refused as a whole and can be made again",
        arguments: [(1, ENOSPC), (1, EIO), (2, EIO), (8, ENOSPC)])
    func failures(count: Int, code: Int32) throws {
        let states = try StoreScript.states()
        var call = 0
        while true {
            call += 1
            let disk = SimulatedDisk()
            let (registry, _) = try Self.registry(on: disk)
            disk.set(.failures(at: call, count: count, code: code))
            let (made, error) = Self.run(registry)
            let calls = disk.calls
            if let error {
                guard case .storage(let reason) = error else {
                    Issue.record("\(error)")
                    return
                }
                #expect(reason.code == code)
                #expect(StoreScript.description(of: registry) == states[made], "call \(call)")
                disk.set(nil)
                // Started anew, it is at the one or the other.
                let (other, damages) = try Self.registry(on: disk.surviving(.everything))
                let state = StoreScript.description(of: other)
                #expect(damages == [], "call \(call)")
                #expect(states[made] == state || states[made + 1] == state, "call \(call)")
                if !reason.isUncertain { #expect(states[made] == state, "call \(call)") }
                #expect(Self.run(registry, from: made).error == nil, "call \(call)")
            }
            disk.set(nil)
            #expect(StoreScript.description(of: registry) == states.last, "call \(call)")
            let (next, damages) = try Self.registry(on: disk.surviving(.nothing))
            #expect(damages == [] && StoreScript.description(of: next) == states.last, "call \(call)")
            if call > calls { break }
        }
        #expect(call > 100)
    }
}
