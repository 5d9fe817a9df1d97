"""Python's HTTP clients against a running server: clients.py HOST PORT"""

import asyncio
import gzip
import json
import socket
import sys

import aiohttp
import h2.config
import h2.connection
import h2.events
import httpx
import requests

from comparison import expect

host, port = sys.argv[1], int(sys.argv[2])
url = f"http://{host}:{port}"
question = {"model": "attention", "input": [[[1, 2, 3, 4], [0, 0, 0, 0]]]}
shape = [1, 2, 1]
row = [1.25, 2.5, 3.75, 4.125]
large = json.dumps({"model": "attention", "input": [[row] * 400_000]}).encode()
assert len(large) > 10_000_000
# Rows alike have answers alike.
large_shape = [1, 400_000, 1]


def pieces(body):
    return (body[start : start + 100_000] for start in range(0, len(body), 100_000))


def synchronous(name, client, chunked):
    """`chunked` is how the client is given a body of unknown length."""
    post = lambda **options: client.post(url + "/dense", timeout=60, **options)
    expect(f"{name}: a tensor", shape, post(json=question).json()["shape"])
    expect(f"{name}: 10 MB", large_shape, post(data=large).json()["shape"])
    expect(f"{name}: 10 MB in pieces", large_shape, post(**{chunked: pieces(large)}).json()["shape"])
    compressed = post(data=gzip.compress(json.dumps(question).encode()), headers={"Content-Encoding": "gzip"})
    expect(f"{name}: gzip", shape, compressed.json()["shape"])
    expect(f"{name}: bad JSON", 400, post(data=b"{").status_code)
    expect(f"{name}: nothing there", 404, client.get(url + "/nothing").status_code)
    expect(f"{name}: the wrong method", 405, client.delete(url + "/dense").status_code)
    expect(f"{name}: a good request behind the bad ones", shape, post(json=question).json()["shape"])


async def aiohttp_client():
    # It takes bytes for a raw tensor if it is not told otherwise.
    async with aiohttp.ClientSession(url, headers={"Content-Type": "application/json"}) as client:

        async def post(**options):
            async with client.post("/dense", **options) as answer:
                return answer.status, (await answer.json()).get("shape")

        async def stream():
            for piece in pieces(large):
                yield piece

        expect("aiohttp: a tensor", (200, shape), await post(json=question))
        expect("aiohttp: 10 MB", (200, large_shape), await post(data=large))
        expect("aiohttp: 10 MB in pieces", (200, large_shape), await post(data=stream()))
        expect("aiohttp: 10 MB that wait for 100", (200, large_shape), await post(data=large, expect100=True))
        expect("aiohttp: bad JSON", (400, None), await post(data=b"{"))
        many = await asyncio.gather(*(post(json=question) for _ in range(200)))
        expect("aiohttp: 200 at once", [(200, shape)] * 200, many)


async def httpx_streams():
    async with httpx.AsyncClient(http1=False, http2=True, base_url=url, timeout=60) as client:
        answers = await asyncio.gather(*(client.post("/dense", json=question) for _ in range(200)))
        expect("httpx, HTTP/2: 200 at once", ["HTTP/2"] * 200, [answer.http_version for answer in answers])
        expect("httpx, HTTP/2: their answers", [shape] * 200, [answer.json()["shape"] for answer in answers])


def pipelined():
    """Requests behind each other in one piece, the last of them bad: nothing behind it is answered."""
    good = b"GET /health/ready HTTP/1.1\r\nHost: a\r\n\r\n"
    with socket.create_connection((host, port), timeout=60) as client:
        client.sendall(good * 500 + b"GET /health/ready HTTP/1.1\r\n\r\n" + good)
        answers = b"".join(iter(lambda: client.recv(1 << 16), b""))
    expect("a socket: 500 pipelined requests", 500, answers.count(b"HTTP/1.1 200"))
    expect("a socket: a bad one behind them, and an end", 1, answers.count(b"HTTP/1.1 400"))


def h2_client():
    """By hand, since it can do what others hide: trailers, resets, and an error of its own making."""
    connection = h2.connection.H2Connection(h2.config.H2Configuration(header_encoding="utf-8"))
    client = socket.create_connection((host, port), timeout=60)
    head = [(":scheme", "http"), (":authority", "a")]
    statuses, bodies, seen = {}, {}, []

    def until(done):
        while not done():
            client.sendall(connection.data_to_send())
            data = client.recv(1 << 16)
            if not data:
                return
            for event in connection.receive_data(data):
                seen.append(type(event))
                if isinstance(event, h2.events.ResponseReceived):
                    statuses[event.stream_id] = dict(event.headers)[":status"]
                elif isinstance(event, h2.events.DataReceived):
                    bodies[event.stream_id] = bodies.get(event.stream_id, b"") + event.data
                    connection.acknowledge_received_data(event.flow_controlled_length, event.stream_id)

    connection.initiate_connection()
    body = json.dumps(question).encode()
    connection.send_headers(1, [(":method", "POST"), (":path", "/dense"), *head])
    connection.send_data(1, body)
    connection.send_headers(1, [("checksum", "1")], end_stream=True)
    for stream in range(3, 103, 2):
        connection.send_headers(stream, [(":method", "GET"), (":path", "/health/ready"), *head], end_stream=True)
    connection.send_headers(103, [(":method", "POST"), (":path", "/dense"), *head])
    connection.reset_stream(103)
    until(lambda: seen.count(h2.events.StreamEnded) == 51)
    expect("h2: trailers behind a body", shape, json.loads(bodies[1])["shape"])
    expect("h2: 51 streams", {"200"}, set(statuses.values()))
    # DATA on a stream that was never opened is an error of the connection.
    client.sendall(bytes([0, 0, 1, 0, 0, 0, 0, 1, 1, 0]))
    until(lambda: h2.events.ConnectionTerminated in seen)
    expect("h2: an error ends the connection with GOAWAY", True, h2.events.ConnectionTerminated in seen)
    client.close()


with requests.Session() as client:
    synchronous("requests", client, "data")
with httpx.Client() as client:
    synchronous("httpx, HTTP/1.1", client, "content")
with httpx.Client(http1=False, http2=True) as client:
    synchronous("httpx, HTTP/2", client, "content")
asyncio.run(aiohttp_client())
asyncio.run(httpx_streams())
pipelined()
h2_client()
