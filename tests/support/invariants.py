"""What must be true of a user's records once everything is quiet, counted anew from the table.

The expected sums are worked out here by hand from the items as they are stored, not by the
code that keeps them.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from tests.support.factories import ADA, DATASET_ID
from tests.support.simulation import Life

Items = list[dict[str, Any]]
USD_PER_SECOND_OF_TWO_GPUS = Decimal(7) / 3600
ENDED = {"completed", "failed", "cancelled"}
TOLD_AT_THE_END = {
    "completed": {"job_completed", "artifact_ready"},
    "failed": {"job_failed"},
    "cancelled": {"job_cancelled"},
}


def wrongs_of(life: Life) -> list[str]:
    """Return what is wrong, in words; empty when every promise was kept."""
    audit = _Audit(life)
    found = [*life.wrongs]
    for job in audit.jobs:
        found += audit.job(job)
    found += [*audit.sums(), *audit.work(), *audit.provider(), *audit.storage()]
    return found


class _Audit:
    def __init__(self, life: Life) -> None:
        self.life = life
        self.items: Items = list(life.behind.table.items.values())
        self.jobs = self._of(f"USER#{ADA}", "JOB#")

    def _of(self, pk: str, prefix: str) -> Items:
        return [i for i in self.items if i["pk"] == pk and i["sk"].startswith(prefix)]

    def _numbers(self, name: str) -> dict[str, Decimal]:
        found = self._of(f"USER#{ADA}", f"SUM#{name}")
        return {k: v for item in found for k, v in item.items() if isinstance(v, Decimal) and v}

    # ---- one job

    def job(self, job: dict[str, Any]) -> Iterator[str]:
        if job["status"] not in ENDED:
            yield f"the job is {job['status']}: {job['current_stage']}, {job.get('last_error')}"
            return
        yield from self._model(job)
        yield from self._cost(job)
        yield from self._attempts(job)
        yield from self._curve(job)
        yield from self._notifications(job)

    def _model(self, job: dict[str, Any]) -> Iterator[str]:
        models = [m for m in self._of(f"USER#{ADA}", "MODEL#") if m["job_id"] == job["id"]]
        if job["status"] == "completed":
            if [m["id"] for m in models] != [job["artifact_id"]]:
                yield f"{len(models)} models of a completed job"
            return
        if models:
            yield f"a model of a job that is {job['status']}"
        if job["status"] == "failed" and not (job["error_code"] and job["error_message"]):
            yield "a failure without code and message"

    def _cost(self, job: dict[str, Any]) -> Iterator[str]:
        costs = [c for c in self._of(f"USER#{ADA}", "COST#") if c["job_id"] == job["id"]]
        storage = [c for c in costs if c["cost_type"] == "storage"]
        costs = [c for c in costs if c["cost_type"] == "training_compute"]
        if len(costs) != 1 or len(storage) != (job["status"] == "completed"):
            yield f"{len(costs)} cost records, {len(storage)} of storage"
            return
        kept = sum((Decimal(c["amount"]) for c in storage), Decimal(0))
        attempts = self._of(f"JOB#{job['id']}", "ATTEMPT#")
        seconds = sum((a["gpu_seconds"] or Decimal(0) for a in attempts), Decimal(0))
        right = (seconds * USD_PER_SECOND_OF_TWO_GPUS).quantize(Decimal("0.000001"))
        amount, final = Decimal(costs[0]["amount"]), Decimal(job["final_cost"])
        if not (abs(amount - right) <= Decimal("0.000001") and amount + kept == final):
            yield f"recorded {amount}, final {final}, right is {right}"

    def _attempts(self, job: dict[str, Any]) -> Iterator[str]:
        attempts = self._of(f"JOB#{job['id']}", "ATTEMPT#")
        for attempt in attempts:
            if attempt["state"] != "ended":
                yield f"attempt {attempt['number']} is still {attempt['state']}"
                continue
            run = self.life.world.runpod.runs.get(attempt["external_job_id"])
            if run is None or attempt["gpu_seconds_source"] != "provider":
                continue
            used = Decimal(run.execution_ms) / 1000
            if attempt["gpu_seconds"] != used:
                yield f"attempt {attempt['number']} is billed {attempt['gpu_seconds']} s for {used}"
        for worker in self.life.workers:
            mine = worker.words.job_id == job["id"] and worker.was_granted
            if mine and worker.run.id not in {a["external_job_id"] for a in attempts}:
                yield f"{worker.name} trained for nobody"

    def _curve(self, job: dict[str, Any]) -> Iterator[str]:
        steps = [int(p["step"]) for p in self._of(f"JOB#{job['id']}", "METRIC#")]
        first = (
            6 if job["retry_of"] and steps[:1] == [6] else 1
        )  # the steps before are its parent's
        if job["status"] == "completed" and steps != list(range(first, 11)):
            yield f"the curve has steps {steps}"

    def _notifications(self, job: dict[str, Any]) -> Iterator[str]:
        notes = self._of(f"USER#{ADA}", "NOTE#")
        page = f"/training/jobs/{job['id']}"
        mine = {page, f"/models/{job.get('artifact_id')}"}
        told = Counter(n["type"] for n in notes if n["action_url"] in mine)
        ends = TOLD_AT_THE_END[job["status"]]
        expected = {"job_queued", *ends, *({"job_started"} if job["started_at"] else ())}
        if told != Counter(expected):
            yield f"a job that is {job['status']} was told of as {dict(told)}"

    # ---- everything

    def sums(self) -> Iterator[str]:
        by_status = Counter(job["status"] for job in self.jobs)
        active = sum(job["status"] not in ENDED for job in self.jobs)
        unread = sum(not note["read"] for note in self._of(f"USER#{ADA}", "NOTE#"))
        models = Counter(m["status"] for m in self._of(f"USER#{ADA}", "MODEL#"))
        spent: defaultdict[str, dict[str, Decimal]] = defaultdict(dict)
        for cost in self._of(f"USER#{ADA}", "COST#"):
            day, kind = spent[cost["recorded_at"][:10]], cost["cost_type"]
            day[kind] = day.get(kind, Decimal(0)) + Decimal(cost["amount"])
        for name, right in {
            "COUNT#JOB": {**by_status, **({"active": active} if active else {})},
            "COUNT#NOTE": {"unread": unread} if unread else {},
            "COUNT#MODEL": dict(models),
            f"USES#{DATASET_ID}": {"active": active} if active else {},
            "COMMITTED": {},
            **{
                f"SPEND#{day}": {kind: amount for kind, amount in amounts.items() if amount}
                for day, amounts in spent.items()
            },
        }.items():
            if (kept := self._numbers(name)) != right:
                yield f"the sum {name} is {kept}, counted anew {right}"
        months = sum(m["spent"] for m in self._of(f"USER#{ADA}", "SUM#MONTH#"))
        total = sum(Decimal(cost["amount"]) for cost in self._of(f"USER#{ADA}", "COST#"))
        if months != total:
            yield f"the months add up to {months}, counted anew {total}"

    def work(self) -> Iterator[str]:
        for item in self.items:
            reminder = str(item.get("work")).startswith("remind#")  # of a checkpoint, for a week
            if ("work" in item or "due_at" in item) and not reminder:
                yield f"{item['sk']} still waits for {item.get('work')}"

    def provider(self) -> Iterator[str]:
        for run in self.life.world.runpod.runs.values():
            if run.is_active:
                yield f"{run.id} is {run.status} and nobody looks after it"

    def storage(self) -> Iterator[str]:
        """Staging expires by the bucket's own rule; a model's place holds its model alone."""
        models = self._of(f"USER#{ADA}", "MODEL#")
        right = {key for model in models for key in model["artifacts"].values()}
        kept = {key for key in self.life.behind.store.objects if not key.startswith("staging/")}
        if kept != right:
            yield f"stored without need: {sorted(kept - right)}; missing: {sorted(right - kept)}"
