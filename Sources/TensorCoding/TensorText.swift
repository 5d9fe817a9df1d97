/// Writes nested arrays of numbers into memory that is large enough for whatever they turn out to need.
@unsafe
struct TensorText {
    /// The element that comes next; after a failure, the one that failed.
    private(set) var index = 0

    private let values: UnsafeBufferPointer<Float>
    private let dimensions: [Int]
    private let policy: NonFinitePolicy
    private let tables: FloatText.Tables
    private let start: UnsafeMutableRawPointer
    private var out: UnsafeMutableRawPointer

    /// Lends a writer for `values` in a shape of `dimensions`, whose product is their number.
    static func withWriter(
        _ values: [Float], _ dimensions: [Int], _ policy: NonFinitePolicy,
        into buffer: UnsafeMutableBufferPointer<UInt8>,
        _ body: (inout TensorText) -> Void
    ) {
        unsafe values.withUnsafeBufferPointer { values in
            unsafe FloatText.withTables { tables in
                guard let start = UnsafeMutableRawPointer(buffer.baseAddress) else { return }
                var writer = unsafe TensorText(
                    values: values, dimensions: dimensions, policy: policy, tables: tables, start: start, out: start)
                unsafe body(&writer)
            }
        }
    }

    /// The bytes written.
    var count: Int { unsafe out - start }

    /// Writes everything. False when an element is not finite and must be.
    mutating func write() -> Bool {
        guard unsafe dimensions.isEmpty else { return unsafe array(0) }
        guard unsafe numbers(1) else { return false }
        // The comma behind it.
        unsafe out -= 1
        return true
    }

    private mutating func array(_ level: Int) -> Bool {
        let count = unsafe dimensions[level]
        unsafe append(UInt8(ascii: "["))
        if unsafe level + 1 == dimensions.count {
            guard unsafe numbers(count) else { return false }
        } else {
            for _ in 0..<count {
                guard unsafe array(level + 1) else { return false }
                unsafe append(UInt8(ascii: ","))
            }
        }
        // Instead of the last comma.
        if count > 0 { unsafe out -= 1 }
        unsafe append(UInt8(ascii: "]"))
        return true
    }

    private mutating func append(_ byte: UInt8) {
        unsafe out.storeBytes(of: byte, as: UInt8.self)
        unsafe out += 1
    }

    /// The next `count` elements, a comma behind each.
    private mutating func numbers(_ count: Int) -> Bool {
        var out = unsafe out
        for position in unsafe index..<index + count {
            let value = unsafe values[position]
            if value.isFinite {
                unsafe out = FloatText.write(value, to: out, tables: tables)
            } else {
                guard let text = unsafe policy.text(of: value) else {
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
        unsafe index += count
        return true
    }
}

extension NonFinitePolicy {
    /// What is written for a value that is not finite; `nil` when it must not be.
    fileprivate func text(of value: Float) -> StaticString? {
        switch self {
        case .error: nil
        case .null: "null"
        case .token: value.isNaN ? "NaN" : value > 0 ? "Infinity" : "-Infinity"
        case .string: value.isNaN ? "\"NaN\"" : value > 0 ? "\"Infinity\"" : "\"-Infinity\""
        }
    }
}
