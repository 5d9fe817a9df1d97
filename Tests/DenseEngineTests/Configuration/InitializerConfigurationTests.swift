import DenseEngine
import Testing

@Suite struct InitializerConfigurationTests {
    @Test(
        "names in both cases, and Keras's further ones",
        arguments: [
            ("Zeros", .zeros), ("zeros", .zeros), ("zero", .zeros), ("Ones", .ones), ("ones", .ones), ("one", .ones),
            ("constant", .constant(value: 0)), ("Identity", .identity(gain: 1)),
            ("IdentityInitializer", .identity(gain: 1)),
            ("random_normal", .randomNormal(mean: 0, stddev: 0.05, seed: nil)),
            ("normal", .randomNormal(mean: 0, stddev: 0.05, seed: nil)),
            ("RandomUniform", .randomUniform(minimum: -0.05, maximum: 0.05, seed: nil)),
            ("uniform", .randomUniform(minimum: -0.05, maximum: 0.05, seed: nil)),
            ("truncated_normal", .truncatedNormal(mean: 0, stddev: 0.05, seed: nil)),
            (
                "VarianceScaling",
                .varianceScaling(scale: 1, mode: .fanIn, distribution: .truncatedNormal, seed: nil)
            ), ("glorot_uniform", .glorotUniform(seed: nil)), ("GlorotNormal", .glorotNormal(seed: nil)),
            ("lecun_uniform", .lecunUniform(seed: nil)), ("LecunNormal", .lecunNormal(seed: nil)),
            ("he_uniform", .heUniform(seed: nil)), ("HeNormal", .heNormal(seed: nil)),
            ("orthogonal", .orthogonal(gain: 1, seed: nil)), ("OrthogonalInitializer", .orthogonal(gain: 1, seed: nil)),
            (nil, .glorotUniform(seed: nil)),
        ] as [(ConfigValue, Initializer)])
    func names(value: ConfigValue, expected: Initializer) throws {
        #expect(try Initializer(value) == expected)
    }

    @Test(
        "objects with arguments",
        arguments: [
            (["class_name": "GlorotUniform", "config": ["seed": 7]], .glorotUniform(seed: 7)),
            (["class_name": "glorot_uniform"], .glorotUniform(seed: nil)),
            (["class_name": "Zeros", "config": nil], .zeros),
            (
                [
                    "module": "keras.initializers", "class_name": "HeNormal",
                    "config": ["seed": 1, "input_axes": 0, "output_axes": [1]], "registered_name": nil,
                    "shared_object_id": 140,
                ], .heNormal(seed: 1, axes: Initializer.FanAxes(input: [0], output: [1]))
            ), (["class_name": "Constant", "config": ["value": 2]], .constant(value: 2)),
            (["class_name": "Identity", "config": ["gain": 0.5]], .identity(gain: 0.5)),
            (
                ["class_name": "RandomNormal", "config": ["mean": 1, "stddev": 2.5, "seed": nil]],
                .randomNormal(mean: 1, stddev: 2.5, seed: nil)
            ),
            (
                ["class_name": "RandomUniform", "config": ["minval": -1, "maxval": 1, "seed": 3]],
                .randomUniform(minimum: -1, maximum: 1, seed: 3)
            ),
            (
                [
                    "class_name": "VarianceScaling",
                    "config": ["scale": 2.0, "mode": "fan_avg", "distribution": "Normal", "seed": 4],
                ], .varianceScaling(scale: 2, mode: .fanAverage, distribution: .truncatedNormal, seed: 4)
            ), (["class_name": "Orthogonal", "config": ["gain": 2, "seed": 5]], .orthogonal(gain: 2, seed: 5)),
        ] as [(ConfigValue, Initializer)])
    func objects(value: ConfigValue, expected: Initializer) throws {
        #expect(try Initializer(value) == expected)
        #expect(try Initializer(expected.serialized) == expected)
    }

    @Test("Keras 3's form is written")
    func serialized() {
        let expected: ConfigValue = [
            "module": "keras.initializers", "class_name": "GlorotUniform",
            "config": ["seed": nil, "input_axes": nil, "output_axes": nil], "registered_name": nil,
        ]
        #expect(Initializer.glorotUniform(seed: nil).serialized == expected)
    }

    @Test(
        "what is wrong is said in Keras's words, with its path",
        arguments: [
            ("foo", "", "Could not interpret initializer identifier: foo. Expected one of 'Zeros', 'Ones'"),
            (5, "", "Could not interpret initializer identifier: 5."),
            (
                ["class_name": "foo", "config": [:]], "class_name",
                "Could not interpret initializer identifier: {'class_name': 'foo', 'config': {}}."
            ), ("stft", "", "Could not interpret initializer identifier: stft."),
            (
                ["class_name": "GlorotUniform", "config": ["seed": 2.5]], "config/seed",
                "`seed` argument should be an instance of `keras.random.SeedGenerator()` or an integer. "
                    + "Received: seed=2.5"
            ),
            (
                ["class_name": "GlorotUniform", "config": ["foo": 1]], "config/foo",
                "Unrecognized keyword arguments passed to GlorotUniform: {'foo': 1}. Expected one of 'seed', "
            ),
            (
                ["class_name": "VarianceScaling", "config": ["scale": -1]], "config/scale",
                "Argument `scale` must be positive float. Received: scale=-1"
            ),
            (
                ["class_name": "VarianceScaling", "config": ["mode": "x"]], "config/mode",
                "Invalid `mode` argument: x. Please use one of {"
            ),
            (
                ["class_name": "VarianceScaling", "config": ["distribution": "x"]], "config/distribution",
                "Invalid `distribution` argument: x. Please use one of {"
            ),
            (
                ["class_name": "Constant", "config": ["value": "a"]], "config/value",
                "Expected `value` to be a number. Received: value=a (of type <class 'str'>)"
            ),
            (
                ["class_name": "Zeros", "config": 3], "config",
                "Expected 'config' to be a dict for Zeros, instead got <class 'int'>"
            ),
            (
                ["class_name": "HeNormal", "config": ["seed": ["class_name": "SeedGenerator"]]], "config/seed",
                "A seed generator is not supported here."
            ),
            (
                ["class_name": "Zeros", "registered_name": "my>Zeros"], "registered_name",
                "`registered_name='my>Zeros'` was provided in the config, but 'Zeros' resolved to a Keras built-in"
            ), (["class_name": 3], "class_name", "Expected `class_name` to be a string. Received: class_name=3"),
        ] as [(ConfigValue, String, String)])
    func errors(value: ConfigValue, path: String, sentence: String) {
        let error = engineError { () throws(EngineError) in _ = try Initializer(value) }
        #expect(error?.path == path)
        #expect(error?.description.hasPrefix(sentence) == true, "\(error?.description ?? "none")")
    }
}
