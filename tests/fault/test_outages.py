"""Not one call but an hour of them goes wrong: the job still ends as promised, and once."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.support.fault_injection import Seam
from tests.support.invariants import wrongs_of
from tests.support.simulation import Life, a_life

HOUR = timedelta(hours=1)


def away_until(life: Life, until: timedelta) -> Callable[[], bool]:
    """Return whether the hour is not over yet."""
    end = life.world.clock.now + until
    return lambda: life.world.clock.now < end


def provider_refuses(life: Life) -> None:
    """RunPod takes no run for an hour."""
    away = away_until(life, HOUR)
    life.world.runpod.answer_instead = lambda request: (
        httpx.Response(429) if away() and request.url.path.endswith("/run") else None
    )


def provider_is_unclear(life: Life) -> None:
    """RunPod answers no submission for an hour, and nobody knows what became of it."""
    away = away_until(life, HOUR)

    def silent(request: httpx.Request) -> httpx.Response | None:
        if away() and request.url.path.endswith("/run"):
            raise httpx.ReadTimeout("no answer", request=request)
        return None

    life.world.runpod.answer_instead = silent


def reports_are_lost(life: Life) -> None:
    """No report reaches us for half an hour; the worker goes on."""
    away, through = away_until(life, HOUR / 2), life.world.through

    def carry(name: str, call: Callable[[], Any]) -> Any:
        if away() and name == "api.report":
            return through(name, _lost)
        return through(name, call)

    life.world.through = carry
    life.world.deps = replace(life.world.deps, api_answers=lambda: not away())


def storage_redirects(life: Life) -> None:
    """Storage answers a redirect for a minute: nothing of it was stored."""
    away, through = away_until(life, HOUR / 60), life.world.through

    def carry(name: str, call: Callable[[], Any]) -> Any:
        return through(name, _lost if away() and name == "storage.put" else call)

    life.world.through = carry


def _lost() -> None:
    raise httpx.ReadError("lost on the way")


@pytest.mark.parametrize(
    "trouble", [provider_refuses, provider_is_unclear, reports_are_lost, storage_redirects]
)
def test_a_job_outlives_the_hour_and_makes_one_model(trouble: Callable[[Life], None]) -> None:
    life = a_life(Seam(None))
    trouble(life)
    life.create()
    life.live_until_quiet()

    assert wrongs_of(life) == []
    assert life.world.job().status == "completed"
