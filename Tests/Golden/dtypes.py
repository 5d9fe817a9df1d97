#!/usr/bin/env python3
"""Writes dtypes.golden and dtypes/: layers of Keras's dtype policies of 16 bits, what they compute and how they are saved;
with the argument `float64` float64.golden and float64/.

Run by hand, as generate.py (README.md has the commands). Keras's numpy backend is the oracle of 16 bits, whose numbers stand in
the file as float32, which holds them exactly. What computes in float64 is Keras's tensorflow backend alone: the policy of that
name gives float32 in the others (keras/src/backend/common/dtypes.py).
"""

import json
import os
import pathlib
import shutil
import sys
import warnings

IS_FLOAT64 = sys.argv[1:] == ["float64"]
os.environ["KERAS_BACKEND"] = "tensorflow" if IS_FLOAT64 else "numpy"

import keras  # noqa: E402  Before generate, which chooses numpy.
import generate  # noqa: E402
import numpy as np  # noqa: E402
from generate import add, generator, serialize  # noqa: E402
from keras import layers  # noqa: E402

warnings.filterwarnings("ignore")
here = pathlib.Path(__file__).parent
NAME = "float64" if IS_FLOAT64 else "dtypes"
folder = here / NAME
files = {}

HALVES = ["float16", "bfloat16", "mixed_float16", "mixed_bfloat16"]
POLICIES = ["float64"] if IS_FLOAT64 else HALVES
# How many units of the last place these are off. The numpy backend's squareplus of 16 bits loses what it squares (its sparsemax
# gives float64, whatever it is given, and is left out); TensorFlow rounds the constants of these two to float32.
ODD = {"gelu": 1e6, "leaky_relu": 1e6} if IS_FLOAT64 else {"squareplus": 8}
ACTIVATIONS = """linear relu relu6 leaky_relu elu selu celu gelu silu hard_silu mish sigmoid hard_sigmoid log_sigmoid
sparse_sigmoid softmax log_softmax sparsemax softplus softsign squareplus sparse_plus exponential tanh hard_tanh tanh_shrink
hard_shrink soft_shrink glu""".split()


def numbers(name, shape, scale=1.0):
    return generator(name).normal(size=shape) * scale


def stored(value):
    """As the file holds it: float64 as it is, what has 16 bits as float32."""
    value = np.asarray(value)
    return value if value.dtype == np.float64 else value.astype("float32")


def case(name, stack, shape, exact=False, x=None, integers=False, tolerance=None):
    """What a stack makes of an input given in float64, which it casts itself."""
    network = keras.Sequential(stack)
    if not network.built:
        network.build(shape)
    fields = {}
    # Keras hides input layers, but for those it is given.
    all_layers = network._layers if isinstance(stack[0], keras.KerasTensor) else network.layers
    for index, layer in enumerate(all_layers):
        for variable in layer.weights:
            values = numbers(f"{name} {index} {variable.name}", variable.shape, 0.6)
            if integers:
                values = generator(f"{name} {index} {variable.name}").integers(-3, 4, size=variable.shape).astype("float64")
            if "variance" in variable.name:
                values = np.abs(values) + 0.5
            variable.assign(values)
            fields[f"weights__{index}__{variable.name}"] = stored(variable.value)
    if x is None:
        x = numbers(name + " x", shape)
        if integers:
            x = generator(name + " x").integers(-3, 4, size=shape).astype("float64")
    with np.errstate(all="ignore"):
        output = np.asarray(network(x.astype("float64")))
    fields |= {"input": x.astype("float64"), "output": stored(output)}
    more = {"exact": "bits"} if exact else {}
    if tolerance:
        more["ulps"] = str(tolerance)
    config = [serialize(layer) for layer in all_layers]
    add(name, config=json.dumps(config), dtype=str(output.dtype), **fields, **more)


def dense():
    for policy in POLICIES:
        def layer(units, **more):
            return layers.Dense(units, dtype=policy, **more)

        # Sums of small integers are exact in float32, and in 16 bits as long as they are small.
        case(f"{policy} integers", [layer(17)], (3, 9), exact=True, integers=True)
        case(f"{policy} narrow integers", [layer(5, use_bias=False)], (4, 40), exact=True, integers=True)
        case(f"{policy} wide", [layer(18)], (5, 300))
        case(f"{policy} narrow", [layer(3)], (2, 3, 300))
        case(f"{policy} stack", [layer(33, activation="relu"), layer(20, activation="tanh"), layer(4)], (3, 21))
        case(f"{policy} large", [layer(4, use_bias=False)], (2, 3), x=np.array([[1e5, 3e4, -7e4], [1e-9, 1e38, -1e-41]]))
        # What is computed in is the same type where variables are of another.
        for activation in ACTIVATIONS if not policy.startswith("mixed") else ["gelu"]:
            if IS_FLOAT64 or activation != "sparsemax":
                case(
                    f"{policy} {activation}", [layers.Activation(activation, dtype=policy)], (3, 34), x=SMOOTH,
                    tolerance=ODD.get(activation))
        case(f"{policy} leaky 0.3", [layers.LeakyReLU(0.3, dtype=policy)], (3, 34), x=SMOOTH, exact=not IS_FLOAT64,
            tolerance=ODD.get("leaky_relu"))
        case(f"{policy} gelu dense", [layer(18, activation="gelu")], (3, 12), tolerance=ODD.get("gelu"))
        case(f"{policy} softmax dense", [layer(18, activation="softmax")], (3, 12))
        case(f"{policy} glu dense", [layer(18, activation="glu")], (3, 12))
        case(
            f"{policy} shapes", [layer(6), layers.Dropout(0.5, dtype=policy), layers.Reshape((3, 2), dtype=policy),
            layers.Flatten(data_format="channels_first", dtype=policy), layers.ReLU(dtype=policy)], (2, 5))


SMOOTH = np.linspace(-7.5, 7.5, 3 * 34).reshape(3, 34)


def others():
    for policy in HALVES:
        case(f"{policy} batch normalization", [layers.BatchNormalization(dtype=policy)], (4, 7))
        case(f"{policy} layer normalization", [layers.LayerNormalization(dtype=policy)], (4, 20))
        case(f"{policy} rms normalization", [layers.RMSNormalization(dtype=policy)], (4, 20))
        case(f"{policy} unit normalization", [layers.UnitNormalization(dtype=policy)], (4, 20))
        case(f"{policy} rescaling", [layers.Rescaling(1 / 3.0, offset=-0.7, dtype=policy)], (4, 7), exact=True)
        case(f"{policy} prelu", [layers.PReLU(dtype=policy)], (4, 7), exact=True)
        case(
            f"{policy} normalization", [layers.Normalization(mean=[1.1, -2, 0.3], variance=[2.0, 0.5, 3], dtype=policy)],
            (4, 3), exact=True)
    mixed = [
        layers.Dense(9, dtype="bfloat16"), layers.Dense(20, dtype="float32", activation="relu"),
        layers.Dense(7, dtype="float16"), layers.Activation("tanh", dtype="float32"), layers.Dense(3, dtype="bfloat16"),
    ]
    case("several types", mixed, (3, 8))
    case("an input layer of float16", [keras.Input((8,), dtype="float16"), layers.Dense(5)], (3, 8))


def doubles():
    case("an input layer of float32", [keras.Input((8,)), layers.Dense(5, dtype="float64")], (3, 8))
    case("float64 between others", [layers.Dense(9), layers.Dense(20, dtype="float64"), layers.Dense(3)], (3, 8))


def file_case(name, network, shape=(3, 12), **more):
    x = numbers(name, shape).astype("float32")
    output = np.asarray(network(x))
    files[name] = {
        "input": x.tolist(), "output": output.astype("float64").tolist(), "dtype": str(output.dtype), **more}


def model_files():
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for policy in POLICIES:
        network = keras.Sequential(
            [keras.Input((12,), dtype="float32"), layers.Dense(20, activation="relu", dtype=policy),
             layers.Dense(4, dtype=policy)], name="network")
        for index, variable in enumerate(network.weights):
            variable.assign(numbers(f"{policy} {index}", variable.shape))
        network.save(folder / f"{policy}.keras")
        file_case(f"{policy}.keras", network)
    document = {"keras": keras.__version__, "cases": files}
    (folder / "expected.json").write_text(json.dumps(document))


if __name__ == "__main__":
    dense()
    doubles() if IS_FLOAT64 else others()
    generate.write(str(here / f"{NAME}.golden"))
    model_files()
    print(len(files), "files", sum(f.stat().st_size for f in folder.iterdir()), "bytes")
