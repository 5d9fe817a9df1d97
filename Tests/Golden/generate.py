#!/usr/bin/env python3
"""Writes keras.golden: what Keras itself computes, for the tests to compare with, element by element.

Run by hand with a Python that has keras, numpy and scipy (README.md has the commands). Keras's numpy backend is the
oracle; everything is seeded, so the same versions write the same bytes.

Every expected output is also computed in float64; a case whose float32 answer from Keras is itself further than half the
tests' tolerance from that is an error here, so that a test can only fail for a reason of its own.
"""

import contextlib
import copy
import itertools
import json
import os
import struct
import sys
import zlib

os.environ["KERAS_BACKEND"] = "numpy"

import keras  # noqa: E402
import numpy as np  # noqa: E402
from keras.src.backend.common import dtypes  # noqa: E402

MAGIC = b"DSGOLD01"
TEXT, TENSOR, DOUBLES = 0, 1, 2

np.seterr(all="ignore")
cases = []


# ---------------------------------------------------------------------------------------------------- the file


def encode_text(text):
    data = text.encode()
    return struct.pack("<I", len(data)) + data


def encode_tensor(array):
    array = np.asarray(array)
    assert array.dtype in (np.float32, np.float64), array.dtype
    head = struct.pack("<B", array.ndim) + struct.pack(f"<{array.ndim}I", *array.shape)
    return head + np.ascontiguousarray(array).tobytes()


def add(name, **fields):
    """One case: text and tensors by name. Underscores in a field's name are written as slashes."""
    assert all(name != other for other, _ in cases), name
    cases.append((name, {key.replace("__", "/"): value for key, value in fields.items()}))


def write(path):
    header = f"keras {keras.__version__}, backend {keras.config.backend()}, numpy {np.__version__}"
    with open(path, "wb") as file:
        file.write(MAGIC + encode_text(header) + struct.pack("<I", len(cases)))
        for name, fields in cases:
            file.write(encode_text(name) + struct.pack("<B", len(fields)))
            for field, value in fields.items():
                file.write(encode_text(field))
                if isinstance(value, str):
                    file.write(struct.pack("<B", TEXT) + encode_text(value))
                else:
                    kind = DOUBLES if np.asarray(value).dtype == np.float64 else TENSOR
                    file.write(struct.pack("<B", kind) + encode_tensor(value))
    print(f"{header}: {len(cases)} cases, {os.path.getsize(path):,} bytes")


# ---------------------------------------------------------------------------------------------------- numbers


def generator(name):
    return np.random.default_rng(zlib.crc32(name.encode()))


def normals(name, shape, scale=1.0):
    return (generator(name).normal(size=shape) * scale).astype("float32")


def integers(name, shape, limit=4):
    return generator(name).integers(-limit, limit + 1, size=shape).astype("float32")


EXTREMES = np.array(
    [
        [np.nan, np.inf, -np.inf, 0.0, -0.0, 1e-45, -1e-45, 1e-40, -1e-40, 1.1754944e-38, 1e30, -1e30],
        [3.4028235e38, -3.4028235e38, 88.0, -88.0, 104.0, -104.0, 1e-8, -1e-8, 1e-4, -1e-4, 20.0, -20.0],
    ],
    "float32",
)
FINITE_EXTREMES = np.array(
    [[0.0, -0.0, 1e-45, 1e-40, -1e-40, 1e-8], [88.0, -88.0, 20.0, -20.0, 1e4, -1e4], [1e30, -1e30, 1e30, 0.0, 3.0, 5.0]],
    "float32",
)
SMOOTH = np.linspace(-7.5, 7.5, 7 * 34, dtype="float32").reshape(7, 34)

TOLERANCE = (1e-6, 1e-5)


def is_near(got, reference):
    """Equal, both NaN, or within half the tests' tolerance."""
    got, reference = np.asarray(got, "float64"), np.asarray(reference, "float64")
    near = np.abs(got - reference) <= 0.5 * (TOLERANCE[0] + TOLERANCE[1] * np.abs(reference))
    return (got == reference) | (np.isnan(got) & np.isnan(reference)) | near


def check(name, got, reference):
    """The float32 answer against the float64 one, at half the tests' tolerance."""
    got = np.asarray(got, "float64")
    reference = np.asarray(reference).astype("float32").astype("float64")
    assert got.shape == reference.shape, (name, got.shape, reference.shape)
    bad = ~is_near(got, reference)
    if bad.any():
        print(f"{name}: {got[bad][:4]} instead of {reference[bad][:4]}", file=sys.stderr)
        check.failures += 1


check.failures = 0


def settle(output, better):
    """Keras's float32 answer; where float32 lost it on the way, to overflow or cancellation, its float64 answer."""
    rounded = np.asarray(better).astype("float32")
    lost = np.isfinite(rounded) & ~is_near(output, rounded)
    settle.replaced += int(lost.sum())
    return np.where(lost, rounded, output)


settle.replaced = 0


# ---------------------------------------------------------------------------------------------------- Keras's forms


def serialize(layer):
    return keras.layers.serialize(layer)


def keras2(config):
    """The same object as Keras 2 wrote it: no modules, the dtype a string, no arguments that came later."""
    if isinstance(config, list):
        return [keras2(item) for item in config]
    if not isinstance(config, dict):
        return config
    if config.get("class_name") == "DTypePolicy":
        return config["config"]["name"]
    if config.get("class_name") == "function":
        return config["config"]
    later = {"module", "registered_name", "build_config", "input_axes", "output_axes", "quantization_config"}
    return {key: keras2(value) for key, value in config.items() if key not in later}


def in_float64(config):
    """The same configuration with every layer's dtype float64."""
    if isinstance(config, list):
        return [in_float64(item) for item in config]
    if not isinstance(config, dict):
        return config
    if config.get("class_name") == "DTypePolicy":
        return "float64"
    return {key: in_float64(value) for key, value in config.items()}


def form_of(layer, form, input_shape=None):
    """A layer's configuration in one of the forms in which clients send it."""
    if form == "built":
        layer = type(layer).from_config(layer.get_config())
        layer.build(input_shape)
        return serialize(layer)
    serialized = serialize(layer)
    if form == "keras2 with shape":
        config = keras2(serialized)
        config["config"]["batch_input_shape"] = [None, *input_shape[1:]]
        return config
    if form == "serialized":
        return serialized
    if form == "keras2":
        return keras2(serialized)
    if form == "config":
        assert type(layer) is keras.layers.Dense
        return layer.get_config()
    if form == "short":
        config = layer.get_config()
        defaults = keras.layers.Dense(1).get_config()
        assert type(layer) is keras.layers.Dense
        return {key: value for key, value in config.items() if key == "units" or value != defaults.get(key)}
    raise ValueError(form)


FORMS = itertools.cycle(["serialized", "config", "keras2", "short", "built", "keras2 with shape"])


def reread(layer, config):
    """The layer Keras itself makes of a form. Of Keras 2's, it still knows the arguments but not all classes."""
    if "module" in config:
        return keras.layers.deserialize(config)
    return type(layer).from_config(config.get("config", config))


@contextlib.contextmanager
def float64():
    """Keras's numpy backend answers in float32 even what is float64 throughout, unless its promotion table says not to."""
    dtypes.BIT64_TO_BIT32_DTYPE["float64"] = "float64"
    keras.config.set_floatx("float64")
    try:
        yield
    finally:
        dtypes.BIT64_TO_BIT32_DTYPE["float64"] = "float32"
        keras.config.set_floatx("float32")


def run(model, weights, x):
    """Output and losses of a Keras model or layer with the given weights."""
    if not model.built:
        model.build(x.shape)
    if weights is not None:
        model.set_weights(weights)
    return np.asarray(model(x)), [np.asarray(loss) for loss in model.losses]


def rebuilt(layer, dtype):
    if isinstance(layer, keras.Sequential):
        config = layer.get_config()
        if dtype == "float64":
            config = in_float64(config)
        return keras.Sequential.from_config(config)
    config = layer.get_config()
    return type(layer).from_config(in_float64(config) if dtype == "float64" else config)


def model_case(name, layer, x, weights, config=None, form="serialized", exact=False, extreme=False):
    """A layer or Sequential with weights given by layer index and weight name, run on `x`."""
    x = np.asarray(x, "float32")
    if config is None:
        config = form_of(layer, form, x.shape)
        if form != "keras2 with shape":  # Keras 3 knows that argument no more.
            layer = reread(layer, json.loads(json.dumps(config)))
    values = list(weights.values())
    output, found = run(rebuilt(layer, "float32"), values or None, x)
    if not exact:
        wide = [value.astype("float64") for value in values]
        with float64():
            better, better_losses = run(rebuilt(layer, "float64"), wide or None, x.astype("float64"))
        assert better.dtype == np.float64, name
        if extreme:
            output = settle(output, better)
        check(name, output, better)
        for got, expected in zip(found, better_losses):
            check(name + " losses", got, expected)
    fields = {"config": json.dumps(config), "input": x, "output": output.astype("float32")}
    for key, value in weights.items():
        fields["weights__" + key] = value
    if found:
        fields["losses"] = np.array(found, "float32").reshape(-1)
    if exact:
        fields["exact"] = "true"
        assert np.array_equal(output, np.round(output)), name
    add(name, **fields)


def dense_weights(name, inputs, units, use_bias=True, exact=False, index=0):
    if exact:
        kernel, bias = integers(name + "k", (inputs, units)), integers(name + "b", (units,))
    else:
        kernel = normals(name + "k", (inputs, units), 1 / np.sqrt(max(inputs, 1)))
        bias = normals(name + "b", (units,), 0.5)
    weights = {f"{index}__kernel": kernel}
    if use_bias:
        weights[f"{index}__bias"] = bias
    return weights


def dense_case(name, shape, units, exact=False, form=None, x=None, **arguments):
    layer = keras.layers.Dense(units, **arguments)
    if x is None:
        x = integers(name + "x", shape) if exact else normals(name + "x", shape)
    weights = dense_weights(name, shape[-1], units, arguments.get("use_bias", True), exact)
    model_case(name, layer, x, weights, form=form or next(FORMS), exact=exact)


# ---------------------------------------------------------------------------------------------------- activations

ACTIVATIONS = """linear relu relu6 leaky_relu elu selu celu gelu silu swish hard_silu hard_swish mish sigmoid hard_sigmoid
log_sigmoid sparse_sigmoid softmax log_softmax sparsemax softplus softsign squareplus sparse_plus exponential tanh hard_tanh
tanh_shrink hard_shrink soft_shrink glu""".split()
ROW_WISE = {"softmax", "log_softmax", "sparsemax", "glu"}
SHAPES = itertools.cycle([(5, 7), (2, 3, 17), (1, 33), (2, 2, 2, 5), (2, 1, 3, 2, 4), (2, 1, 2, 1, 2, 3), (1, 257), (3, 1)])
UNITS = itertools.cycle([4, 18, 34, 2, 8, 16])


def activations():
    for name in ACTIVATIONS:
        layer = keras.layers.Activation(name)
        model_case(f"activation {name}, smooth", layer, SMOOTH, {}, form="serialized")
        extremes = FINITE_EXTREMES if name == "sparsemax" else EXTREMES
        model_case(f"activation {name}, extreme values", layer, extremes, {}, form="keras2", extreme=True)
        if name in ROW_WISE:
            model_case(f"activation {name}, finite rows", layer, FINITE_EXTREMES, {}, extreme=True)
        dense_case(f"dense with {name}", next(SHAPES), next(UNITS), activation=name)
        dense_case(f"dense with {name}, no bias", next(SHAPES), next(UNITS), activation=name, use_bias=False)
    for name in sorted(ROW_WISE):
        x = normals(name, (3, 4, 6))
        model_case(f"activation {name}, rank 3", keras.layers.Activation(name), x, {})
        x = normals(name + "4", (2, 3, 2, 8), 3)
        model_case(f"activation {name}, rank 4", keras.layers.Activation(name), x, {})


WITH_ARGUMENTS = [
    ("relu", dict(negative_slope=0.25)),
    ("relu", dict(max_value=2.5)),
    ("relu", dict(threshold=0.75)),
    ("relu", dict(negative_slope=0.1, max_value=3.0, threshold=-0.5)),
    ("relu", dict(negative_slope=0.5, max_value=1.0, threshold=1.5)),
    ("leaky_relu", dict(negative_slope=0.01)),
    ("leaky_relu", dict(negative_slope=0.3)),
    ("elu", dict(alpha=0.5)),
    ("celu", dict(alpha=2.0)),
    ("celu", dict(alpha=0.3)),
    ("gelu", dict(approximate=True)),
    ("gelu", dict(approximate=False)),
    ("softmax", dict(axis=1)),
    ("softmax", dict(axis=-2)),
    ("softmax", dict(axis=0)),
    ("log_softmax", dict(axis=1)),
    ("log_softmax", dict(axis=-1)),
    ("sparsemax", dict(axis=-1)),
    ("sparsemax", dict(axis=1)),
    ("squareplus", dict(b=1.0)),
    ("squareplus", dict(b=0.0)),
    ("hard_shrink", dict(threshold=1.25)),
    ("hard_shrink", dict(threshold=0.0)),
    ("soft_shrink", dict(threshold=1.25)),
    ("threshold", dict(threshold=0.5, default_value=-1.0)),
    ("threshold", dict(threshold=-1.0, default_value=20.0)),
    ("glu", dict(axis=-1)),
    ("glu", dict(axis=1)),
]


def activations_with_arguments():
    """Keras has no form for these; this project's is {"name": ..., arguments}."""
    for name, arguments in WITH_ARGUMENTS:
        function = getattr(keras.activations, name)
        title = name + " " + " ".join(f"{key}={value}" for key, value in arguments.items())
        for kind, x in [("smooth", SMOOTH * 0.5), ("rank 3", normals(title, (2, 4, 6), 2))]:
            if kind == "smooth" and arguments.get("axis") == 1 and name == "glu":
                x = x[:, :-2]
            # numpy's sparsemax answers in float64.
            output = np.asarray(function(x, **arguments), "float32")
            with float64():
                check(f"{title} {kind}", output, function(x.astype("float64"), **arguments))
            layer = {"class_name": "Activation", "config": {"name": "a", "activation": {"name": name, **arguments}}}
            add(f"activation {title}, {kind}", config=json.dumps(layer), input=x, output=output)
        if name in ROW_WISE and arguments["axis"] != -1:
            continue
        x, weights = normals(title, (2, 3, 7)), dense_weights(title, 7, 6)
        logits = x @ weights["0__kernel"] + weights["0__bias"]
        config = {"units": 6, "activation": {"name": name, **arguments}}
        output = np.asarray(function(logits, **arguments), "float32")
        fields = {"weights__" + key: value for key, value in weights.items()}
        add(f"dense with {title}", config=json.dumps(config), input=x, logits=logits, output=output, **fields)


def activation_layers():
    """Keras's layers that are one activation each, alone and as a Dense layer's activation."""
    layers = keras.layers
    for index, layer in enumerate(
        [
            layers.ReLU(),
            layers.ReLU(max_value=1.5, negative_slope=0.2, threshold=0.3),
            layers.ReLU(max_value=6.0),
            layers.LeakyReLU(),
            layers.LeakyReLU(negative_slope=0.07),
            layers.ELU(),
            layers.ELU(alpha=0.4),
            layers.Softmax(),
            layers.Softmax(axis=1),
        ]
    ):
        title = f"{type(layer).__name__} layer {index}"
        model_case(title, layer, normals(title, (3, 5, 4), 2), {})
        model_case(title + ", Keras 2", layer, normals(title + "2", (2, 3), 2), {}, form="keras2")
        dense_case(f"dense with {title}", (2, 3, 5), 4, form="serialized", activation=layer)
    function = keras.saving.serialize_keras_object(keras.activations.relu)
    config = {"units": 3, "activation": function}
    model_case(
        "dense with a serialized function", layers.Dense(3, activation="relu"), normals("sf", (4, 5)),
        dense_weights("sf", 5, 3), config=config)


# ---------------------------------------------------------------------------------------------------- shapes


def shapes():
    sizes = [1, 7, 17, 33, 257]
    leading = {2: [(1,), (7,)], 3: [(2, 3)], 4: [(2, 1, 3)], 5: [(1, 2, 1, 2)], 6: [(1, 2, 1, 1, 2)]}
    for rank, prefixes in leading.items():
        for number, (inputs, units) in enumerate(itertools.product(sizes, sizes)):
            if inputs * units > 2500 or (rank > 2 and (number + rank) % 3):
                continue
            prefix = prefixes[number % len(prefixes)]
            exact = number % 2 == 0
            use_bias = (number // 2) % 2 == 0
            dense_case(
                f"dense {prefix + (inputs,)} to {units}{'' if use_bias else ', no bias'}{', exact' if exact else ''}",
                prefix + (inputs,), units, exact=exact, use_bias=use_bias)
    dense_case("dense (1, 257) to 33, exact", (1, 257), 33, exact=True)
    dense_case("dense (2, 257) to 33", (2, 257), 33)
    dense_case("dense (33, 17) to 17", (33, 17), 17)
    dense_case("dense (17, 33) to 7, exact", (17, 33), 7, exact=True)
    dense_case("dense (129, 7) to 7, exact", (129, 7), 7, exact=True)
    dense_case("dense (2, 769) to 3", (2, 769), 3)
    dense_case("dense (3, 513) to 1, exact", (3, 513), 1, exact=True)
    dense_case("dense (2, 600) to 16, exact", (2, 600), 16, exact=True)
    for shape in [(0, 4), (0, 3, 4), (2, 0, 4), (1, 0, 2, 4), (0, 0, 4), (2, 0, 1, 3, 4), (0, 1, 2, 2, 1, 4)]:
        dense_case(f"dense over nothing {shape}", shape, 3, exact=True)
        dense_case(f"dense over nothing {shape}, tanh", shape, 3, exact=True, activation="tanh")
    for shape in [(1, 0), (3, 0), (2, 3, 0)]:
        dense_case(f"dense without features {shape}", shape, 3, exact=True)
    for number, units in enumerate([1, 2, 15, 16, 17, 31, 32]):
        dense_case(f"attention scores, {units} units", (2, 5, 9), units, activation="tanh", use_bias=number % 2 == 0)
    dense_case("softmax over one unit", (3, 4), 1, activation="softmax")


def extreme_products():
    """One extreme value at a time meets a kernel row, so that no order of summation matters."""
    values = [np.nan, np.inf, -np.inf, 1e30, -1e30, 1e-40, 1e-45, -0.0, 3.4028235e38]
    for number, value in enumerate(values):
        for activation in ["linear", "relu", "sigmoid", "softmax"]:
            title = f"dense with input {value:g}, {activation}"
            x = np.zeros((3, 17), "float32")
            x[1, number] = value
            x[2, 16 - number] = value
            layer = keras.layers.Dense(18, activation=activation)
            weights = dense_weights(title, 17, 18)
            weights["0__kernel"][number, 3] = 0
            model_case(title, layer, x, weights, form=next(FORMS), extreme=True)
    for value in [np.nan, np.inf, -1e30, 1e-40]:
        title = f"dense with kernel value {value:g}"
        weights = dense_weights(title, 5, 20)
        weights["0__kernel"][2, 7] = value
        weights["0__kernel"][4, 19] = value
        x = np.array([[0, 0, 1, 0, 0], [0, 0, 0, 0, -2], [0, 0, 0, 0, 0]], "float32")
        model_case(title, keras.layers.Dense(20), x, weights, form=next(FORMS), extreme=True)
    weights = dense_weights("bias", 4, 6)
    weights["0__bias"] = np.array([np.nan, np.inf, -np.inf, 1e30, 1e-40, 3.4028235e38], "float32")
    for activation in ["linear", "relu", "tanh", "gelu", "softplus"]:
        layer = keras.layers.Dense(6, activation=activation)
        model_case(f"dense with extreme bias, {activation}", layer, normals("b", (3, 4)), weights, extreme=True)


# ---------------------------------------------------------------------------------------------------- initializers


def all_initializers(seed):
    i = keras.initializers
    return [
        i.Zeros(),
        i.Ones(),
        i.Constant(-1.25),
        i.Constant(0.1),
        i.Identity(),
        i.RandomNormal(seed=seed),
        i.RandomNormal(mean=1.5, stddev=2.0, seed=seed),
        i.RandomUniform(seed=seed),
        i.RandomUniform(minval=-3.0, maxval=0.5, seed=seed),
        i.TruncatedNormal(seed=seed),
        i.TruncatedNormal(mean=-1.0, stddev=0.3, seed=seed),
        i.GlorotUniform(seed=seed),
        i.GlorotNormal(seed=seed),
        i.LecunUniform(seed=seed),
        i.LecunNormal(seed=seed),
        i.HeUniform(seed=seed),
        i.HeNormal(seed=seed),
        i.Orthogonal(seed=seed),
        i.Orthogonal(gain=1.7, seed=seed),
        i.VarianceScaling(seed=seed),
        *[
            i.VarianceScaling(scale=scale, mode=mode, distribution=distribution, seed=seed)
            for scale, (mode, distribution) in zip(
                [0.1, 1.0, 2.0, 3.5, 0.5, 1.5, 0.25, 10.0, 1.0],
                itertools.product(["fan_in", "fan_out", "fan_avg"], ["truncated_normal", "untruncated_normal", "uniform"]),
            )
        ],
    ]


def describe(thing):
    config = {key: value for key, value in thing.get_config().items() if value is not None}
    return type(thing).__name__ + "".join(f" {key}={value}" for key, value in config.items())


def initializer_case(title, initializer, shape, config=None):
    config = keras.saving.serialize_keras_object(initializer) if config is None else config
    values = np.asarray(initializer(shape, dtype="float32"))
    add(title, initializer=json.dumps(config), values=values)


def initializers():
    shapes = itertools.cycle([(7, 5), (17, 3), (3, 9), (1, 33), (12, 1)])
    for seed in [0, 42, 4294967295]:
        for number, initializer in enumerate(all_initializers(seed)):
            if seed and "seed" not in initializer.get_config():
                continue
            inputs, units = next(shapes)
            title = f"dense made by {describe(initializer)}, ({inputs}, {units})" + ("" if seed else f" #{number}")
            layer = keras.layers.Dense(units, kernel_initializer=initializer, use_bias=number % 2 == 0)
            x = normals(title, (2, inputs))
            layer.build(x.shape)
            fields = {"made__0__kernel": np.asarray(layer.kernel), "output": np.asarray(layer(x))}
            if layer.bias is not None:
                fields["made__0__bias"] = np.asarray(layer.bias)
            config = form_of(layer, ["serialized", "config", "keras2", "short"][(number + seed) % 4])
            add(title, config=json.dumps(config), input=x, **fields)
    for shape in [(5,), (2, 3, 4), (2, 1, 3, 5), (0, 3), (1, 1)]:
        for number, initializer in enumerate(all_initializers(7)):
            rank = type(initializer).__name__
            if (rank == "Identity" and len(shape) != 2) or (rank == "Orthogonal" and len(shape) < 2):
                continue
            if shape in [(0, 3), (1, 1)] and number % 3:
                continue
            initializer_case(f"{describe(initializer)} {shape} #{number}", initializer, shape)
    big = [(300, 7), (7, 130)]
    for shape in big:
        for initializer in [keras.initializers.HeNormal(1), keras.initializers.Orthogonal(seed=1)]:
            initializer_case(f"{describe(initializer)} {shape}", initializer, shape)
    # Keras reads the gain of an identity, and forgets to write it.
    identity = {"class_name": "Identity", "config": {"gain": -0.7}}
    initializer_case("Identity gain=-0.7", keras.initializers.get(identity), (4, 6), identity)
    axes = keras.initializers.GlorotUniform(seed=3, input_axes=[0, 1], output_axes=[-1])
    initializer_case("GlorotUniform with fan axes", axes, (2, 3, 4))
    for name in "zero zeros Zeros one ones Ones identity IdentityInitializer".split():
        initializer_case(f"initializer string {name}", keras.initializers.get(name), (3, 3), name)
    bias = keras.layers.Dense(5, kernel_initializer="ones", bias_initializer=keras.initializers.RandomNormal(seed=9))
    bias.build((1, 3))
    add(
        "dense with a random bias", config=json.dumps(form_of(bias, "keras2")), input=integers("rb", (2, 3)),
        made__0__kernel=np.asarray(bias.kernel), made__0__bias=np.asarray(bias.bias),
        output=np.asarray(bias(integers("rb", (2, 3)))))


# ---------------------------------------------------------------------------------------------------- regularizers


def all_regularizers():
    r = keras.regularizers
    return [
        r.L1(), r.L1(0.3), r.L1(0.0), r.L2(), r.L2(0.7), r.L1L2(), r.L1L2(l1=0.2, l2=0.05), r.L1L2(l2=1.5),
        r.OrthogonalRegularizer(), r.OrthogonalRegularizer(factor=0.4, mode="columns"),
    ]


def regularizers():
    for number, regularizer in enumerate(all_regularizers()):
        title = f"{describe(regularizer)} #{number}"
        config = keras.saving.serialize_keras_object(regularizer)
        for shape in [(5, 7), (33, 17), (2, 1)] + ([] if "Orthogonal" in title else [(6,), (2, 3, 4), (0, 3)]):
            weight = keras.Variable(normals(title, shape))
            penalty = np.asarray(regularizer(weight), "float32").reshape(())
            with float64():
                reference = np.asarray(regularizer(keras.Variable(normals(title, shape), dtype="float64")))
            check(title, penalty, reference.reshape(()))
            add(f"{title} {shape}", regularizer=json.dumps(config), tensor=normals(title, shape), penalty=penalty)
        for role in ["kernel", "bias", "activity"]:
            if role == "bias" and "Orthogonal" in title:
                continue
            if role == "activity" and "columns" in title:
                continue  # Keras's numpy backend divides along the wrong axis here.
            dense_case(
                f"dense, {role} regularized by {title}", (4, 6), 5, form=next(FORMS), **{role + "_regularizer": regularizer})
    for name in ["l1", "L1", "l2", "L2", "l1l2", "L1L2", "orthogonal_regularizer", "OrthogonalRegularizer"]:
        layer = keras.layers.Dense(4, kernel_regularizer=name)
        config = {"units": 4, "kernel_regularizer": name}
        model_case(f"dense with regularizer {name}", layer, normals(name, (3, 5)), dense_weights(name, 5, 4), config=config)
    everything = dict(kernel_regularizer="l1", bias_regularizer="l2", activity_regularizer=keras.regularizers.L1L2(0.1, 0.2))
    for form in ["serialized", "config", "keras2", "short"]:
        dense_case(f"dense, all regularized, {form}", (2, 3, 5), 4, form=form, activation="tanh", **everything)
    dense_case("dense, regularized and frozen", (3, 5), 4, trainable=False, **everything)
    dense_case("dense, regularized, no bias", (3, 5), 4, use_bias=False, **everything)
    dense_case("dense, regularized, glu", (3, 5), 4, activation="glu", **everything)
    x = normals("act", (3, 4, 2))
    model_case("activation, regularized", keras.layers.Activation("relu", activity_regularizer="l2"), x, {})


# ---------------------------------------------------------------------------------------------------- constraints


def all_constraints(axis):
    c = keras.constraints
    return [
        c.MaxNorm(axis=axis), c.MaxNorm(max_value=0.5, axis=axis), c.UnitNorm(axis=axis), c.MinMaxNorm(axis=axis),
        c.MinMaxNorm(min_value=0.5, max_value=0.9, rate=0.3, axis=axis),
        c.MinMaxNorm(min_value=4.0, max_value=6.0, rate=1.0, axis=axis),
    ]


def constraint_case(title, constraint, weight, config=None):
    config = keras.saving.serialize_keras_object(constraint) if config is None else config
    constrained = np.asarray(constraint(weight))
    with float64():
        check(title, constrained, constraint(weight.astype("float64")))
    add(title, constraint=json.dumps(config), tensor=weight, constrained=constrained)


def constraints():
    places = [(0, (5, 7)), (1, (5, 7)), (-1, (33, 17)), ([0, 1], (4, 6)), ([0, 2], (2, 3, 4)), (None, (3, 5)), (0, (6,))]
    for axis, shape in places:
        for number, constraint in enumerate(all_constraints(axis)):
            title = f"{describe(constraint)} axis {axis} of {shape} #{number}"
            constraint_case(title, constraint, normals(title, shape))
    constraint_case("NonNeg", keras.constraints.NonNeg(), normals("nn", (5, 7)))
    for name in ["max_norm", "MaxNorm", "non_neg", "NonNeg", "unit_norm", "UnitNorm", "min_max_norm", "MinMaxNorm"]:
        constraint_case(f"constraint string {name}", keras.constraints.get(name), normals(name, (4, 3)), name)
    zeros = np.zeros((3, 4), "float32")
    for constraint in all_constraints(0):
        constraint_case(f"{describe(constraint)} of zeros", constraint, zeros)
    for number, constraint in enumerate(all_constraints(0) + [keras.constraints.NonNeg()]):
        dense_case(
            f"dense with {describe(constraint)} #{number}", (3, 5), 4, kernel_constraint=constraint,
            bias_constraint=keras.constraints.NonNeg())


# ---------------------------------------------------------------------------------------------------- other layers


def other_layers():
    layers = keras.layers
    for form in ["serialized", "keras2"]:
        model_case(f"dropout, {form}", layers.Dropout(0.4, seed=3), integers("d", (3, 4)), {}, form=form, exact=True)
        for shape in [(3, 4), (2, 3, 4), (2, 3, 2, 2), (0, 3, 2), (5,)]:
            x = integers("f", shape)
            model_case(f"flatten {shape}, {form}", layers.Flatten(), x, {}, form=form, exact=True)
        for shape in [(2, 3, 4), (2, 3, 2, 2)]:
            layer = layers.Flatten(data_format="channels_first")
            model_case(f"flatten {shape}, channels first, {form}", layer, integers("f", shape), {}, form=form, exact=True)
        for shape, target in [((2, 12), (3, 4)), ((2, 12), (-1, 2)), ((2, 3, 4), (12,)), ((2, 6), (1, 6, 1)), ((0, 6), (2, 3))]:
            layer = layers.Reshape(target)
            model_case(f"reshape {shape} to {target}, {form}", layer, integers("r", shape), {}, form=form, exact=True)
        for scale, offset in [(2.0, 0.0), (-3.0, 1.0), (4, 7)]:
            layer = layers.Rescaling(scale, offset)
            title = f"rescaling {scale} {offset}, {form}"
            model_case(title, layer, integers(title, (3, 4)), {}, form=form, exact=True)
        layer = layers.Rescaling([0.1, 0.2, 0.3], [1.0, 0.5, -0.25])
        model_case(f"rescaling by a list, {form}", layer, normals("rl", (2, 4, 3)), {}, form=form)
        model_case(f"rescaling pixels, {form}", layers.Rescaling(1 / 255.0), np.arange(256).reshape(16, 16), {}, form=form)
        for axis, mean, variance, shape in [
            (-1, [1.0, -2.0, 0.5], [4.0, 0.25, 2.0], (4, 3)),
            (None, 0.7, 2.3, (4, 3)),
            (-1, 0.7, 0.0, (4, 3)),
            (1, [1.0, 2.0], [0.1, 0.2], (3, 2, 4)),
            ([1, 2], [[1.0, 2.0], [3.0, 4.0]], [[0.5, 2.0], [1.5, 0.1]], (3, 2, 2)),
            ([1, 2], [1.0, 2.0], [0.5, 2.0], (3, 4, 2)),
        ]:
            for invert in [False, True]:
                layer = layers.Normalization(axis=axis, mean=mean, variance=variance, invert=invert)
                title = f"normalization axis {axis} of {shape} mean {mean}{' inverted' if invert else ''}, {form}"
                model_case(title, layer, normals(title, shape), {}, form=form)
    for axis, shape, kept in [(-1, (5, 3), (3,)), (1, (2, 4, 3), (4,)), ([1, 2], (2, 4, 3), (4, 3))]:
        layer = layers.Normalization(axis=axis)
        layer.build(shape)
        title = f"normalization axis {axis} of {shape}, weights"
        mean, variance = normals(title + "m", kept), np.abs(normals(title + "v", kept)) + np.float32(0.1)
        x = normals(title, shape)
        layer.adapt_mean.assign(mean)
        layer.adapt_variance.assign(variance)
        layer.finalize_state()
        add(
            title, config=json.dumps(serialize(layer)), input=x, output=np.asarray(layer(x)), weights__0__mean=mean,
            weights__0__variance=variance)


def normalized_weights(title, layer, shape, index=0):
    """Values for a normalizing layer's weights, by index and name: none far from 1, no variance near 0."""
    if not layer.built:
        layer.build(shape)
    weights = {}
    for variable in layer._trainable_variables + layer._non_trainable_variables:
        values = normals(title + variable.name, variable.shape, 0.5)
        if variable.name in ("gamma", "scale", "moving_variance", "moving_stddev", "renorm_stddev"):
            values = np.abs(values) + np.float32(0.5)
        weights[f"{index}__{variable.name}"] = values
    return weights


def normalizing_layers():
    layers = keras.layers
    last = [dict(), dict(center=False), dict(scale=False), dict(center=False, scale=False), dict(epsilon=0.1)]
    cases = [(layers.BatchNormalization, arguments, (5, 7)) for arguments in last]
    cases += [
        (layers.BatchNormalization, dict(momentum=0.5), (2, 3, 17)),
        (layers.BatchNormalization, dict(axis=1), (3, 4, 5)),
        (layers.BatchNormalization, dict(axis=-2, scale=False), (2, 3, 4, 5)),
        (layers.BatchNormalization, dict(axis=2), (2, 3, 33)),
        (layers.BatchNormalization, dict(renorm=True, renorm_clipping=dict(rmax=3.0)), (4, 6)),
        (layers.BatchNormalization, dict(gamma_regularizer="l2", beta_regularizer="l1"), (4, 6)),
        (layers.BatchNormalization, dict(gamma_constraint="non_neg", trainable=False, gamma_regularizer="l2"), (4, 6)),
    ]
    cases += [(layers.LayerNormalization, arguments, (5, 7)) for arguments in last]
    cases += [(layers.LayerNormalization, {}, shape) for shape in [(3, 1), (2, 16), (2, 3, 17), (3, 33), (2, 257), (1, 1000)]]
    cases += [
        (layers.LayerNormalization, dict(rms_scaling=True), (4, 9)),
        (layers.LayerNormalization, dict(rms_scaling=True, scale=False, center=False), (4, 9)),
        (layers.LayerNormalization, dict(axis=1), (2, 5, 3)),
        (layers.LayerNormalization, dict(axis=[1, 2]), (2, 5, 3)),
        (layers.LayerNormalization, dict(axis=[-2, -1], epsilon=1e-6), (2, 5, 3, 4)),
        (layers.LayerNormalization, dict(axis=[1, 2], scale=False), (2, 5, 3, 4)),
        (layers.LayerNormalization, dict(axis=0), (6, 3)),
        (layers.LayerNormalization, dict(gamma_regularizer="l2", beta_regularizer="l1"), (4, 6)),
        (layers.RMSNormalization, {}, (5, 7)),
        (layers.RMSNormalization, dict(epsilon=0.01), (2, 3, 33)),
        (layers.RMSNormalization, dict(axis=[1, 2]), (2, 3, 5)),
        (layers.RMSNormalization, dict(axis=1), (3, 1, 1)),
        (layers.UnitNormalization, {}, (5, 7)),
        (layers.UnitNormalization, dict(axis=1), (2, 3, 33)),
        (layers.UnitNormalization, dict(axis=[1, 2]), (2, 3, 5)),
        (layers.PReLU, {}, (5, 7)),
        (layers.PReLU, {}, (2, 3, 5)),
        (layers.PReLU, dict(shared_axes=[1]), (2, 3, 5)),
        (layers.PReLU, dict(shared_axes=[1, 2], alpha_regularizer="l2"), (2, 3, 5)),
    ]
    for number, (kind, arguments, shape) in enumerate(cases):
        title = f"{kind.__name__} {arguments} {shape} #{number}"
        x = normals(title, shape, 2) + np.float32(0.3)
        weights = normalized_weights(title, kind(**arguments), shape)
        # Building one makes its axis a list.
        is_listed = kind in (layers.LayerNormalization, layers.RMSNormalization)
        model_case(title, kind(**arguments), x, weights, form="built" if is_listed or number % 2 else "serialized")
    for form in ["serialized", "keras2"]:
        for number, layer in enumerate([
            layers.GaussianNoise(0.5, seed=3), layers.GaussianDropout(0.25), layers.AlphaDropout(0.3, noise_shape=(None, 1)),
            layers.Identity(),
        ]):
            model_case(f"{type(layer).__name__}, {form}", layer, integers("idle", (3, 4)), {}, form=form, exact=True)
        layer = layers.ActivityRegularization(l1=0.25, l2=0.5)
        model_case(f"ActivityRegularization, {form}", layer, integers("act", (4, 4)), {}, form=form, exact=True)
    zeros = np.zeros((2, 4), "float32")
    for kind in [layers.LayerNormalization, layers.RMSNormalization, layers.UnitNormalization]:
        weights = normalized_weights(kind.__name__, kind(), (2, 4))
        model_case(f"{kind.__name__} of zeros", kind(), zeros, weights, form="built")
    for kind in [layers.BatchNormalization, layers.LayerNormalization]:
        # Weights that the configuration's initializers make.
        layer = kind(gamma_initializer=keras.initializers.RandomUniform(0.5, 2.0, seed=5), beta_initializer="ones")
        x = normals(kind.__name__ + "made", (3, 5))
        layer.build(x.shape)
        fields = {f"made__0__{variable.name}": np.asarray(variable) for variable in layer.variables}
        add(f"{kind.__name__} made", config=json.dumps(serialize(layer)), input=x, output=np.asarray(layer(x)), **fields)


def stack_case(title, stack, x, form="serialized"):
    """A Sequential: as a whole, or as the list of its layers, in either Keras's form."""
    x = np.asarray(x, "float32")
    model = keras.Sequential(stack)
    if not model.built:
        model.build(x.shape)
    # Keras's own list of layers leaves the input layer out; its configuration does not.
    listed = model.get_config()["layers"]
    offset = len(listed) - len(model.layers)
    weights = {}
    for index, layer in enumerate(model.layers):
        if isinstance(layer, keras.layers.Dense):
            inputs, units = layer.kernel.shape
            weights |= dense_weights(f"{title} {index}", inputs, units, layer.use_bias, index=index + offset)
        elif layer.weights:
            weights |= normalized_weights(f"{title} {index}", layer, None, index + offset)
    whole = {"module": "keras", "class_name": "Sequential", "config": model.get_config(), "registered_name": None}
    config = {"serialized": whole, "keras2": keras2(whole), "list": listed, "list2": keras2(listed)}[form]
    if form.startswith("list") and offset:
        assert listed[0]["class_name"] == "InputLayer"
    model_case(title, model, x, weights, config=copy.deepcopy(config))


def stacks():
    layers = keras.layers
    dense = layers.Dense
    forms = ["serialized", "keras2", "list", "list2"]

    def kinds():
        return {
            "two dense": ([dense(7, activation="relu"), dense(3)], (5, 4)),
            "classifier": ([dense(16, activation="relu"), layers.Dropout(0.2), dense(10, activation="softmax")], (3, 33)),
            "activation layers": ([dense(9), layers.Activation("gelu"), dense(4), layers.Activation("tanh")], (4, 6)),
            "image": ([layers.Rescaling(1 / 16.0), layers.Flatten(), dense(12, "silu"), dense(2, "softmax")], (2, 4, 4)),
            "reshaping": ([dense(12, "elu"), layers.Reshape((3, 4)), dense(5, "softplus"), layers.Flatten()], (2, 5)),
            "normalized": ([layers.Normalization(mean=[0.1, 0.2, 0.3], variance=[1.0, 2.0, 0.5]), dense(4, "relu")], (4, 3)),
            "batch normalized": (
                [dense(9), layers.BatchNormalization(), layers.ReLU(), layers.GaussianDropout(0.3), dense(3)], (4, 6)),
            "layer normalized": (
                [layers.LayerNormalization(), dense(16, "gelu"), layers.RMSNormalization(), dense(3), layers.PReLU()], (4, 6)),
            "gated": ([dense(8, "hard_silu"), dense(6, "glu")], (3, 7)),
            "deep": ([dense(8, "tanh") for _ in range(8)], (2, 8)),
            "no bias": ([dense(5, "selu", use_bias=False), dense(2, use_bias=False)], (3, 5)),
            "sequence": ([dense(6, "relu"), dense(1, "tanh"), layers.Flatten(), layers.Softmax()], (2, 5, 4)),
            "leaky": ([dense(6), layers.LeakyReLU(negative_slope=0.1), dense(3), layers.ReLU(max_value=1.0)], (4, 4)),
            "regularized": (
                [
                    dense(5, "relu", kernel_regularizer="l2", activity_regularizer="l1"),
                    dense(3, kernel_regularizer=keras.regularizers.L1L2(0.1, 0.2), bias_regularizer="l1"),
                ],
                (4, 6),
            ),
            "regularized activity in the middle": (
                [dense(5, activity_regularizer="l2"), layers.Activation("relu", activity_regularizer="l1"), dense(2)], (3, 4)),
            "rank 5": ([dense(4, "mish"), dense(3, "log_softmax")], (1, 2, 2, 1, 5)),
            "empty batch": ([dense(4, "relu"), dense(3, "softmax")], (0, 5)),
        }

    for name in kinds():
        for form in forms:
            stack, shape = kinds()[name]
            title = f"stack: {name}, {form}"
            if form in ("serialized", "list"):
                stack = [keras.Input(shape=shape[1:])] + stack
            stack_case(title, stack, normals(title, shape), form)


def main():
    for part in [
        activations, activations_with_arguments, activation_layers, shapes, extreme_products, initializers, regularizers,
        constraints, other_layers, normalizing_layers, stacks,
    ]:
        before = len(cases)
        part()
        print(f"{part.__name__}: {len(cases) - before}")
    print(f"{settle.replaced} elements that float32 loses on the way")
    if check.failures:
        sys.exit(f"{check.failures} cases too inexact to compare with")
    write(os.path.join(os.path.dirname(os.path.abspath(__file__)), "keras.golden"))


if __name__ == "__main__":
    main()
