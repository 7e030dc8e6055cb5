"""Where calls to the outside are counted, and where one of them can be made to go wrong."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

import httpx
import pytest
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError

from tests.support.harness import World

T = TypeVar("T")


class Fault(StrEnum):
    """What can go wrong at a call.

    A late call stalls while the world goes on without its caller: leases end, others take over.
    """

    FAIL_BEFORE = "fails before it happens"
    FAIL_AFTER = "happens, its answer is lost"
    LATE_CALL = "arrives late"
    LATE_ANSWER = "is answered late"
    TWICE = "is delivered twice"
    DIE_BEFORE = "its caller dies before it"
    DIE_AFTER = "its caller dies after it"


class Killed(BaseException):
    """The process is gone in the middle; nothing of its own may run any more."""


def kill(*_: Any, **__: Any) -> Any:
    """Stand for a call in which the process is killed."""
    raise Killed


def killed(world: World, times: int, run: Callable[[], object]) -> None:
    """Let a function be killed so often, each time when its lease has ended."""
    for _ in range(times):
        with pytest.raises(Killed):
            run()
        world.clock.pass_by(1000)


@dataclass(frozen=True)
class Failing:
    """How one kind of call breaks: not sent, and sent but not answered."""

    unsent: Callable[[], Exception]
    unanswered: Callable[[], Exception]


def _unanswered_aws() -> Exception:
    return ReadTimeoutError(endpoint_url="https://aws.test")


AWS = Failing(lambda: EndpointConnectionError(endpoint_url="https://aws.test"), _unanswered_aws)
HTTP = Failing(lambda: httpx.ConnectError("refused"), lambda: httpx.ReadTimeout("no answer"))


@dataclass
class Seam:
    """Every call passes here; the call with the planned number meets the planned fault.

    Attributes:
        meanwhile: what goes on in the world while a late call is stalled.
        asleep: calls made in the meantime are neither counted nor broken.
    """

    planned: tuple[int, Fault] | None = None
    calls: list[str] = field(default_factory=list)
    meanwhile: Callable[[], None] = lambda: None
    asleep: bool = False

    def call(self, name: str, happen: Callable[[], T], failing: Failing) -> T:
        """Let a call happen, or what is planned for it instead."""
        if self.asleep:
            return happen()
        number = len(self.calls)
        self.calls.append(name)
        if self.planned is None or self.planned[0] != number:
            return happen()
        return self._broken(self.planned[1], happen, failing)

    def _broken(self, fault: Fault, happen: Callable[[], T], failing: Failing) -> T:
        if fault is Fault.FAIL_BEFORE:
            raise failing.unsent()
        if fault is Fault.DIE_BEFORE:
            raise Killed
        if fault is Fault.LATE_CALL:
            self._wait()
        answer = happen()
        if fault is Fault.TWICE:
            answer = happen()
        if fault is Fault.LATE_ANSWER:
            self._wait()
        if fault is Fault.FAIL_AFTER:
            raise failing.unanswered()
        if fault is Fault.DIE_AFTER:
            raise Killed
        return answer

    def _wait(self) -> None:
        with self.sleeping():
            self.meanwhile()

    @contextmanager
    def sleeping(self) -> Iterator[None]:
        """Let calls through uncounted and unbroken."""
        before, self.asleep = self.asleep, True
        try:
            yield
        finally:
            self.asleep = before


@dataclass(frozen=True)
class Watched:
    """An AWS client whose every request passes the seam; so do the pages of its paginators."""

    client: Any
    seam: Seam
    name: str

    def __getattr__(self, method: str) -> Any:
        real = getattr(self.client, method)
        if method in {"generate_presigned_url", "exceptions", "meta"}:
            return real
        if method == "get_paginator":
            return lambda of: _WatchedPages(real(of), self.seam, f"{self.name}.{of}")
        name = f"{self.name}.{method}"
        return lambda **asked: self.seam.call(name, lambda: real(**asked), AWS)


@dataclass(frozen=True)
class _WatchedPages:
    pages: Any
    seam: Seam
    name: str

    def paginate(self, **asked: Any) -> Iterator[Any]:
        yield from self.seam.call(self.name, lambda: list(self.pages.paginate(**asked)), AWS)


def watched_transport(
    handle: Callable[[httpx.Request], httpx.Response], seam: Seam, name: str | None = None
) -> httpx.MockTransport:
    """Return a transport whose every request passes the seam; without a name, one to RunPod."""

    def through(request: httpx.Request) -> httpx.Response:
        called = name or f"runpod.{request.url.path.split('/')[2]}"
        return seam.call(called, lambda: handle(request), HTTP)

    return httpx.MockTransport(through)
