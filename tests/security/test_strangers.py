"""Strangers find the assistant, and are told nothing of the company: it looks at what the model was given."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from repartee.assistants.office.erp import ErpToolset
from repartee.assistants.office.erp_readers import ErpReaders
from repartee.domain.message import EMAIL_DOMAIN_KEY
from repartee.errors import SettingError
from repartee.plan import Pool
from repartee.privacy.identifiers import IdentifierHasher, split_person_id
from repartee.settings import Settings
from repartee.wiring import Wiring
from repartee.wiring.assistants import OfferedPorts
from tests.support.inbox_builders import make_message
from tests.support.memory_proposals import MemoryProposals
from tests.support.odoo_company import ADA_ID, CLEO_ID, CompanyOdoo

CLEO_HOME = CLEO_ID.rpartition(":")[0]
ROOM = f"{CLEO_HOME}:C0GENERAL"
LISTED_EVERYWHERE = (CLEO_HOME, ROOM, "web", "@butler.example")


def ask(sender: str, room: str, *entries: str, channel: str = "slack") -> tuple[CompanyOdoo, Any]:
    """Returns what the model is given of the ERP, to a person without an account. What stands behind an `@`
    in the sender is the domain of the address by which the web's issuer calls them."""
    company = CompanyOdoo(shared=True)
    toolset = ErpToolset(company.erp, MemoryProposals(), lambda: 100.0, ErpReaders(entries))
    asked = msgspec.structs.replace(
        make_message("leads?", room=room),
        sender=sender,
        channel=channel,
        platform={EMAIL_DOMAIN_KEY: sender.partition("@")[2]},
    )
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
        "whatsapp:351900",
        "whatsapp:100:351900",
        (*LISTED_EVERYWHERE, "whatsapp:351901"),
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
        ("web:ada@butler.example", "web:ada@butler.example", "@butler.example", "web"),
        ("whatsapp:PT.13", "whatsapp:100:PT.13", "whatsapp:PT.13", "whatsapp"),
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


@pytest.mark.parametrize(
    "entry, sender",
    [
        ("whatsapp:+351910000001", "whatsapp:351910000001"),
        ("web:ada+work@butler.example", "web:ada%2Bwork@butler.example"),
        ("web:ada", "web:ada"),
        ("slack:T0123:U0456", "slack:T0123:U0456"),
    ],
)
def test_a_person_is_named_by_their_number_or_address(entry: str, sender: str) -> None:
    """The list has the hash by which receivers call them. One that is hashed already stays as it is."""
    identifiers = IdentifierHasher("a key for tests")
    head, person = split_person_id(sender)
    received = head + identifiers.hash_personal_id(head.partition(":")[0], person)
    for named in (entry, received):
        wiring = Wiring({"PERSON_ID_KEY": "a key for tests", "ERP_READERS": named})

        assert OfferedPorts(wiring).erp_readers == [received]


def test_a_deployment_for_slack_alone_needs_no_key_of_ids() -> None:
    """The list is read without PERSON_ID_KEY where nobody in it has a number or an address for an id."""
    wiring = Wiring({"ERP_READERS": "slack:T0123,@butler.example,web:ada"})

    assert list(OfferedPorts(wiring).erp_readers) == ["slack:T0123", "@butler.example", "web:ada"]
