/// FNV-1a over whole words: one number that says whether many values are equal bit for bit. `Tests/Golden/tables.py`
/// computes the same over numpy's.
struct BitPatternHash {
    private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    mutating func combine(_ word: UInt64) {
        value = (value ^ word) &* 0x100_0000_01b3
    }

    static func of(_ values: [Float]) -> UInt64 {
        var hash = BitPatternHash()
        for value in values { hash.combine(UInt64(value.bitPattern)) }
        return hash.value
    }
}
