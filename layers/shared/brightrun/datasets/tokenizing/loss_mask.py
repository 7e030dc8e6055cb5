"""Which characters of a rendered conversation are trained on. Pure.

Three ways, in this order: the template's own `{% generation %}` marks; the turn frame of a known
family of templates; the difference between renderings with and without an answer, where both
are prefixes of the whole. Where none holds there is no answer, never a guess.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from brightrun.datasets.parsing.examples import Example, Message
from brightrun.datasets.tokenizing.chat_template import ChatTemplate, TemplateRefused

Span = tuple[int, int]
_THINKING = re.compile(r"</?think>")


class _Family(msgspec.Struct, frozen=True):
    """How a family frames the assistant's turn; `sign` tells its templates by their source."""

    sign: str
    opening: str
    closing: str


_FAMILIES = (
    _Family("<|im_start|>", "<|im_start|>assistant\n", "<|im_end|>"),
    _Family(
        "<|start_header_id|>",
        "<|start_header_id|>assistant<|end_header_id|>\n\n",
        "<|eot_id|>",
    ),
    _Family("<start_of_turn>", "<start_of_turn>model\n", "<end_of_turn>"),
    _Family("<|end|>", "<|assistant|>\n", "<|end|>"),
)


def trained_spans(
    template: ChatTemplate, messages: Sequence[Mapping[str, Any]], example: Example
) -> tuple[str, tuple[Span, ...] | None]:
    """Return the rendered text and the spans of the turns that train, or `None` for unknown.

    Raises:
        TemplateRefused: the template does not take this conversation.
    """
    tools = example.tools
    text, marked = template.render(messages, tools)
    answers = [turn for turn in example.messages if turn.role == "assistant"]
    if len(marked) == len(answers):
        return text, _trained_only(marked, answers)
    framed = _framed(template.source, text, answers)
    if framed is not None:
        return text, _trained_only(framed, answers)
    return text, _differences(template, text, messages, example)


def _trained_only(spans: Sequence[Span], answers: Sequence[Message]) -> tuple[Span, ...]:
    return tuple(span for span, turn in zip(spans, answers, strict=True) if turn.trained)


def _framed(source: str, text: str, answers: Sequence[Message]) -> tuple[Span, ...] | None:
    """Return one span per answer if the text has exactly the frames it should have."""
    family = next((known for known in _FAMILIES if known.sign in source), None)
    if family is None or text.count(family.opening) != len(answers):
        return None
    spans: list[Span] = []
    at = 0
    for turn in answers:
        start = text.index(family.opening, at) + len(family.opening)
        end = text.find(family.closing, start)
        if end < 0 or not _shows(text[start:end], turn):
            return None
        at = end + len(family.closing)
        spans.append((start, at))
    return tuple(spans)


def _shows(frame: str, turn: Message) -> bool:
    """Whether a frame holds, in their order, all parts that it should of an answer.

    A template may drop the thinking of an earlier answer that is only read. Of an answer that
    trains it may drop nothing: the model would learn to answer without having thought.
    """
    at = 0
    for part in _parts(turn):
        at = frame.find(part, at)
        if at < 0:
            return False
        at += len(part)
    calls = turn.tool_calls if turn.trained else None
    return all(_shows_call(frame, call["function"]) for call in calls or ())


def _shows_call(frame: str, function: Mapping[str, Any]) -> bool:
    """Templates write calls in many ways; none without its name and its arguments' names."""
    arguments = function.get("arguments")
    names = [function["name"], *(arguments if isinstance(arguments, Mapping) else ())]
    return any(name in frame for name in names)


def _parts(turn: Message) -> Iterator[str]:
    """Yield what templates render without a change, spaces around it aside."""
    pieces = _THINKING.split(turn.content or "")
    if turn.trained:
        yield (turn.reasoning_content or "").strip()
        yield from (piece.strip() for piece in pieces)
    else:
        yield pieces[-1].strip()


def _differences(
    template: ChatTemplate, text: str, messages: Sequence[Mapping[str, Any]], example: Example
) -> tuple[Span, ...] | None:
    """Return what each trained answer adds, if every earlier rendering is a prefix."""
    spans: list[Span] = []
    for at, turn in enumerate(example.messages):
        if not turn.trained:
            continue
        try:
            asked, _ = template.render(messages[:at], example.tools, add_generation_prompt=True)
            answered, _ = template.render(messages[: at + 1], example.tools)
        except TemplateRefused:
            return None
        if not (answered.startswith(asked) and text.startswith(answered)):
            return None
        spans.append((len(asked), len(answered)))
    return tuple(spans)
