"""The functions of the template as they would be deployed, started under the emulator."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from support.emulator import EmulatedFunction, FunctionLimits, emulate_function
from support.snapshot import SnapshottedFunction, snapshot_function
from tests.support.stack_template import BuiltStack, load_template

# What leads a function to the stand-ins, and what the template leaves to its default.
STANDIN_SETTINGS = (
    "EMBEDDING_MODEL",
    "MODEL",
    "OPENAI_BASE_URL",
    "SLACK_API_URL",
    "SQLITE_PATH",
    "TELEGRAM_API_URL",
    "WHATSAPP_API_URL",
)


@dataclass(frozen=True)
class BuiltFunctions:
    """The functions of the template, ready to be started with the settings that it gives them."""

    built: BuiltStack
    extra: Path
    known: Mapping[str, str]

    def start_function(
        self, name: str, limits: FunctionLimits | None = None, **changed: str
    ) -> AbstractContextManager[EmulatedFunction]:
        """One function under the emulator; `changed` replaces settings, and an empty one removes it."""
        allowed = limits or self._function_limits(name)
        return emulate_function(
            self.function_folder(name),
            self.layer_folders(name),
            self.function_settings(name, **changed),
            allowed,
        )

    def snapshot_function(self, name: str, **changed: str) -> AbstractContextManager[SnapshottedFunction]:
        """One function as its snapshot was taken."""
        return snapshot_function(
            self.function_folder(name),
            self.layer_folders(name),
            self.function_settings(name, **changed),
            self._function_limits(name),
        )

    def function_folder(self, name: str) -> Path:
        return self.built.folder / name

    def layer_folders(self, name: str) -> list[Path]:
        return [*self.built.layer_folders(name), self.extra]

    def function_settings(self, name: str, **changed: str) -> dict[str, str]:
        """Returns a function's environment; `changed` replaces variables, and an empty value removes one."""
        given = {*load_template().function_settings(name), *STANDIN_SETTINGS}
        own = {key: value for key, value in self.known.items() if key in given or key.startswith("AWS_")}
        return {key: value for key, value in (own | changed).items() if value}

    def _function_limits(self, name: str) -> FunctionLimits:
        properties = load_template().functions[name]
        return FunctionLimits(properties["Timeout"], properties["MemorySize"])
