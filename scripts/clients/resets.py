"""Floods of what is begun and broken off at once."""

import socket
import struct
import time

STARTS = [b"", b"G", b"GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n",
          b"POST /dense HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n{", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"]


def connect_and_reset(port, seconds, rate):
    """So many connections a second, with nothing or a part of a request sent."""
    start = time.monotonic()
    count = 0
    while (now := time.monotonic() - start) < seconds:
        if count >= now * rate:
            time.sleep(0.001)
            continue
        client = socket.create_connection(("127.0.0.1", port))
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.send(STARTS[count % len(STARTS)])
        client.close()
        count += 1
    return f"{count} connections reset in {seconds:.0f} s"


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def reset_streams(port, seconds):
    """GET /models and RST_STREAM, as fast as it goes, on one connection after the other until each is ended."""
    end = time.monotonic() + seconds
    connections = streams = calmed = 0
    path = b"/models"
    fields = bytes([0x82, 0x86, 0x04, len(path)]) + path + bytes([0x41, 1]) + b"a"
    while time.monotonic() < end:
        client = socket.create_connection(("127.0.0.1", port), timeout=30)
        client.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0))
        connections += 1
        number, received = 1, b""
        try:
            while time.monotonic() < end:
                client.sendall(b"".join(
                    frame(1, 5, stream, fields) + frame(3, 0, stream, struct.pack(">I", 8))
                    for stream in range(number, number + 200, 2)))
                number += 200
        except OSError:
            pass
        streams += number // 2
        try:
            while data := client.recv(1 << 16):
                received = received[-65536:] + data
        except OSError:
            pass
        # GOAWAY with ENHANCE_YOUR_CALM.
        at = received.rfind(b"\x07\x00\x00\x00\x00\x00")
        calmed += at >= 0 and received[at + 10:at + 14] == struct.pack(">I", 11)
        client.close()
    return f"{streams} resets sent on {connections} connections, {calmed} of which ended with ENHANCE_YOUR_CALM"
