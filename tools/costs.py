"""What a stage costs while nothing happens, and what a thousand jobs add: `python -m tools.costs`.

Counted from template.yaml: schedules, memory, alarms, secrets. Given: list prices of us-east-1, and
what a cycle and a report ask of the table, which tests/bench counts anew. GPU time is not in it.
"""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from samtranslator.yaml_helper import yaml_parse

TEMPLATE = Path(__file__).parents[1] / "template.yaml"
MINUTES = 43_200
"""Of a month of thirty days."""


@dataclass(frozen=True)
class Prices:
    """List prices in USD of us-east-1 and arm64, free tiers left out. Source: aws.amazon.com."""

    lambda_gb_second: float = 0.0000133334
    lambda_request: float = 0.20 / 1e6
    api_request: float = 1.00 / 1e6
    write_unit: float = 0.625 / 1e6
    read_unit: float = 0.125 / 1e6
    log_gb: float = 0.50
    alarm_metric: float = 0.10
    secret: float = 0.40
    stored_gb: float = 0.023
    egress_gb: float = 0.09


FREE_ALARMS = 10


@dataclass(frozen=True)
class Cycle:
    """What one idle cycle of a background function asks for.

    Attributes:
        reads: queries and gets of the table; each that finds little is half a unit, or a whole one
            where it is consistent. Counted as whole ones.
        seconds: how long it runs, on AWS's processors; an estimate.
    """

    function: str
    reads: int
    writes: int
    seconds: float


IDLE_CYCLES = (
    Cycle("ValidateDatasetFunction", reads=8, writes=1, seconds=0.10),
    Cycle("ProcessJobsFunction", reads=77, writes=1, seconds=0.60),
    Cycle("CreateArtifactsFunction", reads=8, writes=1, seconds=0.10),
)
LOG_BYTES_PER_CYCLE = 1_000


@dataclass(frozen=True)
class TypicalJob:
    """A job of one GPU hour, as a thousand of them are reckoned."""

    reports: int = 240
    write_units_per_report: float = 25.5
    read_units_per_report: float = 2.0
    other_write_units: float = 150.0
    call_seconds: float = 0.08
    authorizer_seconds: float = 0.02
    log_bytes_per_call: int = 1_200
    model_gb: float = 0.16
    dataset_gb: float = 0.01
    watched_seconds: float = 3_600.0
    side_by_side: int = 20


def idle_month(template: dict[str, Any], prices: Prices) -> dict[str, float]:
    """Return USD a month by service of a stage in which nobody does anything."""
    resources = template["Resources"]
    schedules = _schedules(template)
    memory = {
        c.function: resources[c.function]["Properties"]["MemorySize"] / 1024 for c in IDLE_CYCLES
    }
    seconds = sum(memory[c.function] * c.seconds for c in IDLE_CYCLES) * MINUTES
    kinds = [resource["Type"] for resource in resources.values()]
    alarms = kinds.count("AWS::CloudWatch::Alarm")
    return {
        "functions": schedules * MINUTES * prices.lambda_request
        + seconds * prices.lambda_gb_second,
        "table": MINUTES
        * sum(c.reads * prices.read_unit + c.writes * prices.write_unit for c in IDLE_CYCLES),
        "logs": schedules * MINUTES * LOG_BYTES_PER_CYCLE / 1e9 * prices.log_gb,
        "alarms": max(0, alarms - FREE_ALARMS) * prices.alarm_metric,
        "secret": kinds.count("AWS::SecretsManager::Secret") * prices.secret,
    }


def thousand_jobs(template: dict[str, Any], prices: Prices, job: TypicalJob) -> dict[str, float]:
    """Return USD by service for a thousand jobs; storage is of the first month."""
    resources = template["Resources"]
    api, who = (
        resources[name]["Properties"]["MemorySize"] / 1024
        for name in ("ApiFunction", "AuthorizerFunction")
    )
    watching = resources["ProcessJobsFunction"]["Properties"]["MemorySize"] / 1024
    calls = 1000 * job.reports
    busy = calls * (api * job.call_seconds + who * job.authorizer_seconds)
    waiting = 1000 * job.watched_seconds / job.side_by_side * watching
    units = calls * job.write_units_per_report + 1000 * job.other_write_units
    return {
        "api": calls * (prices.api_request + 2 * prices.lambda_request),
        "functions": (busy + waiting) * prices.lambda_gb_second,
        "table": units * prices.write_unit + calls * job.read_units_per_report * prices.read_unit,
        "logs": calls * job.log_bytes_per_call / 1e9 * prices.log_gb,
        "storage_each_month": 1000 * job.model_gb * prices.stored_gb,
        "egress": 1000 * (job.model_gb + job.dataset_gb) * prices.egress_gb,
    }


def _schedules(template: dict[str, Any]) -> int:
    """Return how many functions are started every minute."""
    functions = [
        resource["Properties"]
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::Serverless::Function"
    ]
    events = [event for function in functions for event in function.get("Events", {}).values()]
    return sum(e["Properties"].get("ScheduleExpression") == "rate(1 minute)" for e in events)


def reckoned() -> dict[str, dict[str, float]]:
    """Return both sums with their parts, in cents' precision."""
    template, prices = yaml_parse(TEMPLATE.read_text()), Prices()
    found = {
        "idle_usd_a_month": idle_month(template, prices),
        "usd_for_1000_jobs": thousand_jobs(template, prices, TypicalJob()),
    }
    return {
        name: {**{k: round(v, 2) for k, v in parts.items()}, "sum": round(sum(parts.values()), 2)}
        for name, parts in found.items()
    }


if __name__ == "__main__":
    json.dump(reckoned(), sys.stdout, indent=2)
    sys.stdout.write("\n")
