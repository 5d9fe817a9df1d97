#!/usr/bin/env python3
"""Writes what Keras's jax and tensorflow backends draw for seeds: Tests/Golden/seeds.golden.

    /tmp/tf/bin/pip install jax==0.10.2
    KERAS_BACKEND=jax /tmp/tf/bin/python Tests/Golden/seeds.py
    KERAS_BACKEND=tensorflow /tmp/tf/bin/python Tests/Golden/seeds.py

Each run replaces its own backend's cases. The format is that of keras.golden.
"""

import json
import os
import pathlib
import struct

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
import numpy as np

path = pathlib.Path(__file__).with_name("seeds.golden")
MAGIC = b"DSGOLD01"


def text(value):
    data = value.encode()
    return struct.pack("<I", len(data)) + data


def case(name, initializer, values):
    shape = struct.pack("<B", values.ndim) + struct.pack(f"<{values.ndim}I", *values.shape)
    return (text(name) + struct.pack("<B", 2) + text("initializer") + b"\0" + text(json.dumps(initializer))
            + text("values") + b"\1" + shape + np.ascontiguousarray(values).tobytes())


def all_initializers(seed):
    i = keras.initializers
    return [
        i.RandomUniform(seed=seed), i.RandomUniform(-3.0, 0.5, seed=seed), i.RandomNormal(seed=seed),
        i.RandomNormal(1.5, 2.0, seed=seed), i.TruncatedNormal(seed=seed), i.TruncatedNormal(-1.0, 0.3, seed=seed),
        i.GlorotUniform(seed=seed), i.GlorotNormal(seed=seed), i.HeUniform(seed=seed), i.HeNormal(seed=seed),
        i.LecunUniform(seed=seed), i.LecunNormal(seed=seed),
        i.VarianceScaling(2.0, "fan_out", "untruncated_normal", seed=seed), i.VarianceScaling(0.5, "fan_avg", "uniform", seed=seed),
    ]


def main():
    backend = keras.config.backend()
    assert backend in ("jax", "tensorflow")
    cases = []
    for seed in [0, 42, 2147483646, 4294967295]:
        for number, initializer in enumerate(all_initializers(seed)):
            shape = [(7, 5), (33,), (3, 3, 2), (1, 1)][(number + seed) % 4]
            if seed == 42 and number in (0, 2, 4):
                shape = (150, 40)
            config = keras.saving.serialize_keras_object(initializer)
            config["config"]["seed_backend"] = backend
            values = np.asarray(initializer(shape, dtype="float32"))
            cases.append(case(f"{backend}: {type(initializer).__name__} {number}, seed {seed}, {shape}", config, values))
    others = []
    if path.exists():
        for name, data in read(path.read_bytes()):
            if not name.startswith(backend):
                others.append(data)
    order = others + cases if backend == "tensorflow" else cases + others
    header = f"keras {keras.__version__}, jax 0.10.2, tensorflow 2.21.0"
    path.write_bytes(MAGIC + text(header) + struct.pack("<I", len(order)) + b"".join(order))
    print(backend, len(cases), "cases", path.stat().st_size, "bytes")


def read(data):
    """The cases of a file, by name, as they lie in it."""
    place = len(MAGIC)

    def skip_text():
        nonlocal place
        size = struct.unpack_from("<I", data, place)[0]
        place += 4 + size
        return data[place - size:place].decode()

    skip_text()
    count = struct.unpack_from("<I", data, place)[0]
    place += 4
    for _ in range(count):
        start = place
        name = skip_text()
        place += 1
        skip_text()
        place += 1
        skip_text()
        skip_text()
        place += 1
        rank = data[place]
        sizes = struct.unpack_from(f"<{rank}I", data, place + 1)
        place += 1 + 4 * rank + 4 * int(np.prod(sizes))
        yield name, data[start:place]


main()
