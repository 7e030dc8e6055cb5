"""The Hub's files in the cache: what is there is neither asked for, nor paid for, again."""

import hashlib
import json
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

import pytest

from brightrun.training.protocol import BaseModelRef, FailureCode
from tests.support.tiny_model import MODEL_ID, REVISION
from trainer_image.ipc.failures import RunFailed
from trainer_image.model import weights

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
def a_shelf(sizes: dict[str, int], **more: bytes) -> Iterator[tuple[str, list[str]]]:
    files = FILES | {name.replace("_", "."): body for name, body in more.items()}
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


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """Return a cache that has all of the model."""
    folder = tmp_path / "cache"
    with a_shelf({}) as (endpoint, _):
        weights.fetch(TINY, folder, endpoint=endpoint)
    return folder


def test_a_full_cache_needs_no_hub(cache: Path) -> None:
    with a_shelf({}) as (endpoint, asked):
        folder = weights.fetch(TINY, cache, endpoint=endpoint)

    assert asked == []
    assert weights.fetch(TINY, cache, endpoint=NOWHERE) == folder
    assert {path.name for path in folder.iterdir()} == {"config.json", "model.safetensors"}


def test_a_cache_that_lacks_a_file_is_not_full(cache: Path) -> None:
    (lost,) = cache.rglob("snapshots/*/config.json")
    lost.unlink()

    with pytest.raises(RunFailed) as failure:
        weights.fetch(TINY, cache, endpoint=NOWHERE)

    assert failure.value.failure.code is FailureCode.BASE_MODEL_UNAVAILABLE


def test_a_cache_of_which_nobody_knows_what_it_lacks_is_asked_about(
    cache: Path, tmp_path: Path
) -> None:
    """An earlier library left no list of a commit's files; what is there may be a part."""
    older = shutil.copytree(cache, tmp_path / "older", symlinks=True)
    (listed,) = older.rglob("trees/*.json")
    listed.unlink()
    (lost,) = older.rglob("snapshots/*/model.safetensors")
    lost.unlink()

    with a_shelf({}) as (endpoint, _):
        folder = weights.fetch(TINY, older, endpoint=endpoint)

    assert (folder / "model.safetensors").read_bytes() == b"the weights"


def test_only_what_is_missing_has_to_fit_on_the_disk(cache: Path) -> None:
    (lost,) = cache.rglob("snapshots/*/config.json")
    lost.unlink()

    with a_shelf({"model.safetensors": HUGE}) as (endpoint, _):
        folder = weights.fetch(TINY, cache, endpoint=endpoint)

    assert (folder / "config.json").read_bytes() == b"{}"


def test_what_another_rank_is_fetching_takes_no_more_room(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    blobs = cache / "models--tests--tiny" / "blobs"
    blobs.mkdir(parents=True)
    (blobs / "abc.incomplete").write_bytes(b"x" * 100_000)

    begun = weights._begun_bytes(TINY, cache)

    assert 100_000 <= begun < 110_000


def test_mistrals_second_copy_is_neither_fetched_nor_counted(tmp_path: Path) -> None:
    with a_shelf(
        {"consolidated.safetensors": HUGE}, consolidated_safetensors=b"the same weights"
    ) as (endpoint, asked):
        folder = weights.fetch(TINY, tmp_path / "cache", endpoint=endpoint)

    assert {path.name for path in folder.iterdir()} == {"config.json", "model.safetensors"}
    assert not [path for path in asked if "consolidated" in path]


@pytest.mark.parametrize(
    ("path", "is_weights"),
    [
        ("model.safetensors", True),
        ("model-00001-of-00002.safetensors", True),
        ("consolidated.safetensors", False),
        ("original/consolidated-00001-of-00002.safetensors", False),
        ("config.json", False),
    ],
)
def test_which_files_are_weights(path: str, *, is_weights: bool) -> None:
    assert weights.is_weights(path) is is_weights
