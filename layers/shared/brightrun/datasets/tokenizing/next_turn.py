"""What a template writes between an answer and the turn after it. Pure."""

from brightrun.datasets.parsing.examples import Example, Message
from brightrun.datasets.tokenizing.chat_template import ChatTemplate, TemplateRefused
from brightrun.datasets.tokenizing.message_forms import Form, in_form

_MARK = "\ufdd0"
"""A Unicode noncharacter: what is said next."""
_TAIL = 40
"""Characters by which the end of the answer is known again: earlier ones may be written anew."""


def opening_behind(template: ChatTemplate, example: Example, form: Form, text: str) -> str | None:
    """Return what stands between the end of a text and the words of a next turn, if known."""
    turns = (*example.messages, _next(example.messages[-1]))
    try:
        longer, _ = template.render(in_form(turns, form), example.tools)
    except TemplateRefused:
        return None
    tail = text[-_TAIL:].rpartition("\n")[2] or text[-_TAIL:]
    before, marked, _ = longer.partition(_MARK)
    at = before.rfind(tail)
    return before[at + len(tail) :] if marked and at >= 0 else None


def _next(last: Message) -> Message:
    """Return the turn that follows an answer: the tool's where it calls, otherwise the user's."""
    if not last.tool_calls:
        return Message("user", _MARK)
    call = last.tool_calls[0]
    return Message("tool", _MARK, name=call["function"]["name"], tool_call_id=call.get("id"))
