#!/usr/bin/env python3
"""Writes precision.golden and precision/: layers of low precision as Keras computes, quantizes and saves them.

Run by hand, as generate.py (README.md has the commands). Keras's numpy backend is the oracle.
"""

import json
import pathlib
import shutil
import warnings

import generate
import keras
import numpy as np
from generate import add, generator, normals, serialize
from keras import layers, quantizers

warnings.filterwarnings("ignore")
here = pathlib.Path(__file__).parent
folder = here / "precision"
files = {}

# Rows whose numbers are hard to make integers of: zeros, halves, one large number, none finite, and tiny ones.
HARD = np.array(
    [
        [0.0, -0.0, 0.0, 0.0, 0.0],
        [127.0, 0.5, 1.5, -2.5, -126.5],
        [1e30, 1.0, -1e28, 3e29, 0.0],
        [1.0, 2.0, np.inf, 3.0, 0.0],
        [1.0, np.nan, 2.0, 0.0, 0.0],
        [1e-45, -1e-45, 1e-40, 0.0, 1e-38],
        [1e-7, -1e-7, 5e-8, 0.0, 2e-8],
    ],
    "float32",
)


def fill(layer, name, mean=0.0):
    """Weights that are the same in every run; each unit of another size."""
    for index, variable in enumerate(layer.weights):
        values = normals(f"{name} {index}", variable.shape) + np.float32(mean)
        if len(variable.shape) == 2:
            values *= np.logspace(-2, 1, variable.shape[1], dtype="float32")
        variable.assign(values)


def weights_of(layer):
    """The weights by the names they have in Keras, as float32."""
    return {v.name: np.asarray(v).astype("float32") for v in layer.weights}


def fields(prefix, weights):
    return {f"{prefix}__0__{name}": value for name, value in weights.items()}


def quantized_case(name, shape, units, config, x=None, exact=True, **arguments):
    """A layer's weights before and after `quantize`, and what it computes then."""
    layer = layers.Dense(units, **arguments)
    layer.build(shape)
    # Where sums are rounded, they must not cancel out: the test would compare rounding.
    fill(layer, name, mean=0 if exact else 1)
    before = weights_of(layer)
    plain = layer.get_config()
    layer.quantize(config.mode, config=config)
    if x is None:
        x = normals(name + " x", shape)
        x = x if exact else np.abs(x)
    with np.errstate(all="ignore"):
        output = np.asarray(layer(x)).astype("float32")
    more = {"exact": "bits"} if exact else {}
    add(
        name, config=json.dumps(serialize(layer)), input=x, output=output, unquantized=json.dumps(plain),
        quantize=json.dumps(keras.saving.serialize_keras_object(config)), **fields("before", before),
        **fields("weights", weights_of(layer)), **more)


def int8():
    dynamic = quantizers.Int8QuantizationConfig
    for inputs, units in [(1, 1), (3, 5), (4, 16), (5, 17), (31, 15), (64, 64), (130, 70), (257, 33), (7, 129)]:
        for use_bias in (True, False):
            name = f"int8 {inputs}x{units} bias={use_bias}"
            quantized_case(name, (5, inputs), units, dynamic(), use_bias=use_bias)
    for activation in ("relu", "tanh", "gelu", "softmax", "glu"):
        quantized_case(f"int8 {activation}", (3, 12), 18, dynamic(), activation=activation, exact=activation == "relu")
    quantized_case("int8 rank 4", (2, 3, 2, 9), 20, dynamic())
    quantized_case("int8 hard rows", HARD.shape, 9, dynamic(), x=HARD)
    quantized_case(
        "int8 own ranges", (4, 21), 19,
        dynamic(quantizers.AbsMaxQuantizer(axis=0, value_range=(-100, 50)), quantizers.AbsMaxQuantizer(value_range=(-128, 90), epsilon=0.5)))
    weights_only = quantizers.Int8QuantizationConfig(activation_quantizer=None)
    for inputs, units in [(3, 5), (20, 40), (300, 33)]:
        quantized_case(f"int8 weights only {inputs}x{units}", (4, inputs), units, weights_only, exact=False)
    quantized_case("int8 weights only, tanh", (4, 20), 7, weights_only, exact=False, activation="tanh")


def int4():
    config = quantizers.Int4QuantizationConfig
    for inputs, units, size in [
        (1, 1, 128), (5, 3, 2), (8, 16, 8), (20, 17, 8), (40, 33, 16), (130, 16, 128), (300, 40, 128), (300, 18, 96),
        (70, 21, 12), (33, 15, 128), (260, 130, 1000),
    ]:
        quantized_case(f"int4 {inputs}x{units} in {size}", (4, inputs), units, config(block_size=size), exact=False)
    quantized_case("int4 without bias", (4, 40), 20, config(block_size=8), exact=False, use_bias=False)
    quantized_case("int4 gelu", (2, 3, 40), 20, config(), exact=False, activation="gelu")
    for inputs, units in [(1, 1), (7, 5), (20, 40), (300, 33)]:
        quantized_case(f"int4 {inputs}x{units}", (4, inputs), units, config(block_size=None), exact=False)
    quantized_case("int4 of -1", (4, 20), 18, config(block_size=-1), exact=False, use_bias=False, activation="tanh")
    for inputs, units in [(6, 5), (70, 33)]:
        both = config(block_size=None, activation_quantizer=quantizers.AbsMaxQuantizer())
        quantized_case(f"int4 with inputs of eight bits {inputs}x{units}", (4, inputs), units, both)
    own = quantizers.AbsMaxQuantizer(axis=0, value_range=(-8, 7), epsilon=0.25)
    quantized_case("int4 own epsilon", (4, 20), 18, config(own, block_size=None), exact=False)


# Numbers that are hard to round to float8: halves, the largest, the least, and what is none.
HARD8 = np.array(
    [
        [0.0, -0.0, 1.0625, 1.1875, -1.0625, 17.0],
        [448.0, 464.0, 465.0, -1e30, np.inf, -np.inf],
        [2**-9, 2**-10, 3 * 2**-10, 2**-6, 0.9 * 2**-6, -(2**-10) * 1.01],
        [1e-45, 1e-38, -1e-7, 0.001, 0.01, 240.0],
        [np.nan, 1.0, 2.0, 0.0, 0.0, 3.0],
    ],
    "float32",
)


def float8():
    for inputs, units in [(1, 1), (40, 33)]:
        quantized_case(f"float8 {inputs}x{units}", (4, inputs), units, quantizers.Float8QuantizationConfig(), exact=False)
    policy = keras.dtype_policies.QuantizedFloat8DTypePolicy("float8", "float32", amax_history_length=3)
    stored_case("float8 hard rows", HARD8.shape, 9, policy, {"inputs_scale": 1.0, "kernel_scale": 1.0}, x=HARD8)
    stored_case(
        "float8 scales", (4, 300), 18, policy, {"inputs_scale": 0.013, "kernel_scale": 0.0021, "kernel_amax_history": [1, 2, 3]})
    stored_case("float8 without bias", (2, 3, 20), 18, policy, {"kernel_scale": 0.25}, use_bias=False, activation="tanh")


def stored_case(name, shape, units, policy, weights, x=None, **arguments):
    """A layer of given weights, whose making needs data for calibration or training."""
    layer = layers.Dense(units, dtype=policy, **arguments)
    layer.build(shape)
    fill_integers(layer, name)
    for variable in layer.weights:
        if variable.name in weights:
            variable.assign(weights[variable.name])
    layer.is_gptq_calibrated = layer.is_awq_calibrated = True
    x = normals(name + " x", shape) if x is None else x
    with np.errstate(all="ignore"):
        output = np.asarray(layer(x)).astype("float32")
    add(
        name, config=json.dumps(serialize(layer)), input=x, output=output,
        **fields("weights", weights_of(layer)))


def fill_integers(layer, name):
    """Weights that are the same in every run, each of its type."""
    features = layer.input_spec.axes[-1]
    for index, variable in enumerate(layer.weights):
        numbers = generator(f"{name} {index}")
        if variable.name == "g_idx":
            groups = layer.kernel_scale.shape[1]
            variable.assign(np.arange(features) * groups // max(features, 1))
        elif variable.dtype == "uint8":
            largest = 256 if variable.name == "kernel" else 16
            variable.assign(numbers.integers(0, largest, variable.shape).astype("uint8"))
        elif variable.name in ("kernel_scale", "awq_scales"):
            variable.assign(numbers.uniform(0.01, 0.2, variable.shape).astype("float32"))
        elif "history" not in variable.name:
            variable.assign(normals(f"{name} {index}", variable.shape))


def calibrated():
    for bits, inputs, units, size in [
        (4, 1, 1, -1), (4, 6, 5, 4), (4, 40, 33, 16), (2, 20, 7, 8), (3, 20, 18, -1), (8, 20, 17, 6), (4, 300, 20, 128),
    ]:
        stored_case(f"gptq {bits} bits {inputs}x{units} in {size}", (3, inputs), units, f"gptq/{bits}/{size}_from_float32", {})
    order = np.array([2, 0, 1, 1, 0, 2, 2, 1, 0, 0, 1, 2] * 2, "float32")
    stored_case("gptq in order of activation", (3, 24), 18, "gptq/4/8_from_float32", {"g_idx": order}, use_bias=False)
    for inputs, units, size in [(1, 1, -1), (6, 5, 4), (40, 33, 16), (300, 20, 128)]:
        stored_case(
            f"awq {inputs}x{units} in {size}", (3, inputs), units, f"awq/4/{size}_from_float32", {}, activation="relu",
            quantization_config=quantizers.AWQConfig(None, None, group_size=size))


def lora_case(name, shape, units, rank, alpha=None, quantize=None, **arguments):
    """A layer with low-rank factors of its own, and the weights Keras saves of it: its kernel with the factors merged."""
    layer = layers.Dense(units, **arguments)
    layer.build(shape)
    fill(layer, name, mean=1 if quantize else 0)
    if quantize:
        layer.quantize(quantize.mode, config=quantize)
    layer.enable_lora(rank, lora_alpha=alpha)
    for index, factor in enumerate((layer.lora_kernel_a, layer.lora_kernel_b)):
        factor.assign(normals(f"{name} factor {index}", factor.shape, 0.3))
    x = np.abs(normals(name + " x", shape))
    merged = {}
    layer.save_own_variables(merged)
    saved = {"kernel": np.asarray(merged["0"]).astype("float32")}
    rest = [merged[key] for key in sorted(merged)][2 if layer.use_bias else 1 :]
    for saved_name, value in zip(("kernel_scale", "kernel_zero", "g_idx"), rest):
        saved[saved_name] = np.asarray(value).astype("float32")
    add(
        name, config=json.dumps(serialize(layer)), input=x, output=np.asarray(layer(x)), lora="",
        **fields("weights", weights_of(layer)), **fields("merged", saved))


def lora():
    lora_case("lora", (4, 20), 24, 3)
    lora_case("lora alpha", (2, 3, 17), 5, 2, alpha=7, activation="tanh")
    lora_case("lora half alpha", (5, 300), 40, 20, alpha=0.5, use_bias=False, activation="softmax")
    lora_case("lora int8", (4, 20), 24, 3, alpha=4, quantize=quantizers.Int8QuantizationConfig())
    lora_case(
        "lora int8 weights", (4, 20), 7, 2, quantize=quantizers.Int8QuantizationConfig(activation_quantizer=None),
        use_bias=False, activation="gelu")
    lora_case("lora int4", (4, 40), 24, 3, alpha=4, quantize=quantizers.Int4QuantizationConfig(block_size=16))
    lora_case("lora int4 narrow", (4, 20), 7, 3, quantize=quantizers.Int4QuantizationConfig(), use_bias=False)
    lora_case(
        "lora int4 for each unit", (4, 20), 24, 2, quantize=quantizers.Int4QuantizationConfig(block_size=None),
        activation="tanh")


def model():
    keras.utils.set_random_seed(1)
    network = keras.Sequential(
        [keras.Input((12,)), layers.Dense(20, activation="relu"), layers.Dense(9, use_bias=False), layers.Dense(4)],
        name="network")
    for index, layer in enumerate(network.layers):
        fill(layer, f"network {index}")
    return network


def file_case(name, network, shape=(3, 12), **more):
    # Of some inputs the one whose outputs are least what is left of sums that cancel out.
    x = max((normals(f"{name} {index}", shape) for index in range(64)), key=lambda x: np.abs(network(x)).min())
    files[name] = {"input": x.tolist(), "output": np.asarray(network(x)).astype("float32").tolist(), **more}


def calibrated_files(mode):
    """A model of layers that are made of weights, since making them needs data for calibration."""
    name = mode.replace("/", "-").replace("--", "-")
    network = keras.Sequential(
        [
            keras.Input((12,)), layers.Dense(20, activation="relu", dtype=f"{mode}_from_float32"),
            layers.Dense(4, use_bias=False, dtype=f"{mode}_from_float32"),
        ],
        name="network")
    for index, layer in enumerate(network.layers):
        fill_integers(layer, f"{mode} {index}")
        layer.is_gptq_calibrated = layer.is_awq_calibrated = True
    network.save(folder / f"{name}.keras")
    (folder / f"{name}.json").write_text(network.to_json())
    file_case(f"{name}.keras", keras.models.load_model(folder / f"{name}.keras"))


def save_zero_points(layer, store):
    """What `save_own_variables` writes of gptq and awq in later releases: 3.15.1 forgets the zero points, and then reads
    nothing of what it wrote."""
    if layer.quantization_mode not in ("gptq", "awq"):
        return save_others(layer, store)
    names = layer.variable_serialization_spec[layer.quantization_mode]
    for index, name in enumerate(name for name in names if getattr(layer, name) is not None):
        store[str(index)] = getattr(layer, name)


save_others = layers.Dense.save_own_variables
layers.Dense.save_own_variables = save_zero_points


def model_files():
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, config in [
        ("int8", quantizers.Int8QuantizationConfig()),
        ("int8-weights", quantizers.Int8QuantizationConfig(activation_quantizer=None)),
        ("int4", quantizers.Int4QuantizationConfig(block_size=8)),
        ("int4-units", quantizers.Int4QuantizationConfig(block_size=None)),
        ("float8", quantizers.Float8QuantizationConfig()),
    ]:
        network = model()
        network.quantize(config=config)
        network.save(folder / f"{name}.keras")
        file_case(f"{name}.keras", network)
        (folder / f"{name}.json").write_text(network.to_json())
        if name != "float8":
            network.save_weights(folder / f"{name}.weights.h5")
            file_case(f"{name}.weights.h5", network, config=f"{name}.json")
    for mode in ("gptq/4/8", "gptq/2/-1", "awq/4/5"):
        calibrated_files(mode)
    for name, config in [
        ("lora", None), ("lora-int8", quantizers.Int8QuantizationConfig()), ("lora-int4", quantizers.Int4QuantizationConfig()),
    ]:
        network = model()
        if config:
            network.quantize(config=config)
        layer = network.layers[1]
        layer.enable_lora(2, lora_alpha=3)
        layer.lora_kernel_b.assign(normals(name + " b", layer.lora_kernel_b.shape, 0.3))
        network.save(folder / f"{name}.keras")
        # Keras merges what it saves.
        file_case(f"{name}.keras", keras.models.load_model(folder / f"{name}.keras"))
    for name in ("int8", "int4", "gptq-4-8", "awq-4-5"):
        network = keras.models.load_model(folder / f"{name}.keras")
        np.savez(folder / f"{name}.npz", *network.get_weights())
        file_case(f"{name}.npz", network, config=f"{name}.json")
    document = {"keras": keras.__version__, "cases": files}
    (folder / "expected.json").write_text(json.dumps(document))


if __name__ == "__main__":
    int8()
    int4()
    float8()
    calibrated()
    lora()
    generate.write(str(here / "precision.golden"))
    model_files()
    print(len(files), "files", sum(f.stat().st_size for f in folder.iterdir()), "bytes")
