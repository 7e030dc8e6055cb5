"""A base model's chat template, rendered in a sandbox. Pure: knows no clock.

The dialect of Jinja is that of `transformers` (its own rendering is the oracle in the tests):
blocks are trimmed, `tojson` keeps non-ASCII text, `raise_exception` and `strftime_now` exist, and
`{% generation %}` marks what the assistant says. The sandbox keeps a template from reaching
Python objects; it does not bound the time a template takes.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, NoReturn

from jinja2 import TemplateError, nodes
from jinja2.ext import Extension, loopcontrols
from jinja2.parser import Parser
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from brightrun.datasets.parsing.exact_json import exact_dumps

# Templates that print today's date would make every rendering differ; this is the day that
# Llama 3.1's own template falls back to when it is given no date.
TEMPLATE_DATE = date(2024, 7, 26)
_MARKS = "generation_marks"
# Unicode noncharacters: valid in a string, meaningless in a text.
_NONCHARACTERS = tuple(
    chr(0x10000 * plane + low) for plane in range(1, 17) for low in (0xFFFE, 0xFFFF)
)
# What foreign template code may raise when a row is not what it expects.
_TEMPLATE_ERRORS = (
    TemplateError,
    TypeError,
    ValueError,
    AttributeError,
    LookupError,
    ArithmeticError,
    RecursionError,
)


class TemplateRefused(Exception):
    """The template cannot be compiled, or refuses this conversation; another row may pass."""


class _Generation(Extension):
    """`{% generation %}…{% endgeneration %}`: puts a mark before and after its body."""

    tags = {"generation"}  # noqa: RUF012 - jinja2 declares it so

    def parse(self, parser: Parser) -> nodes.Node:
        line = next(parser.stream).lineno
        body = parser.parse_statements(("name:endgeneration",), drop_needle=True)
        call = self.call_method("_mark", [nodes.ContextReference()])
        return nodes.CallBlock(call, [], [], body).set_lineno(line)

    @staticmethod
    def _mark(context: Context, caller: Callable[[], str]) -> str:
        opening, closing = context[_MARKS]
        return f"{opening}{caller()}{closing}"


def _raise_exception(message: str) -> NoReturn:
    raise TemplateError(message)


def _to_json(
    value: object,
    ensure_ascii: bool = False,  # noqa: FBT001, FBT002 - the signature templates call
    indent: int | None = None,
    separators: tuple[str, str] | None = None,
    sort_keys: bool = False,  # noqa: FBT001, FBT002 - the signature templates call
) -> str:
    return exact_dumps(
        value,
        ensure_ascii=ensure_ascii,
        indent=indent,
        separators=separators,
        sort_keys=sort_keys,
    )


class ChatTemplate:
    """One compiled template with the special tokens it may name.

    Raises:
        TemplateRefused: the source is not a template.
    """

    def __init__(self, source: str, special_tokens: Mapping[str, str]) -> None:
        environment = ImmutableSandboxedEnvironment(
            trim_blocks=True, lstrip_blocks=True, extensions=[_Generation, loopcontrols]
        )
        environment.filters["tojson"] = _to_json
        environment.globals["raise_exception"] = _raise_exception
        environment.globals["strftime_now"] = TEMPLATE_DATE.strftime
        self.source = source
        self._is_marked = re.search(r"{%-?\s*generation\b", source) is not None
        self._special_tokens = dict(special_tokens)
        try:
            self._template = environment.from_string(source)
        except _TEMPLATE_ERRORS as error:
            raise TemplateRefused(f"it is not a template: {error}") from error
        # Each rendering copies them, and a chain of dictionaries takes ten times as long.
        self._template.globals = dict(self._template.globals)

    def render(
        self,
        messages: Sequence[Mapping[str, Any]],
        tools: Sequence[Mapping[str, Any]] | None = None,
        *,
        add_generation_prompt: bool = False,
    ) -> tuple[str, tuple[tuple[int, int], ...]]:
        """Return the text, and the spans between generation marks as (start, end) characters.

        Raises:
            TemplateRefused: the template does not take this conversation.
        """
        marks = _unused_marks(messages) if self._is_marked else ("", "")
        try:
            marked = self._template.render(
                {
                    **self._special_tokens,
                    _MARKS: marks,
                    "messages": messages,
                    "tools": tools,
                    "documents": None,
                    "add_generation_prompt": add_generation_prompt,
                }
            )
        except _TEMPLATE_ERRORS as error:
            raise TemplateRefused(str(error) or type(error).__name__) from error
        return _unmarked(marked, marks) if self._is_marked else (marked, ())


def _unused_marks(messages: Sequence[Mapping[str, Any]]) -> tuple[str, str]:
    """Return two characters that stand nowhere in the conversation."""
    text = exact_dumps(list(messages))
    free = [mark for mark in _NONCHARACTERS if mark not in text]
    if len(free) < 2:  # noqa: PLR2004 - an opening and a closing mark
        raise TemplateRefused("the text uses up all Unicode noncharacters")
    return free[0], free[1]


def _unmarked(marked: str, marks: tuple[str, str]) -> tuple[str, tuple[tuple[int, int], ...]]:
    opening, closing = marks
    pieces: list[str] = []
    spans: list[tuple[int, int]] = []
    at = 0
    for part in marked.split(opening):
        inside, closed, outside = part.partition(closing)
        if closed and pieces:
            spans.append((at, at + len(inside)))
        pieces.extend((inside, outside))
        at += len(inside) + len(outside)
    return "".join(pieces), tuple(spans)
