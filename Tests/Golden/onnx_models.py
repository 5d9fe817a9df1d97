#!/usr/bin/env python3
"""Writes ONNX models as PyTorch, Keras (by tf2onnx) and onnx.helper make them, and what PyTorch, Keras and ONNX Runtime compute
with them: Tests/Golden/onnx/.

    python3 -m venv /tmp/tf && /tmp/tf/bin/pip install keras==3.15.1 tensorflow-cpu==2.21.0 tf2onnx==1.17.0 onnx==1.23.2
    python3 -m venv /tmp/torch && /tmp/torch/bin/pip install torch==2.13.0 onnx==1.23.2 onnxscript==0.7.2 onnxruntime==1.32.0
    /tmp/tf/bin/python Tests/Golden/onnx_models.py keras
    /tmp/torch/bin/python Tests/Golden/onnx_models.py torch
    /tmp/torch/bin/python Tests/Golden/onnx_models.py runtime

Each run replaces its own models in expected.json.
"""

import json
import logging
import os
import pathlib
import sys
import warnings
import zlib

import numpy as np

warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
folder = pathlib.Path(__file__).parent / "onnx"
folder.mkdir(exist_ok=True)
kind = sys.argv[1]
expected = {}
refusals = {}


def numbers(name, shape, scale=1.0):
    return (np.random.default_rng(zlib.crc32(name.encode())).normal(size=shape) * scale).astype("float32")


def case(name, x, y):
    expected[name] = {"input": np.asarray(x).tolist(), "output": np.asarray(y).tolist()}


# ---------------------------------------------------------------------------------------------------- Keras


def from_keras():
    os.environ["KERAS_BACKEND"] = "tensorflow"
    import keras
    from keras import layers

    def export(name, *stack, shape=(4,)):
        model = keras.Sequential([keras.Input(shape), *stack])
        for number, variable in enumerate(model.variables):
            if "seed" in variable.path:
                continue
            values = numbers(f"{name}{number}", variable.shape, 0.6)
            variable.assign(np.abs(values) + 0.3 if variable.name in ("gamma", "scale", "moving_variance") else values)
        x = numbers(name, (3, *shape), 2)
        y = model(x)
        file = f"keras_{name}.onnx"
        model.export(str(folder / file), format="onnx", verbose=False)
        case(file, x, y)

    dense = layers.Dense
    export("mlp", dense(8, "relu"), layers.Dropout(0.5), dense(3, "softmax"))
    export("batch", dense(5), layers.BatchNormalization(), layers.ReLU(), dense(2))
    export("first_batch", layers.BatchNormalization(), dense(2))
    export("layer", dense(5), layers.LayerNormalization(), dense(2))
    export("layer_plain", dense(5), layers.LayerNormalization(scale=False, center=False))
    export("rms", dense(5), layers.RMSNormalization(), dense(2))
    export("rows", dense(6, "tanh"), dense(2), shape=(5, 4))
    export("shapes", layers.Rescaling(0.5, 1.0), layers.Flatten(), dense(8), layers.Reshape((2, 4)), dense(2), shape=(5, 4))
    export("prelu", dense(5), layers.PReLU(), dense(2))
    for activation in """relu6 leaky_relu elu selu celu gelu silu hard_silu mish sigmoid hard_sigmoid log_sigmoid
            log_softmax softplus softsign exponential hard_tanh tanh_shrink""".split():
        export(activation, dense(5, activation))
    export("gelu_tanh", dense(5), layers.Activation(lambda x: keras.ops.gelu(x, approximate=True)))


# ---------------------------------------------------------------------------------------------------- PyTorch


def from_torch():
    import torch
    from torch import nn

    def export(name, *modules, shape=(4,)):
        torch.manual_seed(zlib.crc32(name.encode()))
        model = nn.Sequential(*modules).eval()
        for number, tensor in enumerate([*model.parameters(), *model.buffers()]):
            if tensor.is_floating_point():
                values = numbers(f"{name}{number}", tuple(tensor.shape), 0.6)
                with torch.no_grad():
                    tensor.copy_(torch.from_numpy(np.abs(values) + 0.3 if number >= len(list(model.parameters())) else values))
        x = numbers(name, (3, *shape), 2)
        y = model(torch.from_numpy(x)).detach().numpy()
        for exporter in ["new", "old"]:
            file = f"torch_{name}_{exporter}.onnx"
            arguments = dict(opset_version=15) if exporter == "old" else dict(opset_version=20)
            if exporter == "old":
                torch.onnx.export(
                    model, (torch.from_numpy(x),), folder / file, dynamo=False, input_names=["input"],
                    dynamic_axes={"input": {0: "batch"}}, **arguments)
            else:
                shapes = ({0: torch.export.Dim("batch")},)
                torch.onnx.export(
                    model, (torch.from_numpy(x),), folder / file, dynamo=True, verbose=False, external_data=False,
                    dynamic_shapes=shapes, **arguments)
            case(file, x, y)

    linear = nn.Linear
    export("mlp", linear(4, 8), nn.ReLU(), nn.Dropout(0.5), linear(8, 3), nn.Softmax(-1))
    export("rows", linear(4, 6), nn.ReLU(), linear(6, 3), nn.LogSoftmax(-1), shape=(5, 4))
    export("batch", linear(4, 5), nn.BatchNorm1d(5), nn.Tanh(), nn.BatchNorm1d(5), linear(5, 2))
    export("flatten", linear(4, 3), nn.Flatten(), linear(15, 2), shape=(5, 4))
    export("no_bias", linear(4, 3, bias=False))
    # The older exporter's version 15 has no LayerNormalization and writes it out, and the gates.
    export("layer", linear(4, 5), nn.LayerNorm(5), linear(5, 2))
    for name, module in dict(
        gelu=nn.GELU(), gelu_tanh=nn.GELU("tanh"), silu=nn.SiLU(), mish=nn.Mish(), hard_swish=nn.Hardswish(),
        hard_sigmoid=nn.Hardsigmoid(), celu=nn.CELU(1.5), selu=nn.SELU(), elu=nn.ELU(0.5), relu6=nn.ReLU6(),
        hard_tanh=nn.Hardtanh(), softplus=nn.Softplus(), softsign=nn.Softsign(), log_sigmoid=nn.LogSigmoid(),
        tanh_shrink=nn.Tanhshrink(), prelu=nn.PReLU(5), leaky_relu=nn.LeakyReLU(0.1), sigmoid=nn.Sigmoid(),
    ).items():
        export(name, linear(4, 5), module)


# ---------------------------------------------------------------------------------------------------- ONNX Runtime


def from_runtime():
    import ml_dtypes
    import onnx
    import onnxruntime
    from onnx import TensorProto, helper, numpy_helper

    def write(name, nodes, constants, shape=(3, 4), opset=17, typed=False, run=True, first=None):
        """Writes a graph that leads from `x` to `y`, and what ONNX Runtime makes of it."""
        initializers = []
        for key, value in constants.items():
            if isinstance(value, onnx.TensorProto):
                initializers.append(value)
            elif typed:
                value = np.asarray(value)
                element = helper.np_dtype_to_tensor_dtype(value.dtype)
                initializers.append(helper.make_tensor(key, element, value.shape, value.flatten()))
            else:
                initializers.append(numpy_helper.from_array(np.asarray(value), key))
        dimensions = ["N", *shape[1:]]
        inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, dimensions if first is None else first)]
        outputs = [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)]
        if opset < 9:
            inputs += [helper.make_tensor_value_info(t.name, t.data_type, t.dims) for t in initializers]
        graph = helper.make_graph(nodes, name, inputs, outputs, initializers)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=3 if opset < 9 else 8)
        file = f"{name}.onnx"
        (folder / file).write_bytes(model.SerializeToString())
        x = numbers(name, shape, 2)
        if run:
            session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
            case(file, x, session.run(None, {"x": x})[0])
        return x

    def node(operation, inputs, output="y", **attributes):
        return helper.make_node(operation, inputs.split(), [output], **attributes)

    w, b = numbers("w", (4, 5)), numbers("b", (5,))
    chain = [node("MatMul", "x w", "a"), node("Add", "a b", "c"), node("Relu", "c")]
    write("typed", chain, {"w": w, "b": b}, typed=True)
    write("opset7", chain, {"w": w, "b": b}, opset=7)
    write("gemm", [node("Gemm", "x w b", alpha=0.5, beta=2.0)], {"w": w, "b": b})
    write("gemm_row", [node("Gemm", "x w b", transB=1)], {"w": w.T.copy(), "b": b.reshape(1, 5)})
    write("gemm_number", [node("Gemm", "x w b")], {"w": w, "b": np.float32(0.5)})
    write("gemm_alone", [node("Gemm", "x w")], {"w": w})
    write("transposed", [node("Transpose", "w", "t", perm=[1, 0]), node("MatMul", "x t")], {"w": w.T.copy()})
    write("bias_first", [node("MatMul", "x w", "a"), node("Add", "b a", "c"), node("Identity", "c")], {"w": w, "b": b})
    write("subtracted", [node("MatMul", "x w", "a"), node("Sub", "a b")], {"w": w, "b": b})
    write("scaled", [node("Mul", "x s", "a"), node("Add", "a t", "c"), node("Div", "c s", "d"), node("Neg", "d")],
          {"s": numbers("s", (4,)) + 3, "t": np.float32(0.25)})
    write("from_one", [node("Sub", "s x")], {"s": np.float32(1)})
    write("rows_of_5", [node("MatMul", "x w", "a"), node("Softmax", "a", axis=2)], {"w": w}, shape=(2, 3, 4))
    write("middle_axis", [node("MatMul", "x w", "a"), node("Softmax", "a", axis=1)], {"w": w}, shape=(2, 3, 4))
    write("softmax11", [node("MatMul", "x w", "a"), node("Softmax", "a")], {"w": w}, opset=11)
    write("clip_arguments", [node("Clip", "x", min=0.0, max=2.5)], {}, opset=10)
    write("clip_low", [node("Clip", "x lo")], {"lo": np.float32(0)})
    write("clip_nested", [node("Min", "x hi", "a"), node("Max", "a lo")], {"lo": np.float32(-1), "hi": np.float32(1)})
    write("hard_sigmoid", [node("HardSigmoid", "x")], {})
    write("threshold", [node("ThresholdedRelu", "x", alpha=0.75)], {})
    write("hard_shrink", [node("Shrink", "x", lambd=0.75)], {})
    write("soft_shrink", [node("Shrink", "x", lambd=0.75, bias=0.75)], {})
    write("batch", [node("BatchNormalization", "x g b m v", epsilon=0.01)],
          {"g": numbers("g", (4,)), "b": b[:4], "m": w[:, 0].copy(), "v": np.abs(w[:, 1])})
    write("batch_channels", [node("BatchNormalization", "x g b m v")],
          {"g": numbers("g", (3,)), "b": b[:3], "m": w[:3, 0].copy(), "v": np.abs(w[:3, 1])}, shape=(2, 3, 4))
    write("layer", [node("LayerNormalization", "x g b", axis=-1)], {"g": numbers("g", (4,)), "b": b[:4]})
    write("layer_axes", [node("LayerNormalization", "x g", axis=1)], {"g": numbers("g", (3, 4))}, shape=(2, 3, 4))
    write("dropout", [helper.make_node("Dropout", ["x", "r", "t"], ["a", "mask"]), node("Relu", "a")],
          {"r": np.float32(0.5), "t": np.array(False)})
    write("cast", [node("Cast", "x", "a", to=TensorProto.FLOAT), node("Relu", "a")], {})
    write("flatten", [node("Flatten", "x", "a"), node("MatMul", "a w")], {"w": numbers("w", (12, 2))}, shape=(2, 3, 4))
    write("reshape", [node("Reshape", "x s", "a"), node("MatMul", "a w")], {"s": np.array([0, -1, 2]), "w": w[:2]}, shape=(2, 3, 4))
    write("one_row", [node("Reshape", "x s", "a"), node("MatMul", "a w")], {"s": np.array([-1, 4]), "w": w}, shape=(2, 1, 4))
    write("prelu_one", [node("PRelu", "x s")], {"s": np.float32([0.25])}, shape=(2, 3, 4))
    write("prelu_channels", [node("PRelu", "x s")], {"s": numbers("s", (3, 1))}, shape=(2, 3, 4))
    write("reshape_32", [node("Reshape", "x s")], {"s": np.array([0, 0, -1])}, shape=(2, 3, 4), typed=True)
    write("constants", [
        node("Constant", "", "w", value=numpy_helper.from_array(w)), node("Constant", "", "s", value_float=0.5),
        node("MatMul", "x w", "a"), node("Mul", "a s")], {})
    write("square_gelu", [
        node("Mul", "x x", "x2"), node("Mul", "x2 x", "x3"), node("Mul", "x3 k", "kx3"), node("Add", "x kx3", "u"),
        node("Mul", "u r", "ru"), node("Tanh", "ru", "t"), node("Add", "one t", "g"), node("Mul", "x g", "xg"),
        node("Mul", "half xg")],
        {"k": np.float32(0.044715), "r": np.float32(np.sqrt(2 / np.pi)), "one": np.float32(1), "half": np.float32(0.5)})
    write("quick_gelu", [node("Mul", "x k", "kx"), node("Sigmoid", "kx", "s"), node("Mul", "x s")], {"k": np.float32(1.702)})
    write("scaled_silu", [node("Mul", "x k", "kx"), node("Sigmoid", "kx", "s"), node("Mul", "kx s")], {"k": np.float32(3)})
    write("gelu_halves", [
        node("Div", "x r", "z"), node("Erf", "z", "e"), node("Add", "e one", "g"), node("Mul", "x half", "h"),
        node("Mul", "h g")], {"r": np.float32(np.sqrt(2)), "one": np.float32(1), "half": np.float32(0.5)})
    write("no_shape", [node("MatMul", "x w", "a"), node("Tanh", "a")], {"w": w}, first=[None, None])
    write("fixed_batch", [node("Reshape", "x s", "a"), node("MatMul", "a w")], {"s": np.array([2, 12]), "w": numbers("w", (12, 2))},
          shape=(2, 3, 4), first=[2, 3, 4])
    def refused(name, says, nodes, constants={}, model=None, **options):
        """A graph that is refused with a sentence that has these words."""
        write(name, nodes, constants, run=False, **options)
        file = folder / f"{name}.onnx"
        if model is not None:
            proto = onnx.load_from_string(file.read_bytes())
            model(proto)
            file.write_bytes(proto.SerializeToString())
        refusals[file.name] = says

    refused("refused_conv", "'Conv' (node 'first')", [node("Conv", "x k", name="first")], {"k": numbers("k", (1, 1, 3))})
    refused("refused_unnamed", "'Sin' (node 'y')", [node("Sin", "x")])
    refused("refused_domain", "'com.microsoft.Gelu'", [node("Gelu", "x", domain="com.microsoft")])
    refused("refused_residual", "'Add' (node 'y') cannot be a layer. Expected a constant", [node("Tanh", "x", "a"), node("Add", "x a")])
    refused("refused_flow_product", "'MatMul' (node 'y') cannot be a layer. Expected a constant matrix", [node("MatMul", "x x")])
    refused("refused_no_units", "a column or more", [node("MatMul", "x w")], {"w": np.zeros((4, 0), "float32")})
    refused("refused_no_rows", "no columns", [node("Gemm", "x w", transB=1)], {"w": np.zeros((0, 4), "float32")})
    refused("refused_transposed", "'Gemm'", [node("Gemm", "x w", transA=1)], {"w": w})
    refused("refused_axis", "Its axis is 0", [node("Softmax", "x", axis=0)])
    refused("refused_softmax11", "Expected the last axis, received 1", [node("Softmax", "x", axis=1)], shape=(2, 3, 4), opset=11)
    refused("refused_training", "training mode", [node("BatchNormalization", "x v v v v", training_mode=1)], {"v": b[:4]})
    refused("refused_limits", "received 0.5 and 2.0", [node("Clip", "x lo hi")], {"lo": np.float32(0.5), "hi": np.float32(2)})
    refused("refused_batch", "It changes the batch axis, to 12", [node("Reshape", "x s")], {"s": np.array([12, 1])})
    refused("refused_division", "divides by what is no constant", [node("Div", "s x")], {"s": np.float32(1)})
    refused("refused_integers", "has a type that is not read", [node("MatMul", "x w")], {"w": np.ones((4, 2), np.int8)})
    refused("refused_rows", "several rows", [node("Reshape", "x s", "a"), node("MatMul", "a w")], {"s": np.array([-1, 4]), "w": w}, shape=(2, 3, 4))
    refused("refused_nothing", "The graph does nothing", [node("Identity", "x")], first=None,
            model=lambda m: m.graph.input[0].type.tensor_type.ClearField("shape"))
    refused("refused_two_inputs", "Received 2 and 1: 'x', 'z', 'y'", [node("Relu", "x")],
            model=lambda m: m.graph.input.append(helper.make_tensor_value_info("z", TensorProto.FLOAT, [1])))
    refused("refused_two_outputs", "Received 1 and 2", [node("Relu", "x")],
            model=lambda m: m.graph.output.append(helper.make_tensor_value_info("x", TensorProto.FLOAT, [1])))
    refused("refused_type", "no tensor of floating-point numbers", [node("Relu", "x")],
            model=lambda m: m.graph.input[0].type.tensor_type.__setattr__("elem_type", TensorProto.INT64))
    refused("refused_opset", "version 99 of ONNX's operators. Expected 7 to 26", [node("Relu", "x")],
            model=lambda m: m.opset_import[0].__setattr__("version", 99))
    refused("refused_no_opset", "does not say which version", [node("Relu", "x")], model=lambda m: m.ClearField("opset_import"))
    refused("refused_circle", "Nothing leads from the input 'x'", [node("Relu", "x")],
            model=lambda m: m.graph.node[0].__getattribute__("input").__setitem__(0, "y"))
    refused("refused_loop", "The graph has a circle", [node("Identity", "y")])
    refused("refused_unknown", "to the value 'nowhere'", [node("Relu", "nowhere")])
    refused("refused_twice", "Expected every value once, received 'y' twice", [node("Relu", "x"), node("Tanh", "x")])
    refused("refused_name_twice", "received 'w' twice", [node("MatMul", "x w")], {"w": w},
            model=lambda m: m.graph.initializer.append(m.graph.initializer[0]))
    external = onnx.TensorProto(name="w", data_type=TensorProto.FLOAT, dims=w.shape, data_location=TensorProto.EXTERNAL)
    external.external_data.add(key="location", value="/etc/passwd")
    refused("refused_external", "The tensor 'w' is in another file", [node("MatMul", "x w")], {"w": external})
    short = onnx.TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[1 << 40, 1 << 20], raw_data=b"1234")
    refused("refused_short", "the bytes in memory, up to the tensor 'w'", [node("MatMul", "x w")], {"w": short})
    overflow = onnx.TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[1 << 40, 1 << 40], raw_data=b"1234")
    refused("refused_overflow", "dimensions must be zero or more", [node("MatMul", "x w")], {"w": overflow})
    less = onnx.TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[4, 2], raw_data=b"1234")
    refused("refused_less", "Expected 32 bytes", [node("MatMul", "x w")], {"w": less})
    refused("refused_infinite", "Its constant is not finite", [node("Div", "x s")], {"s": np.float32(0)})
    refused("refused_many", "the number of nodes. Expected at most 10000", [node("Relu", "x")],
            model=lambda m: m.graph.node.extend([onnx.NodeProto()] * 10_000))

    # ONNX Runtime computes in these types; weights alone are of them here, and become float32.
    for name, element, dtype in [
        ("half", TensorProto.FLOAT16, np.float16), ("brain", TensorProto.BFLOAT16, ml_dtypes.bfloat16),
        ("double", TensorProto.DOUBLE, np.float64),
    ]:
        for raw in [True, False]:
            rounded = w.astype(dtype)
            if raw:
                tensor = onnx.TensorProto(name="w", data_type=element, dims=w.shape, raw_data=rounded.tobytes())
            elif name == "double":
                tensor = onnx.TensorProto(name="w", data_type=element, dims=w.shape, double_data=rounded.flatten())
            else:
                bits = rounded.view(np.uint16).astype(np.int32).flatten()
                tensor = onnx.TensorProto(name="w", data_type=element, dims=w.shape, int32_data=bits)
            title = f"{name}_{'raw' if raw else 'typed'}"
            x = write(title, [node("MatMul", "x w")], {"w": tensor}, run=False)
            case(f"{title}.onnx", x, x @ rounded.astype("float32"))


{"keras": from_keras, "torch": from_torch, "runtime": from_runtime}[kind]()
path = folder / "expected.json"
document = json.loads(path.read_text()) if path.exists() else {"cases": {}}
prefixes = {"keras": ("keras_",), "torch": ("torch_",)}
others = {
    name: value for name, value in document["cases"].items()
    if (kind != "runtime" and not name.startswith(prefixes[kind])) or (kind == "runtime" and name.startswith(("keras_", "torch_")))
}
document["refused"] = refusals or document.get("refused", {})
path.write_text(json.dumps({"refused": document["refused"], "cases": dict(sorted({**others, **expected}.items()))}))
print(kind, len(expected), "models")
