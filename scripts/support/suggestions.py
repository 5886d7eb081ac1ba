"""Suggests what was meant by a mistyped name or option."""

from __future__ import annotations

import argparse
import difflib
import re
from collections.abc import Collection, Sequence
from typing import NoReturn

MAX_SUGGESTED_NAMES = 3
MAX_LISTED_CHOICES = 12


def describe_choices(given: str, choices: Collection[str]) -> str:
    """Returns the nearest choices and all in short: `Did you mean office? There are: coach, office.`"""
    near = find_near(given, choices)
    meant = f"Did you mean {' or '.join(near)}? " if near else ""
    return f"{meant}There are: {summarize_choices(choices)}."


def find_near(given: str, choices: Collection[str]) -> list[str]:
    """Returns the choices most like what was given; without a slash in it, also by their last part."""
    by_name = {name.casefold(): name for name in choices}
    found = difflib.get_close_matches(given.casefold(), by_name, MAX_SUGGESTED_NAMES)
    near = [by_name[name] for name in found]
    if "/" not in given:
        stems = [name.rpartition("/")[2] for name in choices]
        close = difflib.get_close_matches(given, sorted(set(stems)), MAX_SUGGESTED_NAMES)
        near += [name for stem in close for name in choices if name.rpartition("/")[2] == stem]
    return list(dict.fromkeys(near))[:MAX_SUGGESTED_NAMES]


def summarize_choices(choices: Collection[str]) -> str:
    """Returns the choices, or where they are many, how many there are in each folder."""
    if len(choices) <= MAX_LISTED_CHOICES:
        return ", ".join(sorted(choices))
    folders = [name.rpartition("/")[0] for name in choices]
    return ", ".join(
        f"{folders.count(folder)} in {folder}/" if folder else f"{folders.count(folder)} others"
        for folder in sorted(set(folders))
    )


class CommandParser(argparse.ArgumentParser):
    """A parser of a command's arguments that suggests the option or choice that was meant."""

    def error(self, message: str) -> NoReturn:
        choice = re.search(r"invalid choice: '(.*?)' \(choose from (.*)\)$", message)
        if choice:
            near = find_near(choice[1], [name.strip(" '") for name in choice[2].split(",")])
            message += f". Did you mean {' or '.join(near)}?" if near else ""
        unknown = message.removeprefix("unrecognized arguments: ")
        if unknown != message:
            message += self._suggest_options(unknown.split())
        super().error(message)

    def _suggest_options(self, unknown: Sequence[str]) -> str:
        options = [name for name in self._option_string_actions if name.startswith("--")]
        given = [argument.partition("=")[0] for argument in unknown if argument.startswith("-")]
        near = [name for argument in given for name in find_near(argument, options)[:1]]
        if near:
            return f". Did you mean {' or '.join(near)}?"
        return f". The options are: {', '.join(options)}." if given else ""
