"""Whether everything of a row that should train stands in what will train. Pure.

Proven by marks where the text with marks is the text without them (`part_marks`); otherwise part
by part, each found after the one before it. Spaces around a text do not count.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from brightrun.datasets.parsing.examples import Example, Message
from brightrun.datasets.tokenizing.chat_template import ChatTemplate, TemplateRefused
from brightrun.datasets.tokenizing.message_forms import Form, in_form
from brightrun.datasets.tokenizing.part_marks import (
    Part,
    Span,
    has_noncharacters,
    spelled,
    traced,
    unmarked,
)

# No template puts this many characters of its own around an answer.
_TELLING_CHARACTERS = 40


class NotWhole(Exception):
    """The template leaves out a part of the row."""

    def __init__(self, part: Part) -> None:
        super().__init__(part.where)
        self.part = part


class Rendering(msgspec.Struct, frozen=True):
    """One row as one template writes it, and what is needed to write it with marks."""

    template: ChatTemplate
    example: Example
    form: Form
    text: str
    generated: tuple[Span, ...]

    @property
    def messages(self) -> list[dict[str, Any]]:
        """Return the messages as the template reads them."""
        return in_form(self.example.messages, self.form)


def rendered(template: ChatTemplate, example: Example, form: Form) -> Rendering:
    """Return the row as the template writes it. Raises TemplateRefused."""
    text, generated = template.render(in_form(example.messages, form), example.tools)
    return Rendering(template, example, form, text, generated)


class Proof:
    """What is known of where the parts of one rendering stand; found out when it is asked for."""

    def __init__(self, rendering: Rendering) -> None:
        self._rendering = rendering
        self._traced = traced(rendering.example)
        self.places = self._find()

    def _find(self) -> dict[int, list[Span]] | None:
        """Return where each part stands, or None where marks change what the template writes."""
        rendering = self._rendering
        if has_noncharacters(rendering.text):
            return None
        messages = in_form(self._traced.messages, rendering.form)
        try:
            marked, _ = rendering.template.render(messages, self._traced.tools)
        except TemplateRefused:
            return None
        text, places = unmarked(marked)
        return places if text == rendering.text else None

    def require_whole(self, spans: Mapping[int, Span]) -> None:
        """Raise NotWhole for the first part that stands nowhere, or not in its turn's span."""
        self.require_answers(spans)
        outside = _without(self._rendering.text, spans.values())
        self._require_context(outside, self.places)

    def require_in_prompt(self, prompt: str) -> None:
        """Raise NotWhole for a tool or a system turn that a prompt lacks."""
        self._require_context(prompt, None)

    def require_answers(self, spans: Mapping[int, Span]) -> None:
        """Raise NotWhole for the first part of an answer that is not in its span."""
        parts = self._traced.parts
        if self.places is None:
            _require_in_turn(self._rendering.text, parts, spans)
        else:
            for number, part in enumerate(parts):
                if part.turn in spans and not self._stands(number, part, spans[part.turn]):
                    raise NotWhole(part)

    def require_somewhere(self) -> None:
        """Raise NotWhole for the first part of an answer or of its prompt that stands nowhere."""
        turns = self._rendering.example.messages
        for number, part in enumerate(self._traced.parts):
            matters = part.kind in ("tools", "system") or turns[part.turn].trained
            if self.places is not None and matters and number not in self.places:
                raise NotWhole(part)

    def require_words(self, text: str, span: Span) -> None:
        """Raise NotWhole for the first part of the last turn that another text lacks."""
        last = len(self._rendering.example.messages) - 1
        _require_in_turn(text, self._traced.parts, {last: span})

    def _stands(self, number: int, part: Part, span: Span) -> bool:
        text = self._rendering.text
        return any(
            span[0] <= start and end <= span[1] and text[start:end] in part.spellings
            for start, end in (self.places or {}).get(number, ())
        )

    def _require_context(self, outside: str, places: Mapping[int, object] | None) -> None:
        for number, part in enumerate(self._traced.parts):
            if part.kind not in ("tools", "system"):
                continue
            if not (_says(outside, part) if places is None else number in places):
                raise NotWhole(part)
        for at, tool in enumerate(self._rendering.example.tools or ()):
            for name in _parameters(tool):
                part = Part(-1, "tools", f"/tools/{at}", spelled(name))
                if not _says(outside, part):
                    raise NotWhole(part)

    def start_of(self, turn: int) -> int | None:
        """Return where the first part of a turn stands, if marks can tell."""
        starts = (
            start
            for number, part in enumerate(self._traced.parts)
            if part.turn == turn
            for start, _ in (self.places or {}).get(number, ())
        )
        return min(starts, default=None)


def _parameters(tool: Mapping[str, Any]) -> Iterable[str]:
    parameters = tool.get("function", tool).get("parameters")
    properties = parameters.get("properties") if isinstance(parameters, Mapping) else None
    return properties.keys() if isinstance(properties, Mapping) else ()


def _says(text: str, part: Part) -> bool:
    return any(way in text for way in part.spellings)


def _without(text: str, spans: Iterable[Span]) -> str:
    pieces, at = [], 0
    for start, end in sorted(spans):
        pieces.append(text[at:start])
        at = max(at, end)
    return "\n".join([*pieces, text[at:]])


def _require_in_turn(text: str, parts: Sequence[Part], spans: Mapping[int, Span]) -> None:
    """Find the parts of each turn one after the other, none of them twice in one place."""
    reached = {turn: start for turn, (start, _) in spans.items()}
    for part in parts:
        if part.turn not in spans:
            continue
        at, end = reached[part.turn], spans[part.turn][1]
        found = [
            (place, place + len(way))
            for way in part.spellings
            if (place := text.find(way, at, end)) >= 0
        ]
        if not found:
            raise NotWhole(part)
        reached[part.turn] = min(found)[1]


def plainly_whole(text: str, span: Span, turn: Message) -> bool:
    """Whether an answer without calls and thinking is whole at first sight."""
    content = (turn.content or "").strip()
    if turn.tool_calls or turn.reasoning_content or "think" in content:
        return False
    if len(content) > _TELLING_CHARACTERS:
        return text.find(content, *span) >= 0
    start = span[0]
    while start < span[1] and text[start].isspace():
        start += 1
    framed = content.startswith(("<", "["))
    return bool(content) and not framed and text.startswith(content, start, span[1])


def is_plain_context(example: Example, text: str) -> bool:
    """Whether there are no tools, and every system turn stands in the text word for word."""
    return example.tools is None and all(
        (turn.content or "").strip() in text for turn in example.messages if turn.role == "system"
    )
