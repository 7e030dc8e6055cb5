"""The orders of the real model's demo: the same every time, and the last ones unlike the rest."""

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from brightrun.models.quality import Quality
from brightrun.models.view import row_of
from brightrun.training.protocol import Comparison
from local.demo.__main__ import require_change
from local.demo.data.orders import COUNT, UNSEEN, orders, right_lines, write_dataset
from local.demo.scenes import Answers, NotAsPromised, Question
from local.demo.view import lines_right, show_model
from tests.support.factories import a_model

SLIP = "Name: Ada\nItems: 2 rye loaves\nPickup: Friday 9:00\nNote: none"


def answered(base: str, adapter: str, right: str | None = SLIP) -> Answers:
    return Answers(Question("two rye loaves, friday at 9, Ada", right), base, adapter)


def test_the_same_orders_are_written_every_time(tmp_path: Path) -> None:
    first = write_dataset(tmp_path / "a").read_bytes()

    assert first == write_dataset(tmp_path / "b").read_bytes()
    assert len(first.splitlines()) == COUNT
    assert orders(5) == orders(COUNT)[:5]


def test_every_row_is_a_chat_that_ends_with_a_slip_of_four_lines(tmp_path: Path) -> None:
    for line in write_dataset(tmp_path / "a").read_text(encoding="utf-8").splitlines():
        messages = json.loads(line)["messages"]
        titles = [part.partition(": ")[0] for part in messages[-1]["content"].splitlines()]

        assert [message["role"] for message in messages] == ["system", "user", "assistant"]
        assert titles == ["Name", "Items", "Pickup", "Note"]


def test_no_order_is_written_twice() -> None:
    assert len({order.message for order in orders()}) == COUNT


def test_what_is_asked_in_the_end_shares_no_name_with_what_was_trained() -> None:
    trained = {order.slip.splitlines()[0] for order in orders()}
    asked = {order.slip.splitlines()[0] for order in UNSEEN}

    assert len(asked) == len(UNSEEN)
    assert not trained & asked


@pytest.mark.parametrize(
    ("answer", "right"),
    [
        (SLIP, 4),
        (f"{SLIP}\n", 4),
        (SLIP.replace("9:00", "10:00"), 3),
        ("Of course!\n" + SLIP, 0),  # each line one too late
        ("Name: Ada", 1),
        ("", 0),
    ],
)
def test_a_line_is_right_word_for_word_and_in_its_place(answer: str, right: int) -> None:
    assert right_lines(answer, SLIP) == right


def test_lines_are_counted_where_a_right_answer_is_known() -> None:
    free = answered("Hm.", "Yes.", right=None)

    assert lines_right([answered("Name: Ada", SLIP), free]) == (1, 4, 4)
    assert lines_right([free]) == (0, 0, 0)


@pytest.mark.parametrize(
    "answers",
    [
        [answered("Hm.", "Hm.", right=None)],
        [answered("Name: Ada", "Name: Bob")],  # another answer, and no better one
    ],
)
def test_an_adapter_that_changes_nothing_for_the_better_fails_the_demo(
    answers: list[Answers],
) -> None:
    with pytest.raises(NotAsPromised):
        require_change(answers)


def test_an_adapter_that_answers_better_passes() -> None:
    require_change([answered("Hm.", SLIP)])
    require_change([answered("Hm.", "Yes.", right=None)])


def test_the_verdict_stands_before_the_stars_and_the_remark_after_them() -> None:
    comparison = Comparison(
        verdict="better", rows=12, tokens=418, base_loss=2.5, adapter_loss=0.1,
        difference=-2.4, difference_low=-2.8, difference_high=-2.1, reason="So it is.",
    )  # fmt: skip
    quality = Quality(overall_score=2, convergence_quality="poor", points=2, reason="At 5.")
    model = row_of(a_model(quality_metrics=quality, comparison=comparison))
    said = io.StringIO()
    show_model(Console(file=said, width=200), model, "A toy's stars say little.")
    text = said.getvalue()

    assert text.index("better than its base model") < text.index("★★☆☆☆") < text.index("A toy's")
