"""Keras and a running server exchange models: keras_models.py HOST PORT

Every kind of layer is saved by Keras, registered, exported again and loaded by Keras: the server and the loaded model have to
give what the first model gave. Adapters, beside them and merged, are compared with layers whose low-rank terms Keras trained.
"""

import os
import sys
import tempfile

os.environ.setdefault("KERAS_BACKEND", "numpy")

import keras
import numpy as np
import requests
from safetensors.numpy import save

from comparison import expect

host, port = sys.argv[1], int(sys.argv[2])
url = f"http://{host}:{port}"
numbers = np.random.default_rng(11)
octets = {"Content-Type": "application/octet-stream"}
work = tempfile.mkdtemp()
path = os.path.join(work, "model.keras")


def agrees(expected, received):
    expected, received = np.asarray(expected, np.float64), np.asarray(received, np.float64)
    if expected.shape != received.shape:
        return f"shape {received.shape}"
    worst = np.max(np.abs(expected - received) - 1e-6 - 1e-5 * np.abs(expected), initial=0)
    return "within 1e-6 + 1e-5" if worst <= 0 else f"{worst} too much"


def compare(what, expected, received):
    expect(what, "within 1e-6 + 1e-5", agrees(expected, received))


def register(name, content, query=""):
    response = requests.put(f"{url}/models/{name}{query}", data=content, headers=octets, timeout=60)
    if response.status_code not in (200, 201):
        sys.exit(f"error: {name} is not registered: {response.text}")
    return response.json()["version"]


def output(name, inputs, **members):
    response = requests.post(
        f"{url}/dense", json={"model": name, "input": inputs.tolist()} | members, timeout=60)
    if response.status_code != 200:
        sys.exit(f"error: {name} gives {response.text}")
    return response.json()["output"]


def exported(name, version, query=""):
    response = requests.get(f"{url}/models/{name}/versions/{version}/file?format=keras{query}", timeout=60)
    if response.status_code != 200:
        sys.exit(f"error: {name} is not exported: {response.text}")
    with open(path, "wb") as file:
        file.write(response.content)
    return keras.saving.load_model(path)


def randomize(model):
    """Weights as training might leave them: variances stay positive."""
    # What `Normalization` computes with is not its weights, once it is adapted.
    trained = [layer for layer in model.layers if not isinstance(layer, keras.layers.Normalization)]
    for weight in [weight for layer in trained for weight in layer.weights]:
        values = numbers.standard_normal(weight.shape).astype(np.float32) * 0.5
        if "variance" in weight.path or "gamma" in weight.path:
            values = np.abs(values) + 0.5
        weight.assign(values)


def saved(model):
    model.save(path)
    with open(path, "rb") as file:
        return file.read()


def round_trip(name, layers, shape=(6,)):
    """Keras to the server and back."""
    model = keras.Sequential([keras.layers.Input(shape), *layers])
    randomize(model)
    inputs = (numbers.standard_normal((5, *shape)) * 1.5).astype(np.float32)
    expected = np.asarray(model(inputs))
    version = register(name, saved(model))
    compare(f"{name}: the server", expected, output(name, inputs))
    compare(f"{name}: the export", expected, exported(name, version)(inputs))


def activations():
    plain = [
        "linear", "relu", "relu6", "leaky_relu", "elu", "selu", "celu", "gelu", "silu", "hard_silu", "mish", "sigmoid",
        "hard_sigmoid", "log_sigmoid", "sparse_sigmoid", "softmax", "log_softmax", "sparsemax", "softplus", "softsign",
        "squareplus", "sparse_plus", "exponential", "tanh", "hard_tanh", "tanh_shrink", "hard_shrink", "soft_shrink", "glu",
    ]
    for name in plain:
        round_trip(f"dense-{name}", [keras.layers.Dense(4, activation=name)])
        round_trip(f"activation-{name}", [keras.layers.Activation(name)])
    for layer in [
        keras.layers.ReLU(max_value=1.5, negative_slope=0.1, threshold=0.2), keras.layers.LeakyReLU(negative_slope=0.4),
        keras.layers.ELU(alpha=0.7), keras.layers.Softmax(axis=-1), keras.layers.PReLU(), keras.layers.Identity(),
        keras.layers.ActivityRegularization(l1=0.1),
    ]:
        round_trip(f"layer-{type(layer).__name__}", [layer])
        if not layer.weights:
            config = keras.layers.serialize(layer)
            dense = keras.layers.Dense(4, activation=keras.layers.deserialize(config))
            if type(layer).__name__ not in ("Identity", "ActivityRegularization", "PReLU"):
                round_trip(f"dense-with-{type(layer).__name__}", [dense])


def arguments():
    """Activations with arguments, which requests may give and Keras has no names for."""
    given = {
        "relu": dict(negative_slope=0.1, max_value=1.0, threshold=0.2), "leaky_relu": dict(negative_slope=0.3),
        "elu": dict(alpha=0.5), "celu": dict(alpha=0.5), "gelu": dict(approximate=True), "softmax": dict(axis=-2),
        "log_softmax": dict(axis=-2), "sparsemax": dict(axis=-2), "glu": dict(axis=-2), "squareplus": dict(b=2.0),
        "hard_shrink": dict(threshold=0.8), "soft_shrink": dict(threshold=0.3),
        "threshold": dict(threshold=0.1, default_value=-2.0),
    }
    for name, members in given.items():
        kernel = numbers.standard_normal((3, 4)).astype(np.float32)
        inputs = numbers.standard_normal((5, 2, 3)).astype(np.float32)
        config = {"units": 4, "activation": {"name": name} | members, "use_bias": False, "batch_input_shape": [None, 2, 3]}
        document = {"layers": [{"layer": config, "weights": {"kernel": kernel.tolist()}}]}
        model = f"arguments-{name}"
        response = requests.put(f"{url}/models/{model}", json=document, timeout=60)
        expect(f"{model}: registered", True, response.status_code in (200, 201))
        expected = np.asarray(getattr(keras.activations, name)(keras.ops.matmul(inputs, kernel), **members))
        compare(f"{model}: the server", expected, output(model, inputs))
        loaded = exported(model, response.json()["version"])
        compare(f"{model}: the export", expected, loaded(inputs))
        again = register(model + "-again", saved(loaded))
        compare(f"{model}: saved by Keras and registered again", expected, output(model + "-again", inputs, version=again))


def layers():
    round_trip("batch-normalization", [keras.layers.Dense(4), keras.layers.BatchNormalization()])
    round_trip("batch-normalization-bare", [keras.layers.BatchNormalization(scale=False, center=False)])
    round_trip("layer-normalization", [keras.layers.LayerNormalization(epsilon=1e-5)])
    round_trip("layer-normalization-axes", [keras.layers.LayerNormalization(axis=[-2, -1])], shape=(3, 4))
    round_trip("rms-normalization", [keras.layers.RMSNormalization()])
    round_trip("unit-normalization", [keras.layers.UnitNormalization()])
    round_trip("rescaling", [keras.layers.Rescaling(1 / 255, offset=-0.5)])
    mean, variance = numbers.standard_normal(6), numbers.random(6) + 0.5
    round_trip("normalization-given", [keras.layers.Normalization(mean=mean.tolist(), variance=variance.tolist())])
    adapted = keras.layers.Normalization()
    adapted.adapt(numbers.standard_normal((20, 6)).astype(np.float32))
    round_trip("normalization-adapted", [adapted, keras.layers.Dense(3)])
    round_trip("flatten", [keras.layers.Flatten(), keras.layers.Dense(3)], shape=(2, 3))
    round_trip("reshape", [keras.layers.Reshape((3, -1)), keras.layers.Dense(3)])
    round_trip("dropouts", [
        keras.layers.Dropout(0.5), keras.layers.GaussianNoise(0.1), keras.layers.GaussianDropout(0.1),
        keras.layers.AlphaDropout(0.1), keras.layers.Dense(3)])
    round_trip("no-bias", [keras.layers.Dense(3, use_bias=False)])
    round_trip("regularized", [
        keras.layers.Dense(3, kernel_regularizer="l2", bias_constraint="non_neg", activity_regularizer="l1")])
    round_trip("deep", [keras.layers.Dense(40, activation="gelu"), keras.layers.Dropout(0.1),
                        keras.layers.LayerNormalization(), keras.layers.Dense(7, activation="softmax")])


def quantized():
    model = keras.Sequential([keras.layers.Input((64,)), keras.layers.Dense(32, activation="relu"), keras.layers.Dense(5)])
    randomize(model)
    inputs = numbers.standard_normal((9, 64)).astype(np.float32)
    version = register("by-the-server", saved(model), "?quantize=int8")
    model.quantize("int8")
    expected = np.asarray(model(inputs))
    compare("quantize=int8: the server", expected, output("by-the-server", inputs))
    compare("quantize=int8: the export", expected, exported("by-the-server", version)(inputs))
    version = register("by-keras", saved(model))
    compare("int8 of Keras: the server", expected, output("by-keras", inputs))
    compare("int8 of Keras: the export", expected, exported("by-keras", version)(inputs))


def adapters():
    """The base registered, what Keras calls LoRA beside it."""
    for mode in [None, "int8"]:
        model = keras.Sequential([
            keras.layers.Input((24,)), keras.layers.Dense(40, activation="tanh", name="first"),
            keras.layers.Dense(6, activation="softmax", name="second")])
        randomize(model)
        if mode:
            model.quantize(mode)
        name = f"adapted-{mode or 'float32'}"
        version = register(name, saved(model))
        inputs = numbers.standard_normal((7, 24)).astype(np.float32)
        base = np.asarray(model(inputs))
        document = {"layers": {}}
        tensors = {}
        for layer in model.layers:
            layer.enable_lora(3, lora_alpha=6)
            a = numbers.standard_normal(layer.lora_kernel_a.shape).astype(np.float32) * 0.3
            b = numbers.standard_normal(layer.lora_kernel_b.shape).astype(np.float32) * 0.3
            layer.lora_kernel_a.assign(a)
            layer.lora_kernel_b.assign(b)
            document["layers"][layer.name] = {
                "lora_kernel_a": a.tolist(), "lora_kernel_b": b.tolist(), "lora_alpha": 6}
            tensors[f"base_model.model.{layer.name}.lora_A.weight"] = np.ascontiguousarray(a.T)
            tensors[f"base_model.model.{layer.name}.lora_B.weight"] = np.ascontiguousarray(b.T)
        response = requests.put(f"{url}/models/{name}/adapters/a", json=document, timeout=60)
        expect(f"{name}: its adapter is registered", True, response.status_code in (200, 201))
        response = requests.put(
            f"{url}/models/{name}/adapters/a?lora_alpha=6", data=save(tensors), headers=octets, timeout=60)
        expect(f"{name}: PEFT's file is the same adapter", 200, response.status_code)
        expected = np.asarray(model(inputs))
        compare(f"{name}: with its adapter", expected, output(name, inputs, adapter="a"))
        compare(f"{name}: without", base, output(name, inputs))
        model.save(path)
        merged = keras.saving.load_model(path)
        loaded = exported(name, version, "&adapter=a")
        for ours, theirs in zip(loaded.weights, [w for w in merged.weights if "lora" not in w.path], strict=True):
            if "int" in str(ours.dtype):
                steps = np.max(np.abs(np.asarray(ours).astype(np.int32) - np.asarray(theirs).astype(np.int32)))
                expect(f"{name}: {ours.path} merged, at most a step away", True, steps <= 1)
            else:
                compare(f"{name}: {ours.path} merged", np.asarray(theirs), np.asarray(ours))
        compare(f"{name}: the merged export", np.asarray(merged(inputs)), np.asarray(loaded(inputs)))


print(f"Keras {keras.__version__} with {keras.backend.backend()}")
activations()
arguments()
layers()
quantized()
adapters()
