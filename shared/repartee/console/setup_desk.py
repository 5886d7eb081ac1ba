"""*Set-up*, the desks: the configuration of each number, checked with the line of each mistake, and set."""

from __future__ import annotations

import re
from collections.abc import Mapping

from repartee.console.app import ConsoleRequest
from repartee.console.setup_tab import ActNotes, SetupProblem, TabAct, TabNotice, TabView
from repartee.domain.desk import DeskConfig, DeskConfigError, parse_desk_config
from repartee.domain.desk_file import SAMPLE_CONFIG, format_desk_config
from repartee.language.catalogue import LANGUAGES
from repartee.ports.desk import DeskRecords
from repartee.ports.outbox import EventOutbox

MAX_CONFIG_CHARS = 40_000
"""Characters of a configuration that are read."""


class DeskTab:
    """The numbers that have a desk, and the configuration of one."""

    key, title = "desk", "Desk"

    def __init__(
        self, records: DeskRecords, outbox: EventOutbox, notes: ActNotes, sample: str = SAMPLE_CONFIG
    ) -> None:
        self._records, self._outbox, self._notes, self._sample = records, outbox, notes, sample

    def acts(self) -> Mapping[str, TabAct]:
        return {"check": self.check, "set": self.keep, "remove": self.remove}

    def read(self, request: ConsoleRequest) -> TabView:
        """Shows the configuration of a number, or a sample."""
        number = request.query("number")
        found = self._records.read_config(number) if number else None
        return self._show(format_desk_config(found) if found else self._sample, found)

    def check(self, request: ConsoleRequest) -> TabView:
        """Says what is wrong with a configuration, line by line."""
        return self._take(request, is_kept=False)

    def keep(self, request: ConsoleRequest) -> TabView:
        """Keeps a configuration that may be used."""
        return self._take(request, is_kept=True)

    def remove(self, request: ConsoleRequest) -> TabView | TabNotice:
        """Deletes the configuration of a number, if the number was typed."""
        number = request.field("number")
        if request.field("confirmation").strip() != number:
            problem = SetupProblem(f"Nothing was removed: type {number} to remove its desk.")
            found = self._records.read_config(number)
            toml = format_desk_config(found) if found else self._sample
            return self._show(toml, found, problems=(problem,))
        self._records.delete_config(number)
        self._notes.note(request, "remove desk", number)
        return TabNotice(f"{number}: removed. Customers there are told that nobody can answer.")

    def _take(self, request: ConsoleRequest, *, is_kept: bool) -> TabView:
        toml = request.field("toml")[:MAX_CONFIG_CHARS]
        try:
            config = parse_desk_config(toml.encode(), LANGUAGES)
        except DeskConfigError as refused:
            problems = tuple(place_problem(one, toml) for one in refused.problems)
            return self._show(toml, None, problems=problems)
        if not is_kept:
            return self._show(toml, None, told=f"{config.number} may be used.")
        self._records.save_config(config)
        self._outbox.resume_endpoints(config.number)
        self._notes.note(request, "set desk", config.number)
        return self._show(toml, config, told=f"{config.number} is kept, and in use within seconds.")

    def _show(
        self, toml: str, config: DeskConfig | None, told: str = "", problems: tuple[SetupProblem, ...] = ()
    ) -> TabView:
        desks = [(one.number, one.name) for one in self._records.list_configs()]
        ended = self._list_ended(config) if config else []
        values = {
            "desks": desks,
            "toml": toml,
            "number": config.number if config else "",
            "ended_receivers": ended,
        }
        return TabView(values, told, problems)

    def _list_ended(self, config: DeskConfig) -> list[str]:
        """Returns the addresses of receivers that want no more events."""
        ended = set(self._outbox.list_ended(config.number)) if config.webhooks else set()
        return [one.url for one in config.webhooks if one.endpoint_id in ended]


def place_problem(problem: str, toml: str) -> SetupProblem:
    """Returns a problem with the line of the file that it is about: the one that it names, or that of the
    field before its colon; 0 where no line is."""
    named = re.search(r"line (\d+)", problem)
    if named:
        return SetupProblem(problem, int(named[1]))
    field = re.match(r"(?:.*at `)?([\w.]+)", problem)
    last = field[1].rpartition(".")[2] if field else ""
    pattern = re.compile(rf"^\s*\[*{re.escape(last)}\b") if last else None
    lines = enumerate(toml.splitlines(), 1)
    found = next((number for number, line in lines if pattern and pattern.match(line)), 0)
    return SetupProblem(problem, found)
