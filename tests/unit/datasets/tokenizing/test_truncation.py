"""A row that is too long loses its oldest turns, whole, where its owner chose so.

Covers: datasets.validation.row_ledger.
"""

import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brightrun.datasets.parsing.reader import read_examples
from brightrun.datasets.record import DatasetFormat
from brightrun.datasets.tokenizing.preview import preview
from brightrun.datasets.tokenizing.truncation import sized
from brightrun.datasets.validation.row_ledger import ledger
from brightrun.datasets.validation.validator import Validated, validate
from brightrun.training.configuration import OverLength
from tests.support.datasets.chat_models import (
    CALLING,
    CHATML,
    REWRITING,
    TOOL_ROW,
    encoder,
    example,
    text,
)
from tests.support.datasets.generated_rows import ROWS

WORDS = st.sampled_from(["hello", "fine", "how are you " * 4, "café"])
ROUNDS = st.lists(st.tuples(WORDS, WORDS, st.integers(0, 1)), min_size=2, max_size=5)


def chat_turns(rounds: list[tuple[str, str, int]]) -> list[dict[str, Any]]:
    turns: list[dict[str, Any]] = []
    for asked, said, weight in rounds:
        turns.append({"role": "user", "content": asked})
        turns.append({"role": "assistant", "content": said, "weight": weight})
    return turns


def sharegpt_turns(rounds: list[tuple[str, str, int]]) -> list[dict[str, Any]]:
    turns: list[dict[str, Any]] = []
    for asked, said, _ in rounds:
        turns += [{"from": "human", "value": asked}, {"from": "gpt", "value": said}]
    return turns


def v4_pair(rounds: list[tuple[str, str, int]]) -> dict[str, Any]:
    *earlier, (asked, said, _) = rounds
    history = [{"role": turn["role"], "content": turn["content"]} for turn in chat_turns(earlier)]
    return {
        "conversation_id": "c1",
        "conversation_history": history,
        "current_user_input": asked,
        "target_response": said,
    }


LONG: dict[DatasetFormat, st.SearchStrategy[Any]] = {
    DatasetFormat.OPENAI_CHAT: ROUNDS.map(lambda all_: {"messages": chat_turns(all_)}),
    DatasetFormat.SHAREGPT: ROUNDS.map(lambda all_: {"conversations": sharegpt_turns(all_)}),
    DatasetFormat.BRIGHTRUN_V4: ROUNDS.map(v4_pair),
}
CUT = OverLength.TRUNCATE
CHAT = encoder(CHATML, "<|im_end|>")
SYSTEM, ASKED, SAID = ("system", "hello"), ("user", "how"), ("assistant", "fine")
AGAIN, LAST = ("user", "are you"), ("assistant", "you")


def row(*turns: tuple[str, str]) -> bytes:
    return json.dumps(
        {"messages": [{"role": who, "content": what} for who, what in turns]}
    ).encode()


def tokens_of(*turns: tuple[str, str]) -> int:
    return len(CHAT.encode(example(*turns)).input_ids)


def cut_to(limit_tokens: int, *rows: bytes) -> Validated:
    return validate(
        [b"\n".join(rows)], encoder=CHAT, max_sequence_tokens=limit_tokens, over_length=CUT
    )


def test_the_oldest_turns_go_and_the_system_turn_stays() -> None:
    limit = tokens_of(SYSTEM, AGAIN, LAST)
    found = sized(example(SYSTEM, ASKED, SAID, AGAIN, LAST), CHAT, limit, CUT)

    (sequence,) = found.sequences
    assert text(sequence.input_ids) == (
        "<|im_start|>system\nhello<|im_end|>\n"
        "<|im_start|>user\nare you<|im_end|>\n<|im_start|>assistant\nyou<|im_end|>\n"
    )
    assert (found.fits, found.removed_turns, found.removed_answers) == (True, 2, 1)


def test_no_more_turns_go_than_must() -> None:
    turns = (SYSTEM, ASKED, SAID, ASKED, SAID, AGAIN, LAST)
    limit = tokens_of(SYSTEM, ASKED, SAID, AGAIN, LAST)

    assert sized(example(*turns), CHAT, limit, CUT).removed_turns == 2
    assert sized(example(*turns), CHAT, limit - 1, CUT).removed_turns == 4
    assert sized(example(*turns), CHAT, tokens_of(*turns), CUT).removed_turns == 0


def test_a_last_answer_that_does_not_fit_with_its_question_is_rejected_not_cut() -> None:
    limit = tokens_of(SYSTEM, AGAIN, LAST) - 1
    outcome = cut_to(limit, row(SYSTEM, ASKED, SAID, AGAIN, LAST))

    assert outcome.verdict.error_counts["too_long"] == 1
    assert outcome.verdict.statistics.rejected_rows == 1
    assert outcome.verdict.statistics.truncated_rows == 0


def test_a_row_without_a_question_to_start_from_is_rejected() -> None:
    long = row(SYSTEM, ("assistant", "fine " * 9), ("assistant", "you"))

    assert cut_to(30, long).verdict.error_counts["too_long"] == 1


def test_a_question_in_two_turns_is_not_parted() -> None:
    turns = (ASKED, SAID, ("user", "are"), ("user", "you"), LAST)
    found = sized(example(*turns), CHAT, tokens_of(*turns[2:]), CUT)

    assert found.removed_turns == 2
    assert not sized(example(*turns), CHAT, tokens_of(*turns[2:]) - 1, CUT).fits


def test_a_tool_call_stays_with_its_answer() -> None:
    """The last answer follows a call: everything since the question stays."""
    (called,) = read_examples([TOOL_ROW])
    calling = encoder(CALLING, "<|im_end|>")
    whole = sized(called, calling, None, CUT)
    found = sized(called, calling, whole.row_tokens - 1, CUT)

    assert not found.fits
    assert [each.labels for each in found.sequences] == [each.labels for each in whole.sequences]


def test_what_follows_the_last_answer_that_trains_stays() -> None:
    turns = (ASKED, SAID, AGAIN, LAST, ASKED, SAID)
    last_is_muted = example(*turns, weights=(1, 1, 0))

    assert sized(last_is_muted, CHAT, tokens_of(*turns[2:]), CUT).removed_turns == 2
    assert not sized(last_is_muted, CHAT, tokens_of(*turns[2:]) - 1, CUT).fits


def test_unless_chosen_nothing_is_shortened() -> None:
    long = example(SYSTEM, ASKED, SAID, AGAIN, LAST)

    assert not sized(long, CHAT, 20, OverLength.REJECT).fits


def test_with_a_template_that_rewrites_turns_the_longest_sequence_counts() -> None:
    rewriting = encoder(REWRITING, "</s>")
    long = example(ASKED, SAID, AGAIN, LAST)
    assert len(rewriting.samples(long)) == 2
    limit = len(rewriting.encode(example(AGAIN, LAST)).input_ids)

    (sequence,) = sized(long, rewriting, limit, CUT).sequences
    assert text(sequence.input_ids) == "U:are you\nA:you</s>"


def test_the_report_says_what_was_left_out_and_the_verdict_counts_what_is_left() -> None:
    limit = tokens_of(SYSTEM, AGAIN, LAST)
    rows = (row(SYSTEM, ASKED, SAID, AGAIN, LAST), row(ASKED, SAID))
    outcome = cut_to(limit, *rows)

    (told,) = (each for each in outcome.report if each.code == "truncated")
    whole = tokens_of(SYSTEM, ASKED, SAID, AGAIN, LAST)
    assert (told.line, told.severity) == (1, "warning")
    assert told.message == (
        f"the row has {whole} tokens, the maximum is {limit}: its 2 oldest turns are left out,"
        " and with them 1 that would train"
    )
    found = outcome.verdict.statistics
    assert (found.rows, found.trained_rows, found.truncated_rows) == (2, 2, 1)
    assert (found.total_training_pairs, found.skipped_pairs) == (2, 1)
    assert found.total_tokens == limit + tokens_of(ASKED, SAID)
    assert found.avg_turns_per_conversation == 2.0
    assert outcome.verdict.training_ready
    entries = ledger([b"\n".join(rows)], encoder=CHAT, max_sequence_tokens=limit, over_length=CUT)
    assert [(each.pairs, each.truncated) for each in entries] == [(1, True), (1, False)]


def test_rows_that_only_became_the_same_are_no_duplicates() -> None:
    limit = tokens_of(AGAIN, LAST)
    rows = (row(ASKED, SAID, AGAIN, LAST), row(("user", "hey"), SAID, AGAIN, LAST))

    outcome = cut_to(limit, *rows)
    assert outcome.verdict.statistics.truncated_rows == 2
    assert "duplicate_exact" not in outcome.verdict.warning_counts
    assert outcome.verdict.statistics.conversations == 2


def test_the_preview_shows_what_is_left() -> None:
    limit = tokens_of(SYSTEM, AGAIN, LAST)
    long = row(SYSTEM, ASKED, SAID, AGAIN, LAST)
    shown = preview([long], 1, CHAT, max_sequence_tokens=limit, over_length=CUT)

    assert shown is not None
    assert (shown.fate, shown.truncated_turns, len(shown.messages)) == ("trained", 2, 5)
    (sequence,) = shown.sequences
    assert (sequence.total_tokens, sequence.over_limit) == (limit, False)
    assert [problem.code for problem in shown.problems] == ["truncated"]


def test_a_thousand_turns_take_a_dozen_renderings() -> None:
    """Not a thousand: the time for a row grows with its size, not with the square of it."""

    class Counted:
        renderings = 0

        def samples(self, asked: Any) -> Any:
            self.renderings += 1
            return CHAT.samples(asked)

    counted = Counted()
    long = example(*((ASKED, SAID) * 500))
    found = sized(long, counted, tokens_of(ASKED, SAID), CUT)  # type: ignore[arg-type]

    assert found.removed_turns == 998
    assert counted.renderings <= 13


@pytest.mark.parametrize("kind", LONG)
def test_the_sums_hold_and_no_row_is_lost_that_was_not_lost_before(kind: DatasetFormat) -> None:
    """Rows in are trained, skipped and rejected; the ledger tells the same, row by row."""
    seen = Counter[str]()

    @settings(max_examples=40, deadline=None)
    @given(st.lists(ROWS[kind] | LONG[kind], max_size=6), st.integers(15, 60))
    def compare(values: list[Any], limit_tokens: int) -> None:
        data = b"\n".join(json.dumps(value).encode() for value in values)

        entries = [*ledger([data], encoder=CHAT, max_sequence_tokens=limit_tokens, over_length=CUT)]
        cut = validate([data], encoder=CHAT, max_sequence_tokens=limit_tokens, over_length=CUT)
        kept = validate([data], encoder=CHAT, max_sequence_tokens=limit_tokens)
        found, before = cut.verdict.statistics, kept.verdict.statistics
        seen["truncated"] += found.truncated_rows
        assert found.rows == len(values)
        assert found.rows == found.trained_rows + found.skipped_rows + found.rejected_rows
        assert found.trained_rows == before.trained_rows + found.truncated_rows
        assert found.rejected_rows == before.rejected_rows - found.truncated_rows
        assert cut.verdict.warning_counts.get("truncated", 0) == found.truncated_rows
        assert Counter(each.fate for each in entries) == +Counter(
            trained=found.trained_rows, skipped=found.skipped_rows, rejected=found.rejected_rows
        )
        assert sum(each.truncated for each in entries) == found.truncated_rows
        assert all(each.fate == "trained" for each in entries if each.truncated)
        assert sum(each.pairs for each in entries) == found.total_training_pairs
        assert sum(each.tokens for each in entries) == found.total_tokens
        assert sum(each.trained_tokens for each in entries) == found.trained_tokens
        assert all(each.tokens <= limit_tokens for each in entries)

    compare()
    assert seen["truncated"] > 0
