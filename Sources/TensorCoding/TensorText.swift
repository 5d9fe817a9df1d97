import DenseEngine

/// Writes nested arrays of numbers, or a part of them, into memory that is large enough for whatever they turn out to need.
@unsafe
struct TensorText {
    /// The element that comes next; after a failure, the one that failed.
    private(set) var index: Int

    private let end: Int
    private let values: UnsafeBufferPointer<Float>
    private let dimensions: [Int]
    private let policy: NonFinitePolicy
    private let tables: FloatText.Tables
    private let start: UnsafeMutableRawPointer
    private var out: UnsafeMutableRawPointer

    /// The digits of a block of elements.
    private let prepared: UnsafeMutablePointer<FloatText.Digits>
    private var preparedStart: Int
    private var preparedEnd: Int

    /// Lends a writer for the elements of a range of `values` in a shape of `dimensions`, whose product is their number. All
    /// are values of `type`, which is not float64.
    static func withWriter(
        _ values: UnsafeBufferPointer<Float>, _ range: Range<Int>, _ dimensions: [Int], _ policy: NonFinitePolicy,
        _ type: DType, into start: UnsafeMutableRawPointer, _ body: (inout TensorText) -> Void
    ) {
        _ = unsafe FloatText.withTables(type) { tables in
            unsafe withUnsafeTemporaryAllocation(of: FloatText.Digits.self, capacity: FloatText.blockCount) {
                prepared in
                guard let prepared = prepared.baseAddress else { return }
                unsafe prepared.initialize(repeating: FloatText.Digits(), count: FloatText.blockCount)
                var writer = unsafe TensorText(
                    index: range.lowerBound, end: range.upperBound, values: values, dimensions: dimensions,
                    policy: policy, tables: tables,
                    start: start, out: start, prepared: prepared, preparedStart: range.lowerBound,
                    preparedEnd: range.lowerBound)
                unsafe body(&writer)
            }
        }
    }

    /// The bytes written.
    var count: Int { unsafe out - start }

    /// The most bytes that `numbers` elements in a row take with the brackets between, before and behind them, and the room
    /// that the last is written in.
    static func maximumCount(_ numbers: Int, of dimensions: [Int]) -> Int {
        var count = FloatText.workingCount + (FloatText.maximumCount + 1) * numbers
        var size = 1
        for dimension in dimensions.reversed() {
            // Two brackets and a comma for each array of this depth that ends or begins here.
            size *= max(dimension, 1)
            count += 3 * (numbers / size + 2)
        }
        return count
    }

    /// Writes the elements, and what stands between them: before the first of all its brackets, behind each a comma or the
    /// brackets that follow it. So the parts of a tensor make up the whole. False when an element is not finite and must
    /// be.
    mutating func write() -> Bool {
        let rank = unsafe dimensions.count
        guard rank > 0 else {
            guard unsafe numbers(1) else { return false }
            unsafe dropComma()
            return true
        }
        guard unsafe !values.isEmpty else {
            unsafe emptyArray(0)
            return true
        }
        if unsafe index == 0 { unsafe append(UInt8(ascii: "["), count: rank) }
        return unsafe withUnsafeTemporaryAllocation(of: Int.self, capacity: rank) { position in
            unsafe locate(index, in: position)
            let width = unsafe dimensions[rank - 1]
            while unsafe index < end {
                let count = unsafe min(width - position[rank - 1], end - index)
                guard unsafe numbers(count) else { return false }
                unsafe position[rank - 1] += count
                if unsafe position[rank - 1] == width { unsafe endRow(position) }
            }
            return true
        }
    }

    /// Finds where an element stands along each axis.
    private func locate(_ element: Int, in position: UnsafeMutableBufferPointer<Int>) {
        var rest = element
        for level in unsafe dimensions.indices.reversed() {
            let dimension = unsafe dimensions[level]
            unsafe position.initializeElement(at: level, to: rest % dimension)
            rest /= dimension
        }
    }

    /// The brackets of all arrays that end with a row, and of those that begin then.
    private mutating func endRow(_ position: UnsafeMutableBufferPointer<Int>) {
        var level = position.count - 1
        unsafe dropComma()
        unsafe append(UInt8(ascii: "]"), count: 1)
        unsafe position[level] = 0
        while level > 0 {
            level -= 1
            unsafe position[level] += 1
            if unsafe position[level] < dimensions[level] {
                unsafe append(UInt8(ascii: ","), count: 1)
                unsafe append(UInt8(ascii: "["), count: position.count - 1 - level)
                return
            }
            unsafe append(UInt8(ascii: "]"), count: 1)
            unsafe position[level] = 0
        }
    }

    /// Nested arrays without a number.
    private mutating func emptyArray(_ level: Int) {
        unsafe append(UInt8(ascii: "["), count: 1)
        if unsafe dimensions[level] > 0 {
            for _ in 0..<(unsafe dimensions[level]) {
                unsafe emptyArray(level + 1)
                unsafe append(UInt8(ascii: ","), count: 1)
            }
            unsafe dropComma()
        }
        unsafe append(UInt8(ascii: "]"), count: 1)
    }

    private mutating func dropComma() { unsafe out -= 1 }

    private mutating func append(_ byte: UInt8, count: Int) {
        for _ in 0..<count {
            unsafe out.storeBytes(of: byte, as: UInt8.self)
            unsafe out += 1
        }
    }

    // MARK: Numbers

    /// The next `count` elements, a comma behind each.
    private mutating func numbers(_ count: Int) -> Bool {
        let end = unsafe index + count
        while unsafe index < end {
            if unsafe index == preparedEnd { unsafe prepare() }
            guard unsafe preparedNumbers(upTo: min(end, preparedEnd)) else { return false }
        }
        return true
    }

    private mutating func prepare() {
        guard let base = unsafe values.baseAddress else { return }
        unsafe preparedStart = index
        unsafe preparedEnd = min(index + FloatText.blockCount, end)
        unsafe FloatText.prepare(base + index, preparedEnd - index, prepared, tables)
    }

    private mutating func preparedNumbers(upTo end: Int) -> Bool {
        var out = unsafe out
        for position in unsafe index..<end {
            let digits = unsafe prepared[position - preparedStart]
            if digits.exponent != FloatText.Digits.notFinite {
                unsafe out = FloatText.lay(digits, to: out, tables)
            } else {
                guard let text = unsafe policy.text(of: values[position]) else {
                    unsafe index = position
                    return false
                }
                unsafe out.copyMemory(from: text.utf8Start, byteCount: text.utf8CodeUnitCount)
                unsafe out += text.utf8CodeUnitCount
            }
            unsafe out.storeBytes(of: UInt8(ascii: ","), as: UInt8.self)
            unsafe out += 1
        }
        unsafe self.out = out
        unsafe index = end
        return true
    }
}

extension NonFinitePolicy {
    /// What is written for a value that is not finite; `nil` when it must not be.
    func text(of value: Float) -> StaticString? {
        switch self {
        case .error: nil
        case .null: "null"
        case .token: value.isNaN ? "NaN" : value > 0 ? "Infinity" : "-Infinity"
        case .string: value.isNaN ? "\"NaN\"" : value > 0 ? "\"Infinity\"" : "\"-Infinity\""
        }
    }
}
