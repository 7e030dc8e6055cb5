"""Whether time grows with the bytes of a file and no faster, whatever its shape.

    python -m tests.bench.bench_linear

Each odd shape is doubled twice; the ratio of the last two CPU times is printed, and is about 2
where the time is linear. With tokenizers, for each of the ways in which answers are found.
"""

import gzip
import json
import sys
import time
from collections.abc import Callable, Mapping
from types import MappingProxyType

from brightrun.datasets.tokenizing.chat_encoder import ChatEncoder
from brightrun.datasets.validation.validator import validate
from tests.support.datasets.template_families import encoder_of

ASK: dict[str, object] = {"role": "user", "content": "q"}
PAIR = b'{"prompt":"a","completion":"b"}'
SUSPECT_RATIO = 3.0
TELLING_SECONDS, LARGEST_BYTES = 0.01, 3_000_000
"""A shape grows until its time can be told, and stays below what a line may have."""


def chat(*turns: dict[str, object], **keys: object) -> bytes:
    """Return a chat row that starts with a question."""
    return json.dumps({"messages": [ASK, *turns], **keys}).encode()


def says(content: str) -> dict[str, object]:
    """Return an answer."""
    return {"role": "assistant", "content": content}


def calls(count: int) -> dict[str, object]:
    """Return an answer that only calls, so many times."""
    function = {"name": "f", "arguments": '{"a": 1}'}
    made = [{"id": f"c{at}", "function": function} for at in range(count)]
    return {"role": "assistant", "tool_calls": made}


def results(count: int) -> list[dict[str, object]]:
    """Return the answers to so many calls."""
    return [{"role": "tool", "tool_call_id": f"c{at}", "content": "x"} for at in range(count)]


def declared(count: int) -> list[dict[str, object]]:
    """Return so many tools."""
    return [{"name": f"f{at}", "parameters": {"properties": {"x": {}}}} for at in range(count)]


BYTES: Mapping[str, Callable[[int], bytes]] = MappingProxyType(
    {
        "a long line in an array": lambda n: b'[{"prompt":"a","completion":"%s"}]' % (b"b" * n),
        "an array of many rows": lambda n: b"[" + b",".join([PAIR] * (n // 40)) + b"]",
        "an array of broken rows": lambda n: b"[" + b'{"prompt":"a"b"},' * (n // 40) + b"]",
        "an array that breaks and never ends": lambda n: b'[{"prompt":"a"b' + b"x" * n,
        "blank lines in gzip": lambda n: gzip.compress(b"\n" * (n * 4)),
        "lines of spaces in gzip": lambda n: gzip.compress(b" \n" * (n * 2)),
        "blank lines between rows in gzip": lambda n: gzip.compress(
            (b"\n" * 10_000 + PAIR + b"\n") * (n // 10_000)
        ),
        "deep nesting": lambda n: b'{"messages":' + b"[" * n + b"]" * n + b"}",
        "an array that only opens": lambda n: b"[" * n,
        "a string of backslashes": lambda n: b'"' + b"\\" * n,
        "many keys": lambda n: chat(says("a"), **{f"k{at}": at for at in range(n // 20)}),
        "a line over the limit": lambda n: b"x" * (n * 20),
    }
)  # fmt: skip
ROWS: Mapping[str, Callable[[int], bytes]] = MappingProxyType(
    {
        "many turns": lambda n: chat(*((says("a"), ASK) * (n // 80)), says("a")),
        "a long answer": lambda n: chat(says("b " * (n // 2))),
        "many thoughts": lambda n: chat(says("<think>a</think>b" * (n // 20))),
        "many calls": lambda n: chat(calls(n // 80)),
        "many results": lambda n: chat(calls(n // 80), *results(n // 80), says("a")),
        "many tools": lambda n: chat(says("a"), tools=declared(n // 50)),
        "many values in a call": lambda n: chat(
            {"role": "assistant", "tool_calls": [{"name": "f", "arguments": {"a": [1] * (n // 3)}}]}
        ),
    }
)
FAMILIES = (
    "Qwen2.5, Hermes 3",
    "SmolLM3, generation marks",
    "Mistral v0.3",
    "Qwen3",
    "DeepSeek R1, distilled",
)


def main() -> int:
    """Print a line for each shape; 1 when the time of one grows too fast."""
    suspects = 0
    for name, shape in {**BYTES, **ROWS}.items():
        suspects += _told(f"{name}, estimate", shape, 200_000, None)
    for family in FAMILIES:
        for name, shape in ROWS.items():
            suspects += _told(f"{name}, {family}", shape, 40_000, encoder_of(family))
    return 1 if suspects else 0


def _told(name: str, shape: Callable[[int], bytes], size: int, encoder: ChatEncoder | None) -> bool:
    while size < LARGEST_BYTES and _seconds(shape(size), encoder) < TELLING_SECONDS:
        size *= 4
    seconds = [_seconds(shape(size * times), encoder) for times in (1, 2, 4)]
    ratio = max(seconds[2], 0.02) / max(seconds[1], 0.01)
    sys.stdout.write(f"{name:52} {seconds[2]:7.2f} s  x{ratio:.2f}\n")
    return ratio > SUSPECT_RATIO


def _seconds(data: bytes, encoder: ChatEncoder | None) -> float:
    """Return the CPU time of one validation, the better of two."""
    best = float("inf")
    for _ in range(2):
        start = time.process_time()
        validate([data], encoder=encoder)
        best = min(best, time.process_time() - start)
    return best


if __name__ == "__main__":
    raise SystemExit(main())
