/// A kernel's integers as Keras packs them: one, two or four units to a byte, the first in its lowest bits.
struct PackedIntegers: Sendable {
    let bytes: [UInt8]
    let inputDimension: Int
    let units: Int
    /// Bits of an integer in its byte: 8, 4 or 2.
    private let bits: Int
    private let isSigned: Bool
    /// How far apart in `bytes` two features are, and two bytes of units.
    private let featureStride: Int
    private let unitStride: Int

    /// `[inputDimension, ceil(units / 2)]` of signed integers.
    init(int4 bytes: [UInt8], inputDimension: Int, units: Int) {
        self.bytes = bytes
        self.inputDimension = inputDimension
        self.units = units
        bits = 4
        isSigned = true
        featureStride = units / 2 + units % 2
        unitStride = 1
    }

    /// `[ceil(units * bits / 8), inputDimension]` of unsigned integers.
    init(unsigned bytes: [UInt8], bits: Int, inputDimension: Int, units: Int) {
        self.bytes = bytes
        self.inputDimension = inputDimension
        self.units = units
        self.bits = bits
        isSigned = false
        featureStride = 1
        unitStride = inputDimension
    }

    @inline(__always)
    subscript(feature: Int, unit: Int) -> Int {
        let (byte, part) = (unit * bits / 8, unit * bits % 8)
        let value = Int(bytes[feature * featureStride + byte * unitStride] >> UInt8(part)) & ((1 << bits) - 1)
        return isSigned && value >= 1 << (bits - 1) ? value - 1 << bits : value
    }

    /// All of them, `[inputDimension, units]`, row-major.
    var all: [Int8] {
        var all: [Int8] = []
        all.reserveCapacity(inputDimension * units)
        for feature in 0..<inputDimension {
            for unit in 0..<units { all.append(Int8(truncatingIfNeeded: self[feature, unit])) }
        }
        return all
    }

    /// Packs integers of four bits as Keras's `pack_int4` does along the last axis.
    ///
    /// - Parameter integers: `[inputDimension, units]`, row-major.
    static func pack(int4 integers: [Int8], units: Int) -> [Int8] {
        var packed: [Int8] = []
        for start in stride(from: 0, to: integers.count, by: max(units, 1)) {
            for unit in stride(from: start, to: start + units, by: 2) {
                let high = unit + 1 < start + units ? integers[unit + 1] : 0
                packed.append(integers[unit] & 15 | high << 4)
            }
        }
        return packed
    }
}
