#!/usr/bin/env python3
"""Writes model files with normalizations and graphs as Keras and safetensors do: Tests/Golden/graphs/.

    /tmp/keras/bin/pip install keras==3.15.1 numpy==2.4.6 scipy jax==0.10.2 h5py==3.16.0 safetensors==0.8.0
    /tmp/keras/bin/python Tests/Golden/graphs.py

Files carry dates, so they differ from run to run; the weights in them do not.
"""

import json
import os
import pathlib
import shutil
import zlib

os.environ["KERAS_BACKEND"] = "numpy"

import h5py
import keras
import numpy as np
from keras import layers
from safetensors.numpy import save_file

folder = pathlib.Path(__file__).parent / "graphs"
shutil.rmtree(folder, ignore_errors=True)
folder.mkdir()
expected = {}


def fill(model):
    """Weights that are the same in every run."""
    random = np.random.default_rng(zlib.crc32(model.name.encode()))
    for variable in model.variables:
        if "seed" in variable.path:
            continue
        values = random.normal(size=variable.shape, scale=0.7)
        if variable.name in ("gamma", "scale", "moving_variance"):
            values = np.abs(values) + 0.4
        variable.assign(values.astype("float32"))
    return model


def case(name, model, shape, **more):
    x = np.random.default_rng(zlib.crc32(name.encode())).normal(size=shape).astype("float32")
    expected[name] = {"input": x.tolist(), "output": np.asarray(model(x, training=False)).tolist(), **more}


def save(model, shape, legacy=True):
    fill(model)
    model.save(folder / f"{model.name}.keras")
    case(f"{model.name}.keras", model, shape)
    if legacy:
        model.save(folder / f"{model.name}.h5")
        case(f"{model.name}.h5", model, shape)
    return model


model = save(keras.Sequential([
    keras.Input((4,)), layers.BatchNormalization(), layers.Dense(6, use_bias=False),
    layers.BatchNormalization(scale=False, epsilon=1e-5), layers.ReLU(), layers.GaussianDropout(0.2),
    layers.Dense(3, activation="softmax"),
], name="batch"), (3, 4))
model.save_weights(folder / "batch.weights.h5")
(folder / "batch.json").write_text(model.to_json())
case("batch.weights.h5", model, (3, 4), config="batch.json")

# PyTorch's names for the same.
a, b, c, d = [layer.get_weights() for layer in model.layers if layer.get_weights()]
save_file({
    "0.weight": a[0], "0.bias": a[1], "0.running_mean": a[2], "0.running_var": a[3],
    "0.num_batches_tracked": np.array(7), "1.weight": b[0].T.copy(), "2.bias": c[0], "2.running_mean": c[1],
    "2.running_var": c[2], "5.weight": d[0].T.copy(), "5.bias": d[1],
}, folder / "batch.safetensors")
case("batch.safetensors", model, (3, 4), config="batch.json")

save(keras.Sequential([
    keras.Input((5, 4)), layers.LayerNormalization(), layers.Dense(6, activation="gelu"), layers.RMSNormalization(),
    layers.PReLU(shared_axes=[1]), layers.LayerNormalization(axis=[1, 2], center=False), layers.Flatten(),
    layers.UnitNormalization(), layers.GaussianNoise(0.1), layers.ActivityRegularization(l2=0.1), layers.Dense(3),
], name="layer"), (2, 5, 4))

(folder / "expected.json").write_text(json.dumps({"keras": keras.__version__, "h5py": h5py.__version__, "cases": expected}))
print(len(expected), "cases", sum(f.stat().st_size for f in folder.iterdir()), "bytes")
