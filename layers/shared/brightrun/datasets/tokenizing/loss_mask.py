"""Which characters of a rendered conversation are trained on. Pure.

Three ways, in this order: the template's own `{% generation %}` marks; the turn frame of a known
family of templates; the difference between renderings with and without an answer, where both
are prefixes of the whole. Whichever finds a span, everything of the turn must stand in it. For a
single answer there is a fourth: the prompt as it is at inference, and behind it what the template
writes of the answer. Where none holds there is no answer, never a guess.
"""

from collections.abc import Iterator, Mapping

import msgspec

from brightrun.datasets.parsing.examples import Example
from brightrun.datasets.tokenizing.chat_template import ChatTemplate, TemplateRefused
from brightrun.datasets.tokenizing.inference_prompt import behind_prompt
from brightrun.datasets.tokenizing.message_forms import Form, forms_for
from brightrun.datasets.tokenizing.part_marks import Part, Span
from brightrun.datasets.tokenizing.template_set import in_order
from brightrun.datasets.tokenizing.wholeness import (
    NotWhole,
    Proof,
    Rendering,
    is_plain_context,
    plainly_whole,
    rendered,
)

MAX_RENDERED_ANSWERS = 64
"""How often one row is rendered to tell its answers apart: the time stays linear in its size."""


class NoSpans(Exception):
    """The template does not show where the assistant's turns start and end."""


class TooManyAnswers(NoSpans):
    """It would, by rendering the row once for each answer, and there are too many."""


class Labelled(msgspec.Struct, frozen=True):
    """The text of one sequence, the spans of it that train, and how it was rendered."""

    text: str
    spans: tuple[Span, ...]
    template: str
    form: Form


class _Family(msgspec.Struct, frozen=True):
    """How a family frames the assistant's turn; `sign` tells its templates by their source."""

    sign: str
    opening: str
    closing: str


_FAMILIES = (
    _Family("<|im_start|>", "<|im_start|>assistant\n", "<|im_end|>"),
    _Family("<|im_sep|>", "<|im_start|>assistant<|im_sep|>", "<|im_end|>"),
    _Family(
        "<|start_header_id|>",
        "<|start_header_id|>assistant<|end_header_id|>\n\n",
        "<|eot_id|>",
    ),
    _Family("<start_of_turn>", "<start_of_turn>model\n", "<end_of_turn>"),
    _Family("<|end|>", "<|assistant|>\n", "<|end|>"),
    _Family("<|end|>", "<|assistant|>", "<|end|>"),
    _Family("<|start_of_role|>", "<|start_of_role|>assistant<|end_of_role|>", "<|end_of_text|>"),
)


def trained_text(templates: Mapping[str, ChatTemplate], example: Example) -> Labelled:
    """Return the rendered row and the spans that train: the first way in which it is whole.

    Raises:
        NotWhole: every way loses a part of the row; the first such part.
        NoSpans: no way shows what the assistant says.
        TemplateRefused: no template takes this conversation.
    """
    failures: list[Exception] = []
    for name in in_order(templates, example):
        template = templates[name]
        for form in forms_for(template.source, example.messages):
            try:
                text, spans = _labelled(template, example, form)
            except (NotWhole, NoSpans, TemplateRefused) as failure:
                failures.append(failure)
            else:
                return Labelled(text, spans, name, form)
    raise _most_telling(failures)


def _most_telling(failures: list[Exception]) -> Exception:
    """Return the failure of the form that came closest: all answers whole, then some shown."""
    lost = [each for each in failures if isinstance(each, NotWhole)]
    context = [each for each in lost if each.part.kind in ("tools", "system")]
    kinds = (TooManyAnswers, NoSpans, TemplateRefused)
    others = [each for kind in kinds for each in failures if isinstance(each, kind)]
    return [*context, *lost, *others][0]


def _labelled(template: ChatTemplate, example: Example, form: Form) -> tuple[str, tuple[Span, ...]]:
    rendering = rendered(template, example, form)
    proof: Proof | None = None
    failure: Exception = NoSpans()
    try:
        for spans in _ways(rendering):
            if _is_plain(rendering, spans):
                return rendering.text, tuple(spans.values())
            proof = proof or Proof(rendering)
            try:
                proof.require_whole(spans)
            except NotWhole as lost:
                failure = lost
            else:
                return rendering.text, tuple(spans.values())
    except NoSpans as none:
        failure = none if isinstance(failure, NoSpans) else failure
    proof = proof or Proof(rendering)
    try:
        behind = behind_prompt(rendering, proof)
        if behind is not None:
            return behind
        proof.require_somewhere()
    except NotWhole as lost:
        # What is left out says more than that nothing shows where answers stand.
        failure = lost if isinstance(failure, NoSpans) else failure
    raise failure


def _is_plain(rendering: Rendering, spans: Mapping[int, Span]) -> bool:
    turns = rendering.example.messages
    return is_plain_context(rendering.example, rendering.text) and all(
        plainly_whole(rendering.text, span, turns[at]) for at, span in spans.items()
    )


def _ways(rendering: Rendering) -> Iterator[dict[int, Span]]:
    """Yield the spans of the turns that train, by position, in each way that finds them."""
    turns = rendering.example.messages
    answers = [at for at, turn in enumerate(turns) if turn.role == "assistant"]
    for spans in (rendering.generated, _framed(rendering, len(answers))):
        if spans is not None and len(spans) == len(answers):
            yield {at: span for at, span in zip(answers, spans, strict=True) if turns[at].trained}
    yield _differences(rendering)


def _framed(rendering: Rendering, answers: int) -> tuple[Span, ...] | None:
    """Return one span per answer if the text has exactly the frames it should have."""
    text, source = rendering.text, rendering.template.source
    signed = (known for known in _FAMILIES if known.sign in source)
    family = next((known for known in signed if text.count(known.opening) == answers), None)
    if family is None:
        return None
    spans: list[Span] = []
    at = 0
    for _ in range(answers):
        start = text.find(family.opening, at) + len(family.opening)
        end = text.find(family.closing, start)
        if end < 0:
            return None
        at = end + len(family.closing)
        spans.append((start, at))
    return tuple(spans)


def _differences(rendering: Rendering) -> dict[int, Span]:
    """Return what each trained answer adds, if every earlier rendering is a prefix."""
    trained = [at for at, turn in enumerate(rendering.example.messages) if turn.trained]
    if len(trained) > MAX_RENDERED_ANSWERS:
        raise TooManyAnswers(f"{len(trained)}; {MAX_RENDERED_ANSWERS} are taken")
    messages, tools = rendering.messages, rendering.example.tools
    spans: dict[int, Span] = {}
    for at in trained:
        try:
            asked, _ = rendering.template.render(messages[:at], tools, add_generation_prompt=True)
            answered, _ = rendering.template.render(messages[: at + 1], tools)
        except TemplateRefused as refusal:
            raise NoSpans from refusal
        if not (answered.startswith(asked) and rendering.text.startswith(answered)):
            raise NoSpans
        spans[at] = (len(asked), len(answered))
    return spans


def dropped(part: Part) -> str:
    """Return in words what is left out of which turn."""
    names = {
        "content": "the text of an answer that trains",
        "reasoning": "the thinking of an answer that trains",
        "tool_call": "a tool call, or a part of it, of an answer that trains",
        "tools": "a tool that the row declares",
        "system": "the system turn",
    }
    return f"{names[part.kind]}: {part.spellings[0][:60]!r}"
