"""Makes structs ready to be decoded, before threads do that.

msgspec 0.22.0 ends the process (SIGSEGV) when several threads decode a struct inside a struct for the first
time at once: it learns what a type is made of when it first meets it, without a lock. One decoder that is
made in one thread teaches it. tests/unit/test_struct_types.py tells when a release has mended that.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import suppress

import msgspec

_prepared: set[type[msgspec.Struct]] = set()
_module_counts: list[int] = []


def prepare_struct_types() -> int:
    """Makes every struct of ours that is loaded by now ready, and returns how many were not so before. To be
    called by the main thread, before it starts others."""
    new = [kind for kind in _loaded_types(msgspec.Struct) if kind not in _prepared]
    for kind in new:
        _prepare(kind)
    _prepared.update(new)
    return len(new)


def prepare_new_modules() -> None:
    """Does so unless no module was loaded since the last time: a restored process has loaded them all."""
    if _module_counts != [len(sys.modules)]:
        prepare_struct_types()
        _module_counts[:] = [len(sys.modules)]


def _prepare(kind: type[msgspec.Struct]) -> None:
    with suppress(NameError, TypeError):  # it has fields that no JSON can fill, so that nobody decodes it
        msgspec.json.Decoder(kind)


def _loaded_types(kind: type[msgspec.Struct]) -> Iterator[type[msgspec.Struct]]:
    for below in kind.__subclasses__():
        if below.__module__.startswith("repartee."):
            yield below
        yield from _loaded_types(below)
