"""Calling again what may work the next time, after waits that double; the last refusal is raised.

The library that does it is loaded by the first call that may need it: who only reads never does.
"""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tenacity import Retrying

_Tells = Callable[[BaseException], bool]


def _is_of(kind: type[Exception], error: BaseException) -> bool:
    return isinstance(error, kind)


def patient(
    again: _Tells | type[Exception],
    *,
    tries: int,
    sleep: Callable[[float], None],
    first_wait_seconds: float = 1.0,
) -> "Retrying":
    """Return what calls a function up to so many times.

    Args:
        again: the error after which it is called again, or what tells one that is.
    """
    from tenacity import (  # noqa: PLC0415 - a fortieth of a cold start
        Retrying,
        retry_if_exception,
        stop_after_attempt,
        wait_exponential,
    )

    tells = partial(_is_of, again) if isinstance(again, type) else again
    return Retrying(
        retry=retry_if_exception(tells),
        stop=stop_after_attempt(tries),
        wait=wait_exponential(multiplier=first_wait_seconds),
        sleep=sleep,
        reraise=True,
    )
