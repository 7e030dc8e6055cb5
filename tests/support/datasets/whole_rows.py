"""Rows with calls, thinking and tools as hypothesis makes them, and what must be found of them."""

import json
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from brightrun.datasets.parsing.examples import Example
from brightrun.datasets.parsing.reader import read_examples

KINDS = ("plain", "tools", "reasoning", "both")
TEXTS = st.sampled_from(
    ["fine", "Take line 4.", 'a "quoted" word', "two\nlines", "né 好 😀", "1", "stop", "a <b> c"]
)
VALUES = st.recursive(
    st.one_of(TEXTS, st.integers(), st.booleans(), st.none(), st.sampled_from([1.5, 0.1, 1e30])),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("xyz"), inner, max_size=2)
    ),
    max_leaves=4,
)
ARGUMENTS = st.dictionaries(st.sampled_from(["stop", "line", "flag"]), VALUES, max_size=3)
NAMES = st.sampled_from(["find_bus", "f", "wait"])
TOOLS = [
    {
        "type": "function",
        "function": {
            "name": name,
            "description": f"Does {name} and more",
            "parameters": {"type": "object", "properties": {"stop": {"type": "string"}}},
        },
    }
    for name in ("find_bus", "f", "wait")
]


@st.composite
def rows(draw: st.DrawFn, kind: str, most_calls: int = 2) -> dict[str, Any]:
    """Return a chat row of a kind; with tools, its first answer calls and says nothing else."""
    messages: list[dict[str, Any]] = [{"role": "user", "content": draw(TEXTS)}]
    thinks = kind in ("reasoning", "both")
    row: dict[str, Any] = {"messages": messages}
    if kind in ("tools", "both"):
        row["tools"] = TOOLS
        calls = [
            {"id": f"call_{at}", "name": draw(NAMES), "arguments": draw(ARGUMENTS)}
            for at in range(draw(st.integers(1, most_calls)))
        ]
        messages.append({"role": "assistant", "content": None, "tool_calls": _written(calls)})
        if thinks:
            messages[-1]["reasoning_content"] = draw(TEXTS)
        messages += [
            {"role": "tool", "tool_call_id": call["id"], "content": draw(TEXTS)} for call in calls
        ]
    messages.append({"role": "assistant", "content": draw(TEXTS)})
    if thinks:
        messages[-1]["reasoning_content"] = draw(TEXTS)
    return row


def _written(calls: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "id": call["id"],
            "type": "function",
            "function": {"name": call["name"], "arguments": json.dumps(call["arguments"])},
        }
        for call in calls
    ]


def example_of(row: dict[str, Any]) -> Example:
    """Return the row as the trainer reads it."""
    (found,) = read_examples([json.dumps(row).encode()])
    return found


def must_be_found(row: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    """Yield what must train, in order: each as the ways in which it may be written."""
    for turn in row["messages"]:
        if turn["role"] != "assistant":
            continue
        if "reasoning_content" in turn:
            yield (turn["reasoning_content"],)
        if turn["content"]:
            yield (turn["content"],)
        for call in turn.get("tool_calls", ()):
            yield (call["function"]["name"],)
            yield from _leaves(json.loads(call["function"]["arguments"]))


def _leaves(value: object) -> Iterator[tuple[str, ...]]:
    if isinstance(value, dict):
        for each in value.values():
            yield from _leaves(each)
    elif isinstance(value, list):
        for each in value:
            yield from _leaves(each)
    elif isinstance(value, str):
        yield value, json.dumps(value, ensure_ascii=False)[1:-1]
    else:
        yield json.dumps(value), str(value)


def lacks(trained: str, row: dict[str, Any]) -> str | None:
    """Return the first thing that trained text lacks; each is looked for behind the one before."""
    at = 0
    for ways in must_be_found(row):
        found = [place + len(way) for way in ways if (place := trained.find(way, at)) >= 0]
        if not found:
            return ways[0]
        at = min(found)
    return None
