import DenseEngine
import Testing

@Suite struct LayerListTests {
    private static let dense: ConfigValue = ["class_name": "Dense", "config": ["units": 2, "name": "a"]]
    private static let relu: ConfigValue = ["class_name": "ReLU", "config": ["name": "b"]]

    @Test("one layer, a list, and every form of a Sequential")
    func forms() throws {
        let expected: [LayerConfiguration] = [
            .dense(DenseConfiguration(units: 2, name: "a")),
            .activation(ActivationLayer(.relu, layerClass: .relu, name: "b")),
        ]
        let layers: ConfigValue = [Self.dense, Self.relu]
        #expect(try LayerConfiguration.list(Self.dense) == [expected[0]])
        let forms: [ConfigValue] = [
            layers, ["name": "sequential", "layers": layers],
            [
                "class_name": "Sequential", "config": ["name": "s", "layers": layers], "keras_version": "2.11.0",
                "backend": "x",
            ],
            ["class_name": "Sequential", "config": layers],
            [
                "module": "keras", "class_name": "Sequential", "registered_name": nil, "compile_config": [:],
                "build_config": ["input_shape": [nil, 3]],
                "config": [
                    "name": "s", "trainable": true, "dtype": "float32", "layers": layers,
                    "build_input_shape": [nil, 3],
                ],
            ],
        ]
        for form in forms { #expect(try LayerConfiguration.list(form) == expected) }
        #expect(try LayerSpecification.list(forms[4]).map(\.inputShape) == [[nil, 3], nil])
    }

    @Test(
        "a layer's input shape is read wherever Keras puts it",
        arguments: [
            (["units": 1, "input_dim": 3], [nil, 3]), (["units": 1, "input_shape": [nil, 3]], [nil, nil, 3]),
            (["class_name": "Dense", "config": ["units": 1, "batch_input_shape": [8, 3]]], [8, 3]),
            (["class_name": "Dense", "config": ["units": 1], "build_config": ["input_shape": [nil, 3]]], [nil, 3]),
            (["units": 1], nil),
        ] as [(ConfigValue, [Int?]?)])
    func inputShapes(value: ConfigValue, expected: [Int?]?) throws {
        let specification = try LayerSpecification(value)
        #expect(specification.inputShape == expected)
        #expect(try LayerSpecification(specification.serialized).inputShape == expected)
    }

    @Test(
        "errors lead to the layer",
        arguments: [
            ([], "", "Sequential model cannot be built because it has no layers."),
            ([["units": 1], ["units": 0]], "1/units", "Received an invalid value for `units`"),
            ([["units": 1], 3], "1", "A layer must be an object"),
            (
                [
                    "class_name": "Sequential",
                    "config": ["name": "s", "layers": [["class_name": "Dense", "config": [:]]]],
                ],
                "config/layers/0/config/units", "The key 'units' is missing"
            ), (["class_name": "Sequential", "config": ["name": "s"]], "config/layers", "The key 'layers' is missing"),
            (["layers": 3], "layers", "Expected `layers` to be a list of layers."),
            (["layers": []], "layers", "Sequential model cannot be built because it has no layers."),
            (["layers": [["units": 1]], "units": 3], "units", "Unrecognized keyword arguments passed to Sequential"),
            (
                [["units": 1, "name": "a"], ["class_name": "Dense", "config": ["units": 1, "name": "a"]]],
                "1/config/name",
                "All layers added to a Sequential model should have unique names. Name 'a' is already the name of a layer"
            ), ([["units": 1, "name": "a"], ["units": 1, "name": "a"]], "1/name", "All layers added"),
            (
                [["class_name": "Sequential", "config": ["layers": []]]], "0/class_name",
                "Could not interpret layer identifier: Sequential."
            ),
            (
                ["class_name": "Functional", "config": [:]], "config/layers",
                "Expected `layers` to be a list of layers."
            ),
        ] as [(ConfigValue, String, String)])
    func errors(value: ConfigValue, path: String, sentence: String) {
        let error = engineError { () throws(EngineError) in _ = try LayerSpecification.list(value) }
        #expect(error?.path == path)
        #expect(error?.description.hasPrefix(sentence) == true, "\(error?.description ?? "none")")
    }
}
