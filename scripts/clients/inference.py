"""Other servers' clients against a running server with config/models: inference.py HOST PORT

tritonclient's HTTP clients (binary and JSON, synchronous and asynchronous), KServe's SDK over V1 and V2, and requests for
TensorFlow Serving's REST API. All have to give the bits that POST /dense gives.
"""

import asyncio
import base64
import json
import sys

import numpy as np
import requests
import tritonclient.http
import tritonclient.http.aio
from kserve import InferenceRESTClient, InferInput, InferRequest, RESTConfig
from tritonclient.utils import InferenceServerException

from comparison import bits, expect

host, port = sys.argv[1], int(sys.argv[2])
url = f"http://{host}:{port}"
model = "classifier"
rows = np.random.default_rng(7).standard_normal((5, 4)).astype(np.float32)


right = bits(requests.post(url + "/dense", json={"model": model, "input": rows.tolist()}, timeout=60).json()["output"])


def tensors(client, datatype, values, binary):
    """An input and an output of one of tritonclient's modules."""
    tensor = client.InferInput("input", list(values.shape), datatype)
    tensor.set_data_from_numpy(values, binary_data=binary)
    return [tensor], [client.InferRequestedOutput(output, binary_data=binary)]


def triton():
    client = tritonclient.http.InferenceServerClient(f"{host}:{port}", concurrency=4)
    name = "tritonclient"
    expect(f"{name}: live and ready", (True, True), (client.is_server_live(), client.is_server_ready()))
    expect(f"{name}: the model is ready", True, client.is_model_ready(model))
    expect(f"{name}: another is not", False, client.is_model_ready("nothing"))
    expect(f"{name}: extensions", True, "binary_tensor_data" in client.get_server_metadata()["extensions"])
    expect(f"{name}: configuration", model, client.get_model_config(model)["name"])
    for binary in (True, False):
        form = "binary" if binary else "JSON"
        for datatype, type in (("FP32", np.float32), ("FP64", np.float64)):
            inputs, outputs = tensors(tritonclient.http, datatype, rows.astype(type), binary)
            answer = client.infer(model, inputs, outputs=outputs, request_id="7")
            expect(f"{name}: {datatype} in {form}", right, bits(answer.as_numpy(output)))
            expect(f"{name}: the id in {form}", "7", answer.get_response()["id"])
        inputs, _ = tensors(tritonclient.http, "FP32", rows, binary)
        expect(f"{name}: no outputs named, {form}", right, bits(client.infer(model, inputs).as_numpy(output)))
        for coding in ("gzip", "deflate"):
            answer = client.infer(
                model, inputs, request_compression_algorithm=coding, response_compression_algorithm=coding
            )
            expect(f"{name}: {coding} and {form}", right, bits(answer.as_numpy(output)))
        inputs, outputs = tensors(tritonclient.http, "FP32", rows, binary)
        asked = [client.async_infer(model, inputs, outputs=outputs, priority=1, timeout=60_000_000) for _ in range(20)]
        expect(f"{name}: 20 at once, {form}", [right] * 20, [bits(one.get_result().as_numpy(output)) for one in asked])
    top = tritonclient.http.InferRequestedOutput(output, binary_data=True, class_count=2)
    inputs, _ = tensors(tritonclient.http, "FP32", rows, True)
    classes = client.infer(model, inputs, outputs=[top]).as_numpy(output)
    best = np.asarray(np.array(right, np.uint32).view(np.float32)).reshape(5, 3).argsort(axis=1)[:, ::-1][:, :2]
    found = [[int(text.decode().split(":")[1]) for text in row] for row in classes]
    expect(f"{name}: classes", best.tolist(), found)
    half = rows.astype(np.float16)
    inputs, outputs = tensors(tritonclient.http, "FP16", half, True)
    expect(f"{name}: float16", (5, 3), client.infer(model, inputs, outputs=outputs).as_numpy(output).shape)
    for what, call in (
        ("an unknown model", lambda: client.infer("nothing", inputs)),
        ("an unknown output", lambda: client.infer(model, inputs, outputs=[tritonclient.http.InferRequestedOutput("x")])),
        ("shared memory", lambda: client.register_system_shared_memory("a", "/a", 16)),
        ("traces", lambda: client.update_trace_settings(settings={"trace_level": ["TIMESTAMPS"]})),
    ):
        try:
            call()
            sys.exit(f"error: {name}: {what} was accepted")
        except InferenceServerException as error:
            expect(f"{name}: {what} is refused with a sentence", True, len(error.message()) > 20)
    statistics = client.get_inference_statistics(model)["model_stats"][0]
    expect(f"{name}: statistics", True, statistics["inference_count"] >= 5 * statistics["inference_stats"]["success"]["count"])
    expect(f"{name}: settings", ("default", ["OFF"]), (client.get_log_settings()["log_format"], client.get_trace_settings()["trace_level"]))
    expect(f"{name}: log settings are changed", False, client.update_log_settings({"log_info": False})["log_info"])
    client.update_log_settings({"log_info": True})
    expect(f"{name}: no shared memory", [], client.get_system_shared_memory_status())
    document = json.dumps({"layers": [{"layer": {"units": 1}, "weights": {"kernel": [[3]], "bias": [0]}}]}).encode()
    client.load_model("loaded", config=json.dumps({"max_batch_size": 8}), files={"file:1/model.json": document})
    index = {(entry["name"], entry["state"]) for entry in client.get_model_repository_index()}
    expect(f"{name}: a model is loaded", True, ("loaded", "READY") in index)
    expect(f"{name}: with its configuration", 8, client.get_model_config("loaded")["max_batch_size"])
    client.unload_model("loaded")
    expect(f"{name}: and unloaded", False, client.is_model_ready("loaded"))
    client.close()


async def triton_asynchronous():
    async with tritonclient.http.aio.InferenceServerClient(f"{host}:{port}") as client:
        expect("tritonclient.aio: ready", True, await client.is_server_ready())
        for binary in (True, False):
            inputs, outputs = tensors(tritonclient.http.aio, "FP32", rows, binary)
            answers = await asyncio.gather(*(client.infer(model, inputs, outputs=outputs) for _ in range(50)))
            expect(
                f"tritonclient.aio: 50 at once, {'binary' if binary else 'JSON'}",
                [right] * 50,
                [bits(answer.as_numpy(output)) for answer in answers],
            )


async def kserve(protocol):
    client = InferenceRESTClient(RESTConfig(protocol=protocol))
    expect(f"kserve {protocol}: live", True, await client.is_server_live(url))
    expect(f"kserve {protocol}: the model is ready", True, await client.is_model_ready(url, model))
    if protocol == "v1":
        answer = await client.infer(url, {"instances": rows.tolist()}, model_name=model)
        expect("kserve v1: a tensor", right, bits(answer["predictions"]))
    else:
        expect("kserve v2: ready", True, await client.is_server_ready(url))
        for binary in (True, False):
            tensor = InferInput(name="input", shape=list(rows.shape), datatype="FP32")
            tensor.set_data_from_numpy(rows, binary_data=binary)
            answer = await client.infer(url, InferRequest(model_name=model, infer_inputs=[tensor]), model_name=model)
            expect(f"kserve v2: {'binary' if binary else 'JSON'}", right, bits(answer.outputs[0].as_numpy()))
    await client.close()


def tensorflow_serving():
    with requests.Session() as client:
        post = lambda path, body: client.post(url + path, json=body, timeout=60)
        name = "requests, V1"
        expect(f"{name}: rows", right, bits(post(f"/v1/models/{model}:predict", {"instances": rows.tolist()}).json()["predictions"]))
        named = {"instances": [{"input": row} for row in rows.tolist()]}
        expect(f"{name}: named rows", right, bits(post(f"/v1/models/{model}/versions/1:predict", named).json()["predictions"]))
        columns = {"inputs": {"input": rows.tolist()}}
        expect(f"{name}: columns", right, bits(post(f"/v1/models/{model}:predict", columns).json()["outputs"]))
        expect(f"{name}: a score", 1, len(post("/v1/models/attention:regress", {"examples": [{"input": [1, 2, 3, 4]}]}).json()["results"]))
        state = client.get(f"{url}/v1/models/{model}", timeout=60).json()["model_version_status"][0]["state"]
        expect(f"{name}: the state", "AVAILABLE", state)
        signature = client.get(f"{url}/v1/models/{model}/metadata", timeout=60).json()["metadata"]["signature_def"]["signature_def"]
        expect(f"{name}: the signature", ["input"], list(signature["serving_default"]["inputs"]))
        expect(f"{name}: an unknown model", 404, post("/v1/models/half:predict", named).status_code)
        expect(f"{name}: no rows", 400, post(f"/v1/models/{model}:predict", {"instances": []}).status_code)
        expect(f"{name}: not JSON", 400, client.post(f"{url}/v1/models/{model}:predict", data=b"{", timeout=60).status_code)


def base64_form():
    body = {"model": model, "input": {"shape": list(rows.shape), "b64": base64.b64encode(rows.tobytes()).decode()}}
    expect("requests: base64", right, bits(requests.post(url + "/dense", json=body, timeout=60).json()["output"]))


output = requests.get(f"{url}/v2/models/{model}", timeout=60).json()["outputs"][0]["name"]
base64_form()
triton()
asyncio.run(triton_asynchronous())
asyncio.run(kserve("v1"))
asyncio.run(kserve("v2"))
tensorflow_serving()
