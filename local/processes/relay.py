"""Another address for a loopback port: a container's network ends before its host's loopback."""

import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import BaseRequestHandler, ThreadingTCPServer

from local.processes.loopback import HOST

_CHUNK_BYTES = 65536


_IP_FREEBIND = 15


class _Relay(ThreadingTCPServer):
    daemon_threads = True
    to_port: int

    def server_bind(self) -> None:
        """Bind also where the address comes only with the first container."""
        if sys.platform == "linux":
            self.socket.setsockopt(socket.IPPROTO_IP, _IP_FREEBIND, 1)
        super().server_bind()

    def __init__(self, address: str, to_port: int) -> None:
        self.to_port = to_port
        super().__init__((address, 0), _Passing)


class _Passing(BaseRequestHandler):
    server: _Relay

    def handle(self) -> None:
        with socket.create_connection((HOST, self.server.to_port)) as inner:
            back = threading.Thread(target=_pass_on, args=(inner, self.request), daemon=True)
            back.start()
            _pass_on(self.request, inner)
            back.join()


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    try:
        while chunk := source.recv(_CHUNK_BYTES):
            target.sendall(chunk)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        return  # either end has gone, and the other is closed with it


@contextmanager
def relayed(address: str, port: int) -> Iterator[int]:
    """Give the port of this machine's `address` that leads to a loopback port, while in use."""
    with _Relay(address, port) as relay:
        threading.Thread(target=relay.serve_forever, daemon=True).start()
        yield int(relay.server_address[1])
        relay.shutdown()
