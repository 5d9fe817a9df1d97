#!/usr/bin/env python3
"""Trains a small classifier on scikit-learn's handwritten digits with Keras and writes digits/: the body that registers it,
the held-out images as a request, and what Keras answers to them.

Run by hand with a Python that has keras, jax and scikit-learn (README.md has the commands).
"""

import json
import os

os.environ["KERAS_BACKEND"] = "jax"

import keras  # noqa: E402
import numpy as np  # noqa: E402
from sklearn.datasets import load_digits  # noqa: E402

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "digits")


def numbers(array):
    """Nested lists whose numbers are the shortest decimals that read back to the same float32."""
    if array.ndim:
        return [numbers(row) for row in array]
    return float(str(np.float32(array)))


def write(name, value):
    path = os.path.join(FOLDER, name)
    with open(path, "w") as file:
        json.dump(value, file, separators=(",", ":"))
        file.write("\n")
    print(f"{name}: {os.path.getsize(path):,} bytes")


def train(images, labels):
    keras.utils.set_random_seed(20)
    model = keras.Sequential(
        [
            keras.Input(shape=(64,)),
            keras.layers.Rescaling(1 / 16.0, name="pixels"),
            keras.layers.Dense(32, activation="relu", name="hidden"),
            keras.layers.Dense(10, activation="softmax", name="digit"),
        ],
        name="digits",
    )
    model.compile(optimizer=keras.optimizers.Adam(0.003), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(images, labels, batch_size=32, epochs=40, verbose=0)
    return model


def check(model, images, probabilities):
    """Keras's float32 answer must be near enough to the float64 one to be compared with."""
    x = images.astype("float64") / 16
    first, second = model.layers[1:]
    (kernel1, bias1), (kernel2, bias2) = [[np.asarray(w, "float64") for w in layer.weights] for layer in (first, second)]
    logits = np.maximum(x @ kernel1 + bias1, 0) @ kernel2 + bias2
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    reference = exponentials / exponentials.sum(axis=1, keepdims=True)
    distance = np.abs(probabilities - reference) / (1e-6 + 1e-5 * np.abs(reference))
    assert distance.max() < 0.75, distance.max()
    two_best = np.sort(probabilities, axis=1)[:, -2:]
    print(f"furthest from float64: {distance.max():.2f} of the tolerance; closest call {np.diff(two_best).min():.4f}")


def main():
    digits = load_digits()
    images, labels = digits.data.astype("float32"), digits.target
    held_out = np.arange(len(images)) % 5 == 0
    model = train(images[~held_out], labels[~held_out])
    probabilities = np.asarray(model(images[held_out]))
    classes = probabilities.argmax(axis=1)
    accuracy = float((classes == labels[held_out]).mean())
    print(f"keras {keras.__version__}, {held_out.sum()} held-out images, accuracy {accuracy:.4f}")
    check(model, images[held_out], probabilities)

    layers = []
    for layer in model.layers:
        entry = {"layer": keras.layers.serialize(layer)}
        if layer.weights:
            entry["weights"] = {variable.name: numbers(np.asarray(variable)) for variable in layer.weights}
        layers.append(entry)
    os.makedirs(FOLDER, exist_ok=True)
    write("register.json", {"layers": layers})
    write("request.json", {"model": "digits", "input": images[held_out].astype(int).tolist()})
    write(
        "expected.json",
        {
            "generated_by": f"keras {keras.__version__}, backend {keras.config.backend()}",
            "accuracy": accuracy,
            "labels": labels[held_out].tolist(),
            "classes": classes.tolist(),
            "probabilities": numbers(probabilities),
        },
    )


if __name__ == "__main__":
    main()
