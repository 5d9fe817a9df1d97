#if KERNELS_AVX512
/// Rows cut into tiles of nearly equal height: 32 are 11 + 11 + 10, not 14 + 14 + 4. The first `higherCount` have one row
/// more than `lower`.
typealias Tiles = (count: Int, lower: Int, higherCount: Int)

@inline(__always)
func cutIntoTiles(rows: Int) -> Tiles {
    guard rows > maximumTileRows else { return (1, rows, 0) }
    let count = (rows - 1) / maximumTileRows + 1
    let (lower, higherCount) = rows.quotientAndRemainder(dividingBy: count)
    return (count, lower, higherCount)
}

@inline(__always)
func tileHeight(_ tiles: Tiles, _ tile: Int) -> Int { tile < tiles.higherCount ? tiles.lower + 1 : tiles.lower }
#else
/// Rows cut into as many whole tiles as there are: of fewer registers, tiles of four and five rows leave too many waiting
/// for others (8 rows are 5 + 3 and not 4 + 4). Only the last two differ, since three rows, which are computed by two panels
/// at a time, are better than one or two.
typealias Tiles = (count: Int, beforeLast: Int, last: Int)

@inline(__always)
func cutIntoTiles(rows: Int) -> Tiles {
    guard rows > maximumTileRows else { return (1, 0, rows) }
    let count = (rows - 1) / maximumTileRows + 1
    let rest = rows - (count - 1) * maximumTileRows
    let last = max(rest, 3)
    return (count, maximumTileRows - (last - rest), last)
}

@inline(__always)
func tileHeight(_ tiles: Tiles, _ tile: Int) -> Int {
    tile + 2 < tiles.count ? maximumTileRows : tile + 1 < tiles.count ? tiles.beforeLast : tiles.last
}
#endif
