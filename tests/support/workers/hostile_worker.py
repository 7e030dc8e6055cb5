"""A worker that says what it likes: valid, odd and absurd words, from one seed."""

import json
from collections import Counter
from copy import deepcopy
from dataclasses import dataclass, field
from random import Random
from typing import Any

from pydantic import BaseModel, ValidationError

from brightrun.errors import PlatformError
from brightrun.records import UserId, iso
from brightrun.runtime import Deps
from brightrun.training.protocol import (
    CheckpointRequest,
    FinishRequest,
    ReportRequest,
    StartRequest,
)
from brightrun.training.uploading import CompleteRequest, UploadsRequest
from functions.api import worker_protocol
from functions.api.worker_protocol import WorkersAttempt

ABSURD: list[Any] = [
    "NaN", "Infinity", "-Infinity", float("nan"), float("inf"), 1e300, -1e300, 1e-300, "1e400",
    -1, 0, 2**31, 2**63, 2**64, 10**18, 10**30, 99_999_999, None, True, [], {}, "",
    "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "2026-11-20T12:00:00+14:00",
    "\x00", "a\nERROR system job.failed: x", "\u202e", "\ud800", "x" * 5000, "é" * 2000,
    "x/../../purge-queue?", "../../x", "adapter_model.bin", "README.md", "training", "succeeded",
]  # fmt: skip
MODELS: dict[str, type[BaseModel]] = {
    "start": StartRequest,
    "report": ReportRequest,
    "finish": FinishRequest,
    "keep_checkpoint": CheckpointRequest,
    "grant_uploads": UploadsRequest,
    "join_parts": CompleteRequest,
}
OFTEN = ["report"] * 12 + ["grant_uploads"] * 4 + ["start", "keep_checkpoint", "join_parts"] * 2
SHA256 = "ab" * 32
A_FILE = {"name": "adapter_model.safetensors", "size_bytes": 10, "sha256": SHA256}


@dataclass
class HostileWorker:
    """Speaks for one attempt; `told` counts what became of its words, `accidents` must be none."""

    deps: Deps
    owner: UserId
    random: Random
    told: Counter[str] = field(default_factory=Counter)
    accidents: list[str] = field(default_factory=list)
    sequence: int = 0

    def speaks(self, job_id: str, attempt: int, run_id: str) -> None:
        """Say one thing: most of it goes on with the job, one word in sixty ends it."""
        call = "finish" if self.random.random() < 1 / 60 else self.random.choice(OFTEN)
        body = self._spoiled(self._valid(call, run_id))
        held = WorkersAttempt(self.owner, job_id, attempt)
        try:
            said = MODELS[call].model_validate_json(json.dumps(body))
            getattr(worker_protocol, call)(self.deps, held, said)
        except (ValidationError, PlatformError) as refusal:
            self.told[type(refusal).__name__] += 1
        except Exception as accident:  # noqa: BLE001 - what is counted here fails the test
            self.accidents.append(f"{call}: {type(accident).__name__}: {accident}"[:300])
        else:
            self.told["heard"] += 1

    def _valid(self, call: str, run_id: str) -> dict[str, Any]:
        now, roll = iso(self.deps.now()), self.random.randrange
        self.sequence += 1
        point = {"step": roll(1, 400), "epoch": 0.5, "timestamp": now, "training_loss": 1.0}
        checkpoint = {**A_FILE, "name": "state.safetensors"}
        valid: dict[str, dict[str, Any]] = {
            "start": {"external_job_id": run_id, "worker_id": "hostile"},
            "report": {
                "sequence": self.sequence, "stage": "training", "step": roll(400),
                "total_steps": 400, "execution_seconds": roll(10**6), "eta_seconds": 60.0,
                "points": [dict(point) for _ in range(roll(4))],
                "lines": [{"time": now, "message": "a line"} for _ in range(roll(4))],
            },
            "finish": {
                "outcome": self.random.choice(["succeeded", "failed", "stopped"]),
                "execution_seconds": roll(10**6),
                "error": {"code": "trainer_crashed", "message": "it crashed"},
                "manifest": [dict(A_FILE)],
            },
            "keep_checkpoint": {"step": roll(400), "files": [checkpoint]},
            "grant_uploads": {"files": [{**A_FILE, "kind": "artifact"}] * roll(1, 4)},
            "join_parts": {
                **A_FILE, "kind": "artifact", "part_size_bytes": 5 * 1024**2, "parts": [SHA256],
                "upload_id": "upload-1",
            },
        }  # fmt: skip
        return valid[call]

    def _spoiled(self, body: dict[str, Any]) -> dict[str, Any]:
        """Put something absurd into up to three places."""
        body = deepcopy(body)
        for _ in range(self.random.choice([0, 1, 1, 2, 3])):
            place = self.random.choice(list(_places(body)))
            inner: Any = body
            for key in place[:-1]:
                inner = inner[key]
            inner[place[-1]] = self.random.choice(ABSURD)
        return body


def _places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(value, dict):
        return [p for key in value for p in [(*at, key), *_places(value[key], (*at, key))]]
    if isinstance(value, list):
        return [p for key, inner in enumerate(value) for p in _places(inner, (*at, key))]
    return []
