/// Which adapter the positions of axis 0 of a call's input have: all the same, or those of each request in a batch its
/// own, or none.
package struct AdapterRows: Sendable {
    private struct Part: Sendable {
        let positions: Range<Int>
        let adapter: Adapter
    }

    /// Ascending and disjoint.
    private var parts: [Part] = []

    /// One adapter for all there are.
    package init(all adapter: Adapter) { parts = [Part(positions: 0..<Int.max, adapter: adapter)] }

    /// Parts of a batch, one after the other: how many positions each has, and its adapter.
    package init(_ requests: some Sequence<(positions: Int, adapter: Adapter?)>) {
        var start = 0
        for (positions, adapter) in requests {
            let end = start + positions
            defer { start = end }
            guard let adapter, positions > 0 else { continue }
            if let last = parts.last, last.adapter === adapter, last.positions.upperBound == start {
                parts[parts.count - 1] = Part(positions: last.positions.lowerBound..<end, adapter: adapter)
            } else {
                parts.append(Part(positions: start..<end, adapter: adapter))
            }
        }
    }

    /// What a layer adds to some of its rows.
    ///
    /// - Parameters:
    ///   - layer: its place in the network.
    ///   - rows: the rows of the whole tensor that are computed now.
    ///   - rowsPerPosition: of axis 0.
    /// - Returns: rows counted from the first of `rows`, ascending and disjoint.
    func terms(of layer: Int, in rows: Range<Int>, rowsPerPosition: Int) -> [AdaptedRows] {
        var terms: [AdaptedRows] = []
        for part in parts {
            guard let adapted = part.adapter.layers[layer] else { continue }
            let start = part.positions.lowerBound.multipliedReportingOverflow(by: rowsPerPosition)
            let end = part.positions.upperBound.multipliedReportingOverflow(by: rowsPerPosition)
            let clamped = (start.overflow ? .max : start.partialValue)..<(end.overflow ? .max : end.partialValue)
            let common = clamped.clamped(to: rows)
            guard !common.isEmpty else { continue }
            terms.append(
                AdaptedRows(
                    rows: common.lowerBound - rows.lowerBound..<common.upperBound - rows.lowerBound, layer: adapted))
        }
        return terms
    }
}

/// Rows of a layer's input with the term they have.
struct AdaptedRows: Sendable {
    let rows: Range<Int>
    let layer: Adapter.AdaptedLayer
}
