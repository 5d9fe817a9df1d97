import DenseEngine
import Testing

@Suite("The names of the activations")
struct ActivationNamesTests {
    @Test("all 30 of Keras have a name of their own")
    func count() {
        #expect(Activation.names.count == 30)
        #expect(Set(Activation.names).count == 30)
    }

    @Test("a name stands for the activation of that name", arguments: Activation.names)
    func roundTrip(name: String) {
        // threshold has no defaults.
        #expect(Activation.withDefaults(named: name)?.name == (name == "threshold" ? nil : name))
    }

    @Test("aliases stand for what Keras says")
    func aliases() {
        #expect(Activation.withDefaults(named: "swish") == .silu)
        #expect(Activation.withDefaults(named: "hard_swish") == .hardSiLU)
    }

    @Test("other names are unknown", arguments: ["", "Relu", "RELU", "foo"])
    func unknown(name: String) {
        #expect(Activation.withDefaults(named: name) == nil)
    }

    @Test("defaults are Keras's")
    func defaults() {
        #expect(Activation.leakyReLU == .leakyReLU(negativeSlope: 0.2))
        #expect(Activation.gelu == .gelu(approximate: false))
        #expect(Activation.softmax == .softmax(axis: -1))
        #expect(Activation.squareplus == .squareplus(b: 4))
        #expect(Activation.relu == .relu(negativeSlope: 0, maxValue: nil, threshold: 0))
    }
}
