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

    /// The pieces, which cover the output exactly once.
    package let pieces: [Piece]

    /// The size of the output, and what bounds the pieces.
    ///
    /// - Parameters:
    ///   - unitGranularity: pieces begin at units that are multiples of this.
    ///   - threads: the number of pieces to aim at, at least, so that as many threads have work.
    package init(rows: Int, units: Int, unitGranularity: Int, threads: Int) {
        guard rows > 0, units > 0 else {
            pieces = []
            return
        }
        let panels = (units + unitGranularity - 1) / unitGranularity
        // With few rows the weights are most of the traffic: each core reads only its own share of them.
        if threads > 1, rows < Self.rowsWorthSplitting * threads, panels >= threads {
            pieces = (0..<threads).map { thread in
                let first = panels * thread / threads * unitGranularity
                let end = panels * (thread + 1) / threads * unitGranularity
                return Piece(rows: 0..<rows, units: first..<min(end, units))
            }
            return
        }
        let share = (rows + threads - 1) / threads
        let height = min(Self.blockRows(units: units), Self.roundedUp(share, to: Self.rowGranularity))
        pieces = stride(from: 0, to: rows, by: height).map { row in
            Piece(rows: row..<min(rows, row + height), units: 0..<units)
        }
    }

    /// Below this number of rows a core, the units are split.
    private static let rowsWorthSplitting = 112

    /// A multiple of the rows of every instruction set's tile (14 and 6).
    private static let rowGranularity = 42

    /// As many rows as have their output in half of a usual second-level cache, for the activation to find it there.
    private static func blockRows(units: Int) -> Int {
        let elements = 128 * 1024
        return max(elements / units / rowGranularity, 3) * rowGranularity
    }

    private static func roundedUp(_ count: Int, to multiple: Int) -> Int {
        (count + multiple - 1) / multiple * multiple
    }
}
