"""Many users at once on a running stack: what each of them calls, and what they were answered."""

import hashlib
import itertools
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import httpx
import jwt

from local.stack import Stack
from tests.support.stack.users import items_of, new_key, new_user, table_of

PATIENCE_SECONDS = 600.0
LOOKS_AGAIN_SECONDS = 2.0
LINE = '{"messages": [{"role": "user", "content": "Q %s"}, {"role": "assistant", "content": "A"}]}'
Json = dict[str, Any]
ENDED = {"completed", "failed", "cancelled"}


@dataclass
class Person:
    """One user with a client, and every answer they got."""

    name: str
    http: httpx.Client
    user_id: str
    asked: Counter[tuple[str, str, int]] = field(default_factory=Counter)
    confirmed: str = ""
    datasets: list[str] = field(default_factory=list)
    jobs: list[str] = field(default_factory=list)
    waited: list[float] = field(default_factory=list)
    accidents: list[str] = field(default_factory=list)

    @property
    def calls(self) -> int:
        return self.asked.total()

    def call(self, method: str, path: str, **sent: Any) -> Json:
        """Return the body of an answer; what is no success is counted and answered as nothing."""
        began = time.monotonic()
        answer = self.http.request(method, path, **sent)
        self.waited.append(time.monotonic() - began)
        named = path.split("?", maxsplit=1)[0]
        for known in (*self.datasets, *self.jobs):
            named = named.replace(known, "*")
        self.asked[method, named, answer.status_code] += 1
        if answer.is_server_error:
            self.accidents.append(f"{method} {path}: {answer.status_code} {answer.text[:300]}")
        is_json = answer.headers.get("content-type", "").startswith("application/json")
        body: Json = answer.json() if answer.is_success and is_json else {}
        return body

    def data(self, method: str, path: str, body: Json | None = None) -> Json:
        """Return what stands in the envelope of a native answer."""
        found: Json = self.call(method, path, json=body).get("data") or {}
        return found


def people(running: Stack, count: int) -> list[Person]:
    """Make so many users, each with a key of their own."""

    def one(number: int) -> Person:
        name = f"user-{number}-{time.time_ns()}"
        token = new_user(running, name)
        key = new_key(running, token)
        http = httpx.Client(
            base_url=running.settings.front_url,
            headers={"Authorization": f"Bearer {key}"},
            timeout=PATIENCE_SECONDS,
        )
        user_id: str = jwt.decode(token, options={"verify_signature": False})["sub"]
        return Person(name, http, user_id)

    return [one(number) for number in range(count)]


def all_at_once(crowd: list[Person], calls: int) -> None:
    """Let each make so many calls, all of them at the same time; then they stop their jobs."""

    def day(person: Person) -> None:
        for step in _steps(person):
            step()
            if person.calls >= calls:
                break

    with ThreadPoolExecutor(len(crowd)) as pool:
        list(pool.map(day, crowd))
        list(pool.map(_end, crowd))
    for person in crowd:
        person.http.close()


def _steps(person: Person) -> Iterator[Callable[[], None]]:
    """Yield what a person does, round for round: uploads, jobs, and looking around."""
    for number in itertools.count():
        yield lambda number=number: _upload(person, number)  # type: ignore[misc]
        yield lambda number=number: _send_a_file(person, number)  # type: ignore[misc]
        for path in ("/api/jobs", "/api/datasets", "/api/models", "/api/costs", "/api/limits"):
            yield lambda path=path: _look(person, path)  # type: ignore[misc]
        yield lambda: _start_a_job(person)
        for path in ("/api/notifications", "/v1/files", "/v1/fine_tuning/jobs", "/v1/models"):
            yield lambda path=path: _look(person, path)  # type: ignore[misc]
        yield lambda: _start_a_job_of_openais(person)


def _look(person: Person, path: str) -> None:
    person.call("GET", path)


def _upload(person: Person, number: int) -> None:
    content = "\n".join(LINE % f"{person.name} {number} {n}" for n in range(20)).encode()
    order = {
        "name": f"{person.name} {number}",
        "file_name": "rows.jsonl",
        "file_size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    made = person.data("POST", "/api/datasets", order)
    if not made:
        return
    permission, dataset_id = made["upload"], made["dataset"]["id"]
    httpx.put(
        permission["url"], content=content, headers=permission["headers"], timeout=PATIENCE_SECONDS
    ).raise_for_status()
    person.datasets.append(dataset_id)
    if person.data("POST", f"/api/datasets/{dataset_id}/confirm"):
        person.confirmed = dataset_id


def _send_a_file(person: Person, number: int) -> None:
    content = (LINE % f"{person.name} sent {number}").encode()
    sent = {"file": ("sent.jsonl", content)}
    made = person.call("POST", "/v1/files", data={"purpose": "fine-tune"}, files=sent)
    if made:
        person.datasets.append(made["id"].removeprefix("file-"))


def _ready(person: Person) -> str:
    """Wait for the newest confirmed dataset; polling is no call of the day."""
    dataset_id = person.confirmed
    assert dataset_id, f"{person.name} could upload nothing: {person.asked} {person.accidents}"
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        found = person.http.get(f"/api/datasets/{dataset_id}")
        if found.is_server_error:
            person.accidents.append(f"polling: {found.status_code} {found.text[:300]}")
        elif found.is_success and found.json()["data"]["status"] == "ready":
            return dataset_id
        if time.monotonic() > deadline:
            raise TimeoutError(f"{dataset_id} is not ready: {found.text[:500]}")
        time.sleep(LOOKS_AGAIN_SECONDS)


def _start_a_job(person: Person) -> None:
    gpu = {"type": "A100-80GB", "count": 1}
    order = {"dataset_id": _ready(person), "gpu_config": gpu, "max_cost": 5}
    person.data("POST", "/api/jobs/estimate", {n: v for n, v in order.items() if n != "max_cost"})
    made = person.data("POST", "/api/jobs", order)
    if made:
        person.jobs.append(made["id"])
        person.data("GET", f"/api/jobs/{made['id']}")


def _start_a_job_of_openais(person: Person) -> None:
    file_id = "file-" + _ready(person).replace("-", "")
    order = {"model": "qwen3-8b", "training_file": file_id, "seed": len(person.jobs)}
    made = person.call(
        "POST", "/v1/fine_tuning/jobs", json={**order, "tuning": {"max_cost_usd": 5}}
    )
    if made:
        person.jobs.append(made["id"].removeprefix("ftjob-"))


def _end(person: Person) -> None:
    for job_id in person.jobs:
        kind = "/api/jobs" if "-" in job_id else "/v1/fine_tuning/jobs"
        person.call("POST", f"{kind}/{job_id if '-' in job_id else f'ftjob-{job_id}'}/cancel")


def wrong_sums(running: Stack, person: Person) -> list[str]:
    """Count a quiet user's records anew, and return what the kept sums say otherwise."""
    items = items_of(table_of(running), f"USER#{person.user_id}")
    kept = {
        item["sk"].removeprefix("SUM#"): {k: v for k, v in item.items() if _counts(v)}
        for item in items
        if item["sk"].startswith("SUM#")
    }
    jobs = [item for item in items if item["sk"].startswith("JOB#")]
    datasets = [item for item in items if item["sk"].startswith("DATASET#")]
    notes = [item for item in items if item["sk"].startswith("NOTE#")]
    active = [job for job in jobs if job["status"] not in ENDED]
    worst = sum((Decimal(job["worst_case_usd"]) for job in active), Decimal(0))
    unread = sum(not note["read"] for note in notes)
    right: dict[str, dict[str, Any]] = {
        "COUNT#JOB": _without_none({**_by_status(jobs), "active": len(active)}),
        "COUNT#DATASET": _by_status(datasets),
        "COUNT#NOTE": _without_none({"unread": unread}),
        "COMMITTED": _without_none({"worst": worst}),
    }
    uses: defaultdict[str, int] = defaultdict(int)
    for job in active:
        uses[f"USES#{job['dataset_id']}"] += 1
    right |= {name: {"active": count} for name, count in uses.items()}
    found = [
        f"{person.name}: {name} is kept as {kept.get(name, {})}, counted anew {counted}"
        for name, counted in right.items()
        if kept.get(name, {}) != counted
    ]
    if {job["id"].replace("-", "") for job in jobs} != {j.replace("-", "") for j in person.jobs}:
        found.append(f"{person.name}: {len(jobs)} jobs are stored, {len(person.jobs)} were made")
    if len(datasets) != len(person.datasets):
        found.append(f"{person.name}: {len(datasets)} datasets, {len(person.datasets)} were made")
    return found


def _counts(value: object) -> bool:
    return isinstance(value, Decimal) and bool(value)


def _by_status(records: list[Json]) -> dict[str, int]:
    return dict(Counter(str(record["status"]) for record in records))


def _without_none(numbers: dict[str, Any]) -> dict[str, Any]:
    return {name: number for name, number in numbers.items() if number}


def told(crowd: list[Person]) -> str:
    """Say what was called, how it was answered, and how long anybody waited."""
    answered = sum((person.asked for person in crowd), Counter[tuple[str, str, int]]())
    by_status = Counter(status for (*_, status), count in answered.items() for _ in range(count))
    waited = sorted(max(person.waited) for person in crowd)
    return (
        f"{len(crowd)} users, {answered.total()} calls: {dict(sorted(by_status.items()))}; "
        f"{sum(len(p.datasets) for p in crowd)} uploads, {sum(len(p.jobs) for p in crowd)} jobs; "
        f"longest wait of a user {waited[0]:.1f} to {waited[-1]:.1f} s"
    )
