"""What a stranger's file is, as far as its first bytes tell."""

import json

import pytest

from brightrun.models.adapter_files import complaint_about_file

HEADER = json.dumps({"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}).encode()
TENSORS = len(HEADER).to_bytes(8, "little") + HEADER + b"\0" * 4
NAME = "adapter_model.safetensors"


def test_a_safetensors_file_is_taken_whole_or_by_its_beginning() -> None:
    assert complaint_about_file(NAME, TENSORS, len(TENSORS)) is None
    assert complaint_about_file(NAME, TENSORS[:20], len(TENSORS)) is None


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"<html>Sign in</html>",
        b"\x80\x02}q\x00.",
        (2**40).to_bytes(8, "little") + b"{",
        HEADER,
    ],
)
def test_what_is_none_is_named(head: bytes) -> None:
    assert complaint_about_file(NAME, head, len(head)) == "is no safetensors file"


def test_a_header_that_cannot_be_read_is_named() -> None:
    head = (3).to_bytes(8, "little") + b"{ab"

    assert complaint_about_file(NAME, head, len(head)) == "has an unreadable header"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (b'{"peft_type": "LORA"}', None),
        (b"{}", None),
        (b'{"peft_type": "IA3"}', "describes a IA3, not a LoRA"),
        (b"[]", "is no JSON object"),
        (b"\xff", "is no JSON object"),
    ],
)
def test_a_configuration_is_one_of_a_lora(text: bytes, complaint: str | None) -> None:
    assert complaint_about_file("adapter_config.json", text, len(text)) == complaint


def test_other_files_are_not_looked_into() -> None:
    assert complaint_about_file("README.md", b"\xff\xfe", 2) is None
