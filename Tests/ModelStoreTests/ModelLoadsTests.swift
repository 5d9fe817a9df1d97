import ModelStore
import Testing

@Suite("Loads")
struct ModelLoadsTests {
    private let loads = ModelLoads()

    @Test("a load begins, goes on, and ends well or with an error")
    func life() {
        let file = ModelLoads.Source.file("/m/a.json")
        loads.begin(file, of: "a")
        loads.advance(file, of: "a", to: 0.5)
        #expect(loads.loads(of: "a").map(\.progress) == [0.5])
        #expect(loads.counts.loading == 1)
        loads.fail(file, of: "a", "It is broken.")
        #expect(loads.loads(of: "a").map(\.error) == ["It is broken."])
        #expect(loads.counts.loading == 0 && loads.counts.failed == 1 && loads.counts.failedInAll == 1)
        loads.begin(file, of: "a")
        #expect(loads.loads(of: "a").map(\.error) == [nil])
        loads.succeed(file, of: "a")
        #expect(loads.loads(of: "a") == [])
        #expect(loads.counts.succeededInAll == 1 && loads.counts.failed == 0)
    }

    @Test("what failed to be uploaded is remembered within bounds, the oldest not")
    func bounds() {
        let ofModel = ModelLoads.maximumFailedUploads.ofModel
        for number in 0..<100 { loads.fail(.upload("\(number)"), of: "a", "No.") }
        #expect(loads.loads(of: "a").map(\.source) == (100 - ofModel..<100).map { .upload("\($0)") })
        for number in 0..<2_000 { loads.fail(.upload("x"), of: "m\(number)", "No.") }
        #expect(loads.counts.failed == ModelLoads.maximumFailedUploads.inAll)
        #expect(loads.loads(of: "a") == [] && loads.loads(of: "m1999").count == 1)
    }
}
