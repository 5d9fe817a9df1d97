import DenseEngine
import Testing

@Suite struct RegularizerConfigurationTests {
    /// 0.01 as Keras keeps it in some regularizers: rounded to float32.
    private static let rounded = 0.009999999776482582

    @Test(
        "every form of a regularizer",
        arguments: [
            ("l1", .l1(rounded)), ("L1", .l1(rounded)), ("l2", .l2(0.01)), ("L2", .l2(0.01)),
            ("l1l2", .l1l2(l1: 0, l2: 0)), ("L1L2", .l1l2(l1: 0, l2: 0)), ("l1_l2", .l1l2(l1: 0, l2: 0)),
            ("orthogonal_regularizer", .orthogonal(factor: rounded, mode: .rows)),
            (["class_name": "L2", "config": ["l2": 1]], .l2(1)),
            (["class_name": "L2", "config": ["l2": nil]], .l2(0.01)),
            (["class_name": "L1", "config": ["l1": 0.5]], .l1(0.5)),
            (["class_name": "L1L2", "config": ["l1": 0.25, "l2": 3]], .l1l2(l1: 0.25, l2: 3)),
            (
                [
                    "module": "keras.regularizers", "class_name": "OrthogonalRegularizer",
                    "config": ["factor": 2, "mode": "columns"], "registered_name": nil,
                ], .orthogonal(factor: 2, mode: .columns)
            ),
        ] as [(ConfigValue, Regularizer)])
    func forms(value: ConfigValue, expected: Regularizer) throws {
        #expect(try Regularizer(value) == expected)
        #expect(try Regularizer(expected.serialized) == expected)
    }

    @Test(
        "what is wrong is said in Keras's words, with its path",
        arguments: [
            ("foo", "", "Could not interpret regularizer identifier: foo. Expected one of 'L1', 'L2', 'L1L2'"),
            (0.01, "", "Could not interpret regularizer identifier: 0.01."),
            (["class_name": "foo"], "class_name", "Could not interpret regularizer identifier: {'class_name': 'foo'}."),
            (
                ["class_name": "L2", "config": ["l2": -1]], "config/l2",
                "Invalid value for argument l2: expected a non-negative float. Received: l2=-1"
            ),
            (
                ["class_name": "L2", "config": ["l2": "a"]], "config/l2",
                "Invalid value for argument l2: expected a non-negative float. Received: l2=a"
            ),
            (
                ["class_name": "L1", "config": ["l1": .double(.infinity)]], "config/l1",
                "Invalid value for argument l1: expected a non-negative float. Received: l1=inf"
            ),
            (
                ["class_name": "OrthogonalRegularizer", "config": ["mode": "x"]], "config/mode",
                "Invalid value for argument `mode`. Expected one of {\"rows\", \"columns\"}. Received: mode=x"
            ),
            (
                ["class_name": "L1", "config": ["l2": 1]], "config/l2",
                "Unrecognized keyword arguments passed to L1: {'l2': 1}. Expected one of 'l1'."
            ),
        ] as [(ConfigValue, String, String)])
    func errors(value: ConfigValue, path: String, sentence: String) {
        let error = engineError { () throws(EngineError) in _ = try Regularizer(value) }
        #expect(error?.path == path)
        #expect(error?.description.hasPrefix(sentence) == true, "\(error?.description ?? "none")")
    }
}
