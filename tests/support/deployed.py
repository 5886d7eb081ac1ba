"""The functions of the template as they would be deployed, started under the emulator."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from support.emulator import Function, Limits, emulated
from tests.support.stack import Built, template

# What leads a function to the stand-ins, and what the template leaves to its default.
STANDINS = ("EMBEDDING_MODEL", "MODEL", "OPENAI_BASE_URL", "SLACK_API_URL", "SQLITE_PATH")


@dataclass(frozen=True)
class Deployed:
    """The functions of the template, ready to be started with the settings that it gives them."""

    built: Built
    extra: Path
    known: Mapping[str, str]

    def start(self, name: str, **changed: str) -> AbstractContextManager[Function]:
        """One function under the emulator; `changed` replaces settings, and an empty one removes it."""
        properties = template().functions[name]
        given = {*template().settings(name), *STANDINS}
        settings = {key: value for key, value in self.known.items() if key in given or key.startswith("AWS_")}
        settings = {key: value for key, value in (settings | changed).items() if value}
        layers = [*self.built.layers(name), self.extra]
        limits = Limits(properties["Timeout"], properties["MemorySize"])
        return emulated(self.built.folder / name, layers, settings, limits)
