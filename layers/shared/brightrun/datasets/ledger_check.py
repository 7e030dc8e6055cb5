"""What validator and trainer counted of one dataset, compared. Pure."""

from brightrun.datasets.record import LedgerCheck, Statistics
from brightrun.training.ledger import LedgerTotals


def totals_of(found: Statistics) -> LedgerTotals:
    """Return the sums of a verdict."""
    return LedgerTotals(
        rows=found.rows,
        trained_rows=found.trained_rows,
        skipped_rows=found.skipped_rows,
        rejected_rows=found.rejected_rows,
        truncated_rows=found.truncated_rows,
        tokens=found.total_tokens,
        trained_tokens=found.trained_tokens,
    )


def differences(validated: Statistics, trained: LedgerTotals) -> dict[str, tuple[int, int]]:
    """Return what validator and trainer counted differently, as (validator, trainer).

    Tokens are compared only where the validator counted them by a tokenizer.
    """
    counted = totals_of(validated).model_dump()
    exact = validated.token_count_method == "tokenizer"
    return {
        name: (counted[name], number)
        for name, number in trained.model_dump().items()
        if counted[name] != number and (exact or not name.endswith("tokens"))
    }


def ledger_check(validated: Statistics | None, trained: LedgerTotals | None) -> LedgerCheck | None:
    """Return both counts compared; `None` where the worker told none."""
    if trained is None:
        return None
    found = differences(validated, trained) if validated is not None else {}
    return LedgerCheck(trained=trained, compared=validated is not None, differences=found)
