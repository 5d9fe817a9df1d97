#!/usr/bin/env python3
"""Writes configs.json: layers and models as Keras serialises them (README.md has the commands).

Read by Tests/TensorCodingTests/KerasConfigurationTests.swift, which writes every entry back.
"""

import json
import os
import pathlib
import warnings

os.environ.setdefault("KERAS_BACKEND", "numpy")
warnings.simplefilter("ignore")

import keras  # noqa: E402
from keras import constraints, initializers, regularizers  # noqa: E402
from keras.layers import (  # noqa: E402
    ELU, Activation, ActivityRegularization, AlphaDropout, BatchNormalization, Dense, Dropout, Flatten, GaussianDropout,
    GaussianNoise, Identity, Input, InputLayer, LayerNormalization, LeakyReLU, Normalization, PReLU, ReLU, RMSNormalization,
    Rescaling, Reshape, Softmax, UnitNormalization,
)

ACTIVATIONS = sorted(
    name for name in keras.src.activations.ALL_OBJECTS_DICT
    if name not in ("threshold", "swish", "hard_swish"))


def built(layer, shape):
    layer.build(shape)
    return layer


LAYERS = [
    *(lambda name=name: Dense(2, activation=name) for name in ACTIVATIONS),
    lambda: Dense(1),
    lambda: Dense(64, use_bias=False, name="scores", trainable=False),
    lambda: built(Dense(3, activation="relu"), (None, 4)),
    lambda: built(Dense(3), (None, 7, 4)),
    lambda: Dense(2, activation=LeakyReLU(0.1)),
    lambda: Dense(2, activation=ReLU(max_value=6, negative_slope=0.5)),
    lambda: Dense(2, activation=ELU(alpha=0.5)),
    lambda: Dense(2, activation=Softmax(axis=1)),
    *(lambda make=make: Dense(2, kernel_initializer=make(), bias_initializer=make()) for make in [
        initializers.Zeros, initializers.Ones, lambda: initializers.Constant(0.5), initializers.Identity,
        lambda: initializers.RandomNormal(1.0, 0.1, seed=1), initializers.RandomNormal,
        lambda: initializers.RandomUniform(-1.0, 2.0, seed=2), initializers.RandomUniform,
        lambda: initializers.TruncatedNormal(0.5, 0.25, seed=3), initializers.TruncatedNormal,
        lambda: initializers.VarianceScaling(2.0, "fan_out", "untruncated_normal", seed=4),
        lambda: initializers.VarianceScaling(0.5, "fan_avg", "uniform"), initializers.VarianceScaling,
        lambda: initializers.GlorotUniform(seed=5), initializers.GlorotNormal, initializers.LecunUniform,
        lambda: initializers.LecunNormal(seed=6), initializers.HeUniform, lambda: initializers.HeNormal(seed=7),
        lambda: initializers.Orthogonal(2.0, seed=8), initializers.Orthogonal,
    ]),
    *(lambda make=make: Dense(
        2, kernel_regularizer=make(), bias_regularizer=make(), activity_regularizer=make()) for make in [
            regularizers.L1, lambda: regularizers.L1(0.25), regularizers.L2, lambda: regularizers.L2(0.1),
            regularizers.L1L2, lambda: regularizers.L1L2(0.1, 0.2), regularizers.OrthogonalRegularizer,
            lambda: regularizers.OrthogonalRegularizer(0.5, "columns"), lambda: "l2", lambda: "l1",
    ]),
    *(lambda make=make: Dense(2, kernel_constraint=make(), bias_constraint=make()) for make in [
        constraints.MaxNorm, lambda: constraints.MaxNorm(3.5, axis=[0, 1]), constraints.NonNeg, constraints.UnitNorm,
        lambda: constraints.UnitNorm(axis=1), constraints.MinMaxNorm,
        lambda: constraints.MinMaxNorm(0.5, 2.0, rate=0.9, axis=1), lambda: "max_norm",
    ]),
    lambda: Activation("relu"),
    lambda: Activation("gelu", name="last", activity_regularizer=regularizers.L2(0.5)),
    lambda: Activation(LeakyReLU(0.2 + 0.1)),
    ReLU,
    lambda: ReLU(max_value=6.0, negative_slope=0.1, threshold=0.5),
    LeakyReLU,
    lambda: LeakyReLU(negative_slope=0.01),
    ELU,
    lambda: ELU(alpha=0.5),
    Softmax,
    lambda: Softmax(axis=1),
    lambda: Dropout(0.5),
    lambda: Dropout(0.25, noise_shape=(None, 1, 3), seed=7),
    Flatten,
    lambda: Flatten(data_format="channels_first"),
    lambda: Reshape((2, -1)),
    lambda: Reshape(()),
    lambda: InputLayer(shape=(4,)),
    lambda: InputLayer(batch_shape=(32, None, 3), name="tokens"),
    lambda: Rescaling(1 / 255),
    lambda: Rescaling([0.5, 2.0], offset=[-1.0, 1.0]),
    Normalization,
    lambda: Normalization(axis=None),
    lambda: Normalization(axis=(1, 2), invert=True),
    lambda: Normalization(mean=[1.0, 2.0], variance=[1.0, 4.0]),
    lambda: Normalization(axis=None, mean=0.5, variance=2.0),
    lambda: built(Normalization(), (None, 3)),
    BatchNormalization,
    lambda: built(BatchNormalization(axis=1, momentum=0.9, epsilon=1e-5, center=False), (None, 3, 4)),
    lambda: BatchNormalization(scale=False, beta_regularizer="l2", renorm=True, renorm_clipping={"rmax": 3.0}),
    lambda: built(LayerNormalization(), (None, 3)),
    lambda: built(LayerNormalization(axis=[1, 2], epsilon=1e-6, gamma_constraint="non_neg"), (None, 3, 4)),
    lambda: built(LayerNormalization(rms_scaling=True, scale=False), (None, 3)),
    lambda: built(RMSNormalization(epsilon=0.01), (None, 3)),
    UnitNormalization,
    lambda: UnitNormalization(axis=[1, 2]),
    PReLU,
    lambda: built(PReLU(alpha_initializer="ones", alpha_regularizer="l1", shared_axes=[1]), (None, 3, 4)),
    lambda: GaussianNoise(0.25, seed=3),
    lambda: GaussianDropout(0.5),
    lambda: AlphaDropout(0.5, noise_shape=(None, 1)),
    Identity,
    lambda: ActivityRegularization(l1=0.5),
]

MODELS = [
    lambda: keras.Sequential([Dense(3), Dense(1, activation="sigmoid")]),
    lambda: keras.Sequential([
        Input((28, 28)), Rescaling(1 / 255), Flatten(), Dense(8, activation="relu"), Dropout(0.2),
        Dense(10, activation="softmax"),
    ]),
    lambda: keras.Sequential([Dense(3, input_shape=(4,)), ReLU(), Dense(2), LeakyReLU()], name="net"),
]


def fresh(make):
    keras.backend.clear_session()
    return make()


def main():
    layers = [keras.layers.serialize(fresh(make)) for make in LAYERS]
    models = []
    for make in MODELS:
        model = fresh(make)
        models.append({
            "serialized": keras.saving.serialize_keras_object(model),
            "config": model.get_config(),
            "json": json.loads(model.to_json()),
        })
    header = {"keras": keras.__version__, "backend": keras.config.backend()}
    text = json.dumps({"header": header, "layers": layers, "models": models}, separators=(",", ":"))
    pathlib.Path(__file__).with_name("configs.json").write_text(text + "\n")


main()
