"""Strangers' text beside our own: on one line, and as it reads.

Covers: names.
"""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from brightrun.names import Description, FileName, Name
from brightrun.plain_text import escaped, is_plain, one_line, readable

ODD = ["a\nb", "a\x1b[31mb", "a\u202eb", "a\ufeffb", "a\x00b", "a\ud800b", "a\u2028b"]


@pytest.mark.parametrize("text", ODD)
def test_what_forges_a_line_or_hides_is_no_plain_name(text: str) -> None:
    assert not is_plain(text)
    with pytest.raises(ValidationError):
        TypeAdapter(Name).validate_python(text)


@pytest.mark.parametrize("text", ["Briefe der Bäckerei", "字母", "👩\u200d🍳", "a\u200cb", "ok"])
def test_words_of_any_script_are_plain(text: str) -> None:
    assert is_plain(text)
    assert TypeAdapter(Name).validate_python(text) == text


def test_blanks_alone_are_no_name() -> None:
    assert not is_plain("  ")


@given(st.text())
def test_one_line_is_one_line_and_as_long(text: str) -> None:
    shown = one_line(text)

    assert len(shown) == len(text)
    assert len(shown.splitlines()) <= 1
    assert not {unicodedata.category(c) for c in shown} & {"Cc", "Cs", "Zl", "Zp"}


@given(st.text())
def test_readable_keeps_its_lines(text: str) -> None:
    assert [c for c in readable(text) if c in "\n\t"] == [c for c in text if c in "\n\t"]


@given(st.text(st.characters(codec=None)))
def test_escaped_shows_what_is_hidden_and_stands_on_one_line(text: str) -> None:
    assert len(escaped(text).splitlines()) <= 1


def test_a_line_end_is_seen_as_one() -> None:
    assert escaped("a\nb\x1b") == r"a\nb\x1b"


def test_a_description_may_have_lines_and_a_file_name_no_folder() -> None:
    assert TypeAdapter(Description).validate_python("one\ntwo\x00") == "one\ntwo "
    with pytest.raises(ValidationError):
        TypeAdapter(FileName).validate_python("../x.jsonl")
