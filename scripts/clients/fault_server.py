"""A server that things are done to, and what it has of the system's."""

import os
import re
import shlex
import signal
import socket
import subprocess
import tempfile
import time

REQUEST = b'{"model":"attention","input":[[[1,2,3,4],[0,0,0,0]]]}'


def post(body, path="/dense", method="POST", fields=""):
    head = f"{method} {path} HTTP/1.1\r\nHost: a\r\n{fields}Content-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


class Client:
    """A connection of HTTP/1.1 that waits half a minute for anything."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.rest = b""

    def send(self, data):
        self.socket.sendall(data)
        return self

    def answer(self):
        """The status and the body of the next answer; (0, b"") when the connection ended instead."""
        while b"\r\n\r\n" not in self.rest:
            data = self.socket.recv(1 << 16)
            if not data:
                return 0, b""
            self.rest += data
        head, _, self.rest = self.rest.partition(b"\r\n\r\n")
        length = int(re.search(rb"(?i)content-length: *(\d+)", head)[1])
        while len(self.rest) < length:
            data = self.socket.recv(1 << 16)
            if not data:
                return 0, b""
            self.rest += data
        body, self.rest = self.rest[:length], self.rest[length:]
        return int(head.split()[1]), body

    def close(self):
        self.socket.close()

    def reset(self):
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.socket.close()


class Server:
    """dense-serve on a port of its own, under limits of the shell's and with more in its environment."""

    def __init__(self, program, *options, limits=":", environment=None, log=None):
        self.log = log or tempfile.TemporaryFile()
        command = f'{limits}; exec {shlex.quote(program)} serve --host 127.0.0.1 --port 0 "$@"'
        self.process = subprocess.Popen(
            ["bash", "-c", command, "bash", *options], stdout=subprocess.PIPE, stderr=self.log,
            env=os.environ | (environment or {}))
        line = self.process.stdout.readline().decode()
        if not line.startswith("listening on "):
            raise SystemExit("error: the server did not start")
        self.port = int(line.rsplit(":", 1)[1])
        self.expected = Client(self.port).send(post(REQUEST)).answer()
        assert self.expected[0] == 200, self.expected
        # What it has when it has worked for a while.
        client = Client(self.port)
        for _ in range(2000):
            assert client.send(post(REQUEST)).answer() == self.expected
        client.close()
        self.before = (self.sockets(at_most=1), self.memory())

    def connect(self):
        return Client(self.port)

    def serves(self, client=None):
        """Whether it answers as ever, on a new connection unless there is one."""
        try:
            return (client or self.connect()).send(post(REQUEST)).answer() == self.expected
        except OSError:
            return False

    def serves_soon(self):
        """Whether a new connection is served within half a minute."""
        end = time.monotonic() + 30
        while not self.serves():
            if time.monotonic() > end:
                return False
            time.sleep(0.05)
        return True

    def memory(self):
        """Resident megabytes."""
        with open(f"/proc/{self.process.pid}/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE") / 1e6

    def processor(self):
        """Seconds of processor time."""
        with open(f"/proc/{self.process.pid}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def sockets(self, at_most=None):
        """Open sockets, once they are few enough or half a minute has passed."""
        end = time.monotonic() + 30
        while True:
            folder, count = f"/proc/{self.process.pid}/fd", 0
            for name in os.listdir(folder):
                try:
                    count += os.readlink(f"{folder}/{name}").startswith("socket:")
                except FileNotFoundError:
                    pass
            if at_most is None or count <= at_most or time.monotonic() > end:
                return count
            time.sleep(0.05)

    def peak(self):
        """The most resident megabytes there were."""
        with open(f"/proc/{self.process.pid}/status") as file:
            return int(re.search(r"VmHWM:\s*(\d+)", file.read())[1]) / 1e3

    def settled(self, allowed):
        """Memory, once it has grown by no more than so many megabytes or half a minute has passed."""
        end = time.monotonic() + 30
        while self.memory() > self.before[1] + allowed and time.monotonic() < end:
            time.sleep(0.1)
        return self.memory()

    def signal(self, number):
        self.process.send_signal(number)

    def stop(self):
        """Its status after SIGTERM."""
        self.signal(signal.SIGTERM)
        return self.process.wait(60)
