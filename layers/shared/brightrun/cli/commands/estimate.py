"""`brightrun estimate`: what a run would cost, before anything is paid."""

from decimal import Decimal
from functools import partial
from typing import Annotated

import typer
from rich.console import Console

from brightrun.cli.choices import (
    BatchOption,
    EpochsOption,
    GpuOption,
    ModelOption,
    PresetOption,
    RankOption,
    RateOption,
    RunOptions,
    SetOption,
)
from brightrun.cli.job_text import price_lines
from brightrun.cli.output import AsJson, answer, example, write_line
from brightrun.cli.session import session_of
from brightrun.client.answers import PricedRun


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("estimate", epilog=example("brightrun estimate DATASET --gpu H100:2"))(command)


def command(
    context: typer.Context,
    dataset_id: Annotated[str, typer.Argument(metavar="DATASET")],
    model: ModelOption = None,
    preset: PresetOption = None,
    gpu: GpuOption = None,
    epochs: EpochsOption = None,
    batch_size: BatchOption = None,
    learning_rate: RateOption = None,
    rank: RankOption = None,
    more: SetOption = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Price a run on a dataset; nothing is created."""
    options = RunOptions(
        model, preset, gpu, epochs, batch_size, learning_rate, rank, tuple(more or ())
    )
    with session_of(context).connect() as api:
        price = api.jobs.estimate(options.choices(api, dataset_id))
    answer(price, partial(show_price, price=price), as_text=not as_json)


def show_price(
    console: Console, price: PricedRun, max_cost: str = "", limit_usd: Decimal | None = None
) -> None:
    """Print a price, a line for each thing worth knowing before it is paid."""
    for line in price_lines(price, max_cost, limit_usd):
        write_line(console, line)
