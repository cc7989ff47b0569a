"""Clients that keep their connection and cost little, so that more of the time is the server's."""

import socket
import struct


class Answer:
    def __init__(self, status, body):
        self.status = status
        self.body = body


class Http:
    """HTTP/1.1."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.settimeout(120)
        self.file = self.socket.makefile("rb", 1 << 16)

    def send(self, path):
        self.socket.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: identity\r\n\r\n".encode())

    def receive(self):
        status = int(self.file.readline().split()[1])
        length = chunked = None
        while (line := self.file.readline().strip().lower()):
            name, _, value = line.partition(b":")
            if name == b"content-length":
                length = int(value)
            elif name == b"transfer-encoding":
                chunked = b"chunked" in value
        if not chunked:
            return Answer(status, self.file.read(length or 0))
        parts = []
        while size := int(self.file.readline(), 16):
            parts.append(self.file.read(size))
            self.file.readline()
        self.file.readline()
        return Answer(status, b"".join(parts))

    def close(self):
        self.file.close()
        self.socket.close()


class FastCgi:
    """FastCGI, as a web server speaks it: what the web server itself costs is spared. A connection per request,
    because libfcgi closes it."""

    def __init__(self, port):
        self.port = port

    def send(self, path):
        where, _, query = path.partition("?")
        environment = {
            "REQUEST_METHOD": "GET",
            "QUERY_STRING": query,
            "SCRIPT_NAME": "/mapserv",
            "PATH_INFO": where.removeprefix("/mapserv"),
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": "localhost",
        }
        told = b"".join(
            struct.pack(">II", len(name) | 1 << 31, len(value.encode()) | 1 << 31) + name.encode() + value.encode()
            for name, value in environment.items()
        )
        self.socket = socket.create_connection(("127.0.0.1", self.port))
        self.socket.settimeout(120)
        begin = self.record(1, struct.pack(">HB5x", 1, 0))
        self.socket.sendall(begin + self.record(4, told) + self.record(4, b"") + self.record(5, b""))

    @staticmethod
    def record(kind, body):
        return struct.pack(">BBHHBx", 1, kind, 1, len(body), 0) + body

    def receive(self):
        parts = []
        with self.socket, self.socket.makefile("rb", 1 << 16) as file:
            while head := file.read(8):
                _, kind, _, length, padding = struct.unpack(">BBHHBx", head)
                body = file.read(length)
                file.read(padding)
                if kind == 6:
                    parts.append(body)
                elif kind == 3:
                    break
        head, _, body = b"".join(parts).partition(b"\r\n\r\n")
        status = next((line for line in head.lower().split(b"\r\n") if line.startswith(b"status:")), b"status: 200")
        return Answer(int(status.split()[1]), body)

    def close(self):
        pass
