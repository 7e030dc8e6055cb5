"""One answer behind the prompt as the model sees it at inference. Pure.

Some templates write the system turn or the tools into the last question only while nothing
follows it, so that no single rendering shows both the prompt and the answer as they are.
"""

from brightrun.datasets.tokenizing.chat_template import TemplateRefused
from brightrun.datasets.tokenizing.part_marks import Span, spelled
from brightrun.datasets.tokenizing.wholeness import NotWhole, Proof, Rendering


def behind_prompt(rendering: Rendering, proof: Proof) -> tuple[str, tuple[Span, ...]] | None:
    """Return the prompt with the last answer behind it, if only that one trains and is whole.

    What the template writes between question and answer must begin as the prompt ends: there the
    model takes over.
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
        question = (turns[last - 1].content or "").strip()
        start = _start_of_generated(rendering.text[:answer], asked, question)
        if start is None:
            return None
        proof.require_answers({last: (start, len(rendering.text))})
        proof.require_in_prompt(asked)
    except (TemplateRefused, NotWhole):
        return None
    text = asked + rendering.text[start:]
    return text, ((len(asked), len(text)),)


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
