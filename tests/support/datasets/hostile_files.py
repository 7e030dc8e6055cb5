"""Files made to cost a validator much: the worst shapes for each part of it, and random ones."""

import json
import zlib
from collections.abc import Callable, Iterator
from random import Random

Shape = Callable[[Random, int], Iterator[bytes]]
_PIECE = 1 << 20


def _repeated(row: bytes, size_bytes: int) -> Iterator[bytes]:
    piece = row * max(1, _PIECE // len(row))
    for _ in range(max(1, size_bytes // len(piece))):
        yield piece


def _chat(text: str) -> bytes:
    turns = [{"role": "user", "content": text}, {"role": "assistant", "content": text}]
    return json.dumps({"messages": turns}).encode() + b"\n"


def _texts(text: Callable[[Random], str]) -> Shape:
    def shape(random: Random, size_bytes: int) -> Iterator[bytes]:
        rows = b"".join(_chat(text(random)) for _ in range(400))
        return _repeated(rows, size_bytes)

    return shape


def _digits(random: Random, *lengths: int, between: str = " ") -> str:
    return between.join(f"{random.randrange(10**n):0{n}d}" for n in lengths)


def _short_rows(_: Random, size_bytes: int) -> Iterator[bytes]:
    return _repeated(b'{"prompt":"a","completion":"b"}\n', size_bytes)


def _one_string(_: Random, size_bytes: int) -> Iterator[bytes]:
    yield b'[{"prompt": "'
    yield from _repeated(b"a" * _PIECE, size_bytes)
    yield b'", "completion": "b"}]'


def _open_array(_: Random, size_bytes: int) -> Iterator[bytes]:
    yield b"["
    yield from _repeated(b'{"prompt": "a\\"", "completion": "b}, {"},\n', size_bytes)


def _deep(_: Random, size_bytes: int) -> Iterator[bytes]:
    yield from _repeated(b'{"messages":' + b"[" * 3000 + b"]" * 3000 + b"}\n", size_bytes)


def _many_keys(random: Random, size_bytes: int) -> Iterator[bytes]:
    row = {f"k{random.random()}": n for n in range(2000)} | {"prompt": "a", "completion": "b"}
    return _repeated(json.dumps(row).encode() + b"\n", size_bytes)


def _no_utf8(_: Random, size_bytes: int) -> Iterator[bytes]:
    return _repeated(b'{"prompt":"\xff\xfe","completion":"4111 1111 1111 1112"}\n', size_bytes)


def _surrogates(_: Random, size_bytes: int) -> Iterator[bytes]:
    return _repeated(b'{"prompt":"\\ud800","completion":"\\u0000"}\n', size_bytes)


def _numbers(_: Random, size_bytes: int) -> Iterator[bytes]:
    return _repeated(b'{"prompt":1e999,"completion":' + b"9" * 5000 + b"}\n", size_bytes)


def _blank(_: Random, size_bytes: int) -> Iterator[bytes]:
    return _repeated(b"\n \n\r\n", size_bytes)


def _noise(random: Random, size_bytes: int) -> Iterator[bytes]:
    piece = random.randbytes(_PIECE)
    return _repeated(piece, size_bytes)


def _turns(random: Random, size_bytes: int) -> Iterator[bytes]:
    kinds = ["user", "assistant", "tool", "system", "function", ""]
    turns = [{"role": random.choice(kinds), "content": "x"} for _ in range(5000)]
    return _repeated(json.dumps({"messages": turns}).encode() + b"\n", size_bytes)


SHAPES: dict[str, Shape] = {
    "plain": _texts(lambda r: " ".join(r.choice(["bread", "oven", "river"]) for _ in range(80))),
    "cards": _texts(lambda r: " ".join(_digits(r, 4, 4, 4, 4) for _ in range(20))),
    "ibans": _texts(lambda r: " ".join(f"DE{_digits(r, 2, 4, 4, 4, 4, 2)}" for _ in range(16))),
    "telephones": _texts(lambda r: " ".join(_digits(r, 3, 3, 4, between=".") for _ in range(30))),
    "addresses": _texts(lambda r: " ".join(f"a{r.randrange(99)}@example.com" for _ in range(30))),
    "tables": _texts(lambda r: " ".join(_digits(r, 9) for _ in range(45))),
    "dates": _texts(lambda r: " ".join(f"20{_digits(r, 2, 2, 2, between='-')}" for _ in range(40))),
    "decimals": _texts(lambda r: " ".join(_digits(r, 2, 3, between=".") for _ in range(60))),
    "hexadecimals": _texts(lambda r: " ".join(f"{r.randrange(1 << 32):08X}" for _ in range(45))),
    "short rows": _short_rows,
    "one string": _one_string,
    "open array": _open_array,
    "deep": _deep,
    "many keys": _many_keys,
    "no UTF-8": _no_utf8,
    "surrogates": _surrogates,
    "numbers": _numbers,
    "blank": _blank,
    "noise": _noise,
    "turns": _turns,
}


def packed(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Return the gzip of chunks."""
    pressing = zlib.compressobj(1, wbits=31)
    for chunk in chunks:
        yield pressing.compress(chunk)
    yield pressing.flush()


def mixed(random: Random, size_bytes: int) -> Iterator[bytes]:
    """Return pieces of several shapes one after another, cut anywhere, some bytes of them wrong."""
    for name in random.sample(sorted(SHAPES), 3):
        whole = b"".join(SHAPES[name](random, size_bytes // 3))[: size_bytes // 3]
        start = random.randrange(max(1, len(whole) // 2))
        piece = bytearray(whole[start:])
        for _ in range(random.randrange(5)):
            piece[random.randrange(len(piece))] = random.randrange(256)
        yield bytes(piece)
