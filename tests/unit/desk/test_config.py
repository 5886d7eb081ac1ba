"""The configuration of a desk: what is accepted, what is refused in which words, and its opening hours."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from operations import desk as desk_command
from repartee.domain.desk import (
    DeskConfig,
    DeskConfigError,
    DeskWebhook,
    desk_numbers,
    parse_desk_config,
)
from repartee.domain.desk_file import format_desk_config
from repartee.domain.opening_hours import OpeningHours
from repartee.language.catalogue import LANGUAGES
from tests.support.memory_desk import MemoryDesk
from tests.support.memory_outbox import MemoryOutbox
from tests.support.memory_stores import MemoryRecords

WELL_FORMED = """\
number = "whatsapp:106540352242922"
name = "Lumen"
languages = ["en", "de"]
knowledge = "lumen"
team = ["slack:T1:C9"]

[hours]
timezone = "Europe/Berlin"
days = {mon = ["09:00-12:00", "13:00-18:00"], fri = ["18:00-24:00"]}
holidays = ["12-25", "2026-04-06"]

[escalation]
unhelped_answers = 3
topics = {press = ["journalist"]}

[[webhooks]]
url = "https://example.com/hook"
secret = "desk-hook"

[budget]
max_cost_usd = 2.5
"""


def refusals(text: str) -> tuple[str, ...]:
    with pytest.raises(DeskConfigError) as refused:
        parse_desk_config(text.encode(), LANGUAGES)
    return refused.value.problems


def at(day: int, hour: int, minute: int = 0, month: int = 3) -> float:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC).timestamp()


def test_a_well_formed_file_is_accepted_and_can_be_written_again() -> None:
    """What `show` prints is a file that may be set again."""
    config = parse_desk_config(WELL_FORMED.encode(), LANGUAGES)

    assert parse_desk_config(format_desk_config(config).encode(), LANGUAGES) == config
    assert config.escalation.unhelped_answers == 3
    assert config.budget.max_cost_usd == 2.5


@pytest.mark.parametrize(
    "change, problem",
    [
        (('"whatsapp:106540352242922"', '"+49 151 0000"'), 'number: "+49 151 0000" is none'),
        (('"Lumen"', '" "'), "name: it is empty"),
        (('"de"]', '"xx"]'), 'languages: there is no "xx"'),
        (('knowledge = "lumen"', 'knowledge = "A b"'), 'knowledge: "A b" is no namespace'),
        (('"slack:T1:C9"', '"#support"'), 'team: "#support" is no room'),
        (("Europe/Berlin", "Berlin"), 'hours.timezone: there is no time zone "Berlin"'),
        (("mon =", "monday ="), "hours.days: monday is no day"),
        (("09:00-12:00", "9-12"), 'hours.days.mon: "9-12" is no span'),
        (("09:00-12:00", "12:00-09:00"), 'hours.days.mon: "12:00-09:00" is no span'),
        (("2026-04-06", "2026-02-30"), 'hours.holidays: "2026-02-30" is no day'),
        (("unhelped_answers = 3", "unhelped_answers = 0"), "escalation.unhelped_answers: it must be"),
        (('["journalist"]', "[]"), "escalation.topics.press: it has no words"),
        (("https://example.com", "http://example.com"), 'webhooks: "http://example.com/hook" is no address'),
        (("max_cost_usd = 2.5", "max_cost_usd = -1.0"), "budget: it must not be negative"),
        (("unhelped_answers", "unhelpful_answers"), "unknown field `unhelpful_answers`"),
        (("unhelped_answers = 3", 'unhelped_answers = "3"'), "Expected `int`, got `str`"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(change: tuple[str, str], problem: str) -> None:
    """Each mistake is refused in words that name the place and what to write instead."""
    told = refusals(WELL_FORMED.replace(*change))

    assert any(problem in one for one in told), told


def test_all_mistakes_are_told_at_once() -> None:
    """An operator mends a file in one go."""
    wrong = WELL_FORMED.replace("Europe/Berlin", "Berlin").replace('"slack:T1:C9"', '"here"')

    assert len(refusals(wrong)) == 2


def test_a_team_does_not_sit_where_customers_write() -> None:
    """A channel of customers cannot be its own team's: customers would read the card."""
    wrong = WELL_FORMED.replace('"whatsapp:106540352242922"', '"slack:T1:C9"')

    assert "team: slack:T1:C9 is where customers write" in refusals(wrong)[0]


@pytest.mark.parametrize(
    "room, numbers",
    [
        ("whatsapp:106:p1", ("whatsapp:106", "whatsapp")),
        ("telegram:4200042", ("telegram",)),
        ("telegram:-100123", ("telegram:-100123", "telegram")),
        ("web:ada", ("web",)),
        ("slack:T1:C1", ("slack:T1:C1", "slack:T1", "slack")),
    ],
)
def test_a_room_belongs_to_these_numbers(room: str, numbers: tuple[str, ...]) -> None:
    """The narrowest comes first; a person's own room has no desk of its own."""
    assert desk_numbers(room) == numbers


def test_hours_follow_the_desks_own_clock() -> None:
    """Nine o'clock is nine in Berlin, in winter and in summer; noon is a break, holidays are closed."""
    hours = OpeningHours(
        timezone="Europe/Berlin",
        days={"mon": ("09:00-12:00", "13:00-18:00"), "fri": ("18:00-24:00",)},
        holidays=("04-06",),
    )

    opens = [at(2, 8), at(30, 7), at(6, 22, 59)]  # Monday in winter and in summer, Friday before midnight
    closed = [at(2, 7, 59), at(30, 6, 59), at(2, 11, 30), at(6, 23), at(6, 8, month=4)]  # the last a holiday

    assert all(map(hours.is_open, opens))
    assert not any(map(hours.is_open, closed))


def test_the_next_opening_is_told() -> None:
    """After hours it is the next span of any day that is no holiday; while it is open it is now."""
    hours = OpeningHours(timezone="Europe/Berlin", days={"mon": ("09:00-12:00",)}, holidays=("2026-03-09",))

    assert hours.next_opening(at(2, 9)) == at(2, 9)
    assert hours.next_opening(at(2, 12)) == at(16, 8)
    assert OpeningHours().next_opening(at(2, 12)) == at(2, 12)
    assert OpeningHours(days={"mon": ()}).next_opening(at(2, 12)) is None


class DeskCommand:
    """The command with its output and its records."""

    def __init__(self, folder: Path) -> None:
        self.lines: list[str] = []
        self.records = MemoryDesk(MemoryRecords(lambda: 0.0))
        self.file = folder / "desk.toml"
        self.file.write_text(WELL_FORMED)
        self.outbox = MemoryOutbox()

    def run(self, *arguments: str) -> int:
        return desk_command.main(list(arguments), self.lines.append, lambda _: (self.records, self.outbox))


@pytest.fixture
def command(tmp_path: Path) -> DeskCommand:
    return DeskCommand(tmp_path)


def test_a_file_is_set_shown_and_removed(command: DeskCommand) -> None:
    """`set` keeps it, `show` lists the numbers and prints one, `remove` deletes it."""
    number = "whatsapp:106540352242922"

    assert command.run("set", str(command.file)) == 0
    assert command.run("show") == command.run("show", number) == 0
    assert command.lines[1] == f"{number}  Lumen"
    kept = parse_desk_config(command.lines[2].encode(), LANGUAGES)
    assert kept == command.records.configs[number]
    assert command.run("remove", number) == 0
    assert command.records.configs == {}


def test_a_wrong_file_is_not_kept(command: DeskCommand, capsys: pytest.CaptureFixture[str]) -> None:
    """`check` and `set` print each problem with the file's name, and nothing is kept."""
    command.file.write_text(WELL_FORMED.replace("Europe/Berlin", "Berlin"))

    assert command.run("check", str(command.file)) == command.run("set", str(command.file)) == 1
    assert capsys.readouterr().err.count(f"{command.file}: hours.timezone") == 2
    assert command.records.configs == {}


def test_checking_needs_no_account(command: DeskCommand) -> None:
    """`check` opens no records."""
    assert desk_command.main(["check", str(command.file)], command.lines.append) == 0
    assert command.lines == ["whatsapp:106540352242922: this may be used"]


def test_an_unknown_number_is_told(command: DeskCommand, capsys: pytest.CaptureFixture[str]) -> None:
    """`show` of a number without a desk fails and says so."""
    assert command.run("show", "web") == 1
    assert "no desk is configured for web" in capsys.readouterr().err


def test_a_configuration_knows_its_defaults() -> None:
    """A number and a name are enough: always open, all reasons, numbers checked."""
    config = parse_desk_config(b'number = "web"\nname = "Lumen"', LANGUAGES)

    assert config == DeskConfig(number="web", name="Lumen")
    assert config.hours.is_open(0.0)
    assert config.checks
    assert len(config.escalation.reasons) == 9


def test_a_receiver_that_has_ended_is_shown_and_resumed(command: DeskCommand) -> None:
    """By setting the configuration again."""
    command.run("set", str(command.file))
    config = command.records.read_config("whatsapp:106540352242922")
    assert config is not None
    command.outbox.end_endpoint(config.number, config.webhooks[0].endpoint_id, 1.0)
    command.lines.clear()

    command.run("show", config.number)
    assert "https://example.com/hook answered 410" in command.lines[-1]
    command.run("set", str(command.file))
    assert command.outbox.list_ended(config.number) == []


def test_webhooks_are_few_and_apart() -> None:
    """Five at the most, and no two of one name or address: their events wait apart."""
    webhook = '[[webhooks]]\nurl = "https://example.com/hook"\nsecret = "s"\n'

    assert "two have the same name or address" in "".join(
        refusals(WELL_FORMED.replace("[budget]", webhook + "[budget]"))
    )
    more = "".join(webhook.replace("/hook", f"/hook{number}") for number in range(5))
    assert "there are 6; 5 are possible" in "".join(refusals(WELL_FORMED + more))


def test_what_a_version_before_stored_is_read_and_what_it_cannot_read_is_not_written() -> None:
    """A receiver without a name and without words is stored as it was before."""
    webhook = DeskWebhook(url="https://example.com/hook", secret="s", events=("taken",))
    stored = msgspec.json.encode(DeskConfig(number="web", name="Lumen", webhooks=(webhook,)))

    assert b'"webhooks":[{"url":"https://example.com/hook","secret":"s","events":["taken"]}]' in stored
    assert msgspec.json.decode(stored, type=DeskConfig).webhooks == (webhook,)
