/// How one product is cut into pieces, for cores and for caches. The cut never changes a bit of the result.
package struct MatmulPartition: Sendable {
    /// A rectangle of the output.
    package struct Piece: Hashable, Sendable {
        package let rows: Range<Int>
        package let units: Range<Int>

        package init(rows: Range<Int>, units: Range<Int>) {
            self.rows = rows
            self.units = units
        }
    }

    private let rows: Int
    private let units: Int
    private let unitGranularity: Int
    private let rowParts: Int
    private let unitParts: Int

    /// - Parameters:
    ///   - rows: the height of the output.
    ///   - units: its width.
    ///   - unitGranularity: pieces begin at units that are multiples of this.
    ///   - threads: so many threads are to have work, where there is enough, and as much of it as the others.
    package init(rows: Int, units: Int, unitGranularity: Int, threads: Int) {
        self.rows = rows
        self.units = units
        self.unitGranularity = unitGranularity
        guard rows > 0, units > 0 else {
            (rowParts, unitParts) = (0, 0)
            return
        }
        // With few rows the weights are most of the traffic: each core reads only its own share of them.
        if threads > 1, rows < Self.rowsWorthSplitting * threads {
            let panels = (units - 1) / unitGranularity + 1
            if panels >= threads {
                // More parts than threads, for a thread that is kept busy elsewhere to leave its own to the others.
                let partsEach = min(panels / (Self.smallestPanels * threads), Self.partsPerThread)
                (rowParts, unitParts) = (1, max(partsEach, 1) * threads)
                return
            }
        }
        // A multiple of the threads, for none to wait for another's last piece; but no piece without a row.
        let blocks = (rows - 1) / Self.blockRows(units: units) + 1
        (rowParts, unitParts) = (min((blocks - 1) / threads * threads + threads, rows), 1)
    }

    /// The number of pieces, which cover the output exactly once.
    package var count: Int { rowParts * unitParts }

    /// A piece, by an index below `count`.
    package subscript(index: Int) -> Piece {
        let (rowPart, unitPart) = (index % rowParts, index / rowParts)
        let panels = (units - 1) / unitGranularity + 1
        return Piece(
            rows: rows * rowPart / rowParts..<rows * (rowPart + 1) / rowParts,
            units: panels * unitPart / unitParts
                * unitGranularity..<min(panels * (unitPart + 1) / unitParts * unitGranularity, units))
    }

    private static let partsPerThread = 4

    /// The panels of a part, at least, when there are more parts than threads: what is read of the input for each panel
    /// shows when there are fewer.
    private static let smallestPanels = 16

    /// Below this number of rows a core, the units are split.
    private static let rowsWorthSplitting = 112

    /// Reading the weights again for each block shows when blocks are lower than this.
    static let smallestBlock = 128

    /// As many rows as have their output in half of a usual second-level cache, for the activation to find it there.
    private static func blockRows(units: Int) -> Int { max(128 * 1024 / units, smallestBlock) }
}
