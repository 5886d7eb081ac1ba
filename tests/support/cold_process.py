"""A cold process with the product's own structs, which threads decode for the first time at once.

Run as a script, with the folder of the package first on its path.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
import threading
from contextlib import suppress

import msgspec

import repartee
from repartee.struct_types import _loaded_types, prepare_struct_types

THREADS = 8


def load_all_modules() -> None:
    """Loads whatever a process may come to load."""
    for module in pkgutil.walk_packages(repartee.__path__, "repartee."):
        with suppress(ImportError):
            importlib.import_module(module.name)


def main() -> None:
    load_all_modules()
    prepared = prepare_struct_types() if "unprepared" not in sys.argv else 0
    kinds = list(_loaded_types(msgspec.Struct))[::-1]  # those that hold others first
    sys.setswitchinterval(1e-6)
    together = threading.Barrier(THREADS)

    def decode_all() -> None:
        for kind in kinds:
            together.wait()
            with suppress(msgspec.DecodeError, TypeError, NameError):
                msgspec.json.decode(b"{}", type=kind)
            with suppress(msgspec.DecodeError, TypeError, NameError):
                msgspec.json.decode(b"[{}]", type=list[kind])  # type: ignore[valid-type]

    threads = [threading.Thread(target=decode_all) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sys.stdout.write(f"{prepared} {len(kinds)}\n")


if __name__ == "__main__":
    main()
