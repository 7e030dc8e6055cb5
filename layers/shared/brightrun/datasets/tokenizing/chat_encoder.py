"""From a row to token ids and labels, through the base model's own chat template. Pure.

Built on `TextTokenizer` and sandboxed Jinja alone, so that validation, preview and training cannot
disagree. A row is never cut: the caller sees how long it is and rejects it by its line.
"""

import json
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Self

import msgspec
from tokenizers import Tokenizer

from brightrun.datasets.parsing.examples import Example
from brightrun.datasets.problems import Code
from brightrun.datasets.tokenizing.chat_template import ChatTemplate, TemplateRefused
from brightrun.datasets.tokenizing.loss_mask import (
    Labelled,
    NoSpans,
    TooManyAnswers,
    dropped,
    trained_text,
)
from brightrun.datasets.tokenizing.next_turn import opening_behind
from brightrun.datasets.tokenizing.part_marks import Part
from brightrun.datasets.tokenizing.special_tokens import ids_in, named_tokens
from brightrun.datasets.tokenizing.template_set import DEFAULT, template_sources
from brightrun.datasets.tokenizing.text_tokenizer import TextTokenizer
from brightrun.datasets.tokenizing.text_tokens import Displaced, TextTokens
from brightrun.datasets.tokenizing.wholeness import NotWhole

NO_LOSS = -100
MAX_SEQUENCES = 64
"""Of one row whose template rewrites earlier turns: each answer repeats all before it."""
_DROPS = {
    "content": Code.TEMPLATE_DROPS_CONTENT,
    "reasoning": Code.TEMPLATE_DROPS_REASONING,
    "tool_call": Code.TEMPLATE_DROPS_TOOL_CALL,
    "tools": Code.TEMPLATE_DROPS_TOOLS,
    "system": Code.TEMPLATE_DROPS_SYSTEM,
}
_SPLIT = frozenset({Code.TEMPLATE_UNSUPPORTED, *_DROPS.values()})
"""Refusals that may not hold for each answer alone."""


class EncodingRefused(Exception):
    """The row, or every row, cannot be turned into labels; `code` says which and why.

    Attributes:
        part: what of the row is the reason, where it is one part of it.
    """

    def __init__(self, code: Code, reason: str, part: Part | None = None) -> None:
        super().__init__(reason)
        self.code = code
        self.part = part


class Encoded(msgspec.Struct, frozen=True):
    """One training sequence; lists of its tokens are made when they are asked for.

    Attributes:
        trained: the tokens that the loss is taken on; the ranges rise and share none.
        template: the name of the chat template that wrote it.
        form: in what form the messages were handed to it; empty where all is as usual.
    """

    tokens: TextTokens
    trained: tuple[range, ...]
    template: str = DEFAULT
    form: str = ""

    @property
    def input_ids(self) -> list[int]:
        """The ids of all tokens."""
        return self.tokens.ids

    @property
    def labels(self) -> list[int]:
        """As long as `input_ids`, equal to it where the loss is taken, else -100; not shifted."""
        ids = self.tokens.ids
        labels = [NO_LOSS] * len(ids)
        for part in self.trained:
            labels[part.start : part.stop] = ids[part.start : part.stop]
        return labels

    @property
    def total_tokens(self) -> int:
        """How many tokens it has."""
        return len(self.tokens)

    @property
    def trained_tokens(self) -> int:
        """How many tokens the loss is taken on; nothing stands before the first to predict it."""
        return sum(map(len, self.trained)) - any(0 in part for part in self.trained)


class ChatEncoder:
    """Tokenizer and chat template of one base model.

    Args:
        chat_template: the source, or the sources by name where there are several.
        special_tokens: as templates name them, such as `bos_token`.
        eos_ids: the tokens at which generation stops; every trained turn must end in one, or the
            model never learns to stop.

    Raises:
        EncodingRefused: `chat_template_missing`, or a template that is none.
    """

    def __init__(
        self,
        tokenizer_json: bytes,
        chat_template: str | Mapping[str, str] | None,
        *,
        special_tokens: Mapping[str, str],
        eos_ids: Collection[int],
    ) -> None:
        if not chat_template:
            raise EncodingRefused(Code.CHAT_TEMPLATE_MISSING, "the base model has no chat template")
        named = {DEFAULT: chat_template} if isinstance(chat_template, str) else chat_template
        try:
            self._templates = {
                name: ChatTemplate(source, special_tokens) for name, source in named.items()
            }
        except TemplateRefused as error:
            raise EncodingRefused(Code.TEMPLATE_UNSUPPORTED, str(error)) from error
        self._tokenizer = TextTokenizer(tokenizer_json)
        full = self._tokenizer.full
        self._eos_ids = frozenset(eos_ids)
        self._control = _any_of(
            token.content for token in full.get_added_tokens_decoder().values() if token.special
        )

    @classmethod
    def from_files(cls, files: Mapping[str, bytes]) -> Self:
        """Return the encoder of a base model, given its small files by their usual names.

        Needs `tokenizer.json` and `tokenizer_config.json`; reads the others of
        `ENCODER_FILES` where they exist.
        """
        names = ("tokenizer_config.json", "generation_config.json", "config.json")
        told, generation, model = (json.loads(files.get(name, b"{}")) for name in names)
        special = named_tokens(told)
        tokenizer = Tokenizer.from_str(files["tokenizer.json"].decode())
        eos_ids = ids_in(generation.get("eos_token_id", model.get("eos_token_id")))
        if (
            not eos_ids
            and (found := tokenizer.token_to_id(special.get("eos_token", ""))) is not None
        ):
            eos_ids = {found}
        return cls(
            files["tokenizer.json"],
            template_sources(files, told),
            special_tokens=special,
            eos_ids=eos_ids,
        )

    @property
    def not_fast_because(self) -> str:
        """Why tokens are counted at the speed of `tokenizers`; empty where faster, and equal."""
        return self._tokenizer.not_fast_because

    def encode(self, example: Example) -> Encoded:
        """Return the whole conversation as one sequence.

        Raises:
            EncodingRefused: for this row: `template_refused`, `template_drops_…` (a part of the
                row is not written), `template_unsupported` (no way to tell what the assistant
                says), `end_of_turn_missing`, `too_many_answers`.
        """
        labelled = self._rendered(example)
        try:
            return self._encoded(labelled)
        except EncodingRefused:
            longer = self._with_next_turn(example, labelled)
            if longer is None:
                raise
        return self._encoded(longer)

    def _encoded(self, labelled: Labelled) -> Encoded:
        try:
            return self._labelled(self._tokenizer.tokens(labelled.text), labelled)
        except Displaced:
            return self._labelled(self._tokenizer.tokens_with_offsets(labelled.text), labelled)

    def _with_next_turn(self, example: Example, labelled: Labelled) -> Labelled | None:
        """Return the text with the token that begins the user's next turn, if it ends answers.

        Some families write no token of their own behind an answer: generation stops where the
        next turn begins, and behind the last answer of a row none does.
        """
        template = self._templates[labelled.template]
        opening = opening_behind(template, example, labelled.form, labelled.text)
        found = None if opening is None else self._control.match(opening)
        if found is None or labelled.spans[-1][1] != len(labelled.text):
            return None
        if self._tokenizer.full.token_to_id(found.group()) not in self._eos_ids:
            return None
        return msgspec.structs.replace(labelled, text=labelled.text + found.group())

    def _rendered(self, example: Example) -> Labelled:
        try:
            return trained_text(self._templates, example)
        except TemplateRefused as error:
            raise EncodingRefused(Code.TEMPLATE_REFUSED, str(error)) from error
        except NotWhole as error:
            raise EncodingRefused(
                _DROPS[error.part.kind], dropped(error.part), error.part
            ) from error
        except TooManyAnswers as error:
            raise EncodingRefused(Code.TOO_MANY_ANSWERS, str(error)) from error
        except NoSpans as error:
            reason = "the template does not show where the assistant's turns start and end"
            raise EncodingRefused(Code.TEMPLATE_UNSUPPORTED, reason) from error

    def samples(self, example: Example) -> tuple[Encoded, ...]:
        """Return the sequences that train the row: one, or one per answer.

        Several are needed where the template rewrites earlier turns, so that no single rendering
        shows every answer as it is generated.

        Raises:
            EncodingRefused: as `encode`.
        """
        try:
            return (self.encode(example),)
        except EncodingRefused as refusal:
            targets = [at for at, turn in enumerate(example.messages) if turn.trained]
            is_split = targets in ([], [len(example.messages) - 1])
            if refusal.code not in _SPLIT or is_split:
                raise
            if len(targets) > MAX_SEQUENCES:
                reason = f"{len(targets)}; {MAX_SEQUENCES} are taken"
                raise EncodingRefused(Code.TOO_MANY_ANSWERS, reason) from refusal
        return tuple(self.encode(_up_to(example, target)) for target in targets)

    def text_of(self, token: int) -> str:
        """Return what a token stands for; a part of a character shows as a replacement mark."""
        text: str = self._tokenizer.full.decode([token], skip_special_tokens=False)
        return text

    def control_token_in(self, example: Example) -> str | None:
        """Return a control token that a text spells out, which would be read as a real one."""
        for turn in example.messages:
            if (found := self._control.search(turn.content or "")) is not None:
                return found.group()
        return None

    def ends_turn(self, token: int) -> bool:
        """Whether generation stops at this token."""
        return token in self._eos_ids

    def _labelled(self, tokens: TextTokens, labelled: Labelled) -> Encoded:
        trained: list[range] = []
        reached = 0
        for span in labelled.spans:
            inside = tokens.overlapping(span)
            end = self._end_of_turn(tokens, inside)
            # Two spans may share a token.
            trained.append(range(max(inside.start, reached), end))
            reached = end
        return Encoded(tokens, tuple(trained), labelled.template, labelled.form.name)

    def _end_of_turn(self, tokens: TextTokens, inside: range) -> int:
        """Return where the trained part of a span ends: after the token that ends the turn.

        Templates put that token last in the span, or before a line end or the end of the whole
        text, or just behind the span.
        """
        for at in reversed(inside):
            if tokens.id(at) in self._eos_ids:
                return at + 1
            said = tokens.text(at).strip()
            if said and self._control.fullmatch(said) is None:
                break
        if inside and inside.stop < len(tokens) and tokens.id(inside.stop) in self._eos_ids:
            return inside.stop + 1
        reason = "the template does not end the assistant's turn with an end-of-turn token"
        raise EncodingRefused(Code.END_OF_TURN_MISSING, reason)


def _any_of(tokens: Iterable[str]) -> re.Pattern[str]:
    """Return a search for any of the tokens; without any, one that finds nothing."""
    return re.compile("|".join(map(re.escape, tokens)) or r"(?!)")


def _up_to(example: Example, target: int) -> Example:
    """Return the conversation as it stood when one answer was given; only that answer trains."""
    context = (msgspec.structs.replace(turn, trained=False) for turn in example.messages[:target])
    return msgspec.structs.replace(example, messages=(*context, example.messages[target]))
