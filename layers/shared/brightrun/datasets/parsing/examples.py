"""One trainable row, the same for every format it may have come from. Pure.

The validator, the preview and the trainer all read rows of this shape, so they cannot disagree.
"""

import hashlib
from typing import Any

import msgspec

from brightrun.datasets.parsing.exact_json import compact_bytes


class Message(msgspec.Struct, frozen=True, omit_defaults=True):
    """One turn of a conversation.

    Attributes:
        role: `system`, `user`, `assistant` or `tool`; other words are translated on reading.
        tool_calls: as a chat template wants them, with `arguments` decoded.
        trained: whether the loss is taken on this turn; only assistant turns are.
    """

    role: str
    content: str | None
    name: str | None = None
    tool_calls: tuple[dict[str, Any], ...] | None = None
    tool_call_id: str | None = None
    reasoning_content: str | None = None
    trained: bool = False

    def content_equals(self, text: str) -> bool:
        """Whether this turn says the same as `text`, spaces around it aside."""
        return self.content is not None and self.content.strip() == text.strip()


class Row(msgspec.Struct, frozen=True):
    """What one line says, whatever its format.

    Attributes:
        rejected: the other output of a preference row.
        skipped_targets: assistant targets that are there but do not train.
        places: where each turn stands in the line, if not simply one after the other.
    """

    messages: tuple[Message, ...]
    tools: tuple[dict[str, Any], ...] | None = None
    conversation_id: str | None = None
    rejected: tuple[Message, ...] | None = None
    skipped_targets: int = 0
    places: tuple[str, ...] = ()

    @property
    def pairs(self) -> int:
        """How many assistant targets train."""
        return 0 if self.rejected is not None else sum(turn.trained for turn in self.messages)


class Example(msgspec.Struct, frozen=True):
    """One row that trains.

    Attributes:
        source_line: 1-based line (or array element) it stands on.
        conversation_id: as the file names it, otherwise the content's digest; a held-out split
            goes by it, so that equal rows and overlapping rows stay on one side.
        sha256: digest of the content; equal for equal rows, however they were spelled.
    """

    source_line: int
    conversation_id: str
    messages: tuple[Message, ...]
    tools: tuple[dict[str, Any], ...] | None
    sha256: str


def content_digest(
    messages: tuple[Message, ...], tools: tuple[dict[str, Any], ...] | None
) -> bytes:
    """Return the SHA-256 of what a model would be shown, and of what is trained on."""
    return hashlib.sha256(compact_bytes((messages, tools), ordered=True)).digest()
