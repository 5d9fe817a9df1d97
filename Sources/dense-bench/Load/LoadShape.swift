/// The kinds of requests the server is driven with. Every layer is `Dense` with a bias and `relu`.
package enum LoadShape: String, CaseIterable, Hashable, Sendable {
    /// The cost of a request that computes almost nothing.
    case a = "A"
    /// A usual request with three axes, 84 kB of JSON.
    case b = "B"
    /// A million floats, 10.7 MB of JSON.
    case c = "C"
    /// One row through a big model: work that is worth sharing between requests.
    case d = "D"

    /// The input's dimensions.
    package var input: [Int] {
        switch self {
        case .a: [1, 1, 8]
        case .b: [8, 16, 64]
        case .c: [32, 128, 256]
        case .d: [1, 1024]
        }
    }

    /// The units of each layer.
    package var units: [Int] {
        switch self {
        case .a: [4]
        case .b: [32]
        case .c: [64]
        case .d: [1024, 1024]
        }
    }

    /// How many connections drive it unless the user says otherwise.
    package var connections: Int {
        switch self {
        case .a, .d: 64
        case .b: 16
        case .c: 4
        }
    }

    /// The name its model is registered by.
    package var model: String { "load-" + rawValue.lowercased() }
}
