import DenseEngine
import Testing

@Suite struct ConstraintConfigurationTests {
    @Test(
        "every form of a constraint",
        arguments: [
            ("max_norm", .maxNorm(maxValue: 2, axis: .one(0))), ("MaxNorm", .maxNorm(maxValue: 2, axis: .one(0))),
            ("non_neg", .nonNeg), ("NonNeg", .nonNeg), ("unit_norm", .unitNorm(axis: .one(0))),
            ("MinMaxNorm", .minMaxNorm(minValue: 0, maxValue: 1, rate: 1, axis: .one(0))),
            (
                ["class_name": "MaxNorm", "config": ["max_value": 3, "axis": [0, 1]]],
                .maxNorm(maxValue: 3, axis: .many([0, 1]))
            ), (["class_name": "UnitNorm", "config": ["axis": nil]], .unitNorm(axis: .all)),
            (
                [
                    "module": "keras.constraints", "class_name": "MinMaxNorm",
                    "config": ["min_value": 0.5, "max_value": 2, "rate": 0.9, "axis": 1], "registered_name": nil,
                ], .minMaxNorm(minValue: 0.5, maxValue: 2, rate: 0.9, axis: .one(1))
            ),
        ] as [(ConfigValue, Constraint)])
    func forms(value: ConfigValue, expected: Constraint) throws {
        #expect(try Constraint(value) == expected)
        #expect(try Constraint(expected.serialized) == expected)
    }

    @Test(
        "what is wrong is said in Keras's words, with its path",
        arguments: [
            ("maxnorm", "", "Could not interpret constraint identifier: maxnorm. Expected one of 'MaxNorm', 'NonNeg'"),
            (["class_name": "x"], "class_name", "Could not interpret constraint identifier: {'class_name': 'x'}."),
            (
                ["class_name": "MaxNorm", "config": ["max_value": "a"]], "config/max_value",
                "Expected `max_value` to be a number. Received: max_value=a (of type <class 'str'>)"
            ),
            (
                ["class_name": "UnitNorm", "config": ["axis": [0, true]]], "config/axis/1",
                "Expected `axis` to be an integer. Received: axis=True (of type <class 'bool'>)"
            ),
            (
                ["class_name": "NonNeg", "config": ["axis": 0]], "config/axis",
                "Unrecognized keyword arguments passed to NonNeg: {'axis': 0}. Expected none."
            ),
        ] as [(ConfigValue, String, String)])
    func errors(value: ConfigValue, path: String, sentence: String) {
        let error = engineError { () throws(EngineError) in _ = try Constraint(value) }
        #expect(error?.path == path)
        #expect(error?.description.hasPrefix(sentence) == true, "\(error?.description ?? "none")")
    }
}
