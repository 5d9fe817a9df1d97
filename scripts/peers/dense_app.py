"""Dense layers with relu over HTTP, in numpy: what `dense-bench load` asks for, and no more.

PUT /models/NAME registers, POST /dense runs; JSON or octets. Each worker process reads a model from the folder
PEER_MODELS when it first needs it.
"""

import os

import numpy as np
import orjson

FOLDER = os.environ["PEER_MODELS"]
JSON = [("content-type", "application/json")]
OCTETS = [("content-type", "application/octet-stream")]
models = {}


def layers(text):
    return [
        tuple(np.array(layer["weights"][name], dtype=np.float32) for name in ("kernel", "bias"))
        for layer in orjson.loads(text)["layers"]
    ]


def model(name):
    if name not in models:
        with open(os.path.join(FOLDER, os.path.basename(name)), "rb") as file:
            models[name] = layers(file.read())
    return models[name]


def run(name, x):
    for kernel, bias in model(name):
        x = np.maximum(x @ kernel + bias, 0)
    return x


async def app(scope, proto):
    if scope.method == "GET":
        proto.response_bytes(200, JSON, b"{}")
        return
    body = await proto()
    if scope.method == "PUT":
        name = os.path.basename(scope.path)
        models[name] = layers(body)
        path = os.path.join(FOLDER, name)
        with open(f"{path}.{os.getpid()}", "wb") as file:
            file.write(body)
        os.replace(f"{path}.{os.getpid()}", path)
        proto.response_bytes(201, JSON, b"{}")
    elif scope.headers.get("content-type") == "application/octet-stream":
        shape = [int(size) for size in scope.headers.get("x-tensor-shape").split(",")]
        x = np.frombuffer(body, dtype="<f4").reshape(shape)
        proto.response_bytes(200, OCTETS, run(scope.query_string.removeprefix("model="), x).tobytes())
    else:
        request = orjson.loads(body)
        y = run(request["model"], np.array(request["input"], dtype=np.float32))
        answer = {"output": y, "shape": y.shape, "dtype": "float32"}
        proto.response_bytes(200, JSON, orjson.dumps(answer, option=orjson.OPT_SERIALIZE_NUMPY))
