#!/usr/bin/env python3
"""Prints the tables of the random number and initializer tests: what numpy and Keras's numpy backend draw.

A row's hash covers the bits of every value, so that a table stays readable while millions of values are compared. Run by
hand (README.md has the commands) and paste.
"""

import os

os.environ["KERAS_BACKEND"] = "numpy"

import keras  # noqa: E402
import numpy as np  # noqa: E402


def hash_of(words):
    """FNV-1a, a word at a time."""
    value = 0xCBF29CE484222325
    for word in words:
        value = ((value ^ int(word)) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return value


def generator(seed):
    return np.random.default_rng(np.array([seed, 0], "uint32"))


def sequences():
    print("// SeedSequence.state(count: 4)")
    for seed in [0, 1, 42, 4294967295]:
        state = np.random.SeedSequence(np.array([seed, 0], "uint32")).generate_state(4, np.uint64)
        print(f"({seed}, [{', '.join(f'0x{word:016x}' for word in state)}]),")
    print("// PCG64.next: the first two, and the hash of 100,000")
    for seed in [0, 1, 42, 4294967295]:
        words = generator(seed).bit_generator.random_raw(100_000)
        print(f"({seed}, 0x{words[0]:016x}, 0x{words[1]:016x}, 0x{hash_of(words):016x}),")
    print("// PCG64.nextUniform: the first, and the hash of 100,000")
    for seed in [0, 42]:
        values = generator(seed).random(100_000)
        print(f"({seed}, {float(values[0])!r}, 0x{hash_of(values.view('u8')):016x}),")
    print("// PCG64.nextNormal: the first two, the largest magnitude and the hash of 300,000")
    for seed in [0, 1, 42, 4294967295]:
        values = generator(seed).normal(size=300_000)
        largest = float(np.abs(values).max())
        print(f"({seed}, {float(values[0])!r}, {float(values[1])!r}, {largest!r}, 0x{hash_of(values.view('u8')):016x}),")


def swift_axes(initializer):
    if initializer.input_axes is None:
        return ""
    return f", axes: .init(input: {list(initializer.input_axes)}, output: {list(initializer.output_axes)})"


def swift(initializer):
    name = type(initializer).__name__
    case = name[0].lower() + name[1:]
    seed = getattr(initializer, "seed", None)
    match name:
        case "RandomNormal" | "TruncatedNormal":
            return f".{case}(mean: {initializer.mean}, stddev: {initializer.stddev}, seed: {seed})"
        case "RandomUniform":
            return f".{case}(minimum: {initializer.minval}, maximum: {initializer.maxval}, seed: {seed})"
        case "VarianceScaling":
            mode = {"fan_in": ".fanIn", "fan_out": ".fanOut", "fan_avg": ".fanAverage"}[initializer.mode]
            distribution = {
                "uniform": ".uniform", "truncated_normal": ".truncatedNormal", "untruncated_normal": ".untruncatedNormal",
            }[initializer.distribution]
            return (
                f".{case}(scale: {initializer.scale}, mode: {mode}, distribution: {distribution}, seed: {seed}"
                f"{swift_axes(initializer)})"
            )
        case "Orthogonal":
            return f".{case}(gain: {initializer.gain}, seed: {seed})"
        case "Identity":
            return f".{case}(gain: {initializer.gain})"
        case "Constant":
            return f".{case}(value: {initializer.value})"
        case "Zeros" | "Ones":
            return f".{case}"
        case _:
            return f".{case}(seed: {seed}{swift_axes(initializer)})"


def initializers():
    i = keras.initializers
    fans = [(mode, kind) for mode in ("fan_in", "fan_out", "fan_avg") for kind in ("uniform", "truncated_normal", "untruncated_normal")]
    rows = [
        (i.Constant(0.1), (3, 2)), (i.Constant(1e300), (2,)), (i.Identity(), (3, 5)), (i.Identity(-2.5), (5, 3)),
        (i.Identity(), (0, 3)),
    ]
    for seed, shape in [(0, (64, 32)), (42, (257, 17)), (4294967295, (1, 33)), (7, (300,)), (8, (2, 3, 4, 5)), (9, ()), (9, (0, 3))]:
        rows += [
            (i.RandomNormal(seed=seed), shape), (i.RandomNormal(mean=-3.5, stddev=1e-3, seed=seed), shape),
            (i.RandomUniform(seed=seed), shape), (i.RandomUniform(2.0, 2.0, seed=seed), shape),
            (i.RandomUniform(-1e30, 7.25, seed=seed), shape), (i.TruncatedNormal(seed=seed), shape),
            (i.TruncatedNormal(mean=10.0, stddev=3.0, seed=seed), shape),
        ]
        if seed in (0, 42, 8):
            rows += [(kind(seed=seed), shape) for kind in (i.GlorotUniform, i.GlorotNormal, i.LecunUniform, i.LecunNormal, i.HeUniform, i.HeNormal)]
            rows += [(i.VarianceScaling(0.3, mode, kind, seed=seed), shape) for mode, kind in fans]
        else:
            rows += [(i.GlorotUniform(seed=seed), shape), (i.HeNormal(seed=seed), shape)]
    rows += [
        (i.GlorotUniform(seed=5, input_axes=[0, 1], output_axes=[-1]), (3, 4, 5)),
        (i.VarianceScaling(2.0, "fan_out", "uniform", seed=5, input_axes=[2], output_axes=[0, -2]), (3, 4, 5)),
        (i.HeUniform(seed=5, input_axes=[], output_axes=[]), (3, 4, 5)),
    ]
    print("// initializer, shape, hash")
    for initializer, shape in rows:
        values = np.asarray(initializer(shape, dtype="float32"))
        print(f"({swift(initializer)}, {list(shape)}, 0x{hash_of(values.ravel().view('u4')):016x}),")
    print("// orthogonal")
    for shape in [(1, 1), (2, 2), (3, 5), (5, 3), (33, 33), (40, 20), (20, 40), (100, 7), (2, 3, 4), (0, 3), (3, 0)]:
        for gain, seed in [(1.0, 0), (-1.5, 42)]:
            values = np.asarray(i.Orthogonal(gain=gain, seed=seed)(shape, dtype="float32"))
            print(f"({gain}, {seed}, {list(shape)}, 0x{hash_of(values.ravel().view('u4')):016x}),")


if __name__ == "__main__":
    np.seterr(all="ignore")
    print(f"// keras {keras.__version__}, numpy {np.__version__}")
    sequences()
    initializers()
