package import DenseEngine

extension JSONWriter {
    /// A member with its value.
    package mutating func member(_ name: String, _ value: String) {
        self.name(name)
        write(value)
    }

    package mutating func member(_ name: String, _ value: Int) {
        self.name(name)
        write(value)
    }

    package mutating func member(_ name: String, _ value: Bool) {
        self.name(name)
        write(value)
    }

    /// `null` when it is not finite.
    package mutating func member(_ name: String, _ value: Double) {
        self.name(name)
        write(value)
    }

    /// An array of integers, as shapes are.
    package mutating func member(_ name: String, _ values: [Int]) {
        self.name(name)
        write(values)
    }

    package mutating func member(_ name: String, _ value: ConfigValue) {
        self.name(name)
        write(value)
    }
}
