"""RunPod's job API, and the only place its words are known.

Source: `/run`, `/status/{id}`, `/cancel/{id}` of https://api.runpod.ai/v2/{endpoint_id}; times
are milliseconds. `/run` has no idempotency key, so it is never repeated here: an unclear answer
is told as such, and the worker's own `start` settles it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx

from brightrun.errors import ProviderRefused, ProviderUnavailable
from brightrun.jobs.execution.provider import ProviderRun, RunState
from brightrun.ports.patience import patient
from brightrun.training.protocol import JobInput

_STATES = {
    "IN_QUEUE": RunState.QUEUED,
    "IN_PROGRESS": RunState.RUNNING,
    "RUNNING": RunState.RUNNING,
    "COMPLETED": RunState.COMPLETED,
    "FAILED": RunState.FAILED,
    "CANCELLED": RunState.CANCELLED,
    "TIMED_OUT": RunState.TIMED_OUT,
}
_READ_TRIES = 3
_NO_CONNECTION = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
"""In these nothing was sent."""
_NEVER_SENT = (httpx.LocalProtocolError, httpx.UnsupportedProtocol, httpx.InvalidURL)
"""The request itself is wrong: a header, or an address. Their texts may hold the key."""
_NO_MONEY = re.compile(
    r"insufficient (funds|balance|credit)|balance (is )?too low|spend(ing)? limit|out of credit",
    re.IGNORECASE,
)
ACCOUNT_LIMIT = "RunPod's account has no money left, or has reached its spending limit"
_MIN_MS, _MAX_MS = 10_000, 7 * 24 * 3600 * 1000


@dataclass(frozen=True)
class RunPod:
    """A client with base address, key and timeouts set, and how to wait between tries.

    Attributes:
        management: a client for the management API; None where there is none.
    """

    http: httpx.Client
    sleep: Callable[[float], None]
    management: httpx.Client | None = None


def submit_run(
    runpod: RunPod,
    endpoint_id: str,
    job_input: JobInput,
    *,
    execution_seconds: int,
    ttl_seconds: int,
    webhook: str | None = None,
) -> str:
    """Ask for a GPU and return RunPod's id of the run.

    Both time limits are always sent: RunPod's defaults (10 min, 24 h) kill training.

    Args:
        webhook: where RunPod posts the end of the run, without a signature; a hint, no more.

    Raises:
        ProviderRefused: it said no; nothing runs.
        ProviderUnavailable: no clear answer; something may run.
    """
    body: dict[str, Any] = {
        "input": job_input.model_dump(mode="json"),
        "policy": {
            "executionTimeout": _clamped_ms(execution_seconds),
            "ttl": _clamped_ms(ttl_seconds),
        },
    }
    if webhook:
        body["webhook"] = webhook
    answer = _call(runpod, "POST", f"/{_part(endpoint_id)}/run", tries=1, json=body)
    run_id = answer.get("id")
    if not isinstance(run_id, str) or not run_id:
        raise ProviderUnavailable(f"RunPod accepted a run without an id: {str(answer)[:200]}")
    return run_id


def see_run(runpod: RunPod, endpoint_id: str, run_id: str) -> ProviderRun:
    """Return what RunPod says of a run; an expired or unknown one is GONE.

    Raises:
        ProviderRefused: the key or the endpoint is wrong.
        ProviderUnavailable: no usable answer after three tries, or a state nobody knows.
    """
    return _sighted(runpod, "GET", f"/{_part(endpoint_id)}/status/{_part(run_id)}")


def cancel_run(runpod: RunPod, endpoint_id: str, run_id: str) -> ProviderRun:
    """Order RunPod to stop a run, and return the state read back afterwards.

    `/cancel` answers CANCELLED before the worker has stopped, so its word is not taken.
    Cancelling twice is harmless.
    """
    ordered = _sighted(runpod, "POST", f"/{_part(endpoint_id)}/cancel/{_part(run_id)}")
    return ordered if ordered.state is RunState.GONE else see_run(runpod, endpoint_id, run_id)


def ask(runpod: RunPod, path: str) -> dict[str, Any]:
    """Return the answer to one GET of the job API, asked once.

    Raises:
        ProviderRefused, ProviderUnavailable: see `see_run`.
    """
    return _call_once(runpod.http, "GET", path)


def manage(runpod: RunPod, method: str, path: str, **body: Any) -> dict[str, Any]:  # noqa: ANN401 - httpx's own keyword
    """Return the answer of the management API, asked once.

    Raises:
        ProviderRefused: it said no, or there is no management API here.
        ProviderUnavailable: no usable answer.
    """
    if runpod.management is None:
        raise ProviderRefused("no management API is configured", httpx.codes.NOT_FOUND)
    return _call_once(runpod.management, method, path, **body)


def _sighted(runpod: RunPod, method: str, path: str) -> ProviderRun:
    try:
        answer = _call(runpod, method, path, tries=_READ_TRIES)
    except ProviderRefused as refused:
        if refused.status_code == httpx.codes.NOT_FOUND:
            return ProviderRun(RunState.GONE)
        raise
    state = _STATES.get(str(answer.get("status")))
    if state is None:
        raise ProviderUnavailable(f"RunPod reports an unknown state: {answer.get('status')!r}")
    milliseconds = answer.get("executionTime")
    error, output = answer.get("error"), answer.get("output")
    return ProviderRun(
        state=state,
        gpu_seconds=milliseconds / 1000 if isinstance(milliseconds, int | float) else None,
        worker_id=answer.get("workerId"),
        error=str(error)[:2000] if error else None,
        output=output if isinstance(output, dict) else None,
    )


def _part(name: str) -> str:
    """Return an id as one part of a path, whatever it holds: httpx would fold `..`."""
    return quote(name, safe="").replace(".", "%2E")


def _call(runpod: RunPod, method: str, path: str, *, tries: int, **body: Any) -> dict[str, Any]:  # noqa: ANN401 - httpx's own keyword
    """Return the JSON answer; 429, 5xx and broken connections are tried again when allowed."""
    trying = patient(ProviderUnavailable, tries=tries, sleep=runpod.sleep)
    return trying(_call_once, runpod.http, method, path, **body)


def _call_once(http: httpx.Client, method: str, path: str, **body: Any) -> dict[str, Any]:  # noqa: ANN401 - as above
    try:
        response = http.request(method, path, **body)
    except _NEVER_SENT as error:
        words = _words_of_ours(error)
        raise ProviderRefused(words, httpx.codes.BAD_REQUEST, unsendable=True) from None
    except httpx.HTTPError as error:
        message = f"RunPod did not answer: {type(error).__name__}"
        unsent = isinstance(error, _NO_CONNECTION)
        raise ProviderUnavailable(message, nothing_began=unsent) from error
    code = response.status_code
    if response.is_success:
        return _json(response)
    busy = code == httpx.codes.TOO_MANY_REQUESTS
    if busy or not response.is_client_error:  # a redirect is no answer either
        raise ProviderUnavailable(f"RunPod answered {code}", nothing_began=busy)
    no_money = code == httpx.codes.PAYMENT_REQUIRED or _NO_MONEY.search(response.text) is not None
    words = ACCOUNT_LIMIT if no_money else f"RunPod refused {path.rsplit('/', 1)[0]} with {code}"
    raise ProviderRefused(words, code, account_limit=no_money)


def _words_of_ours(error: Exception) -> str:
    kind = type(error).__name__
    return f"Our own request to RunPod cannot be sent ({kind}): its address or its key is malformed"


def _json(response: httpx.Response) -> dict[str, Any]:
    try:
        answer = response.json()
    except ValueError as error:
        raise ProviderUnavailable("RunPod's answer is not JSON") from error
    if not isinstance(answer, dict):
        raise ProviderUnavailable("RunPod's answer is not an object")
    return answer


def _clamped_ms(seconds: int) -> int:
    return max(_MIN_MS, min(_MAX_MS, seconds * 1000))
