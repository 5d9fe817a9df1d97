package import DenseEngine
internal import TensorCoding

/// Compares answers with the engine's own.
package struct AnswerCheck: Sendable {
    /// How much an answer may differ.
    package enum Strictness: String, CaseIterable, Hashable, Sendable {
        /// Not by a bit.
        case exact
        /// By `1e-5 + 1e-4 * |expected|`, for servers that add up in another order.
        case close
        /// Nothing is compared.
        case none
    }

    private let expected: Tensor
    private let format: TensorFormat
    private let strictness: Strictness

    package init(expected: Tensor, format: TensorFormat, strictness: Strictness) {
        self.expected = expected
        self.format = format
        self.strictness = strictness
    }

    /// What is wrong with an answer; `nil` when it is right.
    package func fault(of body: [UInt8]) -> WrongAnswer? {
        let received: Tensor
        do throws(CodingError) {
            guard let tensor = try format.decode(body, shape: expected.shape) else { return .noOutput }
            received = tensor
        } catch {
            return .unreadable(error.description)
        }
        guard received.shape == expected.shape else {
            return .shape(expected: expected.shape.dimensions, received: received.shape.dimensions)
        }
        for (index, (value, right)) in zip(received.elements, expected.elements).enumerated()
        where !isRight(value, right) {
            return .element(index: index, expected: right, received: value)
        }
        return nil
    }

    private func isRight(_ value: Float, _ right: Float) -> Bool {
        switch strictness {
        case .exact: value.bitPattern == right.bitPattern
        case .close: (value - right).magnitude <= 1e-5 + 1e-4 * right.magnitude
        case .none: true
        }
    }
}

/// What is wrong with an answer.
package enum WrongAnswer: Error, Hashable, Sendable {
    case unreadable(String)
    case noOutput
    case shape(expected: [Int], received: [Int])
    case element(index: Int, expected: Float, received: Float)
}

extension WrongAnswer: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unreadable(let reason): "It cannot be read: \(reason)"
        case .noOutput: "It has no member 'output'."
        case .shape(let expected, let received): "Its shape differs. Expected \(expected), received \(received)."
        case .element(let index, let expected, let received):
            "An element differs. Expected \(expected) at index \(index), received \(received)."
        }
    }
}
