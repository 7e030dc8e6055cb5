"""A GGUF file read: its facts, and its tensors as 32-bit numbers. No more types than we meet.

Source: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md; blocks as in ggml-common.h.
"""

import math
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]

_MAGIC = b"GGUF"
_VERSION = 3
_DEFAULT_ALIGNMENT = 32
_STRING, _ARRAY = 8, 9
_SCALARS: Mapping[int, str] = {
    0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?",
    10: "<Q", 11: "<q", 12: "<d",
}  # fmt: skip
_BLOCK = 32
"""Weights of one quantised block."""


class NotReadable(ValueError):
    """No GGUF file, or a kind of it that is not read here; the message says which."""


@dataclass(frozen=True)
class _Place:
    shape: tuple[int, ...]
    kind: int
    offset: int


@dataclass(frozen=True)
class GgufFile:
    """What stands in a file; tensors are read from it one at a time.

    Attributes:
        facts: its keys, such as `llama.block_count`.
    """

    path: Path
    facts: Mapping[str, Any]
    places: Mapping[str, _Place]
    data_begins: int

    def tensor(self, name: str) -> Floats:
        """Return a tensor, de-quantised, its rows first.

        Raises:
            NotReadable: it is of a type that is not read here.
        """
        place = self.places[name]
        if place.kind not in _KINDS:
            raise NotReadable(f"{name} is of type {place.kind}, which is not read here")
        bytes_per_block, weights_per_block, unpack = _KINDS[place.kind]
        blocks = math.prod(place.shape) // weights_per_block
        with self.path.open("rb") as file:
            file.seek(self.data_begins + place.offset)
            raw = np.frombuffer(file.read(blocks * bytes_per_block), dtype=np.uint8)
        return unpack(raw.reshape(blocks, bytes_per_block)).reshape(place.shape)


def read_gguf(path: Path) -> GgufFile:
    """Return the contents of a file, without its tensors.

    Raises:
        NotReadable: it is no GGUF file of version 3.
    """
    with path.open("rb") as file:
        read = _Reader(file.read)
        if (file.read(4), read.number("<I")) != (_MAGIC, _VERSION):
            raise NotReadable(f"{path.name} is no GGUF file of version {_VERSION}")
        tensors, facts_count = read.number("<Q"), read.number("<Q")
        facts = dict(read.fact() for _ in range(facts_count))
        places = dict(read.place() for _ in range(tensors))
        alignment = facts.get("general.alignment", _DEFAULT_ALIGNMENT)
        begins = -(-file.tell() // alignment) * alignment
    return GgufFile(path, facts, places, begins)


class _Reader:
    def __init__(self, read: Callable[[int], bytes]) -> None:
        self._read = read

    def number(self, layout: str) -> Any:  # noqa: ANN401 - as `struct` has it
        return struct.unpack(layout, self._read(struct.calcsize(layout)))[0]

    def text(self) -> str:
        return self._read(self.number("<Q")).decode("utf-8", errors="surrogateescape")

    def fact(self) -> tuple[str, Any]:
        name = self.text()
        return name, self._value(self.number("<I"))

    def place(self) -> tuple[str, _Place]:
        name, dimensions = self.text(), self.number("<I")
        columns_first = [self.number("<Q") for _ in range(dimensions)]
        return name, _Place(tuple(reversed(columns_first)), self.number("<I"), self.number("<Q"))

    def _value(self, kind: int) -> Any:  # noqa: ANN401 - a file's facts are of any kind
        if kind == _STRING:
            return self.text()
        if kind == _ARRAY:
            inner, count = self.number("<I"), self.number("<Q")
            return [self._value(inner) for _ in range(count)]
        return self.number(_SCALARS[kind])


def _halves(raw: Bytes) -> Floats:
    return raw.copy().view(np.float16).astype(np.float32)


def _from_f32(blocks: Bytes) -> Floats:
    return blocks.copy().view(np.float32)


def _from_q8_0(blocks: Bytes) -> Floats:
    """A scale in 16 bits, and 32 weights in 8."""
    return _halves(blocks[:, :2]) * blocks[:, 2:].copy().view(np.int8).astype(np.float32)


def _from_q4_1(blocks: Bytes) -> Floats:
    """A scale and a least value in 16 bits, and 32 weights in 4: the low halves come first."""
    nibbles = np.concatenate([blocks[:, 4:] & 0x0F, blocks[:, 4:] >> 4], axis=1)
    return _halves(blocks[:, :2]) * nibbles.astype(np.float32) + _halves(blocks[:, 2:4])


_KINDS: Mapping[int, tuple[int, int, Callable[[Bytes], Floats]]] = {
    0: (4, 1, _from_f32),
    3: (4 + _BLOCK // 2, _BLOCK, _from_q4_1),
    8: (2 + _BLOCK, _BLOCK, _from_q8_0),
}
"""Bytes and weights of a block, and how it is unpacked: F32, Q4_1, Q8_0."""
