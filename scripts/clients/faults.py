"""Does what a system and clients may do to dense-serve, one thing after the other, and looks at it afterwards."""

import collections
import os
import signal
import sys
import tempfile
import threading
import time

from fault_server import REQUEST, Client, Server, post
from resets import connect_and_reset, reset_streams

PROGRAM = sys.argv[1]
SECONDS = float(os.environ.get("SECONDS_EACH", 10))
QUIET = ("--access-log", "false")
# Megabytes that threads may keep for the next large body: the index of its JSON (JSONIndex.keptCapacity), 35 MB after bodies of
# 60 MB and as much again after models of as many, whatever their number.
ALLOWED = 96


def descriptors():
    """More connections than descriptors: those that are there are served, and nothing spins."""
    server = Server(PROGRAM, *QUIET, limits="ulimit -n 64")
    first = server.connect()
    others = [server.connect() for _ in range(200)]
    assert server.serves(first), "a connection from before is not served"
    before = server.processor()
    time.sleep(2)
    busy = (server.processor() - before) / 2
    assert busy < 0.5, f"it is busy with {busy:.0%} of a core"
    assert server.serves(first), "a connection from before is not served any more"
    for other in others:
        other.close()
    first.close()
    return server, f"200 connections for 64 descriptors, {busy:.0%} of a core"


def in_parallel(server, requests):
    """The statuses that requests on connections of their own get, all at once; 0 where the connection ended."""
    statuses = collections.Counter()

    def run(request):
        client = None
        try:
            client = server.connect()
            client.socket.settimeout(120)
            try:
                client.send(request)
            except OSError:
                pass
            status = client.answer()[0]
        except OSError:
            status = 0
        finally:
            if client:
                client.close()
        statuses[status] += 1

    threads = [threading.Thread(target=run, args=(request,)) for request in requests]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return statuses


def numbers(megabytes):
    """A list of lists of JSON numbers, four to a list."""
    row = b"[0.12345678,-1.2345678,2.3456789,-3.4567891],"
    return b"[" + row * (megabytes * 1_000_000 // len(row)) + b"[1,2,3,4]]"


def memory():
    """Bodies of JSON that together need many times the memory there is, and models likewise."""
    server = Server(PROGRAM, *QUIET, limits="ulimit -v 1500000")
    huge, large = numbers(60), numbers(20)
    layer = b'{"layer":{"class_name":"Dense","config":{"units":4}},"weights":{"kernel":'
    identity = b"[[1,0,0,0],[0,1,0,0],[0,0,1,0],[0,0,0,1]]"
    bodies = [layer + identity + b',"bias":[0,0,0,0]},"input":' + body + b"}" for body in (huge, large)]
    kernel = b'{"layers":[' + layer + huge + b',"bias":[0,0,0,0]}}]}'
    requests = [post(bodies[index % 2]) for index in range(16)]
    requests += [post(kernel, f"/models/m{index}", "PUT") for index in range(8)]
    statuses = in_parallel(server, requests)
    assert server.process.poll() is None, "it is gone"
    strange = set(statuses) - {0, 200, 201, 413, 422, 503, 507}
    assert not strange, f"statuses {strange}"
    deadline = time.monotonic() + 60
    while in_parallel(server, [requests[1]])[200] != 1:
        assert time.monotonic() < deadline, "a body that has room now is refused"
    for index in range(8):
        server.connect().send(post(b"", f"/models/m{index}", "DELETE")).answer()
    return server, "16 bodies of 20 and 60 MB and 8 models of 60 MB in 1.5 GB: " + ", ".join(
        f"{count} x {status or 'cut off'}" for status, count in sorted(statuses.items()))


def unread_log():
    """Nobody reads the log."""
    folder = tempfile.mkdtemp()
    path = os.path.join(folder, "log")
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    server = Server(PROGRAM, "--log-format", "json", log=open(path, "w"))
    client = server.connect()
    for _ in range(20_000):
        assert server.serves(client), "a request was not answered"
    text, end = b"", time.monotonic() + 30
    while b"log lines were dropped" not in text and time.monotonic() < end:
        try:
            text = text[-200:] + os.read(reader, 1 << 20)
        except BlockingIOError:
            time.sleep(0.01)
        server.serves(client)
    assert b"log lines were dropped" in text, "nothing says that lines were dropped"
    client.close()
    server.reader = reader
    return server, "20,000 requests with a log that nobody reads"


def full_disk():
    """The log's disk is full."""
    server = Server(PROGRAM, log=open("/dev/full", "w"))
    client = server.connect()
    for _ in range(20_000):
        assert server.serves(client), "a request was not answered"
    client.close()
    return server, "20,000 requests with a log on a full disk"


def clock():
    """Somebody sets the clock, forth and back, while requests and connections wait."""
    with tempfile.NamedTemporaryFile("w", suffix=".time") as file:
        def jump(offset):
            file.seek(0)
            file.truncate()
            file.write(offset + "\n")
            file.flush()

        jump("+0")
        server = Server(
            PROGRAM, *QUIET, environment={
                "LD_PRELOAD": "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1", "FAKETIME_TIMESTAMP_FILE": file.name,
                "FAKETIME_DONT_FAKE_MONOTONIC": "1", "FAKETIME_NO_CACHE": "1"})
        idle, half = server.connect(), server.connect()
        assert server.serves(idle)
        whole = post(REQUEST)
        half.send(whole[:60])
        years = set()
        for offset in ("+3600", "-3600", "+315360000", "-315360000", "+0"):
            jump(offset)
            time.sleep(1.2)
            client = server.connect().send(b"GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n")
            years.add(client.socket.recv(4096).partition(b"Date: ")[2][12:16])
            client.close()
            assert server.serves() and server.serves(idle), f"a request after a jump of {offset} s was not answered"
        assert len(years) == 3, f"the clock did not jump: {years}"
        assert half.send(whole[60:]).answer() == server.expected, "what was half sent before was cut off"
        idle.close()
        half.close()
    return server, "jumps of an hour and of ten years, forth and back"


def halt():
    """It is stopped and continued with requests on their way."""
    server = Server(PROGRAM, *QUIET)
    clients = [server.connect() for _ in range(200)]
    for client in clients[:100]:
        assert server.serves(client)
    server.signal(signal.SIGSTOP)
    for client in clients:
        client.send(post(REQUEST))
    time.sleep(12)
    server.signal(signal.SIGCONT)
    assert all(client.answer() == server.expected for client in clients), "a request that waited was not answered"
    for client in clients:
        client.close()
    return server, "12 s halted with 200 requests waiting, longer than a head may take"


def beside(server, mischief):
    """The slowest of the honest requests that are sent while something else is done, and what that returns."""
    times, isOver = [], threading.Event()

    def run():
        client = server.connect()
        while not isOver.is_set():
            start = time.monotonic()
            assert server.serves(client)
            times.append(time.monotonic() - start)
            time.sleep(0.01)
        client.close()

    thread = threading.Thread(target=run)
    thread.start()
    result = mischief()
    isOver.set()
    thread.join()
    assert len(times) > SECONDS * 5, "honest requests were not answered"
    return f"{result}; {len(times)} honest requests beside, the slowest {max(times) * 1e3:.0f} ms"


def resets():
    """A thousand connections a second that are reset at once."""
    server = Server(PROGRAM, *QUIET)
    return server, beside(server, lambda: connect_and_reset(server.port, SECONDS, 1000))


def rapid_reset():
    """HTTP/2 streams that are opened and reset."""
    server = Server(PROGRAM, *QUIET)
    return server, beside(server, lambda: reset_streams(server.port, SECONDS))


FAULTS = [descriptors, memory, unread_log, full_disk, clock, halt, resets, rapid_reset]
wanted = [fault for fault in FAULTS if not sys.argv[2:] or fault.__name__ in sys.argv[2:]]
print(f"{'fault':12} {'sockets':>9} {'MB before':>10} {'at most':>8} {'after':>7}  what was done")
for fault in wanted:
    server, text = fault()
    assert server.serves_soon(), "a new connection is not served"
    sockets, resident = server.before
    left, now = server.sockets(at_most=sockets), server.settled(ALLOWED)
    print(f"{fault.__name__:12} {sockets:>4} {left:>4} {resident:>10.1f} {max(server.peak(), now):>8.1f} {now:>7.1f}  {text}", flush=True)
    assert left <= sockets, f"{left - sockets} sockets are left"
    assert now <= resident + ALLOWED, f"memory grew by {now - resident:.0f} MB"
    status = server.stop()
    assert status == 0, f"it ended with status {status}"
print("all passed")
