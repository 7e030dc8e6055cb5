"""A Hub on this machine with one model, and what a worker gets from it."""

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

from brightrun.training.protocol import BaseModelRef
from tests.support.trainer.tiny_model import MODEL_ID, REVISION
from trainer_image.ipc.heartbeat import Heartbeat
from trainer_image.model import weights
from trainer_image.model.hub import Hub
from trainer_image.model.weights import Sources

TINY = BaseModelRef(id=MODEL_ID, revision=REVISION)
NOWHERE = "http://127.0.0.1:9"
HUGE = 10**15
FILES = {"config.json": b"{}", "model.safetensors": b"the weights", "README.md": b"# words"}


class Shelf(BaseHTTPRequestHandler):
    """A Hub with one model; `sizes` may say otherwise than `files` are."""

    files: ClassVar[dict[str, bytes]] = FILES
    sizes: ClassVar[dict[str, int]] = {}
    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        self.asked.append(path)
        if path.startswith(f"/api/models/{MODEL_ID}/tree/"):
            self._answer(json.dumps([self._entry(name) for name in self.files]).encode())
        elif path.startswith("/api/"):
            siblings = [{"rfilename": name, "size": self._size(name)} for name in self.files]
            self._answer(
                json.dumps({"id": MODEL_ID, "sha": REVISION, "siblings": siblings}).encode()
            )
        else:
            self._answer(self.files[path.rpartition("/")[2]])

    do_HEAD = do_GET  # noqa: N815 - the server's own spelling

    def _size(self, name: str) -> int:
        return self.sizes.get(name, len(self.files[name]))

    def _entry(self, name: str) -> dict[str, object]:
        digest = hashlib.sha1(self.files[name]).hexdigest()  # noqa: S324 - a name, not a promise
        return {"type": "file", "path": name, "size": len(self.files[name]), "oid": digest}

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Type", "application/json")
        self.send_header("ETag", f'"{hashlib.sha1(body).hexdigest()}"')  # noqa: S324 - as above
        self.send_header("X-Repo-Commit", REVISION)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Stay silent."""


@contextmanager
def a_shelf(
    sizes: dict[str, int], files: dict[str, bytes] = FILES
) -> Iterator[tuple[str, list[str]]]:
    """Yield the address of a Hub that has `files`, and the list of what it was asked for."""
    made = type("Filled", (Shelf,), {"files": files, "sizes": sizes, "asked": []})
    server = HTTPServer(("127.0.0.1", 0), made)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", made.asked  # type: ignore[attr-defined]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def fetched(cache: Path, endpoint: str) -> Path:
    """Return the folder with the model's files, as a run gets it."""
    sources = Sources(None, (), Hub(cache, endpoint))
    located = weights.locate(TINY, sources)
    return weights.bring(TINY, located, sources, Heartbeat(lambda _event: None)).result()
