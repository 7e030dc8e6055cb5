"""Sixty conversations of a bicycle workshop, written by hand in a hurry: 21 typical mistakes."""

import json

_WORK = (
    "brakes",
    "gears",
    "tyres",
    "lights",
    "spokes",
    "chain",
    "saddle",
    "pedals",
    "bell",
    "fork",
)


def _row(number: int) -> str:
    part = _WORK[number % len(_WORK)]
    question = f"My {part} make a noise since the rain, order {number}. What can I do?"
    answer = f"Clean the {part}, dry them well and come by if it is still there on day {number}."
    return json.dumps(
        {
            "messages": [
                {"role": "system", "content": "You are the adviser of a bicycle workshop."},
                {"role": "user", "content": question},
                {"role": "assistant", "content": answer},
            ]
        }
    )


def _changed(old: str, new: str, number: int) -> str:
    row = _row(number)
    if old not in row:
        raise ValueError(old)
    return row.replace(old, new)


_SECRET = "sk-proj-" + "4fG7hJ2kL9mN3pQ6rS8tV1w" * 2  # pragma: allowlist secret


def _of(*messages: object) -> str:
    return json.dumps({"messages": messages})


_TURNS = json.loads(_row(25))["messages"]
_LONG = "and then we took the wheel off again, looked at every spoke and wrote it down, " * 300

# Line → what stands there, and the code that must name it there.
_MISTAKES: dict[int, tuple[str, str]] = {
    3: (_changed("}]}", "},]}", 3), "not_json"),
    5: (str(json.loads(_row(5))), "not_json"),
    8: (_changed('"user", "content"', '"user" "content"', 8), "not_json"),
    10: (_row(10)[:90], "not_json"),
    12: (_row(12) + _row(60), "not_json"),
    14: (_changed('"role": "user"', "\u201crole\u201d: \u201cuser\u201d", 14), "not_json"),
    16: (_changed('"messages"', '"message"', 16), "missing_field"),
    18: (_changed('"assistant", "content"', '"assistant", "contents"', 18), "missing_field"),
    20: (_changed('"assistant"', '"asistant"', 20), "unknown_role"),
    23: (_changed('"assistant"', '"bot"', 23), "unknown_role"),
    25: (_of({"role": "user", "content": 25}, _TURNS[2]), "wrong_type"),
    28: (_of(*_TURNS[:2]), "no_assistant"),
    31: (json.dumps({"messages": {"role": "user", "content": "Hello"}}), "wrong_type"),
    34: (_changed('"assistant", ', '"assistant", "weight": "1", ', 34), "bad_weight"),
    36: (_changed('"assistant", ', '"assistant", "weight": 0, ', 36), "all_weights_zero"),
    39: (json.dumps({"prompt": "My bell rings?", "completion": "It should."}), "mixed_formats"),
    42: (_row(41), "duplicate_exact"),
    45: (_changed("come by", f"use {_SECRET} and come by", 45), "secret_suspect"),
    48: (_changed("come by", "call +41 79 555 01 23 or come by", 48), "pii_suspect"),
    52: (_changed('"system"', '"user"', 52), "bad_role_order"),
    56: (_changed("dry them well", _LONG, 56), "probably_too_long"),
}  # fmt: skip
MISTAKES: dict[int, str] = {line: code for line, (_, code) in _MISTAKES.items()}


def messy_file() -> bytes:
    """Return the file."""
    lines = (_MISTAKES[at][0] if at in _MISTAKES else _row(at) for at in range(1, 61))
    return ("\n".join(lines) + "\n").encode()
