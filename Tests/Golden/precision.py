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


def fill(layer, name):
    """Weights that are the same in every run; each unit of another size."""
    for index, variable in enumerate(layer.weights):
        values = normals(f"{name} {index}", variable.shape)
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
    fill(layer, name)
    before = weights_of(layer)
    plain = layer.get_config()
    layer.quantize(config.mode, config=config)
    x = normals(name + " x", shape) if x is None else x
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


def lora_case(name, shape, units, rank, alpha=None, quantize=None, **arguments):
    """A layer with low-rank factors of its own, and the weights Keras saves of it: its kernel with the factors merged."""
    layer = layers.Dense(units, **arguments)
    layer.build(shape)
    fill(layer, name)
    if quantize:
        layer.quantize(quantize.mode, config=quantize)
    layer.enable_lora(rank, lora_alpha=alpha)
    for index, factor in enumerate((layer.lora_kernel_a, layer.lora_kernel_b)):
        factor.assign(normals(f"{name} factor {index}", factor.shape, 0.3))
    x = normals(name + " x", shape)
    merged = {}
    layer.save_own_variables(merged)
    saved = {"kernel": np.asarray(merged["0"]).astype("float32")}
    if quantize:
        saved["kernel_scale"] = np.asarray(merged["2" if layer.use_bias else "1"])
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


def model():
    keras.utils.set_random_seed(1)
    network = keras.Sequential(
        [keras.Input((12,)), layers.Dense(20, activation="relu"), layers.Dense(9, use_bias=False), layers.Dense(4)],
        name="network")
    for index, layer in enumerate(network.layers):
        fill(layer, f"network {index}")
    return network


def file_case(name, network, shape=(3, 12), **more):
    x = normals(name, shape)
    files[name] = {"input": x.tolist(), "output": np.asarray(network(x)).astype("float32").tolist(), **more}


def model_files():
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, config in [
        ("int8", quantizers.Int8QuantizationConfig()),
        ("int8-weights", quantizers.Int8QuantizationConfig(activation_quantizer=None)),
    ]:
        network = model()
        network.quantize(config=config)
        network.save(folder / f"{name}.keras")
        file_case(f"{name}.keras", network)
        network.save_weights(folder / f"{name}.weights.h5")
        (folder / f"{name}.json").write_text(network.to_json())
        file_case(f"{name}.weights.h5", network, config=f"{name}.json")
    for name, config in [("lora", None), ("lora-int8", quantizers.Int8QuantizationConfig())]:
        network = model()
        if config:
            network.quantize(config=config)
        layer = network.layers[1]
        layer.enable_lora(2, lora_alpha=3)
        layer.lora_kernel_b.assign(normals(name + " b", layer.lora_kernel_b.shape, 0.3))
        network.save(folder / f"{name}.keras")
        # Keras merges what it saves.
        file_case(f"{name}.keras", keras.models.load_model(folder / f"{name}.keras"))
    np.savez(folder / "int8.npz", *keras.models.load_model(folder / "int8.keras").get_weights())
    file_case("int8.npz", keras.models.load_model(folder / "int8.keras"), config="int8.json")
    document = {"keras": keras.__version__, "cases": files}
    (folder / "expected.json").write_text(json.dumps(document))


if __name__ == "__main__":
    int8()
    lora()
    generate.write(str(here / "precision.golden"))
    model_files()
    print(len(files), "files", sum(f.stat().st_size for f in folder.iterdir()), "bytes")
