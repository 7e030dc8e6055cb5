"""A stand-in of an account at OpenAI: two pages of jobs, a file that is gone, a Base64 result."""

import base64
import json
from dataclasses import dataclass, field
from typing import Any

import httpx

ROWS = "".join(
    json.dumps(
        {
            "messages": [
                {"role": "user", "content": f"What is {n} + {n}?"},
                {"role": "assistant", "content": f"It is {2 * n}."},
            ]
        }
    )
    + "\n"
    for n in range(60)
).encode()
CSV = b"step,train_loss,train_accuracy,valid_loss,valid_mean_token_accuracy\n1,0.4,0.9,,\n"


def a_job(job_id: str, **facts: Any) -> dict[str, Any]:
    """Return a job as OpenAI serves it."""
    return {
        "id": job_id,
        "object": "fine_tuning.job",
        "created_at": 1,
        "status": "succeeded",
        "model": "gpt-4o-mini-2024-07-18",
        "training_file": "file-good",
        "validation_file": None,
        "hyperparameters": {"n_epochs": 3, "batch_size": 2, "learning_rate_multiplier": 1.0},
        "method": {"type": "supervised"},
        "seed": 7,
        "fine_tuned_model": "ft:gpt-4o-mini:org:bakery:abc",
        "result_files": ["file-result"],
        **facts,
    }


JOBS = [
    a_job("ftjob-dpo", method={"type": "dpo"}),
    a_job("ftjob-failed", status="failed", result_files=[]),
    a_job("ftjob-gone", training_file="file-gone", result_files=[]),
    a_job("ftjob-two", fine_tuned_model="ft:gpt-4o-mini:org:second:abd"),
    a_job("ftjob-one"),
]


@dataclass
class OpenAiAccount:
    """Answers as OpenAI does; `status` is what every call gets instead, if it is set."""

    status: int | None = None
    asked: list[str] = field(default_factory=list)

    def handle(self, request: httpx.Request) -> httpx.Response:
        """Answer one call."""
        path = request.url.path.removeprefix("/v1")
        self.asked.append(path)
        if self.status is not None:
            return _error(self.status, "Incorrect API key provided")
        if path == "/fine_tuning/jobs":
            first = 3 if request.url.params.get("after") else 0
            page = JOBS[first : first + 3]
            return httpx.Response(200, json={"data": page, "has_more": first == 0})
        if path.startswith("/files/file-good"):
            return _content(path, ROWS)
        if path.startswith("/files/file-result"):
            return _content(path, base64.b64encode(CSV))
        return _error(404, "No such File object")


def _content(path: str, content: bytes) -> httpx.Response:
    if path.endswith("/content"):
        return httpx.Response(200, content=content)
    file_id = path.removeprefix("/files/")
    return httpx.Response(
        200, json={"id": file_id, "filename": "chats.jsonl", "bytes": len(content)}
    )


def _error(status: int, message: str) -> httpx.Response:
    return httpx.Response(status, json={"error": {"message": message, "code": None}})
