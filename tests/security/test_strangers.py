"""Strangers find the assistant, and are told nothing of the company: it looks at what the model was given."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from repartee.assistants.office.erp import ErpToolset
from repartee.assistants.office.erp_readers import ErpReaders
from repartee.errors import SettingError
from repartee.plan import Pool
from repartee.settings import Settings
from tests.support.inbox_builders import make_message
from tests.support.memory_proposals import MemoryProposals
from tests.support.odoo_company import ADA_ID, CLEO_ID, CompanyOdoo

CLEO_HOME = CLEO_ID.rpartition(":")[0]
ROOM = f"{CLEO_HOME}:C0GENERAL"
LISTED_EVERYWHERE = (CLEO_HOME, ROOM, "web", "@butler.example")


def ask(sender: str, room: str, *entries: str, channel: str = "slack") -> tuple[CompanyOdoo, Any]:
    """Returns what the model is given of the ERP, to a person without an account."""
    company = CompanyOdoo(shared=True)
    toolset = ErpToolset(company.erp, MemoryProposals(), lambda: 100.0, ErpReaders(entries))
    asked = msgspec.structs.replace(make_message("leads?", room=room), sender=sender, channel=channel)
    schema = toolset.load_schema(asked, Pool())
    return company, (schema, toolset.build_tools(asked, "t1", schema, lambda proposal: None))


STRANGERS = {
    "anybody, where nobody is named": (CLEO_ID, ROOM, (), "slack"),
    "a guest from Slack Connect in a workspace that is named": (
        "slack:T9OTHER:U1",
        ROOM,
        LISTED_EVERYWHERE,
        "slack",
    ),
    "a guest from Slack Connect in a channel that is named": ("slack:T9OTHER:U1", ROOM, (ROOM,), "slack"),
    "a person of the workspace, in another channel": (CLEO_ID, f"{CLEO_HOME}:C0OTHER", (ROOM,), "slack"),
    "a person in Telegram": ("telegram:42", "telegram:42", LISTED_EVERYWHERE, "telegram"),
    "a person in WhatsApp": (
        "whatsapp:100:351900",
        "whatsapp:100:351900",
        (*LISTED_EVERYWHERE, "whatsapp:100"),
        "whatsapp",
    ),
    "an address of another domain": (
        "web:eve@evil.example",
        "web:eve@evil.example",
        ("@butler.example",),
        "web",
    ),
    "an address that only ends like the domain": (
        "web:eve@notbutler.example",
        "web:eve@notbutler.example",
        ("@butler.example",),
        "web",
    ),
    "a person whose id begins like another's": ("telegram:420", "telegram:420", ("telegram:42",), "telegram"),
}


@pytest.mark.parametrize("who", STRANGERS)
def test_nothing_of_the_erp_is_read_for(who: str) -> None:
    """Odoo is not asked a single thing, the model has no tool, and is told what to say."""
    sender, room, entries, channel = STRANGERS[who]

    company, (schema, tools) = ask(sender, room, *entries, channel=channel)

    assert company.odoo.calls == []
    assert tools == ()
    assert schema.reads_as == "nobody"
    assert "crm.lead" not in schema.text


@pytest.mark.parametrize(
    "sender, room, entry, channel",
    [
        (CLEO_ID, f"{CLEO_HOME}:C0OTHER", CLEO_HOME, "slack"),
        (CLEO_ID, ROOM, ROOM, "slack"),
        (CLEO_ID, ROOM, CLEO_ID, "slack"),
        ("telegram:42", "telegram:42", "telegram:42", "telegram"),
        ("web:ada", "web:ada", "web", "web"),
        ("web:ada@Butler.example", "web:ada@Butler.example", "@butler.example", "web"),
    ],
)
def test_who_is_named_reads_with_the_shared_login(sender: str, room: str, entry: str, channel: str) -> None:
    """A workspace, a channel, a person, all of the web, a domain: they read, and change nothing."""
    _, (schema, tools) = ask(sender, room, entry, channel=channel)

    assert schema.reads_as == "shared"
    assert {tool.name for tool in tools} == {"erp_search", "erp_count", "erp_group", "erp_describe"}


def test_who_has_linked_an_account_reads_with_it_wherever_they_are() -> None:
    """The list is for the shared login alone."""
    _, (schema, _) = ask(ADA_ID, ROOM)

    assert schema.reads_as == "self"


@pytest.mark.parametrize("entry", ["telegram", "whatsapp:100", "telegram:-100200", "*", "everybody", "slack"])
def test_a_list_that_would_let_strangers_in_stops_the_start(entry: str) -> None:
    """Whole channels in which everybody may write, and what is no name of anything, are refused by name."""
    with pytest.raises(SettingError, match="ERP_READERS"):
        _ = Settings({"ERP_READERS": f"slack:T0123,{entry}"}).erp_readers


def test_nobody_is_the_default() -> None:
    """Where nobody sets the list, no stranger reads."""
    assert Settings({}).erp_readers == ()
