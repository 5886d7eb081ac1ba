"""The command scripts/settings: docs/settings.md, made of settings.py and template.yaml."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from repartee.setting_types import REQUIRED, PerChannel, Setting
from repartee.settings import Settings

from .commands import run_command
from .suggestions import CommandParser

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "settings.md"
TEMPLATE = ROOT / "template.yaml"

DESCRIPTION = """Prints docs/settings.md: every secret, every parameter of the template and every setting of
the environment, as settings.py and template.yaml declare them. --write writes the page; a test holds that it
is up to date.
"""

HEAD = """\
# Settings

`scripts/settings --write` makes this page of `shared/repartee/settings.py` and `template.yaml`.

A deployed stack takes parameters, which are kept in `samconfig.toml` (`parameter_overrides`), and one
document of secrets in Secrets Manager; `scripts/deploy --guided` asks for what is needed of both. On your
own machine both are variables of the environment: `scripts/run` and `scripts/serve` use what is set
instead of its stand-in.
"""
SECRETS_HEAD = """
## Secrets

`scripts/doctor` says which are missing for the channels in use, and whether each service takes them.
"""
PARAMETERS_HEAD = """
## Parameters of the template

`scripts/deploy --guided` asks for the first that matter; each has a default.
"""
SETTINGS_HEAD = """
## Settings of the environment

What the functions read besides secrets. The template fills in those that a parameter or a resource of its
own sets.
"""


def main(arguments: list[str] | None = None) -> int:
    """Run the command; the exit code."""
    parser = CommandParser(
        "scripts/settings", description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", action="store_true", help="write docs/settings.md")
    options = parser.parse_args(arguments)
    page = render_page(TEMPLATE.read_text())
    if options.write:
        PAGE.write_text(page)
    else:
        sys.stdout.write(page)
    return 0


def render_page(template_text: str) -> str:
    """Returns the page for the text of a template."""
    template = yaml.load(template_text, _TemplateLoader)
    parameters: Mapping[str, Mapping[str, Any]] = template["Parameters"]
    setters = dict(_parameters_by_setting(template))
    known = [setting for setting in vars(Settings).values() if isinstance(setting, Setting)]
    secrets = [(_code(one.name), _sentence(one.purpose)) for one in known if one.secret]
    plain = [one for one in known if not one.secret]
    by_parameter = {parameter: name for name, parameter in setters.items() if parameter in parameters}
    return "\n".join(
        (
            HEAD + SECRETS_HEAD,
            _render_table(("secret", "what it does"), secrets),
            PARAMETERS_HEAD,
            _render_table(
                ("parameter", "what it is", "default", "sets"), _parameter_rows(parameters, by_parameter)
            ),
            SETTINGS_HEAD,
            _render_table(("setting", "what it does", "default", "set by"), _setting_rows(plain, setters)),
        )
    )


def _parameter_rows(
    parameters: Mapping[str, Mapping[str, Any]], by_parameter: Mapping[str, str]
) -> Iterator[tuple[str, ...]]:
    for name, declared in parameters.items():
        allowed = declared.get("AllowedValues")
        choices = f" One of {', '.join(_code(one) for one in allowed)}." if allowed else ""
        setting = by_parameter.get(name, "")
        yield (
            _code(name),
            f"{declared['Description'].strip()}{choices}",
            _code(declared.get("Default", "")),
            _code(setting),
        )


def _setting_rows(settings: Iterable[Setting[Any]], setters: Mapping[str, str]) -> Iterator[tuple[str, ...]]:
    for setting in settings:
        setter = _code(setters.get(setting.name, ""))
        yield _code(setting.name), _sentence(setting.purpose), _describe_default(setting.default), setter


def _describe_default(default: Any) -> str:
    if default is REQUIRED:
        return "needed where it is used"
    if isinstance(default, PerChannel):
        return _code(default.default_value)
    if isinstance(default, bool):
        return _code(str(default).lower())
    return _code(default) if isinstance(default, (str, int, float)) and default not in ("", 0) else ""


def _sentence(purpose: str) -> str:
    return purpose[:1].upper() + purpose[1:] + "."


def _code(value: Any) -> str:
    return f"`{value}`" if str(value) else ""


def _render_table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = (f"| {' | '.join(cells)} |" for cells in (head, ("---",) * len(head), *rows))
    return "\n".join(line.replace("|  |", "| |") for line in lines)


def _parameters_by_setting(template: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yields each environment variable of a function, with the parameter or resource that fills it in."""
    functions = [resource.get("Properties", {}) for resource in template["Resources"].values()]
    for place in (template["Globals"]["Function"], *functions):
        for name, value in place.get("Environment", {}).get("Variables", {}).items():
            yield name, value if isinstance(value, str) else ""


class _TemplateLoader(yaml.SafeLoader):
    """Reads a template. Of a reference only the name is kept, of another function nothing."""


def _construct_function(loader: _TemplateLoader, suffix: str, node: yaml.Node) -> str:
    if suffix == "Ref" and isinstance(node, yaml.ScalarNode):
        return str(loader.construct_scalar(node))
    return ""


_TemplateLoader.add_multi_constructor("!", _construct_function)

if __name__ == "__main__":
    run_command(main)
