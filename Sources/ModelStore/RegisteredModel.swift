/// One name of the registry at one moment: its versions, the labels that lead to some of them, and what is being loaded.
package struct RegisteredModel: Sendable {
    package let name: String
    /// Ascending; none while the first is being loaded, or could not be.
    package let versions: [Model]
    /// Ascending, each with the version it leads to.
    package let labels: [(label: String, version: Int)]

    /// What is being loaded, and what could not be.
    package let loads: [ModelLoads.Load]

    init(_ name: String, _ entry: ModelCatalog.Entry?, _ loads: [ModelLoads.Load]) {
        self.name = name
        self.loads = loads
        versions = entry?.versions ?? []
        labels = (entry?.labels ?? [:]).sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}
