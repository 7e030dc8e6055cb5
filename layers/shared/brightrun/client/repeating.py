"""When a request is made again: after what a network or a gateway spoils, and is safe to repeat."""

from collections.abc import Callable

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt

from brightrun.client.errors import NoConnection

ATTEMPTS = 5
GATEWAY_FAILURES = frozenset({502, 503, 504})
_LONGEST_WAIT_SECONDS = 60.0
_RATE_LIMITED = 429

Sleep = Callable[[float], None]


class _ComeAgain(Exception):
    """No answer, or one that asks to come again."""

    def __init__(self, answer: httpx.Response | None, reason: str, *, safe: bool) -> None:
        super().__init__(reason)
        self.answer = answer
        self.safe = safe


def persistently(
    attempt: Callable[[], httpx.Response],
    *,
    safe: bool,
    sleep: Sleep,
    failures: frozenset[int] = GATEWAY_FAILURES,
    attempts: int = ATTEMPTS,
) -> httpx.Response:
    """Return the first answer that is final, or the last of so many attempts.

    Args:
        safe: whether the request may be made twice.
        failures: statuses after which another attempt may go better.

    Raises:
        NoConnection: there was no answer.
    """

    def answered() -> httpx.Response:
        try:
            answer = attempt()
        except httpx.TransportError as error:
            # A connection that never stood has carried nothing.
            harmless = safe or isinstance(error, httpx.ConnectError | httpx.ConnectTimeout)
            reason = str(error) or type(error).__name__
            raise _ComeAgain(None, reason, safe=harmless) from error
        if (safe and answer.status_code in failures) or _comes_later(answer):
            raise _ComeAgain(answer, f"status {answer.status_code}", safe=True)
        return answer

    tries = Retrying(
        stop=stop_after_attempt(attempts),
        wait=_wait,
        retry=retry_if_exception(lambda error: isinstance(error, _ComeAgain) and error.safe),
        sleep=sleep,
        reraise=True,
    )
    try:
        return tries(answered)
    except _ComeAgain as given_up:
        if given_up.answer is None:
            raise NoConnection(f"no answer: {given_up}") from given_up
        return given_up.answer


def _comes_later(answer: httpx.Response) -> bool:
    """Whether only the rate of calls is refused; a used-up quota is not free in a minute."""
    if answer.status_code != _RATE_LIMITED:
        return False
    body = body_of(answer)
    code = body.get("code") if isinstance(body, dict) else None
    return code in {None, "rate_limited"} and _asked_wait(answer) <= _LONGEST_WAIT_SECONDS


def _wait(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    answer = error.answer if isinstance(error, _ComeAgain) else None
    asked = 0.0 if answer is None else _asked_wait(answer)
    return max(asked, 2.0 ** (state.attempt_number - 1))


def _asked_wait(answer: httpx.Response) -> float:
    told = answer.headers.get("retry-after", "")
    return float(told) if told.isdecimal() else 0.0


def body_of(answer: httpx.Response) -> object:
    """Return the JSON of an answer, None where it has none."""
    try:
        return answer.json()
    except (ValueError, httpx.StreamError):
        return None
