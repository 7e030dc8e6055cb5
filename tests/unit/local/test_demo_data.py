"""The demo's dataset holds the traps of real v4 files, and its base model has not read it."""

import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from brightrun.datasets.parsing.reader import read_examples
from local.demo.data.build import Turn, read_conversations, write_dataset
from local.demo.data.handbook import chats, read_handbook

# Counted with grep over conversations/*.txt: headers, inputs, "> " and "~ " lines.
CONVERSATIONS = 76
LINES = 349
TARGETS = 330
WITHHELD = 4
WITHOUT_REPLY = 15


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_dataset(tmp_path_factory.mktemp("demo") / "data.jsonl")


@pytest.fixture(scope="module")
def lines(file: Path) -> list[Any]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def test_the_header_counts_null_targets_as_pairs(lines: list[Any]) -> None:
    header, *pairs = lines

    assert header["_meta"]["total_pairs"] == LINES
    assert len(pairs) == LINES
    assert sum(pair["target_response"] is None for pair in pairs) == WITHHELD + WITHOUT_REPLY


def test_every_line_has_the_fields_of_the_format(lines: list[Any]) -> None:
    fields = {
        "id",
        "conversation_id",
        "turn_number",
        "conversation_metadata",
        "system_prompt",
        "conversation_history",
        "current_user_input",
        "emotional_context",
        "target_response",
        "training_metadata",
    }

    assert all(set(pair) == fields for pair in lines[1:])
    assert len({pair["id"] for pair in lines[1:]}) == LINES
    assert len({pair["conversation_id"] for pair in lines[1:]}) == CONVERSATIONS
    entries = [entry for pair in lines[1:] for entry in pair["conversation_history"]]
    assert all(set(entry) == {"turn", "role", "content", "emotional_state"} for entry in entries)


def test_three_conversations_in_four_repeat_the_input_at_the_end_of_the_history(
    lines: list[Any],
) -> None:
    repeated = [
        pair["conversation_history"][-1:]
        == [
            {
                "turn": pair["turn_number"],
                "role": "user",
                "content": pair["current_user_input"],
                "emotional_state": pair["emotional_context"]["detected_emotion"],
            }
        ]
        for pair in lines[1:]
    ]
    per_conversation = Counter(
        pair["conversation_id"] for pair, echo in zip(lines[1:], repeated, strict=True) if echo
    )

    assert len(per_conversation) == 57
    assert sum(repeated) == 259


def test_a_line_repeats_what_the_lines_before_it_said(lines: list[Any]) -> None:
    """The third line of the first conversation overlaps the first two."""
    first, second, third = lines[1:4]

    assert third["conversation_id"] == "flat-sourdough"
    assert [entry["content"] for entry in third["conversation_history"]] == [
        first["current_user_input"],
        first["target_response"],
        second["current_user_input"],
        second["target_response"],
        third["current_user_input"],
    ]


def test_a_withheld_reply_is_history_but_no_target(lines: list[Any]) -> None:
    by_id = {pair["id"]: pair for pair in lines[1:]}
    withheld = by_id["too-many-ideas-04"]
    after = by_id["too-many-ideas-05"]

    assert withheld["target_response"] is None
    assert withheld["training_metadata"] == {"quality_score": 1.5, "review": "withheld"}
    said = [entry["content"] for entry in after["conversation_history"]]
    assert "Just charge them more next time, it will be fine." in said


def test_the_parser_finds_every_target_and_never_two_user_turns_in_a_row(file: Path) -> None:
    examples = list(read_examples(iter([file.read_bytes()])))

    assert len(examples) == TARGETS
    for example in examples:
        roles = [message.role for message in example.messages]
        assert roles == ["system", *["user", "assistant"] * (len(roles) // 2)]


def test_every_target_speaks_in_the_voice(lines: list[Any]) -> None:
    targets = [pair["target_response"] for pair in lines[1:] if pair["target_response"]]

    assert len(set(targets)) == TARGETS
    assert all(target.count(" Small step: ") == 1 for target in targets)


def test_writing_twice_gives_the_same_bytes(file: Path, tmp_path: Path) -> None:
    assert write_dataset(tmp_path / "again.jsonl").read_bytes() == file.read_bytes()


def test_the_base_model_reads_what_clients_said_and_no_reply() -> None:
    book = read_handbook()
    answers = [part for question in book.questions for part in question]
    text = " ".join([*book.sentences, *book.reports, *book.inputs, *answers, *book.spelled_out])
    turns = [turn for conversation in read_conversations() for turn in conversation.turns]
    replies = [turn.reply for turn in turns if turn.reply is not None]

    assert (len(book.sentences), len(book.questions), len(book.reports)) == (60, 100, 47)
    assert len(book.inputs) == LINES
    assert len(replies) == TARGETS + WITHHELD
    assert "Small step" not in text
    assert "on the bench" not in text
    assert not [reply for reply in replies if reply in text]


def test_a_pass_over_the_handbook_asks_every_question_once() -> None:
    book = read_handbook()
    told = list(chats(book, random.Random(1)))
    asked = [message["content"] for chat in told for message in chat if message["role"] == "user"]

    assert sorted(asked) == sorted(question for question, _ in book.questions)
    assert {len(chat) for chat in told} <= {3, 5, 7, 9, 11, 13}


def test_a_pattern_stands_for_each_combination_of_its_brackets() -> None:
    spelled_out = read_handbook().spelled_out

    # 6*4*3 + 6*6*4*5 + 5*4*5 + 6*3*4 + 4*5*4*4 + 2*4*2*4*2*3 + 6*4*4*5 + 3*3*5*3*3
    assert len(spelled_out) == 2_553
    assert "We open at six in the morning and the oven is switched on at four." in spelled_out


@pytest.mark.parametrize(
    ("block", "complaint"),
    [
        ("calm: no header", "begins with '# '"),
        ("# a | B | c | d | 4.0\n> a reply first", "a reply without an input"),
        ("# a | B | c | d | 4.0\ncalm: one\ncalm: two", "neither an input nor a reply"),
        ("# a | B | c | d | 4.0\nno colon here", "neither an input nor a reply"),
    ],
)
def test_a_line_out_of_place_is_named(block: str, complaint: str, tmp_path: Path) -> None:
    (tmp_path / "broken.txt").write_text(block)

    with pytest.raises(ValueError, match=complaint):
        read_conversations(tmp_path)


def test_a_block_is_read_as_it_is_written(tmp_path: Path) -> None:
    block = (
        "# tea | Ann | stall | rest | 4.5\ncalm: Tea?\n> Yes: tea.\nsad: More?\n~ No.\nglad: Bye"
    )
    (tmp_path / "one.txt").write_text(block)

    (conversation,) = read_conversations(tmp_path)

    assert conversation.quality_score == 4.5
    assert conversation.turns == (
        Turn("calm", "Tea?", "Yes: tea.", approved=True),
        Turn("sad", "More?", "No.", approved=False),
        Turn("glad", "Bye", None, approved=False),
    )
