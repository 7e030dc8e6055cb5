"""`brightrun migrate-from-openai`: said first, done once."""

import json
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from brightrun.cli.main import main
from brightrun.cli.session import Session
from tests.support.api.http_calls import Call
from tests.support.openai.account import CSV, OpenAiAccount

Out = pytest.CaptureFixture[str]
Migrate = Callable[..., int]


@pytest.fixture
def account() -> OpenAiAccount:
    return OpenAiAccount()


@pytest.fixture
def ours(session: Session, account: OpenAiAccount) -> Session:
    environ = {**session.environ, "OPENAI_API_KEY": "theirs"}
    return replace(session, environ=environ, openai_transport=httpx.MockTransport(account.handle))


@pytest.fixture
def migrate(ours: Session) -> Migrate:
    words = ("migrate-from-openai", "--model", "Qwen/Qwen3-8B", "--gpu", "A100-80GB:2", "--json")
    return lambda *more: main([*words, *map(str, more)], ours)


def test_a_dry_run_tells_all_and_changes_nothing(
    migrate: Migrate, api: Call, tmp_path: Path, capsys: Out
) -> None:
    assert migrate("--keep", tmp_path / "kept") == 1

    told = json.loads(capsys.readouterr().out)
    jobs = {job["openai_job_id"]: job for job in told["jobs"]}
    assert "dpo does not train" in jobs["ftjob-dpo"]["not_recreated_because"]
    assert "failed" in jobs["ftjob-failed"]["not_recreated_because"]
    assert "not serve" in jobs["ftjob-gone"]["not_recreated_because"]
    assert jobs["ftjob-one"]["estimated_usd"] > 0
    assert jobs["ftjob-one"]["name"] == "bakery"
    kept = [path for path in (tmp_path / "kept").rglob("*") if path.is_file()]
    assert (tmp_path / "kept/results/ftjob-one.csv").read_bytes() == CSV
    assert {stat.S_IMODE(path.stat().st_mode) for path in kept} == {0o600}
    assert api("GET /api/jobs").data["jobs"] == []
    assert api("GET /api/datasets").data["datasets"] == []


def test_started_twice_it_makes_nothing_twice(migrate: Migrate, api: Call) -> None:
    for _ in range(2):
        migrate("--start")

    made = api("GET /api/jobs").data["jobs"]
    assert sorted(job["name"] for job in made) == ["bakery", "second"]
    assert len(api("GET /api/datasets").data["datasets"]) == 1


def test_people_read_what_carries_over_and_what_it_costs_at_most(
    ours: Session, api: Call, capsys: Out
) -> None:
    words = ["migrate-from-openai", "--model", "Qwen/Qwen3-8B", "--gpu", "A100-80GB:2"]

    assert main([*words, "--max-cost", "5"], ours) == 1
    out = capsys.readouterr().out
    assert "Job ftjob-one (gpt-4o-mini-2024-07-18, succeeded)" in out
    assert "carries over: n_epochs 3 → epochs 3" in out
    assert "· at most $5: it pauses before that" in out
    assert "2 jobs to be made on Qwen/Qwen3-8B, estimated $" in out
    assert "Nothing was uploaded and nothing started: --start does both" in out
    assert api("GET /api/jobs").data["jobs"] == []


@pytest.mark.parametrize(("asked", "limits"), [("5", {5.0}), ("none", {None})])
def test_each_job_gets_the_budget_that_was_named(
    migrate: Migrate, api: Call, asked: str, limits: set[float | None]
) -> None:
    migrate("--start", "--max-cost", asked)

    made = api("GET /api/jobs").data["jobs"]
    assert len(made) == 2
    assert {job["max_cost"] for job in made} == limits


class Breaks(httpx.BaseTransport):
    """A connection to our API that is gone after so many calls that change something."""

    def __init__(self, real: httpx.BaseTransport, after: int) -> None:
        self.real, self.left = real, after

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            self.left -= 1
        if self.left < 0:
            raise httpx.ConnectError("gone", request=request)
        return self.real.handle_request(request)


@pytest.mark.parametrize("after", [0, 1, 2, 3])
def test_broken_off_anywhere_it_goes_on_and_makes_nothing_twice(
    ours: Session, migrate: Migrate, api: Call, after: int
) -> None:
    assert ours.transport is not None
    broken = replace(ours, transport=Breaks(ours.transport, after))
    words = ("migrate-from-openai", "--model", "Qwen/Qwen3-8B", "--gpu", "A100-80GB:2", "--start")

    assert main(list(words), broken) == 4
    migrate("--start")

    made = api("GET /api/jobs").data["jobs"]
    assert sorted(job["name"] for job in made) == ["bakery", "second"]
    assert len(api("GET /api/datasets").data["datasets"]) == 1


def test_a_refused_key_is_said_in_words(
    migrate: Migrate, account: OpenAiAccount, capsys: Out
) -> None:
    account.status = 401

    assert migrate() == 3
    assert "does not accept the key" in capsys.readouterr().err
