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
OWNERS = {"api.create_job"}


def away_until(life: Life, until: timedelta) -> Callable[[], bool]:
    """Return whether the hour is not over yet."""
    end = life.world.clock.now + until
    return lambda: life.world.clock.now < end


def refusing(life: Life, status: int) -> None:
    away = away_until(life, HOUR)
    life.world.runpod.answer_instead = lambda request: (
        httpx.Response(status) if away() and request.url.path.endswith("/run") else None
    )


def provider_is_busy(life: Life) -> None:
    """RunPod takes no run for an hour."""
    refusing(life, 429)


def provider_refuses(life: Life) -> None:
    """The endpoint is not there for an hour: its owner makes it anew."""
    refusing(life, 404)


def account_is_empty(life: Life) -> None:
    """RunPod's account has no money for an hour."""
    refusing(life, 402)


def provider_is_away(life: Life) -> None:
    """Nothing of RunPod answers for an hour, whatever it is asked; its GPUs work on."""
    away = away_until(life, HOUR)
    life.world.runpod.answer_instead = lambda _: httpx.Response(503) if away() else None


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


def our_api_is_away(life: Life) -> None:
    """For half an hour no worker reaches us, with no word: it cannot even begin."""
    away, through = away_until(life, HOUR / 2), life.world.through

    def carry(name: str, call: Callable[[], Any]) -> Any:
        of_a_worker = name.startswith("api.") and name not in OWNERS
        return through(name, _lost if away() and of_a_worker else call)

    life.world.through = carry
    life.world.deps = replace(life.world.deps, api_answers=lambda: not away())


def our_api_goes_away_in_the_middle(life: Life) -> None:
    """As above, but the worker has begun: what it has stored by then counts."""
    begun: list[None] = []
    through = life.world.through

    def carry(name: str, call: Callable[[], Any]) -> Any:
        answer = through(name, call)
        if name == "api.checkpoint" and not begun:
            begun.append(None)
            our_api_is_away(life)
        return answer

    life.world.through = carry


def our_functions_do_not_come(life: Life) -> None:
    """The schedules are silent for half an hour: nobody looks, nobody dispatches."""
    away, tick = away_until(life, HOUR / 2), life.tick
    life.tick = lambda: None if away() else tick()  # type: ignore[method-assign]


def storage_redirects(life: Life) -> None:
    """Storage answers a redirect for a minute: nothing of it was stored."""
    away, through = away_until(life, HOUR / 60), life.world.through

    def carry(name: str, call: Callable[[], Any]) -> Any:
        return through(name, _lost if away() and name == "storage.put" else call)

    life.world.through = carry


def _lost() -> None:
    raise httpx.ReadError("lost on the way")


@pytest.mark.parametrize(
    "trouble",
    [
        provider_is_busy,
        provider_refuses,
        account_is_empty,
        provider_is_unclear,
        provider_is_away,
        reports_are_lost,
        our_api_is_away,
        our_api_goes_away_in_the_middle,
        our_functions_do_not_come,
        storage_redirects,
    ],
)
def test_a_job_outlives_the_hour_and_makes_one_model(trouble: Callable[[Life], None]) -> None:
    life = a_life(Seam(None))
    trouble(life)
    life.create()
    life.live_until_quiet()

    assert wrongs_of(life) == []
    assert life.world.job().status == "completed"
