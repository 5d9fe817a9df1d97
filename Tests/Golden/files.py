"""Writes model files as Keras, h5py, NumPy and safetensors do, and what Keras computes with them: Tests/Golden/files/.

    /tmp/keras/bin/pip install keras==3.15.1 numpy==2.4.6 scipy jax==0.10.2 h5py==3.16.0 safetensors==0.8.0
    /tmp/keras/bin/python Tests/Golden/files.py

Files carry dates, so they differ from run to run; the weights in them do not.
"""

import json
import os
import pathlib
import shutil
import struct
import zipfile

os.environ["KERAS_BACKEND"] = "numpy"

import h5py
import keras
import ml_dtypes
import numpy as np
from keras import layers
from safetensors.numpy import save_file

folder = pathlib.Path(__file__).parent / "files"
shutil.rmtree(folder, ignore_errors=True)
folder.mkdir()
random = np.random.default_rng(6)
expected = {}


def fill(model):
    """Weights that are the same in every run."""
    for variable in model.variables:
        if "seed" in variable.path or "count" in variable.path:
            continue
        values = random.normal(size=variable.shape)
        if "variance" in variable.path:
            values = np.abs(values) + 0.1
        variable.assign(values.astype("float32"))
    return model


def case(name, model, shape, **more):
    """Writes down what the model makes of a random input; with `exact` the input is one whose answer rounds nowhere."""
    x = random.normal(size=shape).astype("float32")
    y = np.asarray(model(x, training=False))
    expected[name] = {"input": x.tolist(), "output": y.tolist(), **more}


def mlp(name="mlp"):
    return fill(
        keras.Sequential(
            [
                keras.Input((4,)),
                layers.Dense(8, activation="relu"),
                layers.Dropout(0.5),
                layers.Dense(5, use_bias=False, activation="gelu"),
                layers.Dense(3, activation="softmax", name="out"),
            ],
            name=name,
        )
    )


def chain():
    x = keras.Input((6, 4), name="in")
    y = layers.Dense(3, name="first")(x)
    y = layers.LeakyReLU(negative_slope=0.1)(y)
    y = layers.Flatten()(y)
    y = layers.Dense(2, activation="tanh")(y)
    return fill(keras.Model(x, y, name="chain"))


def rezip(source, target, method):
    with zipfile.ZipFile(folder / source) as old, zipfile.ZipFile(folder / target, "w", method) as new:
        for member in old.infolist():
            new.writestr(member.filename, old.read(member.filename))


def rewrite(source, target, **options):
    """The same datasets, stored in another way."""
    create = options.pop("create", {})
    dtype = options.pop("dtype", None)
    with h5py.File(folder / source) as old, h5py.File(folder / target, "w", **options) as new:

        def copy(group, into):
            for key, value in group.attrs.items():
                into.attrs[key] = value
            for key, value in group.items():
                if isinstance(value, h5py.Group):
                    copy(value, into.create_group(key))
                else:
                    into.create_dataset(key, data=value[()].astype(dtype or value.dtype), **create)

        copy(old, new)


def keras2(model, path):
    """A whole model as Keras 2 wrote it: names that end in ':0', bytes for text, input shapes in the layers."""
    config = {"name": "sequential", "layers": []}
    with h5py.File(path, "w") as f:
        group = f.create_group("model_weights")
        names = []
        for index, layer in enumerate(model.layers):
            name = f"dense_{index}" if index else "dense"
            names.append(name.encode())
            own = {"name": name, "trainable": True, "dtype": "float32", "units": layer.units,
                   "activation": keras.activations.serialize(layer.activation), "use_bias": layer.use_bias,
                   "kernel_initializer": {"class_name": "GlorotUniform", "config": {"seed": None}},
                   "bias_initializer": {"class_name": "Zeros", "config": {}}, "kernel_regularizer": None,
                   "bias_regularizer": None, "activity_regularizer": None, "kernel_constraint": None,
                   "bias_constraint": None}
            if index == 0:
                own["batch_input_shape"] = [None, layer.kernel.shape[0]]
            config["layers"].append({"class_name": "Dense", "config": own})
            layer_group = group.create_group(name)
            weights = [("kernel", layer.kernel)] + ([("bias", layer.bias)] if layer.use_bias else [])
            layer_group.attrs["weight_names"] = [f"{name}/{key}:0".encode() for key, _ in weights]
            for key, value in weights:
                layer_group.create_dataset(f"{name}/{key}:0", data=np.asarray(value))
        group.attrs["layer_names"] = names
        for target in (f, group):
            target.attrs["backend"] = b"tensorflow"
            target.attrs["keras_version"] = b"2.11.0"
        f.attrs["model_config"] = np.bytes_(json.dumps({"class_name": "Sequential", "config": config}))


# Keras's own files.
model = mlp()
model.save(folder / "mlp.keras")
model.save_weights(folder / "mlp.weights.h5")
(folder / "mlp.json").write_text(model.to_json())
model.save(folder / "mlp.h5")
case("mlp.keras", model, (3, 4))
for name in ("mlp.h5",):
    case(name, model, (3, 4))
case("mlp.weights.h5", model, (3, 4), config="mlp.json")
rezip("mlp.keras", "deflated.keras", zipfile.ZIP_DEFLATED)
case("deflated.keras", model, (3, 4))

model = chain()
model.save(folder / "chain.keras")
model.save(folder / "chain.h5")
for name in ("chain.keras", "chain.h5"):
    case(name, model, (2, 6, 4))

# More layers than one node of a symbol table takes.
model = fill(keras.Sequential([keras.Input((3,))] + [layers.Dense(3, activation="tanh") for _ in range(24)]))
model.save(folder / "deep.keras")
model.save(folder / "deep.h5")
for name in ("deep.keras", "deep.h5"):
    case(name, model, (2, 3))

normalization = layers.Normalization()
normalization.adapt(random.normal(2, 3, size=(50, 4)))
model = keras.Sequential([keras.Input((4,)), normalization, layers.Rescaling(0.5, 1.0), layers.Dense(2), layers.ReLU()])
fill(layers_ := keras.Sequential(model.layers[2:]))
model.save(folder / "statistics.keras")
case("statistics.keras", model, (2, 4))

stack = fill(keras.Sequential([keras.Input((4,)), layers.Dense(5, activation="relu"), layers.Dense(2)], name="stack"))
keras2(stack, folder / "keras2.h5")
case("keras2.h5", stack, (3, 4))

# The same weights, stored in other ways.
stack.save_weights(folder / "stack.weights.h5")
(folder / "stack.json").write_text(stack.to_json())
rewrite("stack.weights.h5", "chunks.weights.h5", create={"chunks": True, "compression": "gzip", "shuffle": True, "fletcher32": True})
rewrite("stack.weights.h5", "latest.weights.h5", libver="latest")
rewrite("stack.weights.h5", "single.weights.h5", libver="latest", create={"chunks": True, "compression": "gzip"})
rewrite("stack.weights.h5", "double.weights.h5", dtype=">f8")
for name in ("stack", "chunks", "latest", "single", "double"):
    case(f"{name}.weights.h5", stack, (3, 4), config="stack.json")
half = keras.models.clone_model(stack)
half.set_weights([w.astype("float16").astype("float32") for w in stack.get_weights()])
rewrite("stack.weights.h5", "half.weights.h5", dtype="float16")
case("half.weights.h5", half, (3, 4), config="stack.json")
brain = keras.models.clone_model(stack)
brain.set_weights([w.astype(ml_dtypes.bfloat16).astype("float32") for w in stack.get_weights()])
with h5py.File(folder / "bfloat.weights.h5", "w") as f:
    for index, layer in enumerate(brain.layers):
        group = f.create_group("layers/dense" + (f"_{index}" if index else "")).create_group("vars")
        for number, value in enumerate(layer.get_weights()):
            dataset = group.create_dataset(str(number), data=value.astype(ml_dtypes.bfloat16))
            dataset.attrs["dtype"] = "bfloat16"
case("bfloat.weights.h5", brain, (3, 4), config="stack.json")

# More rows and columns than one chunk, and chunks that do not divide them.
wide = fill(keras.Sequential([keras.Input((37,)), layers.Dense(29)], name="wide"))
with h5py.File(folder / "tiles.weights.h5", "w") as f:
    kernel, bias = wide.get_weights()
    group = f.create_group("layers/dense/vars")
    group.create_dataset("0", data=kernel, chunks=(8, 5), compression="gzip")
    group.create_dataset("1", data=bias, chunks=(4,))
(folder / "wide.json").write_text(wide.to_json())
case("tiles.weights.h5", wide, (2, 37), config="wide.json")

# Arrays by name.
weights = stack.get_weights()
save_file({"0.weight": weights[0].T.copy(), "0.bias": weights[1], "2.weight": weights[2].T.copy(), "2.bias": weights[3]},
          folder / "torch.safetensors")
case("torch.safetensors", stack, (3, 4), activations="relu,linear")
save_file({"dense.kernel": weights[0], "dense.bias": weights[1], "dense_1.kernel": weights[2], "dense_1.bias": weights[3]},
          folder / "named.safetensors")
case("named.safetensors", stack, (3, 4), activations="relu,linear")
low = [w.astype(ml_dtypes.bfloat16) for w in weights]
header, data = {}, b""
for name, value in zip(("0.kernel", "0.bias", "1.kernel", "1.bias"), low):
    header[name] = {"dtype": "BF16", "shape": value.shape, "data_offsets": [len(data), len(data) + value.nbytes]}
    data += value.tobytes()
text = json.dumps(header).encode()
text += b" " * (-len(text) % 8)
(folder / "bfloat.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + data)
case("bfloat.safetensors", brain, (3, 4), config="stack.json")
np.savez(folder / "one.npz", kernel=weights[0], bias=weights[1])
one = keras.Sequential([keras.Input((4,)), layers.Dense(5)])
one.set_weights(weights[:2])
case("one.npz", one, (3, 4))
np.savez(folder / "listed.npz", *weights)
case("listed.npz", stack, (3, 4), config="stack.json")
np.savez_compressed(folder / "packed.npz", **{f"layer{i // 2}/{n}": w for i, (n, w) in enumerate(zip(["kernel", "bias"] * 2, weights))})
case("packed.npz", stack, (3, 4), activations="relu,linear")
np.save(folder / "kernel.npy", weights[0])
bare = keras.Sequential([keras.Input((4,)), layers.Dense(5, use_bias=False)])
bare.set_weights(weights[:1])
case("kernel.npy", bare, (3, 4))

(folder / "expected.json").write_text(json.dumps({"keras": keras.__version__, "h5py": h5py.__version__, "cases": expected}))
print(len(expected), "cases", sum(f.stat().st_size for f in folder.iterdir()), "bytes")
