"""A cold process whose threads decode structs inside structs for the first time at once, in many rounds.

Run as a script; with "first" as its argument one thread makes each type ready before. It needs msgspec alone.
"""

from __future__ import annotations

import sys
import threading
from typing import Any

import msgspec

ROUNDS = 150
THREADS = 4
CONTENT = b'{"inner":{"leaf":{"a":1}},"many":[{"leaf":{"a":2},"leaves":[{"a":3}]}]}'


def make_nested_type(number: int) -> Any:
    """A struct of structs that nobody has decoded yet."""
    leaf: Any = msgspec.defstruct(f"Leaf{number}", [("a", int), ("b", str, "")])
    inner: Any = msgspec.defstruct(
        f"Inner{number}", [("leaf", leaf), ("leaves", list[leaf], msgspec.field(default_factory=list))]
    )
    return msgspec.defstruct(f"Outer{number}", [("inner", inner), ("many", list[inner])])


def main() -> None:
    types = [make_nested_type(number) for number in range(ROUNDS)]
    if "first" in sys.argv:
        for kind in types:
            msgspec.json.Decoder(kind)
    sys.setswitchinterval(1e-6)
    together = threading.Barrier(THREADS)

    def decode_all() -> None:
        for kind in types:
            together.wait()
            msgspec.json.decode(CONTENT, type=kind)

    threads = [threading.Thread(target=decode_all) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
