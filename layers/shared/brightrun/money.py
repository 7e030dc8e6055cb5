"""What GPU seconds cost. Pure, and exact: money is Decimal, rounded only for display."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated

from pydantic import PlainSerializer

CENT = Decimal("0.01")
_HOUR_SECONDS = Decimal(3600)


def compute_cost(gpu_seconds: float, *, hourly_rate_usd: Decimal, gpu_count: int) -> Decimal:
    """Return the price of so many seconds on `gpu_count` GPUs, unrounded (spec: section 8)."""
    return Decimal(repr(gpu_seconds)) / _HOUR_SECONDS * hourly_rate_usd * gpu_count


def shown(amount: Decimal) -> Decimal:
    """Return an amount to the cent, halves upwards."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def stored(amount: Decimal) -> Decimal:
    """Return an amount to a millionth of a dollar: what is recorded and summed."""
    return amount.quantize(Decimal("0.000001"), ROUND_HALF_UP)


def _number(amount: Decimal) -> float:
    return float(stored(amount))


Usd = Annotated[Decimal, PlainSerializer(_number, return_type=float, when_used="json")]
"""Money in an answer: a JSON number, to a millionth, so that the parts still sum to the whole."""
