"""gRPC clients against a running server with config/models: grpc_clients.py HOST PORT

tritonclient's gRPC clients (synchronous, asynchronous, streaming, compressed), grpcio's health checking and reflection, and
tensorflow-serving-api. That one needs all of TensorFlow, 600 MB, for a few messages of TensorFlow's core; these are compiled
here from Sources/GRPCMessages/Protos by grpcio-tools instead. All have to give the bits that POST /dense gives.
"""

import asyncio
import pathlib
import queue
import shutil
import sys
import tempfile

import grpc
import numpy as np
import requests
import tritonclient.grpc
import tritonclient.grpc.aio
from google.protobuf import descriptor_pool
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase
from grpc_tools import protoc
from tritonclient.utils import InferenceServerException

from comparison import bits, expect

host, port = sys.argv[1], int(sys.argv[2])
address = f"{host}:{port}"
model = "classifier"
rows = np.random.default_rng(7).standard_normal((5, 4)).astype(np.float32)


right = bits(
    requests.post(f"http://{address}/dense", json={"model": model, "input": rows.tolist()}, timeout=60).json()["output"]
)


def fails(what, code, call):
    try:
        call()
    except InferenceServerException as error:
        expect(what, f"StatusCode.{code}", error.status())
    except grpc.RpcError as error:
        expect(what, code, error.code().name)
    else:
        sys.exit(f"error: {what}. Expected {code}, received an answer.")


def tensor(client, datatype="FP32", values=rows):
    tensor = client.InferInput("input", list(values.shape), datatype)
    tensor.set_data_from_numpy(values)
    return [tensor]


def triton():
    name = "tritonclient, gRPC"
    with tritonclient.grpc.InferenceServerClient(address) as client:
        expect(f"{name}: live and ready", (True, True), (client.is_server_live(), client.is_server_ready()))
        expect(f"{name}: the model is ready", True, client.is_model_ready(model))
        expect(f"{name}: another is not", False, client.is_model_ready("nothing"))
        expect(f"{name}: metadata", "input", client.get_model_metadata(model).inputs[0].name)
        expect(f"{name}: configuration", model, client.get_model_config(model).config.name)
        output = client.get_model_metadata(model).outputs[0].name
        inputs = tensor(tritonclient.grpc)
        answer = client.infer(model, inputs, request_id="7")
        expect(f"{name}: a tensor", right, bits(answer.as_numpy(output)))
        expect(f"{name}: the id", "7", answer.get_response().id)
        asked = [tritonclient.grpc.InferRequestedOutput(output)]
        for coding in ("gzip", "deflate"):
            answer = client.infer(model, inputs, outputs=asked, compression_algorithm=coding)
            expect(f"{name}: {coding}", right, bits(answer.as_numpy(output)))
        doubles = tensor(tritonclient.grpc, "FP64", rows.astype(np.float64))
        expect(f"{name}: FP64", right, bits(client.infer(model, doubles).as_numpy(output)))
        large = np.tile(rows, (100_000, 1))
        answer = client.infer(model, tensor(tritonclient.grpc, values=large))
        expect(f"{name}: 8 MB", right * 100_000, bits(answer.as_numpy(output)))
        answers = queue.Queue()
        for _ in range(50):
            client.async_infer(model, inputs, lambda result, error: answers.put((result, error)), priority=1)
        found = [answers.get(timeout=60) for _ in range(50)]
        expect(f"{name}: 50 at once", [None] * 50, [error for _, error in found])
        expect(f"{name}: their answers", [right] * 50, [bits(result.as_numpy(output)) for result, _ in found])
        top = client.infer(model, inputs, outputs=[tritonclient.grpc.InferRequestedOutput(output, class_count=2)])
        expect(f"{name}: classes", (5, 2), top.as_numpy(output).shape)
        statistics = client.get_inference_statistics(model).model_stats[0]
        expect(f"{name}: statistics", True, statistics.inference_stats.success.count >= 50)
        index = client.get_model_repository_index().models
        expect(f"{name}: the index", True, model in [entry.name for entry in index])
        document = requests.get(f"http://{address}/models/{model}/versions/1/file?format=json", timeout=60).content
        client.load_model("copy", files={"file:1/model.json": document}, config="{}")
        expect(f"{name}: a loaded model", right, bits(client.infer("copy", inputs).as_numpy(output)))
        client.unload_model("copy")
        fails(f"{name}: an unloaded model", "NOT_FOUND", lambda: client.infer("copy", inputs))
        fails(f"{name}: another width", "INVALID_ARGUMENT",
              lambda: client.infer(model, tensor(tritonclient.grpc, values=rows[:, :3])))
        text = tensor(tritonclient.grpc, "BYTES", np.array([[b"a"]], dtype=np.object_))
        fails(f"{name}: text", "INVALID_ARGUMENT", lambda: client.infer(model, text))
        fails(f"{name}: shared memory", "UNIMPLEMENTED",
              lambda: client.register_system_shared_memory("r", "/r", 8))
        expect(f"{name}: log settings", True, client.get_log_settings().settings["log_error"].bool_param)
        expect(f"{name}: trace settings", ["OFF"], list(client.get_trace_settings().settings["trace_level"].value))
        fails(f"{name}: a deadline", "DEADLINE_EXCEEDED",
              lambda: client.infer(model, tensor(tritonclient.grpc, values=large), client_timeout=0.0001))
        stream(client, output, inputs)
    return output


def stream(client, output, inputs):
    name = "tritonclient, stream"
    answers = queue.Queue()
    client.start_stream(lambda result, error: answers.put((result, error)))
    for number in range(100):
        client.async_stream_infer(model, inputs, request_id=str(number))
    found = [answers.get(timeout=60) for _ in range(100)]
    expect(f"{name}: 100 answers", [right] * 100, [bits(result.as_numpy(output)) for result, _ in found])
    expect(f"{name}: in order", [str(number) for number in range(100)], [result.get_response().id for result, _ in found])
    client.async_stream_infer("nothing", inputs)
    result, error = answers.get(timeout=60)
    expect(f"{name}: an error of one request", (None, True), (result, error is not None))
    client.async_stream_infer(model, inputs)
    expect(f"{name}: the next one", right, bits(answers.get(timeout=60)[0].as_numpy(output)))
    client.stop_stream()
    client.start_stream(lambda result, error: answers.put((result, error)))
    client.async_stream_infer(model, inputs)
    client.stop_stream(cancel_requests=True)


async def triton_async(output):
    name = "tritonclient, asyncio"
    async with tritonclient.grpc.aio.InferenceServerClient(address) as client:
        inputs = tensor(tritonclient.grpc.aio)
        found = await asyncio.gather(*(client.infer(model, inputs) for _ in range(100)))
        expect(f"{name}: 100 at once", [right] * 100, [bits(one.as_numpy(output)) for one in found])

        async def requests():
            for number in range(20):
                yield {"model_name": model, "inputs": inputs, "request_id": str(number)}

        count = 0
        async for result, error in client.stream_infer(requests()):
            if error is not None or bits(result.as_numpy(output)) != right:
                sys.exit(f"error: {name}, stream. Expected the right answer, received {error or 'another'}.")
            count += 1
        expect(f"{name}: a stream of 20", 20, count)


def services(output):
    with tempfile.TemporaryDirectory() as folder:
        protos = pathlib.Path(folder) / "protos"
        shutil.copytree("Sources/GRPCMessages/Protos/tensorflow", protos / "tensorflow")
        # Where TensorFlow has the codes of errors now; the package looks for them in both places.
        codes, moved = (protos / name / "protobuf" / "error_codes.proto" for name in ("tensorflow/core", "xla/tsl"))
        moved.parent.mkdir(parents=True)
        codes.rename(moved)
        codes.write_text(f'syntax = "proto3";\nimport public "{moved.relative_to(protos)}";\n')
        files = sorted(str(file) for file in protos.rglob("*.proto"))
        includes = str(pathlib.Path(protoc.__file__).parent / "_proto")
        arguments = ["protoc", f"-I{protos}", f"-I{includes}", f"--python_out={folder}"]
        expect("grpcio-tools: TensorFlow's messages compile", 0, protoc.main(arguments + files))
        sys.path.insert(0, folder)
        tensorflow(output)
    with grpc.insecure_channel(address) as channel:
        health = health_pb2_grpc.HealthStub(channel)
        check = lambda service: health.Check(health_pb2.HealthCheckRequest(service=service), timeout=60).status
        expect("health: the server", health_pb2.HealthCheckResponse.SERVING, check(""))
        expect("health: a service", health_pb2.HealthCheckResponse.SERVING, check("inference.GRPCInferenceService"))
        fails("health: another service", "NOT_FOUND", lambda: check("nothing"))
        watch = health.Watch(health_pb2.HealthCheckRequest(), timeout=60)
        expect("health: a watch", health_pb2.HealthCheckResponse.SERVING, next(watch).status)
        watch.cancel()
        database = ProtoReflectionDescriptorDatabase(channel)
        names = database.get_services()
        expect("reflection: the services", True, "tensorflow.serving.PredictionService" in names)
        pool = descriptor_pool.DescriptorPool(database)
        for name in names:
            service = pool.FindServiceByName(name)
            expect(f"reflection: {name}", True, len(service.methods) > 0)
        unknown = channel.unary_unary("/inference.GRPCInferenceService/Nothing")
        fails("grpcio: an unknown method", "UNIMPLEMENTED", lambda: unknown(b"", timeout=60))
    # Beyond what clients do by themselves: a server that is asked often whether it is there.
    options = [("grpc.keepalive_time_ms", 1000), ("grpc.keepalive_permit_without_calls", 1)]
    with grpc.insecure_channel(address, options=options) as channel:
        watch = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest(), timeout=5)
        next(watch)
        fails("grpcio: pings on a quiet stream, until its deadline", "DEADLINE_EXCEEDED", lambda: next(watch))


def tensorflow(output):
    from google.protobuf.wrappers_pb2 import Int64Value
    from tensorflow.core.framework import tensor_pb2, tensor_shape_pb2
    from tensorflow_serving.apis import get_model_metadata_pb2, get_model_status_pb2, model_pb2, predict_pb2
    from tensorflow_serving.apis import model_service_pb2_grpc, prediction_service_pb2_grpc

    with grpc.insecure_channel(address) as channel:
        service = prediction_service_pb2_grpc.PredictionServiceStub(channel)
        shape = tensor_shape_pb2.TensorShapeProto(dim=[{"size": size} for size in rows.shape])
        floats = tensor_pb2.TensorProto(dtype=1, tensor_shape=shape, float_val=rows.reshape(-1))
        content = tensor_pb2.TensorProto(dtype=1, tensor_shape=shape, tensor_content=rows.tobytes())
        spec = model_pb2.ModelSpec(name=model)
        for what, value in (("float_val", floats), ("tensor_content", content)):
            for compression in (grpc.Compression.NoCompression, grpc.Compression.Gzip):
                answer = service.Predict(
                    predict_pb2.PredictRequest(model_spec=spec, inputs={"input": value}),
                    timeout=60, compression=compression,
                )
                expect(f"TensorFlow Serving: {what}, {compression.name}", right, bits(answer.outputs[output].float_val))
        expect("TensorFlow Serving: the version", 1, answer.model_spec.version.value)
        metadata = service.GetModelMetadata(
            get_model_metadata_pb2.GetModelMetadataRequest(model_spec=spec, metadata_field=["signature_def"]), timeout=60
        )
        signatures = get_model_metadata_pb2.SignatureDefMap()
        metadata.metadata["signature_def"].Unpack(signatures)
        expect("TensorFlow Serving: the signature", ["serving_default"], list(signatures.signature_def))
        status = model_service_pb2_grpc.ModelServiceStub(channel).GetModelStatus(
            get_model_status_pb2.GetModelStatusRequest(model_spec=spec), timeout=60
        )
        expect("TensorFlow Serving: the state", [30], [version.state for version in status.model_version_status])
        other = model_pb2.ModelSpec(name=model, version=Int64Value(value=9))
        fails("TensorFlow Serving: another version", "NOT_FOUND",
              lambda: service.Predict(predict_pb2.PredictRequest(model_spec=other, inputs={"input": floats}), timeout=60))
        fails("TensorFlow Serving: no input", "INVALID_ARGUMENT",
              lambda: service.Predict(predict_pb2.PredictRequest(model_spec=spec), timeout=60))


output = triton()
asyncio.run(triton_async(output))
services(output)
