import DenseEngine
import Testing

@Suite struct DenseConfigurationCodingTests {
    private static let float32: ConfigValue = [
        "module": "keras", "class_name": "DTypePolicy", "config": ["name": "float32"], "registered_name": nil,
    ]

    @Test("only units is required; the rest are Keras's defaults")
    func defaults() throws {
        let configuration = try DenseConfiguration(config: ["units": 4])
        #expect(configuration == DenseConfiguration(units: 4))
        #expect(configuration.name == "dense" && configuration.trainable && configuration.useBias)
        #expect(configuration.activation == .linear)
        #expect(configuration.kernelInitializer == .glorotUniform(seed: nil))
        #expect(configuration.biasInitializer == .zeros)
    }

    @Test("get_config() is written as Keras 3 writes it, in its order")
    func defaultConfig() {
        let expected: ConfigObject = [
            "name": "dense", "trainable": true, "dtype": Self.float32, "units": 3, "activation": "linear",
            "use_bias": true,
            "kernel_initializer": [
                "module": "keras.initializers", "class_name": "GlorotUniform",
                "config": ["seed": nil, "input_axes": nil, "output_axes": nil], "registered_name": nil,
            ],
            "bias_initializer": [
                "module": "keras.initializers", "class_name": "Zeros", "config": [:], "registered_name": nil,
            ], "kernel_regularizer": nil, "bias_regularizer": nil, "kernel_constraint": nil, "bias_constraint": nil,
            "quantization_config": nil,
        ]
        #expect(DenseConfiguration(units: 3).config == expected)
    }

    @Test("every argument is read and written back")
    func everyArgument() throws {
        let configuration = DenseConfiguration(
            units: 5, activation: .leakyReLU(negativeSlope: 0.1), useBias: false,
            kernelInitializer: .heNormal(seed: 3), biasInitializer: .constant(value: 0.5), kernelRegularizer: .l2(0.5),
            biasRegularizer: .l1(0.25), activityRegularizer: .l1l2(l1: 1, l2: 2),
            kernelConstraint: .maxNorm(maxValue: 2, axis: .one(0)), biasConstraint: .nonNeg, name: "scores",
            trainable: false)
        let config = configuration.config
        #expect(config.members.map(\.name)[2...4] == ["dtype", "activity_regularizer", "units"])
        let read = try DenseConfiguration(config: config)
        #expect(read == configuration)
        #expect(read.config == config)
    }

    @Test(
        "what may stand beside the arguments",
        arguments: [
            ("dtype", "float32"), ("dtype", nil), ("dtype", ["class_name": "Policy", "config": ["name": "float32"]]),
            ("autocast", true), ("input_shape", [3]), ("input_dim", 3), ("batch_input_shape", [nil, 3]),
            ("lora_rank", nil), ("lora_alpha", nil), ("quantization_config", nil), ("name", nil), ("activation", nil),
            ("kernel_regularizer", nil), ("kernel_constraint", nil), ("activity_regularizer", nil),
        ] as [(String, ConfigValue)])
    func accepted(name: String, value: ConfigValue) throws {
        var config: ConfigObject = ["units": 4]
        config[name] = value
        #expect(try DenseConfiguration(config: config) == DenseConfiguration(units: 4))
    }

    @Test(
        "units that are no positive integer are refused",
        arguments: [
            (0, "0"), (-3, "-3"), (2.5, "2.5"), (64.0, "64.0"), (nil, "None"), ("64", "'64'"), (true, "True"),
            ([1], "[1]"),
        ] as [(ConfigValue, String)])
    func units(value: ConfigValue, received: String) {
        let error = engineError { () throws(EngineError) in _ = try DenseConfiguration(config: ["units": value]) }
        let sentence = "Received an invalid value for `units`, expected a positive integer. Received: units=\(received)"
        #expect(error == .invalidConfigValue(path: ["units"], message: sentence))
    }

    @Test(
        "what is wrong is said in Keras's words, with its path",
        arguments: [
            ("foo", 3, "foo", "Unrecognized keyword arguments passed to Dense: {'foo': 3}. Expected one of 'units', "),
            ("activation", "foo", "activation", "Could not interpret activation function identifier: foo."),
            ("kernel_initializer", "foo", "kernel_initializer", "Could not interpret initializer identifier: foo."),
            (
                "kernel_initializer", ["class_name": "HeNormal", "config": ["seed": "x"]],
                "kernel_initializer/config/seed", "`seed` argument should be"
            ), ("bias_initializer", 1, "bias_initializer", "Could not interpret initializer identifier: 1."),
            ("bias_regularizer", "foo", "bias_regularizer", "Could not interpret regularizer identifier: foo."),
            ("kernel_constraint", "foo", "kernel_constraint", "Could not interpret constraint identifier: foo."),
            (
                "name", "a/b", "name",
                "Argument `name` must be a string and cannot contain character `/`. Received: name=a/b (of type "
                    + "<class 'str'>)"
            ), ("name", 5, "name", "Argument `name` must be a string"),
            (
                "trainable", 1, "trainable",
                "Expected `trainable` to be a boolean. Received: trainable=1 (of type <class 'int'>)"
            ), ("use_bias", "yes", "use_bias", "Expected `use_bias` to be a boolean. Received: use_bias=yes"),
            (
                "dtype", "foo", "dtype",
                "Cannot convert 'foo' to a mixed precision DTypePolicy. Valid policies include 'mixed_float16'"
            ), ("dtype", 32, "dtype", "Cannot interpret `dtype` argument."),
            (
                "dtype", "float8_e5m2", "dtype",
                "This dtype is not one that layers compute in. Expected 'float32', 'float64', 'float16', 'bfloat16', "
                    + "'mixed_float16' or 'mixed_bfloat16', received 'float8_e5m2'."
            ), ("dtype", "int8", "dtype", "This dtype is not one that layers compute in."),
            ("dtype", "int3_from_float32", "dtype", "Cannot convert 'int3_from_float32' to a mixed precision"),
            (
                "dtype", "gptq/5/8_from_float32", "dtype",
                "Invalid mode of a quantized policy. Expected 2, 3, 4 or 8 bits"
            ),
            ("dtype", "awq/3/8_from_float32", "dtype", "Invalid mode of a quantized policy. Expected 4 bits"),
            (
                "dtype", "int4/0_from_float32", "dtype",
                "Invalid mode of a quantized policy. Expected 'int4/<block_size>'"
            ),
            ("dtype", "gptq_from_float32", "dtype", "Invalid mode of a quantized policy."),
            (
                "dtype",
                [
                    "class_name": "QuantizedFloat8DTypePolicy",
                    "config": ["mode": "float8", "amax_history_length": -1],
                ], "dtype/config/amax_history_length", "`amax_history_length` must be an integer from 0 to"
            ),
            (
                "dtype", "int8_from_float64", "dtype",
                "Quantized layers compute in float32 only. Expected the source 'float32', received "
                    + "'int8_from_float64'."
            ),
            (
                "dtype", ["class_name": "DTypePolicy", "config": ["name": "mixed_float64"]], "dtype/config/name",
                "Cannot convert 'mixed_float64' to a mixed precision DTypePolicy."
            ),
            (
                "dtype", ["class_name": "QuantizedDTypePolicy", "config": ["mode": "int3"]], "dtype/config/mode",
                "This dtype is not one that layers compute in."
            ),
            (
                "dtype",
                ["class_name": "QuantizedDTypePolicy", "config": ["mode": "int8", "source_name": "bfloat16"]],
                "dtype/config/source_name", "Quantized layers compute in float32 only."
            ),
            (
                "dtype", ["class_name": "Int5DTypePolicy", "config": [:]], "dtype/class_name",
                "This dtype is not one that layers compute in."
            ), ("lora_rank", 2.5, "lora_rank", "Expected `lora_rank` to be an integer."),
            ("lora_rank", -1, "lora_rank", "Expected `lora_rank` to be zero or a positive integer."),
            ("lora_alpha", "x", "lora_alpha", "Expected `lora_alpha` to be a number."),
            ("quantization_config", [:], "quantization_config", "Invalid quantization mode. Expected one of ('int8', "),
            (
                "quantization_config", ["class_name": "Int5Config", "config": [:]], "quantization_config/class_name",
                "Could not interpret quantization config identifier: Int5Config."
            ),
            (
                "quantization_config", ["class_name": "GPTQConfig", "config": ["weight_bits": 5]],
                "quantization_config/config/weight_bits", "Unsupported weight_bits 5."
            ),
            (
                "quantization_config", ["class_name": "AWQConfig", "config": ["group_size": 0]],
                "quantization_config/config/group_size", "Invalid group_size."
            ),
            (
                "quantization_config", ["class_name": "Int4QuantizationConfig", "config": ["block_size": 0]],
                "quantization_config/config/block_size", "block_size must be None, -1, or a positive integer."
            ),
            (
                "quantization_config",
                [
                    "class_name": "Int4QuantizationConfig",
                    "config": [
                        "block_size": 8, "activation_quantizer": ["class_name": "AbsMaxQuantizer", "config": [:]],
                    ],
                ], "quantization_config/config/block_size", "Int4 sub-channel quantization (block_size > 0)"
            ),
            (
                "quantization_config",
                [
                    "class_name": "Int4QuantizationConfig",
                    "config": ["weight_quantizer": ["class_name": "AbsMaxQuantizer", "config": [:]]],
                ], "quantization_config/config/weight_quantizer", "Int4QuantizationConfig requires a weight_quantizer"
            ),
            (
                "quantization_config",
                [
                    "class_name": "Int8QuantizationConfig",
                    "config": [
                        "weight_quantizer": [
                            "class_name": "AbsMaxQuantizer", "config": ["value_range": [-129, 127]],
                        ]
                    ],
                ], "quantization_config/config/weight_quantizer/config/value_range",
                "Quantizer with output_dtype='int8' requires value_range to be within the interval [-128, 127]"
            ),
            ("input_shape", 3, "input_shape", "Cannot convert '3' to a shape."),
            ("input_shape", [-1], "input_shape/0", "Cannot convert '[-1]' to a shape. Negative dimensions"),
            (
                "batch_input_shape", [nil, 2.5], "batch_input_shape/1",
                "Cannot convert '[None, 2.5]' to a shape. Found invalid dimension '2.5' of type '<class 'float'>'."
            ), ("input_dim", "3", "input_dim", "Expected `input_dim` to be an integer."),
        ] as [(String, ConfigValue, String, String)])
    func errors(name: String, value: ConfigValue, path: String, sentence: String) {
        var config: ConfigObject = ["units": 4]
        config[name] = value
        let error = engineError { () throws(EngineError) in _ = try DenseConfiguration(config: config) }
        #expect(error?.path == path)
        #expect(error?.description.hasPrefix(sentence) == true, "\(error?.description ?? "none")")
    }

    @Test("missing units are named")
    func missingUnits() {
        let error = engineError { () throws(EngineError) in _ = try DenseConfiguration(config: ["use_bias": true]) }
        #expect(error?.path == "units")
        #expect(
            error?.description
                == "The key 'units' is missing (Dense.__init__() missing 1 required positional argument: 'units').")
    }
}
