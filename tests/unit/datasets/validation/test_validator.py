"""The verdict: exact ledger, exact totals, a report for anything, and never an exception.

Covers: datasets.parsing.examples, datasets.parsing.formats, datasets.parsing.row_findings,
datasets.tokenizing.length_check, datasets.tokenizing.token_estimate,
datasets.validation.problem_report.
"""

import gzip
import json
import time
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brightrun.datasets.files.decompression import plain_pieces
from brightrun.datasets.parsing.reader import read_examples
from brightrun.datasets.problems import Code, Finding
from brightrun.datasets.record import Bucket, DatasetFormat, Severity
from brightrun.datasets.tokenizing.chat_encoder import EncodingRefused
from brightrun.datasets.validation.row_ledger import ledger
from brightrun.datasets.validation.validator import validate
from tests.support.datasets.chat_models import GEMMA, MARKED, encoder
from tests.support.datasets.generated_rows import ROWS

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["messages", "role", "content", "prompt", "_meta", "x"]), inner
        )
    ),
    max_leaves=5,
)


def chat(question: str, answer: str) -> bytes:
    turns = [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
    return json.dumps({"messages": turns}).encode()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.binary(max_size=60)))
def test_any_bytes_get_a_report(chunks: list[bytes]) -> None:
    outcome = validate(chunks)

    assert outcome.report
    assert not outcome.verdict.training_ready


@settings(max_examples=60, deadline=None)
@given(st.lists(JSON, max_size=4), st.sampled_from([b"\n", b"\r\n", b",", b" "]))
def test_any_json_gets_a_report(values: list[Any], between: bytes) -> None:
    data = between.join(json.dumps(value).encode() for value in values)

    outcome = validate([data])
    assert outcome.report
    assert validate([b"[" + data + b"]"]).report


@pytest.mark.parametrize("kind", ROWS)
def test_rows_in_are_rows_trained_and_skipped_and_rejected(kind: DatasetFormat) -> None:
    """The sums agree with each other, and with what the trainer reads of the same file."""
    template_encoder = encoder(GEMMA, "<end_of_turn>")

    @settings(max_examples=25, deadline=None)
    @given(st.lists(ROWS[kind], max_size=6), st.integers(20, 60))
    def compare(values: list[Any], limit_tokens: int) -> None:
        data = b"\n".join(json.dumps(value).encode() for value in values)
        trained = pairs = tokens = trained_tokens = 0
        for example in read_examples([data]):
            try:
                sequences = template_encoder.samples(example)
            except EncodingRefused:
                continue
            if max(len(each.input_ids) for each in sequences) > limit_tokens:
                continue
            trained += 1
            pairs += sum(turn.trained for turn in example.messages)
            tokens += sum(len(each.input_ids) for each in sequences)
            trained_tokens += sum(each.trained_tokens for each in sequences)

        outcome = validate([data], encoder=template_encoder, max_sequence_tokens=limit_tokens)
        found = outcome.verdict.statistics
        assert found.rows == len(values)
        assert found.rows == found.trained_rows + found.skipped_rows + found.rejected_rows
        assert (found.trained_rows, found.total_training_pairs) == (trained, pairs)
        assert (found.total_tokens, found.trained_tokens) == (tokens, trained_tokens)
        assert found.token_count_method == "tokenizer"
        assert sum(bar.count for bar in found.token_histogram) == trained
        errors = [each for each in outcome.report if each.severity is Severity.ERROR]
        assert sum(outcome.verdict.error_counts.values()) == len(errors)
        assert len({each.line for each in errors if each.line}) == found.rejected_rows

    compare()


@pytest.mark.parametrize("kind", ROWS)
def test_the_ledger_of_rows_adds_up_to_the_statistics(kind: DatasetFormat) -> None:
    template_encoder = encoder(GEMMA, "<end_of_turn>")

    @settings(max_examples=15, deadline=None)
    @given(st.lists(ROWS[kind], max_size=6), st.integers(20, 60), st.booleans())
    def compare(values: list[Any], limit_tokens: int, exact: bool) -> None:  # noqa: FBT001
        data = b"\n".join(json.dumps(value).encode() for value in values)
        counts = template_encoder if exact else None

        entries = list(ledger([data], encoder=counts, max_sequence_tokens=limit_tokens))
        outcome = validate([data], encoder=counts, max_sequence_tokens=limit_tokens)
        found = outcome.verdict.statistics
        assert Counter(each.fate for each in entries) == +Counter(
            trained=found.trained_rows, skipped=found.skipped_rows, rejected=found.rejected_rows
        )
        assert sum(each.pairs for each in entries) == found.total_training_pairs
        assert sum(each.tokens for each in entries) == found.total_tokens
        assert sum(each.trained_tokens for each in entries) == found.trained_tokens

    compare()


def test_a_thousand_problems_are_told_and_all_are_counted() -> None:
    """Warnings, even thousands of them before the first error, never crowd out an error."""
    odd = b'{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}],"x":%d}'
    rows = [odd % at for at in range(1500)] + [b"{"] * 700

    outcome = validate([b"\n".join(rows)])
    assert outcome.verdict.error_counts == {"not_json": 700}
    assert outcome.verdict.warning_counts == {"duplicate_exact": 1499, "unknown_key": 1500}
    assert len(outcome.report) == 1000
    assert [each.line for each in outcome.report[-700:]] == list(range(1501, 2201))
    assert len(outcome.verdict.problems) == 100
    assert outcome.verdict.error_message == (
        "700 errors; first: line 1501: this is not JSON: it ends in the middle"
    )


def test_statistics_are_those_counted_by_hand() -> None:
    rows = [chat("abcd" * 10, "efgh" * 20), chat("x" * 39, "y" * 400)]

    found = validate([b"\n".join(rows)]).verdict.statistics
    # (40 + 1 + 80) / 4 = 30, and 5 for the frame of each of two turns; (39 + 1 + 400) / 4 = 110
    assert found.total_tokens == 40 + 120
    assert found.token_count_method == "estimate"
    assert found.token_histogram == (
        Bucket(low=32, high=64, count=1),
        Bucket(low=64, high=128, count=1),
    )
    assert found.turn_histogram == (Bucket(low=2, high=4, count=2),)
    assert found.avg_turns_per_conversation == 2.0
    assert found.avg_tokens_per_turn == 40.0
    # one conversation of two is suggested for validation, with its one pair
    assert found.total_validation_pairs == 1


def test_letters_beyond_ascii_take_more_tokens() -> None:
    found = validate([chat("é" * 20, "好" * 20)]).verdict.statistics

    # 41 characters / 4 = 10.25; 20 + 40 extra bytes at 0.35 = 21; and two frames of 5
    assert found.total_tokens == 41
    # 20 of the 41 characters are the answer's: 31.25 * 20 / 41 = 15.2; and its end
    assert found.trained_tokens == 16


def test_a_row_over_the_limit_is_rejected_and_never_cut() -> None:
    chat_encoder = encoder(MARKED, "<|im_end|>")
    data = b"\n".join([chat("a", "b"), chat("a", "long " * 50)])

    outcome = validate([data], encoder=chat_encoder, max_sequence_tokens=60)
    (problem,) = (each for each in outcome.report if each.code == Code.TOO_LONG)
    assert problem.line == 2
    assert outcome.verdict.statistics.rejected_rows == 1
    assert not outcome.verdict.training_ready


def test_a_row_as_long_as_the_limit_fits() -> None:
    chat_encoder = encoder(MARKED, "<|im_end|>")
    (example,) = read_examples([chat("a", "b")])
    tokens = len(chat_encoder.encode(example).input_ids)

    for limit, trained in ((tokens, 1), (tokens - 1, 0)):
        outcome = validate([chat("a", "b")], encoder=chat_encoder, max_sequence_tokens=limit)
        assert outcome.verdict.statistics.trained_rows == trained


def test_without_a_tokenizer_a_long_row_is_a_warning() -> None:
    outcome = validate([chat("a", "long " * 50)], max_sequence_tokens=60)

    assert outcome.verdict.warning_counts["probably_too_long"] == 1
    assert outcome.verdict.statistics.trained_rows == 1
    assert outcome.verdict.training_ready


def test_a_waived_secret_is_a_warning() -> None:
    data = chat("a", "use " + "AKIA" + "Q2W3E4R5T6Y7U8I9")

    assert not validate([data]).verdict.training_ready
    waived = validate([data], waived=frozenset({Code.SECRET_SUSPECT}))
    assert waived.verdict.training_ready
    assert waived.verdict.warning_counts["secret_suspect"] == 1


@pytest.mark.parametrize("chunk_bytes", [1 << 16, 1 << 30])
def test_a_line_over_the_limit_is_told_by_its_number_and_not_kept(chunk_bytes: int) -> None:
    longest = 16 * 1024 * 1024
    fits = chat("a", "b" * (longest - len(chat("a", ""))))
    data = b"\n".join([fits, fits.replace(b"a", b"aa", 1), chat("a", "b"), fits + b" "])
    chunks = [data[at : at + chunk_bytes] for at in range(0, len(data), chunk_bytes)]

    outcome = validate(chunks)
    assert [each.line for each in outcome.report if each.code == "line_too_long"] == [2, 4]
    assert outcome.verdict.statistics.trained_rows == 2


@pytest.mark.parametrize(
    "row",
    [
        chat("a" * 300, "b"),
        b'{"messages":' + b"[" * 300 + b"]" * 300 + b"}",
        b'"' + b"\\" * 300,
        b"[" * 300,
        b'{"prompt":"+1 2 3 4 5 6 7 8 9'
        + b"1-1 " * 80
        + b'","completion":"a@'
        + b"a." * 60
        + b'"}',
    ],
    ids=["plain", "nested", "escapes", "brackets", "almost personal"],
)
def test_the_time_grows_with_the_size_and_no_faster(row: bytes) -> None:
    """Eight times the rows, and eight times as long a row, may take eight times as long."""

    def seconds(data: bytes) -> float:
        """The best of three, and never so short that the clock decides."""
        best = 60.0
        for _ in range(3):
            start = time.process_time()
            validate([data])
            best = min(best, time.process_time() - start)
        return max(best, 0.01)

    many = b"\n".join([row] * 100)
    small = seconds(many)
    assert seconds(b"\n".join([many] * 8)) < small * 8 * 3
    assert seconds(many.replace(row[20:60], row[20:60] * 8)) < small * 8 * 3


def test_the_unpacked_size_is_bounded() -> None:
    notes: list[Finding] = []
    pieces = plain_pieces([gzip.compress(b" " * (3 << 20))], notes, max_bytes=1 << 20)

    assert sum(map(len, pieces)) == 1 << 20
    assert [(each.code, each.detail) for each in notes] == [(Code.FILE_TOO_LARGE, "1 MiB")]
