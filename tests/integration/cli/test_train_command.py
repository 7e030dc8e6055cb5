"""`brightrun train FILE`: the whole way, and every place where it may break off."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from brightrun.runtime import Deps
from tests.support.api.client_wires import Storage
from tests.support.api.whole_pipeline import TO_A_MODEL, Pipeline, fails, starts, trains
from tests.support.harness import a_world

Out = pytest.CaptureFixture[str]
ROW = '{"messages":[{"role":"user","content":"What is %d?"},{"role":"assistant","content":"%d"}]}\n'


@pytest.fixture
def pipeline(deps: Deps, tmp_path: Path) -> Pipeline:
    world = a_world(deps)
    return Pipeline(world, tmp_path, Storage(world.deps))


@pytest.fixture
def chats(tmp_path: Path) -> Path:
    path = tmp_path / "chats.jsonl"
    path.write_text("".join(ROW % (n, n) for n in range(60)))
    return path


@pytest.fixture
def train(pipeline: Pipeline, chats: Path, tmp_path: Path) -> Callable[..., int]:
    words = ("train", chats, "--gpu", "A100-80GB:2", "--to", tmp_path / "adapter")
    return lambda *more: pipeline.run(*words, *more)


def test_a_file_becomes_verified_weights(
    pipeline: Pipeline, train: Callable[..., int], tmp_path: Path, capsys: Out
) -> None:
    pipeline.acts = list(TO_A_MODEL)
    assert train("--max-cost", "5", "--yes") == 0

    out = capsys.readouterr().out
    (job,) = pipeline.api("GET /api/jobs").data["jobs"]
    (model,) = pipeline.api("GET /api/models").data["models"]
    assert (job["status"], job["max_cost"]) == ("completed", 5.0)
    promised = (
        ": ready", "estimated $", "at most $5.00", "training 0 %",
        "not compared with its base model", "SHA-256 verified",
    )  # fmt: skip
    assert [piece for piece in promised if piece not in out] == []
    names = {
        file["name"] for file in pipeline.api(f"GET /api/models/{model['id']}").data["manifest"]
    }
    assert {path.name for path in (tmp_path / "adapter").iterdir()} == names


def test_run_again_it_sends_and_starts_nothing_twice(
    pipeline: Pipeline, train: Callable[..., int], capsys: Out
) -> None:
    pipeline.acts = list(TO_A_MODEL)
    train("--yes")
    pipeline.storage.received.clear()
    capsys.readouterr()

    assert train() == 0
    assert len(pipeline.api("GET /api/jobs").data["jobs"]) == 1
    assert len(pipeline.api("GET /api/datasets").data["datasets"]) == 1
    assert pipeline.storage.received == []
    assert "does this already: completed" in capsys.readouterr().out


def test_a_watch_that_broke_off_is_gone_on_with(
    pipeline: Pipeline, train: Callable[..., int], capsys: Out
) -> None:
    def breaks(_: Pipeline) -> None:
        raise KeyboardInterrupt

    pipeline.acts = [lambda _: None, starts, breaks]
    assert train("--yes") == 130
    assert "goes on. Stop it: brightrun jobs cancel " in capsys.readouterr().out
    pipeline.acts = [trains, TO_A_MODEL[-1]]

    assert train() == 0
    assert len(pipeline.api("GET /api/jobs").data["jobs"]) == 1


def test_other_choices_are_another_job_and_so_is_again(
    pipeline: Pipeline, train: Callable[..., int]
) -> None:
    for words in ((), ("--epochs", "1"), ("--again",)):
        pipeline.acts = list(TO_A_MODEL)
        assert train("--yes", *words) == 0

    assert len(pipeline.api("GET /api/jobs").data["jobs"]) == 3
    assert len(pipeline.api("GET /api/datasets").data["datasets"]) == 1


def test_after_a_job_that_failed_the_next_one_is_new(
    pipeline: Pipeline, train: Callable[..., int], capsys: Out
) -> None:
    pipeline.acts = [lambda _: None, starts, fails]
    assert train("--yes") == 1
    assert "out_of_memory" in capsys.readouterr().out
    pipeline.acts = list(TO_A_MODEL)

    assert train("--yes") == 0
    statuses = [job["status"] for job in pipeline.api("GET /api/jobs").data["jobs"]]
    assert statuses == ["completed", "failed"]


def test_a_job_that_rests_goes_on(pipeline: Pipeline, train: Callable[..., int]) -> None:
    def pauses(at: Pipeline) -> None:
        (job,) = at.api("GET /api/jobs").data["jobs"]
        at.worker().checkpoints(5)
        at.api(f"POST /api/jobs/{job['id']}/pause")
        at.worker().leaves(10, "CANCELLED")

    pipeline.acts = [lambda _: None, starts, trains, pauses]
    assert train("--yes") == 1
    pipeline.acts = list(TO_A_MODEL)

    assert train("--max-cost", "30") == 0
    (job,) = pipeline.api("GET /api/jobs").data["jobs"]
    assert (job["status"], job["max_cost"]) == ("completed", 30.0)


def test_a_file_with_errors_is_not_even_sent(
    pipeline: Pipeline, train: Callable[..., int], chats: Path, capsys: Out
) -> None:
    chats.write_text("nope\n" + ROW % (1, 1))

    assert train("--yes") == 1
    assert "line 1: not_json" in capsys.readouterr().out
    assert pipeline.api("GET /api/datasets").data["datasets"] == []


@pytest.mark.parametrize(("answer", "status", "jobs"), [(None, 2, 0), (False, 0, 0), (True, 0, 1)])
def test_nothing_is_paid_that_nobody_agreed_to(
    pipeline: Pipeline,
    train: Callable[..., int],
    answer: bool | None,  # noqa: FBT001 - what somebody answers
    status: int,
    jobs: int,
) -> None:
    pipeline.confirms = None if answer is None else lambda _: answer
    pipeline.acts = list(TO_A_MODEL)

    assert train() == status
    assert len(pipeline.api("GET /api/jobs").data["jobs"]) == jobs


@pytest.mark.parametrize(("limit", "is_said"), [("0.10", True), ("500", False), ("none", False)])
def test_a_limit_below_the_estimate_is_said_before_anything_starts(
    train: Callable[..., int], capsys: Out, limit: str, *, is_said: bool
) -> None:
    assert train("--max-cost", limit) == 2

    out = capsys.readouterr().out
    assert "estimated $" in out
    assert ("less than the estimate: it may pause before it is done" in out) is is_said


def test_a_script_reads_json_and_nothing_else(
    pipeline: Pipeline, train: Callable[..., int], capsys: Out
) -> None:
    pipeline.acts = list(TO_A_MODEL)
    assert train("--yes", "--json") == 0

    told = capsys.readouterr()
    found = json.loads(told.out)
    assert found["model"]["job_id"] == found["job_id"]
    assert {"name", "size_bytes", "sha256"} <= set(found["files"][0])
    assert "estimated $" in told.err
