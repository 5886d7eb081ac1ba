"""The manifest has the types that Slack publishes for manifests in @slack/web-api."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from operations.slack_manifest import render_manifest
from repartee.operations.slack_scopes import NEEDED_SCOPES

TYPES_FILE = Path(__file__).parents[2] / "data" / "slack" / "manifest.d.ts"

NEWER_THAN_TYPES = {"BotScope": {"assistant:write"}, "ManifestEvent": {"agent_session_stopped"}}
"""Documented by Slack, and lacking in the lists of @slack/web-api 8.2.0."""

SIMPLE_TYPES = {"string": str, "number": int, "boolean": bool}


def read_interfaces(text: str) -> dict[str, dict[str, tuple[str, bool]]]:
    """Each interface of the file: its fields with their type and whether they are required."""
    bare = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    found = re.findall(r"interface (\w+)(?: extends [^{]+)? \{(.*?)\n\}", bare, re.DOTALL)
    return {
        name: {
            field: (kind, optional == "")
            for field, optional, kind in re.findall(r"^\s*(\w+)(\??): (.+);$", body, re.MULTILINE)
        }
        for name, body in found
    }


def read_choices(text: str) -> dict[str, set[str]]:
    """Each type of the file that is one of some strings."""
    found = re.findall(r"^(?:export )?type (\w+) = ((?:'[^']+'(?: \| )?)+);$", text, re.MULTILINE)
    return {name: set(re.findall(r"'([^']+)'", values)) for name, values in found}


INTERFACES, CHOICES = read_interfaces(TYPES_FILE.read_text()), read_choices(TYPES_FILE.read_text())


def find_problems(value: Any, kind: str, where: str = "manifest") -> list[str]:
    """What of the value is not as the type says."""
    if kind.endswith("[]"):
        if not isinstance(value, list):
            return [f"{where} is no list"]
        return [
            one for at, item in enumerate(value) for one in find_problems(item, kind[:-2], f"{where}[{at}]")
        ]
    if kind in SIMPLE_TYPES:
        return [] if isinstance(value, SIMPLE_TYPES[kind]) else [f"{where} is no {kind}"]
    if kind in CHOICES:
        known = CHOICES[kind] | NEWER_THAN_TYPES.get(kind, set())
        return [] if value in known else [f"{where}: {value} is no {kind}"]
    fields = INTERFACES[kind]
    problems = [
        f"{where} has no {name}" for name, (_, needed) in fields.items() if needed and name not in value
    ]
    for name, inner in value.items():
        if name not in fields:
            problems.append(f"{where}.{name} is unknown")
        else:
            problems += find_problems(inner, fields[name][0], f"{where}.{name}")
    return problems


@pytest.mark.parametrize("host", ["abc.execute-api.eu-central-1.amazonaws.com", ""])
def test_the_manifest_has_the_published_types(host: str) -> None:
    """With a host and without: no field that Slack does not know, none of another type, none lacking."""
    manifest = yaml.safe_load(render_manifest(host))

    assert find_problems(manifest, "Manifest") == []


def test_the_host_stands_in_each_address() -> None:
    """What is printed can be pasted as it is; an address with or without https:// is as good."""
    rendered = render_manifest("https://bot.example.com/")

    assert rendered == render_manifest("bot.example.com")
    assert rendered.count("https://bot.example.com/slack/") == 3
    assert "YOUR-HOST" not in rendered


def test_socket_mode_names_no_address() -> None:
    """The manifest of scripts/serve has Socket Mode on, and posts nowhere."""
    manifest = yaml.safe_load(render_manifest(""))

    assert manifest["settings"]["socket_mode_enabled"] is True
    assert "https://" not in str(manifest)


@pytest.mark.parametrize("host", ["bot", "bot.example.com/slack", "https://", "a b.c"])
def test_a_wrong_host_is_refused(host: str) -> None:
    """It would be pasted, and Slack would refuse the whole manifest without a word about where."""
    with pytest.raises(ValueError, match="is no host"):
        render_manifest(host)


@pytest.mark.parametrize(
    "change, problem",
    [
        ({"feature": {}}, "manifest.feature is unknown"),
        ({"display_information": {}}, "has no name"),
        ({"oauth_config": {"scopes": {"bot": ["chat:shout"]}}}, "is no BotScope"),
        ({"settings": {"socket_mode_enabled": "yes"}}, "is no boolean"),
    ],
)
def test_a_wrong_manifest_is_found_out(change: dict[str, Any], problem: str) -> None:
    """The check can fail: each kind of mistake is named with its place."""
    manifest = yaml.safe_load(render_manifest("")) | change

    assert problem in "\n".join(find_problems(manifest, "Manifest"))


def test_the_checks_know_the_scopes_of_the_manifest() -> None:
    """The console's function has no manifest beside it: it asks for the same scopes, in the same order."""
    manifest = yaml.safe_load(render_manifest(""))

    assert list(NEEDED_SCOPES) == manifest["oauth_config"]["scopes"]["bot"]
