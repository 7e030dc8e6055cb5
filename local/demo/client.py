"""The demo's view of the pipeline: HTTP and an API key, as any user has them; nothing else."""

import hashlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

Json = dict[str, Any]
_PATIENCE_SECONDS = 1800.0


class NotAsPromised(Exception):
    """The pipeline refused, or did something else than it says; the demo has failed."""


class Pipeline:
    """Calls on the native API."""

    def __init__(self, url: str, api_key: str) -> None:
        self._http = httpx.Client(
            base_url=url, headers={"Authorization": f"Bearer {api_key}"}, timeout=60
        )

    def call(self, method: str, path: str, body: Json | None = None, **headers: str) -> Json:
        """Return the `data` of an answer.

        Raises:
            NotAsPromised: the answer is an error; its text and details are shown.
        """
        answer = self._http.request(method, path, json=body, headers=headers)
        if not answer.is_success:
            raise NotAsPromised(f"{method} {path}: {answer.status_code} {answer.text[:2000]}")
        data: Json = answer.json()["data"]
        return data

    def watch(self, path: str, every_seconds: float) -> Iterator[Json]:
        """Yield what `path` says, again and again, until the caller has seen enough.

        Raises:
            NotAsPromised: half an hour has passed.
        """
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < deadline:
            yield self.call("GET", path)
            time.sleep(every_seconds)
        raise NotAsPromised(f"{path} is not done after {_PATIENCE_SECONDS:.0f} s")

    def close(self) -> None:
        """Close the connections."""
        self._http.close()


def upload(pipeline: Pipeline, file: Path, name: str) -> str:
    """Upload a file as a dataset, start its validation, and return the dataset's id."""
    content = file.read_bytes()
    made = pipeline.call(
        "POST",
        "/api/datasets",
        {
            "name": name,
            "file_name": file.name,
            "file_size": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
        },
    )
    permission = made["upload"]
    answer = httpx.put(
        permission["url"], content=content, headers=permission["headers"], timeout=60
    )
    if not answer.is_success:
        raise NotAsPromised(f"the upload was refused: {answer.status_code} {answer.text[:500]}")
    dataset_id: str = made["dataset"]["id"]
    pipeline.call("POST", f"/api/datasets/{dataset_id}/confirm")
    return dataset_id


def download(pipeline: Pipeline, model: Json, folder: Path) -> list[Json]:
    """Fetch every file of a model by its presigned URL and check each against the manifest.

    Raises:
        NotAsPromised: a file is missing, or its size or SHA-256 is not what was declared.
    """
    folder.mkdir(parents=True, exist_ok=True)
    links = pipeline.call("POST", f"/api/models/{model['id']}/download", {})["download_urls"]
    declared = {file["name"]: file for file in model["manifest"]}
    missing = declared.keys() - links.keys()
    if missing:
        raise NotAsPromised(f"no link for {', '.join(sorted(missing))}")
    for name, file in declared.items():
        content = httpx.get(links[name], timeout=60).raise_for_status().content
        digest = hashlib.sha256(content).hexdigest()
        if (len(content), digest) != (file["size_bytes"], file["sha256"]):
            raise NotAsPromised(f"{name} has SHA-256 {digest}, declared was {file['sha256']}")
        (folder / name).write_bytes(content)
    return list(declared.values())
