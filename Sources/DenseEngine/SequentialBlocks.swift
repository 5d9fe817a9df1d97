internal import Locks

/// The blocks of items that are carried through all layers, one after the other or several at a time.
struct SequentialBlocks: Sendable {
    /// The number of blocks.
    let count: Int
    /// How many run at a time.
    let threads: Int
    /// The threads for each product of a block; `nil` lets it split itself where that pays.
    let productThreads: Int?
    private let items: Int

    /// - Parameter idle: the threads for a cut that does not say.
    init(items: Int, of plan: SequentialPlan, cut: SequentialCut, idle: Int = 1) {
        self.items = items
        let height: Int
        switch cut {
        case .blocks(let items, let threads): (height, self.threads) = (min(items, plan.mostItems), threads)
        case .automatic, .layers: (height, threads) = (plan.blockItems, idle)
        }
        productThreads = cut == .automatic && threads == 1 ? nil : 1
        guard items > 0 else {
            count = 0
            return
        }
        let blocks = (items - 1) / max(height, 1) + 1
        // A multiple of the threads, for none to wait for another's last block; but no block without an item.
        count = min((blocks - 1) / threads * threads + threads, items)
    }

    subscript(index: Int) -> Range<Int> {
        // In two steps, which cannot overflow.
        let (share, rest) = items.quotientAndRemainder(dividingBy: count)
        let start = share * index + min(index, rest)
        return start..<start + share + (index < rest ? 1 : 0)
    }
}

extension SequentialBlocks {
    /// The most items that the arena has room for, with so many elements of each in its halves.
    static func mostItems(_ first: Int, _ second: Int) -> Int {
        let (count, overflow) = first.addingReportingOverflow(second)
        return count == 0 ? .max : overflow ? 0 : (WorkerArena.maximumCount - WorkerArena.alignment) / count
    }

    /// So many items in a block that what lies between two layers stays in the second-level cache; but never so few rows
    /// that reading the weights again for each block shows. (Measured: blocks of 250 rows run as fast as all rows at
    /// once where the weights are 32 MiB, blocks of 64 at two thirds of that; without products any height does.)
    ///
    /// - Parameters:
    ///   - productRows: the fewest rows of an item in a product; 0 without products.
    ///   - most: what the arena has room for.
    static func bestItems(for steps: [SequentialStep], productRows: Int, most: Int) -> Int {
        // A single step has nothing to carry, and knows best how to cut itself.
        guard steps.count > 1 else { return .max }
        // Either may be as large as an input.
        let widest = steps.map { max($0.inputCount, $0.outputCount) }.max() ?? 1
        let lowest = productRows == 0 ? 1 : (blockRows - 1) / productRows + 1
        return max(min(max(blockElements / max(widest, 1), lowest), most), 1)
    }

    /// The number of threads among which blocks are shared on an idle machine.
    static func usefulThreads(_ plan: SequentialPlan, items: Int) -> Int {
        guard plan.steps.count > 1, plan.operations * Double(items) > operationsWorthSplitting else { return 1 }
        let threads = ComputeThreads.cores
        let lowest = plan.productRows == 0 ? 1 : (rowsWorthSplitting - 1) / plan.productRows + 1
        return items / threads >= lowest ? threads : 1
    }

    /// Half of a usual second-level cache, shared by what goes into a layer and what comes out.
    private static let blockElements = 64 * 1024
    private static let blockRows = 252

    /// Handing half of a call to another core costs some 0.1 ms; less than this, 0.3 ms of one core's arithmetic, is not
    /// worth it.
    private static let operationsWorthSplitting = 8e7

    /// With fewer rows a core, each product is better split by units.
    private static let rowsWorthSplitting = 112
}
