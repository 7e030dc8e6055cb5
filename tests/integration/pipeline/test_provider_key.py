"""The key of RunPod as people enter it: with a newline, late, wrong, and mended while all runs."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import httpx
import pytest

from brightrun.errors import ProviderRefused
from brightrun.ports.runpod.jobs import RunPod, ask
from brightrun.ports.runpod.key import RunPodKey
from functions.api.stage.pipeline_health import health_of
from tests.support.harness import World

KEY = "rpa_" + "K" * 40
RAN_FOR_HOURS = 3600.0


@dataclass
class Secret:
    """What stands in Secrets Manager, and how often it was read."""

    text: str
    reads: int = 0
    elapsed: float = 0.0

    def read(self) -> str:
        self.reads += 1
        return self.text

    def key(self) -> RunPodKey:
        return RunPodKey(self.read, lambda: self.elapsed)


@dataclass
class Door:
    """A RunPod that knows one key."""

    behind: Callable[[httpx.Request], httpx.Response]
    refused: list[str] = field(default_factory=list)

    def handle(self, request: httpx.Request) -> httpx.Response:
        shown = request.headers["Authorization"]
        if shown == f"Bearer {KEY}":
            return self.behind(request)
        self.refused.append(shown)
        return httpx.Response(401)


def runpod_behind(door: Door, secret: Secret) -> RunPod:
    client = httpx.Client(
        transport=httpx.MockTransport(door.handle),
        base_url="https://runpod.test",
        auth=secret.key(),
    )
    return RunPod(client, lambda _: None)


@pytest.fixture
def secret() -> Secret:
    return Secret(KEY)


@pytest.fixture
def world(world: World, secret: Secret) -> World:
    runpod = runpod_behind(Door(world.runpod.handle), secret)
    return replace(world, deps=replace(world.deps, runpod=runpod))


@pytest.mark.parametrize("entered", [f"{KEY}\n", f" {KEY}\r\n", f"{KEY}\t"])
def test_a_key_that_was_entered_with_a_newline_works(
    world: World, secret: Secret, entered: str
) -> None:
    secret.text = entered
    world.queue_job()
    world.tick()

    assert world.job().external_job_id == "run-1"


def test_a_key_that_is_mended_works_at_once_in_a_process_that_lives_for_hours(
    world: World, secret: Secret
) -> None:
    secret.text = "born-with-a-random-value"  # pragma: allowlist secret
    world.queue_job()
    world.tick()
    assert world.job().last_error == "RunPod refuses our API key"
    secret.text = f"{KEY}\n"
    secret.elapsed += RAN_FOR_HOURS
    world.wait(1000)

    assert world.job().external_job_id == "run-1"
    assert world.job().attempt == 2


def test_many_who_hear_of_a_refusal_at_once_read_the_secret_once(secret: Secret) -> None:
    secret.text = "wrong"  # pragma: allowlist secret
    door = Door(lambda _: httpx.Response(200, json={}))
    runpod = runpod_behind(door, secret)
    for _ in range(9):
        with pytest.raises(ProviderRefused):
            ask(runpod, "/endpoint/health")
    assert secret.reads == 1
    secret.elapsed += RAN_FOR_HOURS
    with pytest.raises(ProviderRefused):
        ask(runpod, "/endpoint/health")

    assert (secret.reads, len(door.refused)) == (2, 10)


@pytest.mark.parametrize("entered", ["", " \n", "two words", "schlüssel", "a\nb"])
def test_what_cannot_be_a_key_is_never_sent(secret: Secret, entered: str) -> None:
    secret.text = entered
    door = Door(lambda _: httpx.Response(200, json={}))

    with pytest.raises(ProviderRefused, match="holds no RunPod API key"):
        ask(runpod_behind(door, secret), "/endpoint/health")
    assert door.refused == []


def test_a_refused_key_is_told_on_the_job_and_in_health(world: World, secret: Secret) -> None:
    secret.text = "wrong"  # pragma: allowlist secret
    world.queue_job()
    world.tick()

    seen = health_of(world.deps)
    assert world.job().last_error == "RunPod refuses our API key"
    assert (seen.status, seen.provider_key_refused_at) == ("degraded", world.clock.now)
    world.clock.pass_by(16 * 60)
    assert health_of(world.deps).provider_key_refused_at is None


def test_a_key_refused_while_a_job_runs_is_told_too(world: World, secret: Secret) -> None:
    world.queue_job()
    world.tick()
    world.worker("run-1").start()
    world.runpod.answer_instead = lambda _: httpx.Response(403)
    world.wait(120)

    assert world.job().status == "running"
    assert world.job().last_error == "RunPod refuses our API key"
    assert health_of(world.deps).provider_key_refused_at == world.clock.now


@pytest.mark.parametrize(
    "fault",
    [httpx.LocalProtocolError, httpx.UnsupportedProtocol, httpx.InvalidURL],
)
def test_a_request_that_we_cannot_even_send_fails_at_once_and_shows_no_key(
    world: World, fault: type[Exception]
) -> None:
    def unsendable(_: httpx.Request) -> httpx.Response:
        raise fault(f"Illegal header value b'Bearer {KEY}'")

    world.runpod.answer_instead = unsendable
    world.queue_job()
    world.tick()

    job = world.job()
    assert (job.status, job.error_code, job.attempt) == ("failed", "provider_refused", 1)
    assert fault.__name__ in (job.error_message or "")
    assert KEY not in repr(world.state())
