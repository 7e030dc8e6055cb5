"""One answer behind the prompt as the model sees it at inference. Pure.

Some templates write the system turn or the tools into the last question only while nothing
follows it, so that no single rendering shows both the prompt and the answer as they are. Others
open the thinking at the end of the prompt, and write answers without it: behind such a prompt an
answer goes on with what was thought, if anything, and closes the thinking, as the model does.
"""

from brightrun.datasets.tokenizing.chat_template import TemplateRefused
from brightrun.datasets.tokenizing.part_marks import Span, spelled, thought_and_said
from brightrun.datasets.tokenizing.wholeness import Proof, Rendering


def behind_prompt(rendering: Rendering, proof: Proof) -> tuple[str, tuple[Span, ...]] | None:
    """Return the prompt with the last answer behind it, if only that one trains and is whole.

    What the template writes between question and answer must begin as the prompt ends: there the
    model takes over.

    Raises:
        NotWhole: a part of the answer or of its prompt is left out, whatever shows the answer.
    """
    turns = rendering.example.messages
    last = len(turns) - 1
    trained = [at for at, turn in enumerate(turns) if turn.trained]
    answer = proof.start_of(last) if trained == [last] and last > 0 else None
    if answer is None:
        return None
    try:
        asked, _ = rendering.template.render(
            rendering.messages[:last], rendering.example.tools, add_generation_prompt=True
        )
        if asked.rstrip().endswith(_OPENS) and _CLOSES in rendering.template.source:
            return _thinking(rendering, proof, asked, answer)
        question = (turns[last - 1].content or "").strip()
        start = _start_of_generated(rendering.text[:answer], asked, question)
        if start is None:
            return None
        proof.require_answers({last: (start, len(rendering.text))})
        proof.require_in_prompt(asked)
    except TemplateRefused:
        return None
    text = asked + rendering.text[start:]
    return text, ((len(asked), len(text)),)


_OPENS, _CLOSES = "<think>", "</think>"


def _thinking(
    rendering: Rendering, proof: Proof, asked: str, answer: int
) -> tuple[str, tuple[Span, ...]] | None:
    """Return the prompt that opens the thinking, and behind it thinking and answer, if whole."""
    prompt = asked[: asked.rindex(_OPENS)]
    written = rendering.text
    if not written.startswith(prompt) or answer < len(prompt):
        return None
    said = written[len(prompt) :]
    if _OPENS in said or _CLOSES in said:
        return None
    pieces = thought_and_said(rendering.example.messages[-1].content or "")
    inline = "".join(piece for kind, piece in pieces if kind == "reasoning")
    thought = rendering.example.messages[-1].reasoning_content or inline
    text = f"{asked}{thought.strip()}\n{_CLOSES}\n\n{said.lstrip()}"
    span = (len(asked), len(text))
    proof.require_words(text, span)
    proof.require_in_prompt(asked)
    return text, (span,)


def _start_of_generated(before: str, asked: str, question: str) -> int | None:
    """Return where in the whole text the answer starts: where the prompt's own end has ended."""
    for way in spelled(question):
        here, there = before.rfind(way), asked.rfind(way)
        if not way or here < 0 or there < 0:
            continue
        prompt_end = asked[there:]
        if before.startswith(prompt_end, here):
            return here + len(prompt_end)
    return None
