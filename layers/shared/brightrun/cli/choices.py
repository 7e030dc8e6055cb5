"""The options that say what is trained and on what; `estimate`, `jobs create` and `train` share."""

import json
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Annotated

import typer

from brightrun.cli.exit_status import WrongCommand
from brightrun.client import BrightRun, JobChoices, NoBudget
from brightrun.client.jobs import Budget
from brightrun.training.configuration import Hyperparameters, Preset

ModelOption = Annotated[
    str | None, typer.Option("--model", metavar="ID", help="Base model; else the stage's default.")
]
PresetOption = Annotated[
    Preset | None, typer.Option("--preset", help="A set of hyperparameters; else balanced.")
]
GpuOption = Annotated[
    str | None,
    typer.Option("--gpu", metavar="TYPE[:COUNT]", help="Such as A100-80GB or H100:2."),
]
EpochsOption = Annotated[int | None, typer.Option("--epochs", min=1, max=20)]
BatchOption = Annotated[int | None, typer.Option("--batch-size", min=1, max=64)]
RateOption = Annotated[float | None, typer.Option("--learning-rate", min=0.00001, max=0.001)]
RankOption = Annotated[int | None, typer.Option("--rank", min=4, max=128, help="Of the LoRA.")]
SetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="NAME=VALUE", help="Any other hyperparameter, such as dropout=0.05."
    ),
]
MaxCostOption = Annotated[
    str | None,
    typer.Option(
        "--max-cost",
        metavar="USD|none",
        help="The job pauses before it costs more; else twice the high estimate.",
    ),
]


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What was asked for on the command line; None: not named."""

    model: str | None = None
    preset: Preset | None = None
    gpu: str | None = None
    epochs: int | None = None
    batch_size: int | None = None
    learning_rate: float | None = None
    rank: int | None = None
    more: tuple[str, ...] = ()

    def choices(self, api: BrightRun, dataset_id: str) -> JobChoices:
        """Return the whole choice; GPU and count are the stage's where none is named.

        Raises:
            WrongCommand: a hyperparameter or a GPU is not written as it should be.
        """
        gpu_type, count = self._gpu(api)
        return JobChoices(
            dataset_id=dataset_id,
            gpu_type=gpu_type,
            gpu_count=count,
            preset=self.preset,
            base_model=self.model,
            hyperparameters=self.hyperparameters(),
        )

    def hyperparameters(self) -> dict[str, object]:
        """Return those that were named.

        Raises:
            WrongCommand: one is not known, or is not `NAME=VALUE`.
        """
        named: dict[str, object] = {
            "epochs": self.epochs,
            "batch_size": self.batch_size,
            "learning_rate": self.learning_rate,
            "rank": self.rank,
        }
        chosen = {name: value for name, value in named.items() if value is not None}
        return chosen | dict(map(_hyperparameter, self.more))

    def _gpu(self, api: BrightRun) -> tuple[str, int]:
        if self.gpu is None:
            defaults = api.stage.catalog().defaults
            return defaults.gpu_type, defaults.gpu_count
        name, colon, count = self.gpu.partition(":")
        if not name or (colon and not (count.isdecimal() and int(count))):
            raise WrongCommand(f"--gpu {self.gpu}: write TYPE or TYPE:COUNT, such as H100:2")
        return name, int(count) if colon else 1


def _hyperparameter(text: str) -> tuple[str, object]:
    name, sign, value = text.partition("=")
    if not sign:
        raise WrongCommand(f"--set {text}: write NAME=VALUE")
    if name not in Hyperparameters.model_fields:
        known = ", ".join(Hyperparameters.model_fields)
        raise WrongCommand(f"--set {name}: no such hyperparameter; there are {known}")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def budget_of(text: str | None) -> Budget:
    """Return what `--max-cost` means.

    Raises:
        WrongCommand: it is no amount of money.
    """
    if text is None:
        return None
    if text.lower() == "none":
        return NoBudget()
    try:
        amount = Decimal(text.removeprefix("$"))
    except InvalidOperation:
        amount = Decimal(0)
    if not amount.is_finite() or amount <= 0:
        raise WrongCommand(f"--max-cost {text}: write an amount in USD, such as 5, or none")
    return amount
