"""Every documented name, type and refusal, on the deployed stack; nothing coerced, no accident.

One life by the deployed functions: a file, a job whose first worker is cut off, a model. The job of
a worker other than ours, whose files lie inside, is refused by the same functions.
"""

import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from brightrun.client import BrightRun
from local import stack
from local.settings import read_settings
from tests.support.api.bodies import BODIES
from tests.support.api.http_calls import Answer
from tests.support.api.specified import PROMISES, Life
from tests.support.api.wrong_values import (
    body_cases,
    body_with,
    is_refused_by_name,
    operations,
    query_cases,
)
from tests.support.factories import DATASET_ID, JOB_ID, KEY_ID, MODEL_ID
from tests.support.stack.ports import UNHURRIED, own_settings
from tests.support.stack.users import new_key, new_user

pytestmark = [
    pytest.mark.stack,
    pytest.mark.slow,
    pytest.mark.skipif(
        not read_settings().engine_python.exists(), reason="no .venv-engine: `make test` makes it"
    ),
]
WORKER = (
    sys.executable,
    "-u",
    str(Path(__file__).parents[1] / "support" / "workers" / "quick_worker.py"),
)
ROWS = "".join(
    json.dumps({"prompt": f"What is {n} + {n}?", "completion": f"It is {2 * n}."}) + "\n"
    for n in range(1, 41)
)
PATIENCE_SECONDS = 300
NOBODYS = {
    "dataset_id": DATASET_ID, "job_id": JOB_ID, "model_id": MODEL_ID, "key_id": KEY_ID,
    "file_id": "f", "notification_id": "n", "user_id": "nobody",
}  # fmt: skip


class LifeOnTheStack:
    """A model, and a job that was answered by a stranger, by the deployed functions."""

    def __init__(self, running: stack.Stack, folder: Path) -> None:
        url, name = running.settings.front_url, "ada-of-the-specification"
        self.token = new_user(running, name)
        key = new_key(running, self.token, scopes=["read", "write", "keys"])
        self._owner = _client(url, key)
        self._admin = _client(url, new_user(running, f"admin-of-{name}", "admin"))
        self._nobody = httpx.Client(base_url=url, timeout=120)
        self.user_id = str(self.call("GET /api/me").data["user_id"])
        (folder / "letters.jsonl").write_text(ROWS)
        with BrightRun(url, key) as api:
            made = api.upload(folder / "letters.jsonl", name="Letters").dataset
            self.dataset = api.validated(made).id
        self.job = self._ended(rank=16)
        self.model = str(self.call("GET /api/models").data["models"][0]["id"])

    def call(
        self, route: str, body: object = None, query: Any = None, *, admin: bool = False
    ) -> Answer:
        return _asked(self._admin if admin else self._owner, route, body, query)

    def nobody(self, route: str, body: object = None) -> Answer:
        return _asked(self._nobody, route, body, None)

    def ended_for_a_stranger(self) -> str:
        return self._ended(rank=8)

    def _ended(self, *, rank: int) -> str:
        order = {
            "dataset_id": self.dataset,
            "gpu_config": {"type": "A100-80GB", "count": 1},
            "hyperparameters": {"rank": rank},
        }
        job_id = str(self.call("POST /api/jobs", order).data["id"])
        for _ in range(PATIENCE_SECONDS):  # an answer costs the stack more than a look at the clock
            if self.call(f"GET /api/jobs/{job_id}").data["job"]["completed_at"]:
                return job_id
            time.sleep(1)
        pytest.fail(f"no end within {PATIENCE_SECONDS} s")

    def close(self) -> None:
        for client in (self._owner, self._admin, self._nobody):
            client.close()


def _client(url: str, token: str) -> httpx.Client:
    head = {"Authorization": f"Bearer {token}"}
    return httpx.Client(base_url=url, headers=head, timeout=120)


def _asked(client: httpx.Client, route: str, body: object, query: Any) -> Answer:
    method, path = route.split(" ", 1)
    answer = client.request(method, path, params=query, json=body)
    is_json = answer.headers.get("content-type", "").startswith("application/json")
    return Answer(
        answer.status_code, answer.json() if is_json else {}, answer.text, dict(answer.headers)
    )


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LifeOnTheStack]:
    settings = own_settings(tmp_path_factory.mktemp("specification"))
    running = stack.up(settings, [], leashed=True, worker=WORKER, overrides=UNHURRIED)
    lived = LifeOnTheStack(running, tmp_path_factory.mktemp("data"))
    yield lived
    lived.close()
    stack.down(settings)


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
def test_what_is_documented_is_answered(
    life: LifeOnTheStack, promise: Callable[[Life], None]
) -> None:
    promise(life)


def test_a_worker_cut_off_before_it_joined_its_parts_cost_no_step(life: LifeOnTheStack) -> None:
    """The next worker goes on after the step whose parts had all come."""
    page = life.call(f"GET /api/jobs/{life.job}").data
    resumed = {attempt["number"]: attempt["resumed_from_step"] for attempt in page["attempts"]}

    assert resumed == {1: None, 2: 6}
    assert "checkpoint.found" in {event["type"] for event in page["events"]}


def test_nothing_is_coerced(life: LifeOnTheStack) -> None:
    """One wrong value for each field of each body and for each query: in memory there are more."""
    bodies = {(route, where): (route, where, wrong) for route, where, wrong in body_cases()}
    queries = {(route, name): (route, name, value) for route, name, value in query_cases()}
    taken = []
    for case in bodies.values():
        answer = life.call(_filled(case[0]), body_with(case), admin="/api/admin" in case[0])
        if not is_refused_by_name(answer.status, answer.body, case[1]):
            taken.append((*case, answer.status, answer.text[:90]))
    for route, name, value in queries.values():
        body, is_admins = BODIES.get(route), "/api/admin" in route
        answer = life.call(_filled(route), body, {name: value}, admin=is_admins)
        if not is_refused_by_name(answer.status, answer.body, (name,)):
            taken.append((route, (name,), value, answer.status, answer.text[:90]))

    assert taken == []
    assert (len(bodies) > 90, len(queries) > 30) == (True, True)


def _filled(route: str) -> str:
    for name, value in NOBODYS.items():
        route = route.replace(f"<{name}>", value)
    return route


REFUSED: list[tuple[str, object, int, str]] = [
    ("GET /api/jobs/{nobodys}", None, 404, "job_not_found"),
    ("GET /api/datasets/{nobodys}", None, 404, "dataset_not_found"),
    ("GET /api/models/{nobodys}", None, 404, "model_not_found"),
    ("POST /api/models/{model}/download", {"files": []}, 400, "invalid_request"),
    ("POST /api/models/{model}/download", {"files": ["x.bin"]}, 400, "invalid_request"),
    ("POST /api/jobs", {"gpu_config": {"type": "V100-32GB"}}, 409, "gpu_unavailable"),
    ("POST /api/jobs", {"gpu_config": {"type": "H100", "count": 8}}, 409, "gpu_unavailable"),
    ("POST /api/jobs", {"gpu_config": {"type": "abacus"}}, 400, "invalid_request"),
    ("POST /api/jobs", {"max_cost": 0.01}, 400, "invalid_request"),
    ("POST /api/jobs/{job}/cancel", None, 409, "invalid_transition"),
    ("POST /api/jobs/{job}/retry", {}, 409, "invalid_transition"),
    ("POST /api/jobs/{job}/pause", None, 409, "invalid_transition"),
    ("PATCH /api/jobs/{job}", {"max_cost": 5}, 409, "invalid_transition"),
    ("PATCH /api/models/{model}", {"status": "production"}, 409, "invalid_transition"),
    ("POST /api/datasets", {"name": "n", "file_name": "f", "file_size": 10**12}, 413, "too_large"),
    ("GET /api/admin/overview", None, 403, "forbidden"),
    ("GET /api/no-such-page", None, 404, "route_not_found"),
    ("PUT /api/jobs", {}, 405, "method_not_allowed"),
]


def test_every_documented_refusal_has_its_status_and_its_code(life: LifeOnTheStack) -> None:
    order = {"dataset_id": life.dataset, "gpu_config": {"type": "A100-80GB"}}
    names = {"job": life.job, "model": life.model, "nobodys": JOB_ID}
    found, wanted = [], []
    for route, body, status, code in REFUSED:
        sent = order | body if isinstance(body, dict) and route == "POST /api/jobs" else body
        answer = life.call(route.format(**names), sent)
        found.append((route, answer.status, answer.body.get("code")))
        wanted.append((route, status, code))

    assert found == wanted


def test_nobody_is_let_in_and_nobody_breaks_anything(life: LifeOnTheStack) -> None:
    """Every call of the description, as nobody."""
    open_to_all = {"/api/config", "/api/health", "/api/openapi.json", "/api/docs"}
    let_in = []
    for route, _ in operations():
        path = route.split(" ", 1)[1]
        if path in open_to_all or not path.startswith("/api/"):
            continue
        answer = life.nobody(_filled(route), BODIES.get(route))
        if (answer.status, answer.body.get("code")) != (401, "unauthenticated"):
            let_in.append((route, answer.status, answer.text[:90]))

    assert let_in == []


def test_the_files_of_a_worker_other_than_ours_are_not_fetched_from_inside(
    life: LifeOnTheStack,
) -> None:
    """By the deployed functions: the address is refused before anything is asked there."""
    page = life.call(f"GET /api/jobs/{life.ended_for_a_stranger()}").data

    assert (page["job"]["status"], page["job"]["error_code"]) == ("failed", "bad_output")
    assert "must be at a public address" in page["job"]["error_message"]
    assert [record["cost_type"] for record in page["cost_records"]] == ["training_compute"]
