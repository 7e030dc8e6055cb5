"""Text becomes the tokens that `tokenizers` says, whoever reads it, and at the same places.

Covers: datasets.tokenizing.byte_vocabulary, datasets.tokenizing.text_tokens.
"""

import json
import sys
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brightrun.datasets.tokenizing.byte_vocabulary import vocabulary_of
from brightrun.datasets.tokenizing.text_tokenizer import TextTokenizer
from brightrun.datasets.tokenizing.text_tokens import ByteTokens, Displaced
from tests.support.datasets.token_families import FAMILIES, family_json

_ODD = (
    *(
        "<|im_start|>",
        "<|im_end|>",
        "<|im_",
        "end|>",
        " ",
        "  ",
        "\n",
        "\r\n",
        "\t",
        "'s",
        "'\u017f",
    ),
    *(
        "don't",
        "1234567",
        "\uff11\uff12",
        "Ⅷ",
        "²",
        "é",
        "e\u0301",
        "\u0344",
        "ﬁ",
        "İ",
        "ß",
        "你好",
        "한",
    ),
    *("\u1100\u1161", "😀", "👩\u200d👩\u200d👧", "🇩🇪", "\u00a0", "\u2028", "\u3000", "\x00"),
    *("\ufffd", "\U0010ffff", "Ġ", "▁", "aaaaaaaa", "===", "क्षि", "العربية"),
)
HOSTILE = st.lists(st.sampled_from(_ODD) | st.text(max_size=4), max_size=14).map("".join)


@cache
def reader(family: str) -> TextTokenizer:
    return TextTokenizer(family_json(family).encode())


def told_of(family: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(family_json(family))
    return told


@pytest.mark.parametrize("family", FAMILIES)
def test_tokenizers_of_bytes_are_read_fast(family: str) -> None:
    assert not reader(family).not_fast_because


@pytest.mark.parametrize("family", FAMILIES)
@given(text=HOSTILE)
def test_the_ids_are_those_of_tokenizers(family: str, text: str) -> None:
    expected = reader(family).full.encode(text, add_special_tokens=False).ids

    assert reader(family).tokens(text).ids == expected
    assert reader(family).tokens(text).ids == expected  # remembered


@pytest.mark.parametrize("family", FAMILIES)
@given(text=HOSTILE, cuts=st.lists(st.integers(0, 60), min_size=2, max_size=6))
def test_the_tokens_of_a_span_are_those_of_tokenizers(
    family: str, text: str, cuts: list[int]
) -> None:
    found = reader(family).tokens(text)
    offsets = reader(family).full.encode(text, add_special_tokens=False).offsets
    begin, end = sorted(min(cut, len(text)) for cut in cuts[:2])
    sharing = [at for at, (first, last) in enumerate(offsets) if last > begin and first < end]

    assert begin == end or list(found.overlapping((begin, end))) == sharing
    assert [found.text(at) for at in range(len(offsets))] == [text[a:b] for a, b in offsets]


def test_a_text_that_lacks_a_byte_is_read_by_tokenizers() -> None:
    told = told_of("gpt2")
    vocabulary = told["model"]["vocab"]
    gone = vocabulary["ĀĀ"] = vocabulary.pop("Ą")
    tokenizer = TextTokenizer(json.dumps(told).encode())

    assert not tokenizer.not_fast_because
    assert gone not in tokenizer.tokens("a\x04b").ids
    assert [tokenizer.tokens("a\x04b").text(at) for at in (0, 1)] == ["a", "b"]


def test_ids_of_another_text_are_noticed_when_a_place_is_asked_for() -> None:
    vocabulary = vocabulary_of(reader("qwen").full)
    data = b"".join(each.to_bytes(4, sys.byteorder) for each in reader("qwen").tokens("ab").ids)

    with pytest.raises(Displaced):
        ByteTokens(data, vocabulary, "ab and more").overlapping((0, 8))
    with pytest.raises(Displaced):
        ByteTokens(data, vocabulary, "<|im_end|>ab").overlapping((10, 12))


def test_the_longest_control_token_at_a_place_is_found() -> None:
    told = told_of("qwen")
    names = ("<a>", "<a>b", "<a>bc", "[x]")
    next_id = reader("qwen").full.get_vocab_size()
    told["added_tokens"] += [
        {**told["added_tokens"][0], "content": name, "id": next_id + at}
        for at, name in enumerate(names)
    ]
    tokenizer = TextTokenizer(json.dumps(told).encode())
    text = "<a><a>b<a>bc<a>b [x] <a"
    found, full = tokenizer.tokens(text), tokenizer.tokens_with_offsets(text)

    assert not tokenizer.not_fast_because
    assert [found.text(at) for at in range(len(found))] == [
        full.text(at) for at in range(len(full))
    ]


def test_a_control_token_in_parts_is_found_where_its_characters_are_put_together() -> None:
    told = told_of("qwen")
    parted = {**told["added_tokens"][0], "content": "<e\u0301>", "normalized": True}
    told["added_tokens"].append({**parted, "id": reader("qwen").full.get_vocab_size()})
    tokenizer = TextTokenizer(json.dumps(told).encode())

    for text in ("a<é>b", "a<e\u0301>b"):
        expected = tokenizer.full.encode(text, add_special_tokens=False).ids
        assert tokenizer.tokens(text).ids == expected


@pytest.mark.parametrize("text", ["a \u2581b", "<0x41>", "a <0x0A> b"])
def test_a_text_that_spells_what_stands_for_a_blank_or_a_byte_is_read_by_tokenizers(
    text: str,
) -> None:
    found, full = reader("gemma3").tokens(text), reader("gemma3").tokens_with_offsets(text)

    assert found.ids == full.ids
    assert [found.text(at) for at in range(len(found))] == [
        full.text(at) for at in range(len(full))
    ]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"pre_tokenizer": {"type": "Whitespace"}}, "other places"),
        ({"normalizer": {"type": "Prepend", "prepend": "\u2581"}}, "not of bytes"),
    ],
)
def test_characters_that_are_changed_or_cut_otherwise_are_left_to_tokenizers(
    change: dict[str, Any], reason: str
) -> None:
    tokenizer = TextTokenizer(json.dumps(told_of("gemma3") | change).encode())

    assert reason in tokenizer.not_fast_because


def test_a_vocabulary_that_lacks_a_byte_is_left_to_tokenizers() -> None:
    told = told_of("gemma3")
    told["model"]["byte_fallback"] = False

    assert "lacks bytes" in TextTokenizer(json.dumps(told).encode()).not_fast_because


def test_half_a_surrogate_pair_is_refused_as_ever() -> None:
    with pytest.raises((TypeError, ValueError)):
        reader("qwen").tokens("a\ud800b")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"pre_tokenizer": None}, "not of bytes"),
        ({"normalizer": {"type": "Lowercase"}}, "changes texts"),
        (
            {"pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": True, "use_regex": True}},
            "blank before",
        ),
        (
            {
                "pre_tokenizer": {
                    "type": "Sequence",
                    "pretokenizers": [
                        {
                            "type": "Split",
                            "pattern": {"String": " "},
                            "behavior": "Removed",
                            "invert": False,
                        },
                        {"type": "ByteLevel", "add_prefix_space": False, "use_regex": True},
                    ],
                }
            },
            "leave out",
        ),
    ],
)
def test_another_tokenizer_is_read_by_tokenizers_and_says_why(
    change: dict[str, Any], reason: str
) -> None:
    told = told_of("gpt2") | change
    if (step := told["pre_tokenizer"]) is not None:
        step.get("pretokenizers", [step])[-1].setdefault("trim_offsets", True)
    tokenizer = TextTokenizer(json.dumps(told).encode())

    assert reason in tokenizer.not_fast_because
    assert tokenizer.tokens("Hi you").ids == tokenizer.full.encode("Hi you").ids


def test_control_tokens_that_take_blanks_are_left_to_tokenizers() -> None:
    told = told_of("gpt2")
    told["added_tokens"][0]["rstrip"] = True

    tokenizer = TextTokenizer(json.dumps(told).encode())

    assert "blanks beside" in tokenizer.not_fast_because
