"""Files at a worker's addresses: whatever those do, a whole model or a failure that says why."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import repeat

import httpx
import pytest

from brightrun.jobs.change import unchanged
from brightrun.multipart import GIB, MIB
from brightrun.ports.dynamodb.jobs import change_job
from brightrun.runtime import Deps
from brightrun.s3_keys import LARGEST_ARTIFACT_BYTES
from brightrun.training.protocol import StoredFile
from functions.create_artifacts import app as create_artifacts
from functions.create_artifacts.fetch_files import PART_BYTES
from functions.process_jobs import app as process_jobs
from tests.support.factories import ADA, JOB_ID, SHA256
from tests.support.fault_injection import Killed, killed
from tests.support.file_server import ADAPTER, FileServer
from tests.support.harness import Worker, World, a_world

NAME = "adapter_model.safetensors"


@pytest.fixture
def server() -> FileServer:
    return FileServer()


@pytest.fixture
def world(deps: Deps, server: FileServer) -> World:
    return a_world(replace(deps, web=server.web()))


@pytest.fixture
def worker(world: World) -> Worker:
    world.queue_job()
    world.tick()
    started = world.worker("run-1")
    started.start()
    return started


def answers(worker: Worker, urls: dict[str, str]) -> None:
    worker.run.output = {"download_urls": urls}
    worker.leaves(100)


def collected(world: World, cycles: int = 8) -> World:
    for _ in range(cycles):
        world.wait(1000)
    return world


def _sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


Answer = Callable[[httpx.Request, bytes], httpx.Response | None]


def endless(world: World, seconds: float, block: bytes = b"x") -> Iterator[bytes]:
    for some in repeat(block):
        world.clock.pass_by(seconds)
        yield some


def fails(world: World, words: str, code: str = "artifact_download_failed") -> None:
    job = collected(world).job()
    assert (job.status, job.error_code, world.models()) == ("failed", code, [])
    assert words in (job.error_message or "")
    assert "hidden" not in (job.error_message or "") + "".join(world.messages())


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (httpx.Response(404), "from files.example: answers 404"),
        (httpx.Response(500), "answers 500"),
        (httpx.Response(307, headers={"location": "https://other.example/"}), "redirects with 307"),
        (httpx.Response(400, text="<Code>ExpiredToken</Code>"), "answers 400"),
        (httpx.Response(200), "empty"),
    ],
)
def test_an_address_without_the_file_fails_the_job_after_bounded_tries(
    world: World, server: FileServer, worker: Worker, answer: httpx.Response, words: str
) -> None:
    server.answer = lambda _request, _body: answer
    answers(worker, server.urls())
    fails(world, words)

    assert len(server.asked) == world.deps.limits.max_collect_failures


def test_a_file_that_is_none_of_its_kind_is_no_model(
    world: World, server: FileServer, worker: Worker
) -> None:
    """A page that asks for a login comes with 200, too."""
    server.files[NAME] = b"<html>Sign in</html>"
    answers(worker, server.urls())
    fails(world, "is no safetensors file", "artifact_verification_failed")


def test_a_file_that_says_it_is_too_large_is_not_read(
    world: World, server: FileServer, worker: Worker
) -> None:
    server.answer = lambda _request, _body: server.of(endless(world, 1), whole=11 * GIB)
    answers(worker, server.urls())
    fails(world, "bytes it may", "artifact_verification_failed")


def test_a_file_without_an_end_is_read_up_to_its_limit(
    world: World, server: FileServer, worker: Worker
) -> None:
    answers(worker, server.urls())
    world.clock.pass_by(60)
    process_jobs.run_pass(world.deps)
    most = StoredFile(name="x", size_bytes=LARGEST_ARTIFACT_BYTES - 2 * MIB, sha256=SHA256)
    change_job(
        world.deps.table, ADA, JOB_ID, lambda state: unchanged(state).with_attempt(fetched=(most,))
    )
    server.answer = lambda _request, _body: server.of(endless(world, 0, b"x" * MIB))
    fails(world, "has more than the 2097152 bytes", "artifact_verification_failed")


def test_a_file_that_drips_holds_no_function_and_ends(
    world: World, server: FileServer, worker: Worker
) -> None:
    server.answer = lambda _request, _body: server.of(endless(world, 15))
    answers(worker, server.urls())
    fails(world, "could not be fetched")


# ---- a large file

LARGE = ADAPTER + b"\0" * (2 * PART_BYTES + 5)


def slowly(world: World, body: bytes, *, breaks_after: int | None = None) -> Iterator[bytes]:
    """A quarter of a part in 40 s: a pass of 200 s brings one part and a little."""
    size = PART_BYTES // 4
    for sent, at in enumerate(range(0, len(body), size)):
        if sent == breaks_after:
            raise httpx.ReadError("gone")
        world.clock.pass_by(40)
        yield body[at : at + size]


def slow_server(world: World, server: FileServer, *, breaks_after: int | None = None) -> Answer:
    """Answer for the large file alone; the small one comes at once."""

    def answer(request: httpx.Request, body: bytes) -> httpx.Response | None:
        if NAME not in request.url.path:
            return None
        content = slowly(world, body, breaks_after=breaks_after)
        return server.of(content, first=len(LARGE) - len(body), whole=len(LARGE))

    return answer


def test_a_large_file_comes_in_several_passes_and_goes_on_where_it_was(
    world: World, server: FileServer, worker: Worker
) -> None:
    server.files[NAME] = LARGE
    server.answer = slow_server(world, server)
    answers(worker, server.urls())
    collected(world, 6)

    (model,) = world.models()
    (large,) = [file for file in model.manifest if file.name == NAME]
    assert (large.size_bytes, large.sha256) == (len(LARGE), _sha256(LARGE))
    assert [first for name, first in server.asked if name == NAME] == [
        0,
        PART_BYTES,
        2 * PART_BYTES,
    ]
    assert "artifact.coming" in world.story()


def test_a_connection_that_breaks_costs_a_part_and_no_try(
    world: World, server: FileServer, worker: Worker
) -> None:
    server.files[NAME] = LARGE
    server.answer = slow_server(world, server, breaks_after=5)
    answers(worker, server.urls())
    collected(world, 6)

    assert (world.job().status, len(world.models())) == ("completed", 1)
    assert "collect.failed" not in world.story()


def test_a_file_that_has_changed_meanwhile_begins_anew(
    world: World, server: FileServer, worker: Worker
) -> None:
    """No model is ever made of halves of two."""
    server.files[NAME] = LARGE
    server.answer = slow_server(world, server)
    answers(worker, server.urls())
    world.wait(1000)
    other = ADAPTER + b"1" * (PART_BYTES + 3)
    server.files[NAME], server.ranges = other, False
    server.answer = lambda _request, _body: None
    collected(world, 6)

    (model,) = world.models()
    assert {file.name: file.sha256 for file in model.manifest}[NAME] == _sha256(other)


def test_a_server_that_cannot_go_on_and_is_too_slow_is_given_up(
    world: World, server: FileServer, worker: Worker
) -> None:
    server.files[NAME], server.ranges = LARGE, False
    server.answer = slow_server(world, server)
    answers(worker, server.urls())
    fails(collected(world, 4), "could not be fetched")


def test_a_function_that_is_killed_in_the_middle_is_followed_by_one_that_goes_on(
    world: World, server: FileServer, worker: Worker
) -> None:
    server.files[NAME] = LARGE

    def dies_once(request: httpx.Request, body: bytes) -> httpx.Response | None:
        is_first = NAME in request.url.path and len(body) == len(LARGE)
        return server.of(deadly(body), whole=len(LARGE)) if is_first else None

    server.answer = dies_once
    answers(worker, server.urls())
    world.clock.pass_by(60)
    process_jobs.run_pass(world.deps)
    killed(world, 1, lambda: create_artifacts.handle({}, None, world.deps))
    collected(world, 3)

    assert len(world.models()) == 1
    assert (NAME, PART_BYTES) in server.asked


def deadly(body: bytes) -> Iterator[bytes]:
    yield body[: PART_BYTES + 1]
    raise Killed
