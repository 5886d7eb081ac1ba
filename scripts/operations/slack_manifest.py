"""The manifest of the Slack app, with a real host in it, or for Socket Mode without one."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

MANIFEST_FILE = Path(__file__).parents[2] / "docs" / "slack-manifest.yaml"
HOST_MARK = "YOUR-HOST"
HOST_PATTERN = re.compile(r"(?=.{1,253}$)[a-z0-9-]+(\.[a-z0-9-]+)+(:\d+)?", re.IGNORECASE)


def render_manifest(host: str) -> str:
    """Returns the manifest for the host, such as abc.execute-api.eu-central-1.amazonaws.com.

    Without a host it is that of Socket Mode, in which Slack posts to no address. Raises ValueError.
    """
    if not host:
        return _render_socket_mode()
    bare = host.strip().removeprefix("https://").rstrip("/")
    if not HOST_PATTERN.fullmatch(bare):
        raise ValueError(f"{host} is no host: give a name such as bot.example.com, without a path")
    lines = MANIFEST_FILE.read_text().splitlines()
    return "\n".join(line.replace(HOST_MARK, bare) for line in lines if not line.startswith("#")) + "\n"


def _render_socket_mode() -> str:
    manifest = _read_manifest()
    for command in manifest["features"]["slash_commands"]:
        del command["url"]
    settings = manifest["settings"]
    del settings["event_subscriptions"]["request_url"], settings["interactivity"]["request_url"]
    settings["socket_mode_enabled"] = True
    return yaml.safe_dump(manifest, sort_keys=False)


def _read_manifest() -> dict[str, Any]:
    manifest: dict[str, Any] = yaml.safe_load(MANIFEST_FILE.read_text())
    return manifest
