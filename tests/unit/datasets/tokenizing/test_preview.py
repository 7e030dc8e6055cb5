"""The preview shows the trainer's own labels."""

import json

from brightrun.datasets.parsing.reader import read_examples
from brightrun.datasets.record import DatasetFormat
from brightrun.datasets.tokenizing.chat_encoder import NO_LOSS
from brightrun.datasets.tokenizing.preview import preview
from tests.support.datasets.chat_models import CHATML, GEMMA, encoder


def chat(*turns: tuple[str, str]) -> bytes:
    messages = [{"role": role, "content": content} for role, content in turns]
    return json.dumps({"messages": messages}).encode()


ROW = chat(("user", "hello"), ("assistant", "fine"), ("user", "and?"), ("assistant", "you"))
FILE = b"\n".join([ROW, b"", b"nope", chat(("system", "s"), ("user", "a"), ("assistant", "b"))])


def test_a_row_is_shown_with_the_labels_of_the_trainer() -> None:
    chat_encoder = encoder(CHATML, "<|im_end|>")
    (example, _) = read_examples([FILE])
    (expected,) = chat_encoder.samples(example)

    shown = preview([FILE], 1, chat_encoder)
    assert shown is not None
    assert (shown.format, shown.fate) == (DatasetFormat.OPENAI_CHAT, "trained")
    (sequence,) = shown.sequences
    assert [token.id for token in sequence.tokens] == expected.input_ids
    assert [token.trained for token in sequence.tokens] == [
        label != NO_LOSS for label in expected.labels
    ]
    spoken = "".join(token.text for token in sequence.tokens)
    assert spoken == (
        "<|im_start|>user\nhello<|im_end|>\n<|im_start|>assistant\nfine<|im_end|>\n"
        "<|im_start|>user\nand?<|im_end|>\n<|im_start|>assistant\nyou<|im_end|>\n"
    )
    said = [
        "".join(token.text for token in sequence.tokens[start:end])
        for start, end in sequence.trained_spans
    ]
    assert said == ["fine<|im_end|>", "you<|im_end|>"]
    ends = [token.text for token in sequence.tokens if token.ends_turn and token.trained]
    assert ends == ["<|im_end|>", "<|im_end|>"]


def test_a_row_that_is_too_long_is_shown_and_said_to_be_rejected() -> None:
    shown = preview([FILE], 1, encoder(CHATML, "<|im_end|>"), max_sequence_tokens=5)

    assert shown is not None
    assert shown.fate == "rejected"
    assert shown.sequences[0].over_limit
    assert [problem.code for problem in shown.problems] == ["too_long"]


def test_a_row_the_template_refuses_is_told_with_the_reason() -> None:
    shown = preview([FILE], 4, encoder(GEMMA, "<end_of_turn>"))

    assert shown is not None
    assert (shown.fate, shown.sequences) == ("rejected", ())
    assert [problem.code for problem in shown.problems] == ["template_refused"]
    assert len(shown.messages) == 3


def test_a_broken_row_a_blank_line_and_no_line_at_all() -> None:
    broken, blank, none = (preview([FILE], line, None) for line in (3, 2, 5))

    assert broken is not None
    assert (broken.fate, [problem.line for problem in broken.problems]) == ("rejected", [3])
    assert blank is not None
    assert blank.fate == "blank"
    assert none is None


def test_without_a_tokenizer_the_turns_are_shown() -> None:
    shown = preview([FILE], 1, None)

    assert shown is not None
    assert shown.sequences == ()
    assert shown.messages[1] == {"role": "assistant", "content": "fine", "trained": True}
