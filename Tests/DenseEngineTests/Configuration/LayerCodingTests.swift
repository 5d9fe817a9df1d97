import DenseEngine
import Testing

@Suite struct LayerCodingTests {
    @Test(
        "Keras 2 and 3 forms of every layer",
        arguments: [
            (["units": 4], .dense(DenseConfiguration(units: 4))),
            (
                ["class_name": "Dense", "config": ["units": 4, "name": "a"]],
                .dense(DenseConfiguration(units: 4, name: "a"))
            ),
            (
                [
                    "class_name": "Dense",
                    "config": [
                        "name": "dense_1", "trainable": true, "batch_input_shape": [nil, 8], "dtype": "float32",
                        "units": 4, "activation": "relu", "use_bias": true,
                        "kernel_initializer": ["class_name": "GlorotUniform", "config": ["seed": nil]],
                        "bias_initializer": ["class_name": "Zeros", "config": [:]], "kernel_regularizer": nil,
                        "bias_regularizer": nil, "activity_regularizer": nil, "kernel_constraint": nil,
                        "bias_constraint": nil,
                    ],
                ], .dense(DenseConfiguration(units: 4, activation: .relu, name: "dense_1"))
            ),
            (["class_name": "Activation", "config": ["activation": "tanh"]], .activation(ActivationLayer(.tanh))),
            (
                ["class_name": "ReLU", "config": ["max_value": 6, "negative_slope": 0.5, "threshold": 1]],
                .activation(
                    ActivationLayer(.relu(negativeSlope: 0.5, maxValue: 6, threshold: 1), layerClass: .relu))
            ),
            (
                ["class_name": "LeakyReLU", "config": ["alpha": 0.25]],
                .activation(ActivationLayer(.leakyReLU(negativeSlope: 0.25), layerClass: .leakyReLU))
            ),
            (["class_name": "ELU"], .activation(ActivationLayer(.elu, layerClass: .elu))),
            (
                ["class_name": "Softmax", "config": ["axis": 1]],
                .activation(ActivationLayer(.softmax(axis: 1), layerClass: .softmax))
            ),
            (
                ["class_name": "Dropout", "config": ["rate": 1, "noise_shape": [nil, 3], "seed": 2]],
                .dropout(Dropout(rate: 1, noiseShape: [nil, 3], seed: 2))
            ), (["class_name": "Flatten", "config": ["data_format": nil]], .flatten(Flatten())),
            (
                ["class_name": "Flatten", "config": ["data_format": "channels_first"]],
                .flatten(Flatten(dataFormat: .channelsFirst))
            ),
            (
                ["class_name": "Reshape", "config": ["target_shape": [2, -1]]], .reshape(Reshape(targetShape: [2, -1]))
            ),
            (
                [
                    "class_name": "InputLayer",
                    "config": [
                        "batch_input_shape": [nil, 4], "dtype": "float32", "sparse": false, "ragged": false,
                        "name": "in",
                    ],
                ], .inputLayer(InputLayer(batchShape: [nil, 4], name: "in"))
            ),
            (
                ["class_name": "InputLayer", "config": ["shape": [4, nil], "batch_size": 8]],
                .inputLayer(InputLayer(batchShape: [8, 4, nil]))
            ),
            (
                ["class_name": "Rescaling", "config": ["scale": 0.5]], .rescaling(Rescaling(scale: ConfigArray(0.5)))
            ),
            (
                [
                    "class_name": "Normalization",
                    "config": [
                        "axis": nil, "mean": ["class_name": "__numpy__", "config": ["value": 2, "dtype": "float32"]],
                        "variance": 4, "invert": true,
                    ],
                ],
                .normalization(
                    Normalization(axes: [], mean: ConfigArray(2), variance: ConfigArray(4), invert: true))
            ),
            (
                ["class_name": "BatchNormalization", "config": ["axis": [1], "scale": false, "momentum": 0.5]],
                .batchNormalization(
                    BatchNormalization(
                        axis: 1, scale: false,
                        training: {
                            var training = BatchNormalization.Training()
                            training.momentum = 0.5
                            return training
                        }()))
            ),
            (
                [
                    "class_name": "LayerNormalization",
                    "config": ["axis": [2, 1], "epsilon": 0.5, "gamma_regularizer": "l2"],
                ],
                .axisNormalization(
                    AxisNormalization(
                        axes: [1, 2], epsilon: 0.5, gamma: WeightArguments(.ones, regularizer: .l2(0.01))))
            ),
            (["class_name": "RMSNormalization"], .axisNormalization(AxisNormalization(.rootMeanSquare))),
            (["class_name": "UnitNormalization"], .axisNormalization(AxisNormalization(.unit))),
            (
                ["class_name": "PReLU", "config": ["shared_axes": 1]],
                .parametricReLU(ParametricReLU(sharedAxes: [1]))
            ),
            (
                ["class_name": "GaussianNoise", "config": ["stddev": 0.5]],
                .dropout(Dropout(rate: 0.5, layerClass: .gaussianNoise))
            ),
            (
                ["class_name": "ActivityRegularization", "config": ["l2": 0.5]],
                .activation(
                    ActivationLayer(
                        .linear, layerClass: .activityRegularization, activityRegularizer: .l1l2(l1: 0, l2: 0.5)))
            ),
        ] as [(ConfigValue, LayerConfiguration)])
    func forms(value: ConfigValue, expected: LayerConfiguration) throws {
        let read = try LayerConfiguration(value)
        #expect(read == expected)
        // What is written names the layer.
        var named = expected
        named.identity.name = expected.name
        #expect(try LayerConfiguration(expected.serialized) == named)
    }

    @Test("an array argument keeps its nesting")
    func arrays() throws {
        let value: ConfigValue = [
            "class_name": "Rescaling", "config": ["scale": [[1.0, 2.0], [3.0, 4.0]], "offset": []],
        ]
        guard case .rescaling(let layer) = try LayerConfiguration(value) else {
            Issue.record("not a rescaling")
            return
        }
        #expect(layer.scale.shape.dimensions == [2, 2] && layer.scale.elements == [1, 2, 3, 4])
        #expect(layer.offset.shape.dimensions == [0])
        let config = LayerConfiguration.rescaling(layer).config
        #expect(config["scale"] == [[1.0, 2.0], [3.0, 4.0]])
        #expect(config["offset"] == [])
    }

    @Test(
        "what is wrong is said with its path",
        arguments: [
            (
                5, "",
                "A layer must be an object: a Dense layer's config, or what keras.layers.serialize gives. Received: 5"
            ),
            (["units": 0], "units", "Received an invalid value for `units`"),
            (
                ["class_name": "Conv2D", "config": [:]], "class_name",
                "Could not interpret layer identifier: Conv2D. Expected one of 'Dense', 'Activation', 'ReLU', "
                    + "'LeakyReLU', 'ELU', 'Softmax', 'Identity', 'ActivityRegularization', 'PReLU', 'Dropout', "
                    + "'AlphaDropout', 'GaussianDropout', 'GaussianNoise', 'Flatten', 'Reshape', 'InputLayer', "
                    + "'Rescaling', 'Normalization', 'BatchNormalization', 'LayerNormalization', 'RMSNormalization', "
                    + "'UnitNormalization'."
            ),
            (
                ["class_name": "dense", "config": ["units": 1]], "class_name",
                "Could not interpret layer identifier: dense."
            ),
            (
                ["class_name": "Dense", "config": ["units": -1]], "config/units",
                "Received an invalid value for `units`"
            ),
            (
                [
                    "class_name": "Dense",
                    "config": ["units": 1, "kernel_initializer": ["class_name": "HeNormal", "config": ["seed": 1.5]]],
                ],
                "config/kernel_initializer/config/seed", "`seed` argument should be"
            ), (["class_name": "Dense", "config": []], "config", "Expected 'config' to be a dict for Dense"),
            (
                ["class_name": "Dense", "config": ["units": 1], "weights": 1], "weights",
                "Unrecognized keyword arguments"
            ),
            (
                ["class_name": "Dense", "config": ["units": 1], "build_config": ["input_shape": 3]],
                "build_config/input_shape", "Cannot convert '3' to a shape."
            ),
            (
                ["class_name": "Dense", "module": "my.layers", "config": ["units": 1]], "module",
                "The class 'Dense' is not"
            ),
            (
                ["class_name": "Dropout", "config": ["rate": 2]], "config/rate",
                "Invalid value received for argument `rate`. Expected a float value between 0 and 1. Received: rate=2"
            ), (["class_name": "Dropout", "config": ["rate": .double(.nan)]], "config/rate", "Invalid value received"),
            (["class_name": "Dropout"], "config/rate", "The key 'rate' is missing"),
            (
                ["class_name": "Dropout", "config": ["rate": 0.5, "noise_shape": [0]]], "config/noise_shape/0",
                "Invalid value received for argument `noise_shape`."
            ),
            (
                ["class_name": "Dropout", "config": ["rate": 0.5, "activity_regularizer": "l2"]],
                "config/activity_regularizer", "This layer takes no activity_regularizer here."
            ),
            (
                ["class_name": "Flatten", "config": ["data_format": "x"]], "config/data_format",
                "The `data_format` argument must be one of {'channels_first', 'channels_last'}. Received: data_format=x"
            ),
            (
                ["class_name": "Reshape", "config": ["target_shape": [-1, -1]]], "config/target_shape",
                "There must be at most one unknown dimension (-1) in `target_shape`. Received: target_shape=(-1, -1)."
            ),
            (
                ["class_name": "Reshape", "config": ["target_shape": [-3]]], "config/target_shape",
                "Each dimension in `target_shape` must be a non-negative integer, or `-1` for a single unknown "
                    + "dimension. Received: target_shape=(-3,)."
            ),
            (
                ["class_name": "Reshape", "config": ["target_shape": [2, 2.5]]], "config/target_shape/1",
                "Expected `target_shape` to be an integer."
            ), (["class_name": "InputLayer", "config": [:]], "config", "You must pass a `shape` argument."),
            (
                ["class_name": "InputLayer", "config": ["shape": [1], "batch_shape": [nil, 1]]], "config",
                "You cannot pass both `shape` and `batch_shape` at the same time."
            ),
            (
                ["class_name": "InputLayer", "config": ["shape": [1], "sparse": true]], "config/sparse",
                "Inputs are dense tensors."
            ),
            (
                ["class_name": "InputLayer", "config": ["shape": [1], "dtype": "int32"]], "config/dtype",
                "This dtype is not one that layers compute in."
            ),
            (
                ["class_name": "Rescaling", "config": ["scale": "x"]], "config/scale",
                "Expected `scale` to be a number."
            ),
            (
                ["class_name": "Rescaling", "config": ["scale": [[1], [1, 2]]]], "config/scale/1",
                "The lists of `scale` must be of equal lengths. Expected 1 elements, received [1, 2]."
            ),
            (
                ["class_name": "Rescaling", "config": ["scale": [1, [2]]]], "config/scale/1",
                "Expected `scale` to be a number."
            ),
            (
                ["class_name": "Normalization", "config": ["mean": 1]], "config/variance",
                "When setting values directly, both `mean` and `variance` must be set. Received: mean=1.0 and variance=None"
            ),
            (
                ["class_name": "Normalization", "config": ["mean": [1], "variance": 1]], "config/variance",
                "When setting values directly, `mean` and `variance` must have the same shape. Received: mean shape (1,) "
                    + "and variance shape ()"
            ),
            (
                ["class_name": "Normalization", "config": ["axis": nil, "mean": [1], "variance": [1]]], "config/mean",
                "The rank of `mean` must be less than or equal to the number of axes (0)."
            ),
            (
                ["class_name": "Normalization", "config": ["axis": [1, 1]]], "config/axis",
                "The `axis` values must differ. Received: axis=(1, 1)"
            ),
            (
                ["class_name": "LayerNormalization", "config": ["axis": []]], "config/axis",
                "The `axis` values must differ, and there must be one."
            ),
            (
                ["class_name": "BatchNormalization", "config": ["axis": [1, 2]]], "config/axis",
                "BatchNormalization over several axes is not supported."
            ),
            (
                ["class_name": "BatchNormalization", "config": ["gamma_initializer": "x"]],
                "config/gamma_initializer", "Could not interpret initializer identifier: x."
            ),
            (
                ["class_name": "GaussianNoise", "config": ["stddev": 1.5]], "config/stddev",
                "Invalid value received for argument `stddev`."
            ),
            (
                ["class_name": "GaussianNoise", "config": ["rate": 0.5]], "config/stddev",
                "The key 'stddev' is missing"
            ),
        ] as [(ConfigValue, String, String)])
    func errors(value: ConfigValue, path: String, sentence: String) {
        let error = engineError { () throws(EngineError) in _ = try LayerConfiguration(value) }
        #expect(error?.path == path)
        #expect(error?.description.hasPrefix(sentence) == true, "\(error?.description ?? "none")")
    }

    @Test("a message does not grow with what it quotes")
    func longValues() {
        let long = String(repeating: "x", count: 1_000_000)
        let list = ConfigValue.array(Array(repeating: .string(long), count: 100))
        for value in [.string(long), list, .object(["a": .string(long)])] as [ConfigValue] {
            for name in ["activation", "kernel_initializer", "use_bias", "name", "dtype", "input_shape"] {
                var config: ConfigObject = ["units": 1]
                config[name] = value
                if case .string = value, name == "name" { continue }
                let error = engineError { () throws(EngineError) in _ = try DenseConfiguration(config: config) }
                #expect((error?.description.utf8.count ?? 0) < 2000)
                #expect(error != nil)
            }
        }
    }
}
