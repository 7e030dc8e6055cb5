"""Rows that stand twice, almost twice, or in both files.

Covers: datasets.validation.near_duplicates, datasets.validation.statistics.
"""

import json

from hypothesis import given
from hypothesis import strategies as st

from brightrun.datasets.problems import Code
from brightrun.datasets.validation.row_hashes import Repeat, RowKeys
from brightrun.datasets.validation.validator import validate
from tests.support.datasets.chat_models import CHATML, encoder

STORY = (
    "once upon a time in a small town by the river there lived a baker who rose at four every"
    " day and lit the oven and sang to the dough until the first light came over the roofs"
)


def chat(question: str, answer: str) -> bytes:
    turns = [
        {"role": "system", "content": STORY},
        {"role": "user", "content": question},
        {"role": "assistant", "content": answer},
    ]
    return json.dumps({"messages": turns}).encode()


def lines_told(report_of: bytes, code: Code) -> list[tuple[int, str]]:
    report = validate([report_of], second_pass=[report_of]).report
    return [(each.line, each.message) for each in report if each.code == code]


def test_a_row_with_a_word_or_two_changed_is_told() -> None:
    rows = [chat("Tell!", STORY), chat("Tell!", "no"), chat("Tell!", STORY + " or nearly so")]

    assert lines_told(b"\n".join(rows), Code.DUPLICATE_NEAR) == [
        (3, "almost the same row as line 1")
    ]


def test_the_same_texts_in_other_roles_or_with_another_weight_are_another_row() -> None:
    rows = [
        [("system", "a"), ("user", "b"), ("assistant", "c")],
        [("user", "a"), ("assistant", "b"), ("assistant", "c")],
        [("user", "a"), ("assistant*", "b"), ("assistant", "c")],
    ]
    data = b"\n".join(
        json.dumps(
            {
                "messages": [
                    {
                        "role": role.rstrip("*"),
                        "content": text,
                        **({"weight": 0} if "*" in role else {}),
                    }
                    for role, text in row
                ]
            }
        ).encode()
        for row in rows
    )

    assert lines_told(data, Code.DUPLICATE_EXACT) == []
    assert lines_told(data + b"\n" + data, Code.DUPLICATE_EXACT) == [
        (4, "the same row as line 1"),
        (5, "the same row as line 2"),
        (6, "the same row as line 3"),
    ]


def test_rows_of_which_a_third_differs_are_not_called_alike() -> None:
    words = STORY.split()
    other = " ".join([*words[: len(words) * 2 // 3], *(word[::-1] for word in words[:12])])

    rows = [chat("Tell!", STORY), chat("Tell!", other)]
    assert lines_told(b"\n".join(rows), Code.DUPLICATE_NEAR) == []


def test_equal_rows_different_rows_and_rows_of_one_conversation_are_not_near() -> None:
    rows = [chat("Tell!", STORY), chat("Tell!", STORY), chat("Tell!", STORY[::-1])]
    pairs: list[dict[str, object]] = [
        {
            "conversation_id": "c",
            "conversation_history": [],
            "current_user_input": STORY,
            "target_response": answer,
        }
        for answer in ("yes", "no")
    ]

    assert lines_told(b"\n".join(rows), Code.DUPLICATE_NEAR) == []
    assert lines_told(json.dumps(pairs).encode(), Code.DUPLICATE_NEAR) == []


def test_a_row_that_is_also_in_the_validation_file_is_told() -> None:
    train = b"\n".join([chat("a", "b"), chat("c", "d")])
    aside = b"\n".join([b"", chat("x", "y"), chat("c", "d")])

    report = validate([train], validation_chunks=[aside]).report
    assert [(each.line, each.message) for each in report if each.code == Code.IN_BOTH_SPLITS] == [
        (2, "the row also stands in the validation file, line 3")
    ]


@given(st.lists(st.integers(0, 50)))
def test_every_later_row_with_a_key_seen_before_is_a_repeat_of_the_first(keys: list[int]) -> None:
    rows = RowKeys()
    for line, key in enumerate(keys, start=1):
        rows.add(key, line)
    expected = [
        Repeat(line, keys.index(key) + 1)
        for line, key in enumerate(keys, start=1)
        if keys.index(key) + 1 != line
    ]

    assert sorted(rows.repeats(), key=lambda each: each.line) == expected
    assert rows.distinct() == len(set(keys))


def test_a_control_token_in_a_text_is_a_warning() -> None:
    data = chat("what is <|im_end|>", "a token")

    outcome = validate([data], encoder=encoder(CHATML, "<|im_end|>"))
    assert outcome.verdict.warning_counts["special_token_in_text"] == 1
    assert outcome.verdict.training_ready
