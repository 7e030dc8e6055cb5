"""`brightrun jobs` and `estimate`: against the whole pipeline in this process."""

import json
from pathlib import Path

import pytest

from brightrun.datasets.record import Dataset
from brightrun.runtime import Deps
from tests.support.api.client_wires import Storage
from tests.support.api.whole_pipeline import TO_A_MODEL, Pipeline, fails, starts, trains
from tests.support.factories import DATASET_ID
from tests.support.harness import a_world

GPU = ("--gpu", "A100-80GB:2")
Out = pytest.CaptureFixture[str]


@pytest.fixture
def pipeline(deps: Deps, dataset: Dataset, tmp_path: Path) -> Pipeline:
    world = a_world(deps)
    return Pipeline(world, tmp_path, Storage(world.deps))


def created(pipeline: Pipeline, *words: str) -> str:
    assert pipeline.run("jobs", "create", DATASET_ID, *GPU, *words) == 0
    (job,) = pipeline.api("GET /api/jobs").data["jobs"]
    return str(job["id"])


def test_a_run_is_priced_with_what_it_costs_at_most(pipeline: Pipeline, capsys: Out) -> None:
    assert pipeline.run("estimate", DATASET_ID, *GPU) == 0

    out = capsys.readouterr().out
    assert out.startswith("estimated $4.32")
    assert "at most $13.24: the job pauses before that" in out
    assert pipeline.api("GET /api/jobs").data["jobs"] == []


def test_choices_reach_the_api_and_the_rest_is_the_presets(pipeline: Pipeline, capsys: Out) -> None:
    words = ("--preset", "fast", "--epochs", "2", "--set", "dropout=0.2", "--max-cost", "5")
    job_id = created(pipeline, *words, "--name", "mine")

    job = pipeline.api(f"GET /api/jobs/{job_id}").data["job"]
    known = job["hyperparameters"]
    assert (job["name"], job["max_cost"], job["gpu_config"]["count"]) == ("mine", 5.0, 2)
    assert (known["epochs"], known["dropout"], known["rank"]) == (2, 0.2, 8)
    assert f"brightrun jobs watch {job_id}" in capsys.readouterr().out


def test_no_budget_is_said_and_not_meant_by_silence(pipeline: Pipeline) -> None:
    job_id = created(pipeline, "--max-cost", "none")

    assert pipeline.api(f"GET /api/jobs/{job_id}").data["job"]["max_cost"] is None


def test_a_watched_job_ends_with_its_model(pipeline: Pipeline, capsys: Out) -> None:
    pipeline.acts = list(TO_A_MODEL)
    assert pipeline.run("jobs", "create", DATASET_ID, *GPU, "--watch") == 0

    out = capsys.readouterr().out
    (model,) = pipeline.api("GET /api/models").data["models"]
    assert out.splitlines()[0].startswith("queued 0 % · $0.00 (at most $13.24)")
    assert "training 0 % · step 5/10 · loss 0.840 · $0.00 (at most $13.24)" in out
    assert f"Model: {model['id']}" in out
    assert f"brightrun models download {model['id']}" in out


def test_a_watched_job_that_fails_exits_1_and_says_what_helps(
    pipeline: Pipeline, capsys: Out
) -> None:
    pipeline.acts = [lambda _: None, starts, fails]
    assert pipeline.run("jobs", "create", DATASET_ID, *GPU, "--watch") == 1

    out = capsys.readouterr().out
    assert "out_of_memory: because of out_of_memory" in out
    assert "GPU with more memory" in out
    assert "brightrun jobs retry " in out


def test_a_job_is_paused_goes_on_and_is_cancelled(pipeline: Pipeline, capsys: Out) -> None:
    job_id = created(pipeline)
    pipeline.world.tick()
    starts(pipeline)
    trains(pipeline)
    pipeline.worker().checkpoints(5)

    assert pipeline.run("jobs", "pause", job_id) == 0
    assert "stopping" in capsys.readouterr().out
    pipeline.worker().leaves(10, "CANCELLED")
    pipeline.world.wait(60)
    pipeline.world.wait(60)
    assert pipeline.run("jobs", "watch", job_id) == 1
    assert "Paused by its owner" in capsys.readouterr().out
    assert pipeline.run("jobs", "resume", job_id, "--max-cost", "20") == 0
    assert pipeline.api(f"GET /api/jobs/{job_id}").data["job"]["max_cost"] == 20.0
    assert pipeline.run("jobs", "cancel", job_id) == 0
    assert "cancelled" in capsys.readouterr().out
    assert pipeline.run("jobs", "cancel", job_id) == 0


def test_an_ended_job_is_retried_and_cloned(pipeline: Pipeline, capsys: Out) -> None:
    job_id = created(pipeline)
    pipeline.run("jobs", "cancel", job_id)

    assert pipeline.run("jobs", "retry", job_id, "--from", "beginning", "--name", "second") == 0
    assert pipeline.run("jobs", "clone", job_id, "--epochs", "1", "--max-cost", "3") == 0
    third, second, first = pipeline.api("GET /api/jobs").data["jobs"]
    assert (first["id"], second["retry_of"], third["cloned_from"]) == (job_id, job_id, job_id)
    assert (second["name"], third["hyperparameters"]["epochs"], third["max_cost"]) == (
        "second", 1, 3.0,
    )  # fmt: skip


def test_jobs_are_listed_shown_and_tell_their_story(pipeline: Pipeline, capsys: Out) -> None:
    job_id = created(pipeline)
    capsys.readouterr()

    assert pipeline.run("jobs", "list", "--status", "queued") == 0
    assert job_id in capsys.readouterr().out
    assert pipeline.run("jobs", "list", "--status", "failed") == 0
    assert job_id not in capsys.readouterr().out
    assert pipeline.run("jobs", "show", job_id) == 0
    assert capsys.readouterr().out.startswith("queued 0 %")
    assert pipeline.run("jobs", "logs", job_id, "--json") == 0
    events = json.loads(capsys.readouterr().out)["events"]
    assert pipeline.run("jobs", "logs", job_id) == 0
    assert len(capsys.readouterr().out.splitlines()) == len(events) >= 1


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--gpu", "H100:x"), "write TYPE or TYPE:COUNT"),
        (("--set", "epoch=3"), "no such hyperparameter"),
        (("--set", "epochs"), "write NAME=VALUE"),
        (("--max-cost", "-1"), "write an amount in USD"),
        (("--epochs", "99"), "Invalid value"),
        (("--preset", "best"), "Invalid value"),
    ],
)
def test_what_is_not_written_as_it_should_be_asks_nothing(
    pipeline: Pipeline, capsys: Out, words: tuple[str, ...], told: str
) -> None:
    assert pipeline.run("jobs", "create", DATASET_ID, *words) == 2

    assert told in capsys.readouterr().err
    assert pipeline.api("GET /api/jobs").data["jobs"] == []


def test_what_the_api_refuses_names_the_field(pipeline: Pipeline, capsys: Out) -> None:
    assert pipeline.run("jobs", "create", DATASET_ID, "--gpu", "Z9000") == 3

    assert "gpu_config.type" in capsys.readouterr().err
