"""Every call of an unmodified `openai` client, of whichever major is installed beside it.

A program and no test: `tests/stack/test_openai_majors.py` runs it with the interpreter's path set
to one major, against the running stack. It asserts, and ends by printing what it has made.
"""

import io
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import openai

T = TypeVar("T")
PATIENCE_SECONDS = 600
ROW = '{"messages":[{"role":"user","content":"Q%s %s"},{"role":"assistant","content":"Yes"}]}\n'
given: dict[str, Any] = json.loads(os.environ["GIVEN"])
client = openai.OpenAI(base_url=given["url"], api_key=given["key"], timeout=600)
jobs = client.fine_tuning.jobs


def rows(name: str, count: int = 20) -> bytes:
    return "".join(ROW % (n, f"{name} {openai.__version__}") for n in range(count)).encode()


def refused(kind: type[openai.APIStatusError], call: Callable[[], object]) -> Any:
    """Return the refusal, which must be of this class and carry what OpenAI's carry."""
    found: openai.APIStatusError | None = None
    try:
        call()
    except kind as error:
        found = error
    assert found is not None, f"{kind.__name__} was not raised"
    assert found.request_id, "no x-request-id"
    assert isinstance(found.body, dict), found.body
    assert {"message", "type", "param", "code"} <= found.body.keys(), found.body
    return found


def until(job_id: str, *statuses: str) -> Any:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (job := jobs.retrieve(job_id)).status not in statuses:
        assert time.monotonic() < deadline, job
        time.sleep(0.5)
    return job


def files() -> str:
    file = client.files.create(file=("bakery.jsonl", io.BytesIO(rows("a"))), purpose="fine-tune")
    assert (file.object, file.status, file.filename) == ("file", "uploaded", "bakery.jsonl")
    done = client.files.wait_for_processing(file.id, poll_interval=0.5)
    assert (done.status, done.bytes) == ("processed", len(rows("a")))
    assert client.files.content(file.id).read() == rows("a")
    bad = client.files.create(file=("bad.jsonl", b"no json\n"), purpose="fine-tune")
    told = client.files.wait_for_processing(bad.id, poll_interval=0.5)
    assert (told.status, bool(told.status_details)) == ("error", True), told
    client.files.create(file=("third.jsonl", rows("c")), purpose="fine-tune")
    paged = list(client.files.list(limit=1))
    assert len(paged) >= 3, paged
    assert len({each.id for each in paged}) == len(paged)
    assert client.files.list(limit=1).has_more is True
    results = list(client.files.list(purpose="fine-tune-results"))
    assert len(results) == 1
    first = client.files.content(results[0].id).text.splitlines()[0].split(",")
    assert {"step", "train_loss", "train_accuracy", "valid_loss", "full_valid_loss"} <= set(first)
    gone = client.files.delete(bad.id)
    assert (gone.deleted, gone.object) == (True, "file")
    refused(openai.NotFoundError, lambda: client.files.retrieve(bad.id))
    large = ("large.jsonl", b"x" * (4 * 2**20 + 32 * 1024))
    error = refused(
        openai.APIStatusError, lambda: client.files.create(file=large, purpose="fine-tune")
    )
    assert (error.status_code, error.code) == (413, "file_too_large"), error
    assert "upload_file_chunked" in error.message
    return file.id


def uploads() -> None:
    body = rows("upload")
    order: Any = {"bytes": len(body), "filename": "u.jsonl", "mime_type": "application/jsonl"}
    upload = client.uploads.create(purpose="fine-tune", **order)
    parts = [client.uploads.parts.create(upload.id, data=half) for half in (body[:99], body[99:])]
    assert parts[0].object == "upload.part"
    done = client.uploads.complete(upload.id, part_ids=[part.id for part in parts])
    assert done.status == "completed"
    assert done.file is not None
    assert client.files.content(done.file.id).read() == body
    other = client.uploads.create(purpose="fine-tune", **order)
    assert client.uploads.cancel(other.id).status == "cancelled"
    chunked = client.uploads.upload_file_chunked(
        file=rows("chunked"), filename="c.jsonl", bytes=len(rows("chunked")),
        mime_type="application/jsonl", purpose="fine-tune", part_size=1000,
    )  # fmt: skip
    assert chunked.status == "completed"


def fine_tuning(file_id: str) -> str:
    """The answer to the first create is lost on the wire: the client asks again."""
    order: Any = {"model": "qwen3-8b", "training_file": file_id}
    job = jobs.create(
        **order,
        suffix="bakery",
        metadata={"team": "bread"},
        hyperparameters={"n_epochs": 2, "learning_rate_multiplier": "auto"},
        extra_body={"tuning": {"max_cost_usd": 5}},
    )
    own = [each for each in jobs.list(limit=50) if each.training_file == file_id]
    assert [each.id for each in own] == [job.id], "a lost answer made another job"
    assert (job.object, job.hyperparameters.n_epochs) == ("fine_tuning.job", 2)
    second = jobs.create(**order, seed=7, method={"type": "supervised", "supervised": {}})
    assert second.id != job.id
    assert len(list(jobs.list(limit=1))) >= 3
    assert jobs.list(limit=1).has_more is True
    assert [j.id for j in jobs.list(extra_query={"metadata[team]": "bread"})] == [job.id]
    assert len(list(jobs.list_events(job.id, limit=1))) >= 1
    assert list(jobs.checkpoints.list(job.id)) == []
    _stop(job.id, second.id)
    refused(openai.BadRequestError, lambda: jobs.cancel(given["trained"]))
    refused(openai.NotFoundError, lambda: jobs.retrieve("ftjob-00"))
    error = refused(openai.BadRequestError, lambda: jobs.create(**order, method={"type": "dpo"}))
    assert error.param == "method.type"
    return job.id


def _stop(job_id: str, other_id: str) -> None:
    for change, expected in (("pause", "paused"), ("resume", "queued")):
        getattr(jobs, change)(job_id)
        until(job_id, expected, *(["running"] if change == "resume" else []))
    for each in (job_id, other_id):
        jobs.cancel(each)
        assert until(each, "cancelled").finished_at


def trained() -> None:
    """A job that has trained: its curve, its checkpoint, its model."""
    job = jobs.retrieve(given["trained"])
    assert job.status == "succeeded"
    assert job.fine_tuned_model is not None
    assert "/" not in job.fine_tuned_model
    story = list(jobs.list_events(job.id, limit=1))
    assert [each.type for each in story if each.type == "metrics"] == ["metrics"] * 3
    (kept,) = jobs.checkpoints.list(job.id)
    assert kept.fine_tuned_model_checkpoint.startswith(job.fine_tuned_model)
    names = [each.id for each in client.models.list()]
    assert {job.fine_tuned_model, "qwen3-8b"} <= set(names)
    assert client.models.retrieve(job.fine_tuned_model).object == "model"
    assert client.models.retrieve("Qwen/Qwen3-8B").id == "qwen3-8b"
    assert client.models.delete(job.fine_tuned_model).deleted is True
    refused(openai.NotFoundError, lambda: client.models.retrieve(job.fine_tuned_model or ""))


def error_classes() -> None:
    other = client.with_options(api_key="brk_nobody")
    error = refused(openai.AuthenticationError, other.models.list)
    assert error.code == "invalid_api_key"
    reads = client.with_options(api_key=given["reads_only"])
    refused(openai.PermissionDeniedError, lambda: reads.models.delete("ft:a:b:c:d"))
    error = refused(openai.BadRequestError, lambda: client.files.list(limit=0))
    assert error.param == "limit"
    nowhere = lambda: client.get("/nowhere", cast_to=object)  # noqa: E731
    refused(openai.NotFoundError, nowhere)


def webhooks() -> None:
    sent = given["webhook"]
    event = client.webhooks.unwrap(sent["body"], sent["headers"], secret=sent["secret"])
    assert event.type == "fine_tuning.job.cancelled"
    assert event.data.id.startswith("ftjob-")
    try:
        client.webhooks.unwrap(sent["body"] + " ", sent["headers"], secret=sent["secret"])
    except openai.InvalidWebhookSignatureError:
        return
    raise AssertionError("a changed body was taken")


def steps() -> Iterator[str]:
    file_id = files()
    yield "files"
    uploads()
    yield "uploads"
    fine_tuning(file_id)
    yield "fine_tuning"
    trained()
    yield "models"
    error_classes()
    yield "errors"
    webhooks()
    yield "webhooks"


if __name__ == "__main__":
    done = list(steps())
    sys.stdout.write(json.dumps({"version": openai.__version__, "done": done}) + "\n")
