"""The functions of the template as they would be deployed, started under the emulator."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from support.emulator import Function, Limits, emulated
from support.snapshot import Snapshotted, snapshotted
from tests.support.stack import Built, template

# What leads a function to the stand-ins, and what the template leaves to its default.
STANDINS = (
    "EMBEDDING_MODEL",
    "MODEL",
    "OPENAI_BASE_URL",
    "SLACK_API_URL",
    "SQLITE_PATH",
    "TELEGRAM_API_URL",
    "WHATSAPP_API_URL",
)


@dataclass(frozen=True)
class Deployed:
    """The functions of the template, ready to be started with the settings that it gives them."""

    built: Built
    extra: Path
    known: Mapping[str, str]

    def start(
        self, name: str, limits: Limits | None = None, **changed: str
    ) -> AbstractContextManager[Function]:
        """One function under the emulator; `changed` replaces settings, and an empty one removes it."""
        allowed = limits or self._limits(name)
        return emulated(self.folder(name), self.layers(name), self.settings(name, **changed), allowed)

    def frozen(self, name: str, **changed: str) -> AbstractContextManager[Snapshotted]:
        """One function as its snapshot was taken."""
        return snapshotted(
            self.folder(name), self.layers(name), self.settings(name, **changed), self._limits(name)
        )

    def folder(self, name: str) -> Path:
        return self.built.folder / name

    def layers(self, name: str) -> list[Path]:
        return [*self.built.layers(name), self.extra]

    def settings(self, name: str, **changed: str) -> dict[str, str]:
        """What the function finds in its environment; `changed` replaces, and an empty one removes."""
        given = {*template().settings(name), *STANDINS}
        own = {key: value for key, value in self.known.items() if key in given or key.startswith("AWS_")}
        return {key: value for key, value in (own | changed).items() if value}

    def _limits(self, name: str) -> Limits:
        properties = template().functions[name]
        return Limits(properties["Timeout"], properties["MemorySize"])
