import ArgumentParser
import FoundationEssentials
import TensorCoding

/// `dense-bench bodies`: the requests of `dense-bench load` as files.
struct BodiesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bodies",
        abstract: "Writes the requests of the load shapes and their answers to files, for other programs.",
        discussion: """
            For each shape, a to d: a.register.json (PUT /models/load-a), a.json, a.npy and a.f32 (POST /dense; the \
            latter two with ?model=load-a, raw octets also with X-Tensor-Shape), and the right answers a.answer.json, \
            a.answer.npy and a.answer.f32. The same bytes every time.
            """)

    @Argument(help: "The folder, which is made if need be.")
    var folder: String

    func run() throws {
        let folder = URL(filePath: folder)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for shape in LoadShape.allCases {
            let model = try LoadModel(shape)
            let files: [(String, [UInt8])] = [
                ("register.json", try model.registration),
                ("json", model.body(as: .json)), ("npy", model.body(as: .npy)), ("f32", model.body(as: .octets)),
                ("answer.json", try model.answer), ("answer.npy", NumPyFile.encode(model.output)),
                ("answer.f32", RawTensor.encode(model.output)),
            ]
            for (name, bytes) in files {
                try Data(bytes).write(to: folder.appending(path: "\(shape.rawValue.lowercased()).\(name)"))
            }
        }
    }
}
