"""The container of a process's parts: each is made by its factory when it is first asked for, and kept.

    @part
    def records(wiring: Wiring) -> Records:
        from repartee.stores.dynamodb.records import DynamoRecords  # imported when it is first used

        return DynamoRecords(wiring.get(dynamodb_client), ...)

    wiring.get(records)                                   # Records, to the type checker too
    wiring.replace(records, lambda wiring: ours)          # before it is made: a test, or a local stack

The factory is the key, so that there are no names as strings, and a replacement must make the same type.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

from repartee.struct_types import prepare_new_modules

PartT = TypeVar("PartT")


class WiringPart(Generic[PartT]):
    """A part of a process: `make` makes it of the others."""

    def __init__(self, make: Callable[[Wiring], PartT]) -> None:
        self.make = make

    def __repr__(self) -> str:
        return f"WiringPart({self.make.__module__}.{self.make.__qualname__})"


def part(make: Callable[[Wiring], PartT]) -> WiringPart[PartT]:
    """Declares a part by the function that makes it."""
    return WiringPart(make)


class Wiring:
    """The parts of one process, made of its environment."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = environment
        self._made: dict[WiringPart[Any], Any] = {}
        self._replaced: dict[WiringPart[Any], Callable[[Wiring], Any]] = {}

    def get(self, part: WiringPart[PartT]) -> PartT:
        """Returns the part, and makes it if it is the first time."""
        if part not in self._made:
            made = self._replaced.get(part, part.make)(self)
            self._made.setdefault(part, made)
        made_part: PartT = self._made[part]
        return made_part

    def make_parts(self, *parts: WiringPart[Any], has_threads: bool = True) -> None:
        """Makes these parts now, so that what is missing stops the start and not the first message, and makes
        the structs that they have loaded ready for threads if the process has any."""
        for one in parts:
            self.get(one)
            if has_threads:
                prepare_new_modules()

    def has_made(self, part: WiringPart[Any]) -> bool:
        """Returns whether the part was made already."""
        return part in self._made

    def replace(self, part: WiringPart[PartT], make: Callable[[Wiring], PartT]) -> None:
        """Makes the part in another way. `part.make` is still the original, to be wrapped. Raises
        `RuntimeError` if the part was made already, for others may hold it."""
        if part in self._made:
            raise RuntimeError(f"{part} was made already: replace it before it is asked for")
        self._replaced[part] = make

    def put(self, part: WiringPart[PartT], made: PartT) -> None:
        """Takes this as the part."""
        self.replace(part, lambda _: made)
