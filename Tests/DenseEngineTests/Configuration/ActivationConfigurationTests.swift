import DenseEngine
import Testing

@Suite struct ActivationConfigurationTests {
    @Test("every name of Keras is read and written", arguments: Activation.names.filter { $0 != "threshold" })
    func names(name: String) throws {
        let activation = try Activation(.string(name))
        #expect(activation.name == name)
        #expect(activation.serialized == .string(name))
    }

    @Test(
        "every form of one activation reads alike",
        arguments: [
            (nil, .linear), ("swish", .silu), ("hard_swish", .hardSiLU),
            (["module": "builtins", "class_name": "function", "config": "relu", "registered_name": "relu"], .relu),
            (["module": "keras.activations", "class_name": "function", "config": "tanh"], .tanh),
            (["class_name": "function", "config": "swish"], .silu),
            (["class_name": "LeakyReLU", "config": ["negative_slope": 0.1]], .leakyReLU(negativeSlope: 0.1)),
            (["class_name": "LeakyReLU", "config": ["alpha": 0.1]], .leakyReLU(negativeSlope: 0.1)),
            (["class_name": "LeakyReLU", "config": nil], .leakyReLU(negativeSlope: 0.3)),
            (["class_name": "LeakyReLU"], .leakyReLU(negativeSlope: 0.3)),
            (
                ["module": "keras.layers", "class_name": "ReLU", "config": ["name": "r", "max_value": 6]],
                .relu(negativeSlope: 0, maxValue: 6, threshold: 0)
            ),
            (["class_name": "ELU", "config": ["alpha": 2]], .elu(alpha: 2)),
            (["class_name": "Softmax", "config": ["axis": [1]]], .softmax(axis: 1)),
            (["class_name": "Activation", "config": ["activation": "gelu"]], .gelu),
            (
                ["module": "keras.src.ops.nn", "class_name": "HardShrink", "config": ["name": "h", "threshold": 0.3]],
                .hardShrink(threshold: 0.3)
            ),
            (["module": "keras.src.ops.nn", "class_name": "Gelu", "config": [:]], .gelu(approximate: true)),
            (["name": "relu"], .relu),
            (
                ["name": "relu", "negative_slope": 0.5, "max_value": nil, "threshold": 1],
                .relu(negativeSlope: 0.5, maxValue: nil, threshold: 1)
            ),
            (["name": "leaky_relu", "negative_slope": 0.01], .leakyReLU(negativeSlope: 0.01)),
            (["name": "leaky_relu"], .leakyReLU), (["name": "elu", "alpha": 3], .elu(alpha: 3)),
            (["name": "celu", "alpha": 3.5], .celu(alpha: 3.5)),
            (["name": "gelu", "approximate": true], .gelu(approximate: true)),
            (["name": "softmax", "axis": 1], .softmax(axis: 1)),
            (["name": "log_softmax", "axis": -2], .logSoftmax(axis: -2)),
            (["name": "sparsemax", "axis": 0], .sparsemax(axis: 0)), (["name": "glu", "axis": 1], .glu(axis: 1)),
            (["name": "squareplus", "b": 2], .squareplus(b: 2)),
            (["name": "hard_shrink", "threshold": 1], .hardShrink(threshold: 1)),
            (["name": "soft_shrink", "threshold": 1], .softShrink(threshold: 1)),
            (["name": "threshold", "threshold": 1, "default_value": -2], .threshold(threshold: 1, value: -2)),
            (["name": "swish"], .silu),
        ] as [(ConfigValue, Activation)])
    func forms(value: ConfigValue, expected: Activation) throws {
        #expect(try Activation(value) == expected)
    }

    @Test(
        "what is written reads back as the same activation",
        arguments: [
            .linear, .relu, .relu(negativeSlope: -1, maxValue: nil, threshold: 0),
            .relu(negativeSlope: 0.5, maxValue: 3, threshold: 1), .relu6, .leakyReLU(negativeSlope: 0.3),
            .leakyReLU(negativeSlope: -0.3), .elu(alpha: 2), .celu(alpha: 2), .gelu(approximate: true),
            .softmax(axis: 1), .logSoftmax(axis: 1), .sparsemax(axis: 1), .glu(axis: 1), .squareplus(b: 1),
            .hardShrink(threshold: 2), .softShrink(threshold: 2), .threshold(threshold: 1, value: 2), .tanh,
        ] as [Activation])
    func roundTrip(activation: Activation) throws {
        #expect(try Activation(activation.serialized) == activation)
        if let keras = activation.kerasSerialized { #expect(try Activation(keras) == activation) }
        let isNegative = activation == .relu(negativeSlope: -1, maxValue: nil, threshold: 0)
        #expect((activation.kerasSerialized == nil) == isNegative)
    }

    @Test("arguments are written as the Keras layer that carries them")
    func serializedLayer() {
        let expected: ConfigValue = [
            "module": "keras.layers", "class_name": "LeakyReLU",
            "config": [
                "name": "leaky_re_lu", "trainable": true,
                "dtype": [
                    "module": "keras", "class_name": "DTypePolicy", "config": ["name": "float32"],
                    "registered_name": nil,
                ],
                "negative_slope": 0.1,
            ], "registered_name": nil,
        ]
        #expect(Activation.leakyReLU(negativeSlope: 0.1).serialized == expected)
        #expect(Activation.gelu(approximate: true).serialized == ["name": "gelu", "approximate": true])
    }

    @Test(
        "what is wrong is said in Keras's words, with its path",
        arguments: [
            ("foo", "", "Could not interpret activation function identifier: foo. Expected one of 'linear', 'relu'"),
            (5, "", "Could not interpret activation function identifier: 5."),
            (true, "", "Could not interpret activation function identifier: True."),
            (["relu"], "", "Could not interpret activation function identifier: ['relu']."),
            (["foo": nil], "", "Could not interpret activation function identifier: {'foo': None}."),
            ("threshold", "", "threshold() missing 2 required positional arguments: 'threshold' and 'default_value'."),
            (["name": "foo"], "name", "Could not interpret activation function identifier: foo."),
            (["name": 1], "name", "Expected `name` to be a string. Received: name=1 (of type <class 'int'>)"),
            (["name": "threshold", "threshold": 1], "default_value", "The key 'default_value' is missing"),
            (
                ["name": "leaky_relu", "alpha": 1], "alpha",
                "Unrecognized keyword arguments passed to leaky_relu: {'alpha': 1}. Expected one of 'name', "
                    + "'negative_slope'."
            ),
            (
                ["name": "leaky_relu", "negative_slope": "x"], "negative_slope",
                "Expected `negative_slope` to be a number. Received: negative_slope=x (of type <class 'str'>)"
            ),
            (["name": "softmax", "axis": 1.5], "axis", "Expected `axis` to be an integer. Received: axis=1.5"),
            (["class_name": "Conv2D"], "class_name", "Could not interpret activation function identifier: Conv2D."),
            (["class_name": "function", "config": nil], "config", "Expected 'config' to be a non-null str"),
            (
                ["class_name": "function", "config": "foo"], "config",
                "Could not interpret activation function identifier: foo."
            ),
            (
                ["class_name": "LeakyReLU", "config": ["negative_slope": -1]], "config/negative_slope",
                "The negative_slope value of a Leaky ReLU layer cannot be None or negative value. Expected a float. "
                    + "Received: negative_slope=-1"
            ),
            (
                ["class_name": "ReLU", "config": ["max_value": -1.5]], "config/max_value",
                "max_value of a ReLU layer cannot be a negative value. Received: max_value=-1.5"
            ),
            (
                ["class_name": "ReLU", "config": ["threshold": nil]], "config/threshold",
                "threshold of a ReLU layer cannot be None or a negative value. Received: threshold=None"
            ),
            (["class_name": "Softmax", "config": ["axis": [1, 2]]], "config/axis", "Softmax over several axes"),
            (["class_name": "__lambda__", "config": ["value": "x"]], "class_name", "A serialized Python lambda"),
            (
                ["module": "my.code", "class_name": "LeakyReLU"], "module",
                "The class 'LeakyReLU' is not one of Keras's own. Expected a module of 'keras', received 'my.code'."
            ),
        ] as [(ConfigValue, String, String)])
    func errors(value: ConfigValue, path: String, sentence: String) {
        let error = engineError { () throws(EngineError) in _ = try Activation(value) }
        #expect(error?.path == path)
        #expect(error?.description.hasPrefix(sentence) == true, "\(error?.description ?? "none")")
    }
}
