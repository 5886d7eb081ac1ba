"""Imports the libraries that every function needs, without what no function uses of them.

boto3 imports the generator of its methods' documentation and, for copies by several processes, what starts
process managers: half of its import. While it is imported, empty modules stand in the places of those.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from types import ModuleType
from typing import Any

UNUSED_MODULES = (
    "boto3.docs",
    "boto3.docs.docstring",
    "botocore.docs",
    "botocore.docs.docstring",
    "multiprocessing.managers",
)
"""Modules that are left out, each after its package."""


def import_libraries() -> None:
    """Imports boto3 and Powertools."""
    import aws_lambda_powertools  # noqa: F401

    if "boto3" not in sys.modules:
        with _leave_out(UNUSED_MODULES):
            import boto3  # noqa: F401


@contextmanager
def _leave_out(names: tuple[str, ...]) -> Iterator[None]:
    """Has empty modules imported in the places of these; whoever imports one later gets the real one."""
    absent = {name: _EmptyModule(name) for name in names if name not in sys.modules}
    sys.modules.update(absent)
    for name, module in absent.items():
        package, _, own_name = name.rpartition(".")
        if package in absent:
            setattr(absent[package], own_name, module)
    try:
        yield
    finally:
        for name in absent:
            del sys.modules[name]


class _EmptyText(str):
    """The documentation of a method: none. It is made of what the documentation would be made of."""

    __slots__ = ()

    def __new__(cls, *_: Any, **__: Any) -> _EmptyText:
        return super().__new__(cls)


class _EmptyModule(ModuleType):
    """Has every public name, each of them a class of empty texts. If it stands for a package, the package's
    other modules are found."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        package, _, own_name = name.partition(".")
        found = find_spec(package)
        folders = found.submodule_search_locations if found else None
        self.__path__ = [f"{folder}/{own_name}" for folder in folders or ()]

    def __getattr__(self, name: str) -> type[_EmptyText]:
        if name.startswith("__"):
            raise AttributeError(name)
        return _EmptyText
