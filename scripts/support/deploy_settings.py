"""The settings of a deployment, as samconfig.toml keeps them."""

from __future__ import annotations

import json
import re
import shlex
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class DeploySettings:
    """The stack, its region (of the AWS profile if empty), and the template's parameters by their names."""

    stack_name: str = ""
    region: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)

    def format_overrides(self) -> str:
        """Returns the parameters as SAM reads them: `Assistant="office" WeaviateUrl=""`."""
        return " ".join(f'{name}="{value}"' for name, value in self.parameters.items())


def read_settings(path: Path) -> DeploySettings:
    """Returns what the file says."""
    default = tomllib.loads(path.read_text()).get("default", {})
    everywhere, deploy = (default.get(name, {}).get("parameters", {}) for name in ("global", "deploy"))
    known = everywhere | deploy
    return DeploySettings(
        str(known.get("stack_name", "")),
        str(known.get("region", "")),
        _parse_overrides(known.get("parameter_overrides", "")),
    )


def write_settings(path: Path, settings: DeploySettings) -> None:
    """Write the settings into the file, whose other lines and comments stay.

    SAM is told not to ask whether to go on: the questions were answered already, and to SAM the Enter key
    means no.
    """
    text = path.read_text()
    text = _set_line(text, "default.global.parameters", "stack_name", json.dumps(settings.stack_name))
    text = _set_line(text, "default.global.parameters", "region", json.dumps(settings.region))
    text = _set_line(text, "default.deploy.parameters", "confirm_changeset", "false")
    overrides = json.dumps(settings.format_overrides(), ensure_ascii=False)
    path.write_text(_set_line(text, "default.deploy.parameters", "parameter_overrides", overrides))


def _parse_overrides(overrides: Any) -> dict[str, str]:
    """Returns parameters from a string or a list of `Name=value`."""
    parts = shlex.split(overrides) if isinstance(overrides, str) else [str(part) for part in overrides]
    return {name: value for name, is_pair, value in (part.partition("=") for part in parts) if is_pair}


def _set_line(text: str, section: str, name: str, value: str) -> str:
    """Returns the file with `name = value` in the section, in place of the line that it had."""
    header = f"[{section}]\n"
    if header not in text:
        return f"{text.rstrip()}\n\n{header}{name} = {value}\n"
    before, _, rest = text.partition(header)
    end = re.search(r"^\[", rest, re.MULTILINE)
    body, after = (rest[: end.start()], rest[end.start() :]) if end else (rest, "")
    line, count = re.subn(rf"^{name} *=.*$", lambda _: f"{name} = {value}", body, flags=re.MULTILINE)
    body = line if count else f"{body.rstrip()}\n{name} = {value}\n" + ("\n" if after else "")
    return f"{before}{header}{body}{after}"
