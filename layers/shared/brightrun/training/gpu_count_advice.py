"""Whether a further GPU is worth its price: what an estimate says of the count. Pure."""

from decimal import Decimal

from brightrun.training.configuration import Hyperparameters

_WORTH_IT = Decimal("0.9")


def gpu_count_warnings(
    hours: Decimal,
    hours_with_one_less: Decimal | None,
    hyperparameters: Hyperparameters,
    count: int,
) -> tuple[str, ...]:
    """Return what speaks against so many GPUs, in words; nothing for a single one.

    Args:
        hours_with_one_less: of the same run on one GPU fewer; None for a single GPU.
    """
    if hours_with_one_less is None:
        return ()
    found = []
    rows = hyperparameters.batch_size * hyperparameters.gradient_accumulation_steps
    if count > rows:
        found.append(
            f"{count} GPUs share steps of {rows} {'row' if rows == 1 else 'rows'}: "
            f"{count - rows} of them would have nothing to do, and are billed"
        )
    if hours > hours_with_one_less * _WORTH_IT:
        shorter = (1 - hours / hours_with_one_less) * 100
        found.append(
            f"The last of {count} GPUs shortens the run by {shorter:.1f} % and raises its "
            f"hourly price by {Decimal(100) / (count - 1):.0f} %"
        )
    return tuple(found)
