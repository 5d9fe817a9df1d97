/// The orthonormal factor Q of a tall matrix `A = QR`, with every diagonal element of R made positive, by Householder
/// reflections in double precision (Golub and Van Loan, "Matrix Computations", 5.2).
///
/// Columns lie one after the other in memory, so that both inner loops run along memory. Reflections are made in groups
/// that stay in the cache while the columns pass by.
struct OrthogonalFactor {
    private let rows: Int
    private let columns: Int
    /// First the matrix, then the reflection vectors below the diagonal, in the end Q.
    private var values: [Double]
    /// Each reflection is `1 - scale · v · vᵀ`, where `v` is 1 on the diagonal.
    private var scales: [Double] = []
    /// The signs of R's diagonal.
    private var signs: [Double] = []

    private static let group = 16

    /// - Parameters:
    ///   - matrix: `rows × columns` elements, row-major
    ///   - rows: at least `columns`
    init(of matrix: [Float], rows: Int, columns: Int) {
        precondition(matrix.count == rows * columns && rows >= columns, "The matrix must be tall.")
        self.rows = rows
        self.columns = columns
        values = unsafe [Double](unsafeUninitializedCapacity: matrix.count) { values, count in
            for row in 0..<rows {
                for column in 0..<columns {
                    unsafe values.initializeElement(at: column * rows + row, to: Double(matrix[row * columns + column]))
                }
            }
            count = matrix.count
        }
        reduce()
        expand()
    }

    /// An element of Q.
    subscript(row: Int, column: Int) -> Double { signs[column] * values[column * rows + row] }

    /// Makes the reflections that turn the matrix into R, and leaves their vectors in its place.
    private mutating func reduce() {
        for start in stride(from: 0, to: columns, by: Self.group) {
            let end = min(start + Self.group, columns)
            for index in start..<end {
                makeReflection(index)
                reflect(columns: index + 1..<end, by: CollectionOfOne(index))
            }
            reflect(columns: end..<columns, by: start..<end)
        }
    }

    /// Applies the reflections, the last one first, to the identity's leading columns, in the place of their vectors.
    private mutating func expand() {
        let starts = stride(from: 0, to: columns, by: Self.group)
        for start in starts.reversed() {
            let end = min(start + Self.group, columns)
            reflect(columns: end..<columns, by: (start..<end).reversed())
            for index in (start..<end).reversed() {
                reflect(columns: index + 1..<end, by: CollectionOfOne(index))
                finish(index)
            }
        }
    }

    /// Turns the column from its diagonal down into the vector of the reflection that clears it below the diagonal.
    private mutating func makeReflection(_ index: Int) {
        let diagonal = index * rows + index
        let tail = diagonal + 1..<(index + 1) * rows
        let alpha = values[diagonal]
        let tailSquares = values[tail].reduce(0) { $0 + $1 * $1 }
        values[diagonal] = 1
        guard tailSquares > 0 else {
            scales.append(0)
            signs.append(Self.sign(of: alpha))
            return
        }
        // Away from alpha, so that nothing cancels.
        let beta = alpha < 0 ? (alpha * alpha + tailSquares).squareRoot() : -(alpha * alpha + tailSquares).squareRoot()
        scales.append((beta - alpha) / beta)
        signs.append(Self.sign(of: beta))
        for position in tail { values[position] /= alpha - beta }
    }

    /// Puts the reflection's own column of Q in its vector's place.
    private mutating func finish(_ index: Int) {
        let diagonal = index * rows + index
        for position in diagonal..<(index + 1) * rows { values[position] *= -scales[index] }
        values[diagonal] += 1
        for position in index * rows..<diagonal { values[position] = 0 }
    }

    private static func sign(of value: Double) -> Double { value > 0 ? 1 : value < 0 ? -1 : 0 }

    private mutating func reflect(columns: Range<Int>, by reflections: some Sequence<Int>) {
        let rows = rows
        let scales = scales
        unsafe values.withUnsafeMutableBufferPointer { values in
            for column in columns {
                for reflection in reflections {
                    let vector = unsafe UnsafeBufferPointer(
                        rebasing: values[reflection * rows + reflection..<(reflection + 1) * rows])
                    let target = unsafe UnsafeMutableBufferPointer(
                        rebasing: values[column * rows + reflection..<(column + 1) * rows])
                    let product = unsafe Self.dot(vector, target) * scales[reflection]
                    for row in vector.indices { unsafe target[row] -= product * vector[row] }
                }
            }
        }
    }

    /// Four chains, because one would wait for each addition.
    private static func dot(_ a: UnsafeBufferPointer<Double>, _ b: UnsafeMutableBufferPointer<Double>) -> Double {
        var sums = SIMD4<Double>()
        var row = 0
        while row + 4 <= a.count {
            let left = unsafe SIMD4(a[row], a[row + 1], a[row + 2], a[row + 3])
            let right = unsafe SIMD4(b[row], b[row + 1], b[row + 2], b[row + 3])
            sums += left * right
            row += 4
        }
        var sum = sums.sum()
        while row < a.count {
            unsafe sum += a[row] * b[row]
            row += 1
        }
        return sum
    }
}
