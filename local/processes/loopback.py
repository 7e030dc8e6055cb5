"""Loopback ports, and a process that ends with its parent. The engine's environment has it too."""

import asyncio
import os
import socket
import sys

HOST = "127.0.0.1"


def taken_ports(ports: tuple[int, ...]) -> list[int]:
    """Return those of `ports` on which something already listens."""
    taken = []
    for port in ports:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            # Without this a port in TIME_WAIT, just left by ourselves, would count as taken.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                taken.append(port)
    return taken


async def closed_by_parent(leash: asyncio.Event) -> None:
    """Set `leash` once standard input ends, which is when the parent is gone."""
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()

    def read() -> None:
        if not os.read(sys.stdin.fileno(), 1024):
            loop.remove_reader(sys.stdin.fileno())
            ended.set()

    loop.add_reader(sys.stdin.fileno(), read)
    await ended.wait()
    leash.set()
