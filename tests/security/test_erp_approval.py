"""What is approved is what is written: proposals for the ERP are shown whole, and typed strictly."""

from __future__ import annotations

import json
from typing import Any

import pytest

from repartee.assistants.office.erp_changes import MAX_SUMMARY_CHARS
from repartee.assistants.office.erp_characters import show_hidden
from repartee.assistants.office.erp_secrets import is_secret_field, is_secret_model
from repartee.assistants.office.erp_values import FieldValue, convert_values
from repartee.channels.markup.plain import PlainTextRenderer
from repartee.errors import InvalidPayload
from repartee.ports import ErpField
from standins.odoo.definitions import FieldDefinition
from standins.odoo.models import MODELS
from tests.support.odoo_company import ADA_ID
from tests.unit.assistants.test_erp_tools import Desk, value

HIDDEN = [
    "\u202e",
    "\u202a",
    "\u2066",
    "\u2069",
    "\u200b",
    "\u200f",
    "\ufeff",
    "\x07",
    "\ud800",
    "\U000e0041",
]


@pytest.fixture
def desk() -> Desk:
    return Desk()


def written(desk: Desk) -> Any:
    return json.loads(desk.shown[-1].payload)


def test_a_long_text_is_shown_whole_and_written_whole(desk: Desk) -> None:
    """What stands behind the 300th character, too."""
    text = "word " * 200 + "and pay IBAN 1"
    desk.use("erp_propose_create", model="crm.lead", values=value(name=text))

    assert text in desk.shown[-1].summary
    desk.decide()
    record = max(desk.company.odoo.records.record_ids("crm.lead"))
    assert desk.company.field_value("crm.lead", record, "name") == text


@pytest.mark.parametrize(
    "tool, arguments",
    [
        ("create", {"values": value(name="a" * MAX_SUMMARY_CHARS)}),
        ("update", {"id": 1, "values": value(description="\U0001f600" * (MAX_SUMMARY_CHARS // 2))}),
        ("message", {"id": 1, "text": "a" * MAX_SUMMARY_CHARS}),
    ],
)
def test_what_cannot_be_shown_whole_is_not_proposed(desk: Desk, tool: str, arguments: dict[str, Any]) -> None:
    """The model is told by how much it is too long, and what to do."""
    with pytest.raises(InvalidPayload, match=r"\d+ characters too long to be shown whole.*shorter texts"):
        desk.use(f"erp_propose_{tool}", model="crm.lead", **arguments)

    assert desk.shown == []


def test_html_is_shown_as_its_source(desk: Desk) -> None:
    """With the addresses of links, hidden spans and entities that are written."""
    html = '<p>Pay <a href="https://evil.example">here</a>\n<span style="display:none">x</span>&lt;b&gt;</p>'
    desk.use("erp_propose_update", model="crm.lead", id=1, values=value(description=html))

    shown = PlainTextRenderer().render(desk.shown[-1].summary)
    assert html.replace("\n", " ⏎ ") in shown
    assert written(desk)["values"] == {"description": html}


@pytest.mark.parametrize("hidden", HIDDEN)
def test_invisible_characters_are_refused(desk: Desk, hidden: str) -> None:
    """In values and in notes: the refusal names the field and the character's code."""
    code = f"U\\+{ord(hidden):04X}"
    with pytest.raises(InvalidPayload, match=f"name takes a text of visible characters.*{code}"):
        desk.use("erp_propose_create", model="crm.lead", values=value(name=f"a{hidden}b"))
    with pytest.raises(InvalidPayload, match=f"text takes a text of visible characters.*{code}"):
        desk.use("erp_propose_message", model="crm.lead", id=1, text=f"a{hidden}b")

    assert desk.shown == []


def test_words_and_emoji_that_need_joiners_are_written(desk: Desk) -> None:
    """A Persian word, a family, a heart: their joiners are part of what is seen."""
    name = "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645 \U0001f468\u200d\U0001f469 \u2764\ufe0f"
    desk.use("erp_propose_create", model="crm.lead", values=value(name=name))

    assert written(desk)["values"] == {"name": name}


def test_invisible_characters_in_records_are_shown_by_their_codes(desk: Desk) -> None:
    """What a record held before cannot turn around what is shown behind it."""
    desk.company.erp.update_record(ADA_ID, "crm.lead", 1, {"name": "a\u202eb"})
    desk.use("erp_propose_update", model="crm.lead", id=1, values=value(name="c"))

    assert "- Opportunity: aU+202Eb → c" in desk.shown[-1].summary
    assert show_hidden("a\u200bb") == "aU+200Bb"


def test_a_note_is_shown_line_by_line_as_it_is_written(desk: Desk) -> None:
    """A line of marks makes no heading of the one above it, and is not left out."""
    desk.use("erp_propose_message", model="crm.lead", id=1, text="Agreed\n===\n- &lt;no&gt;\n5. a\n9. b")

    shown = PlainTextRenderer().render(desk.shown[-1].summary)
    assert all(line in shown for line in ("Agreed", "===", "- &lt;no&gt;", "5. a", "9. b"))
    assert "\n> 5\\. a\n> 9\\. b" in desk.shown[-1].summary


@pytest.mark.parametrize(
    "kind, given, taken",
    [
        ("boolean", True, True),
        ("boolean", False, False),
        ("integer", 12, 12),
        ("integer", 12.0, 12),
        ("float", 12, 12.0),
        ("monetary", 0.5, 0.5),
        ("char", "false", "false"),
        ("char", "", False),
        ("html", None, False),
        ("date", "2026-11-22", "2026-11-22"),
        ("date", None, False),
        ("datetime", "2026-11-22T14:30:00+02:00", "2026-11-22 12:30:00"),
        ("datetime", "2026-11-22 14:30:00", "2026-11-22 14:30:00"),
        ("many2one", 3, 3),
    ],
)
def test_values_of_the_fields_type_are_taken(kind: str, given: Any, taken: Any) -> None:
    """As they are shown."""
    field = ErpField(name="x", label="X", type=kind)

    got = convert_values((FieldValue("x", given),), {"x": field})["x"]
    assert (got, type(got)) == (taken, type(taken))


@pytest.mark.parametrize(
    "kind, refused, wanted",
    [
        ("boolean", ["false", "true", 0, 1, None, ""], "x takes a boolean: true or false"),
        ("integer", ["3", 1.5, True, None, float("nan"), float("inf"), 2**31, 10**400], "x takes an integer"),
        (
            "float",
            ["nan", "1.5", float("nan"), float("-inf"), 10**400, True, None],
            "x takes a finite number",
        ),
        ("monetary", ["Infinity", float("inf")], "x takes a finite number"),
        ("char", [1, 1.5, True, False], "x takes a text"),
        ("html", [1], "x takes a text"),
        ("date", ["22/11/2026", "2026-02-30", "20261122", "tomorrow", 1, ""], "x takes a date.*ISO"),
        ("datetime", ["14:30", "22.11.2026 14:30", 1, True], "x takes a time in UTC.*ISO"),
        ("many2one", ["3", 3.0, True, 0, -1 * 2**40], "x takes the id of a record"),
        ("selection", [1, True, "other"], "x is one of a, b, as text"),
        ("json", ["{}"], "x is of type json"),
    ],
)
def test_values_of_another_type_are_refused(kind: str, refused: list[Any], wanted: str) -> None:
    """With the field's name and what it takes."""
    field = ErpField(name="x", label="X", type=kind, options=(("a", "A"), ("b", "B")))
    for given in refused:
        with pytest.raises(InvalidPayload, match=wanted):
            convert_values((FieldValue("x", given),), {"x": field})


@pytest.mark.parametrize(
    "name",
    ["password", "new_password", "api_key", "x_studio_apikey", "access_token", "smtp_pass", "key"],
)
@pytest.mark.parametrize("prefix", ["", "user_id.", "x_studio_"])
def test_names_of_secret_fields(name: str, prefix: str) -> None:
    """By parts of their names, at any step of a path."""
    assert is_secret_field(prefix + name)


@pytest.mark.parametrize(
    "name", ["stripe_secret_key", "totp_secret", "pin", "mail_server_id", "oauth_uid", "signup_token"]
)
def test_names_of_other_secret_fields(name: str) -> None:
    """Keys of services, second factors, and what sends mail."""
    assert is_secret_field(name)


def test_names_that_are_no_secrets() -> None:
    """Ordinary fields and models stay."""
    names = ["name", "keyword_ids", "shipping_id", "opinion", "monkey", "passenger", "partner_id.city"]
    assert [name for name in names if is_secret_field(name)] == []
    assert [name for name in MODELS if is_secret_model(name)] == []


@pytest.mark.parametrize(
    "model",
    ["ir.mail_server", "fetchmail.server", "ir.config_parameter", "res.users.apikeys", "payment.token"],
)
def test_models_of_secrets_are_for_nobody(desk: Desk, model: str) -> None:
    """Nothing of them is read or proposed, and nobody is asked for it."""
    calls = len(desk.company.called_methods())
    for tool in ("search", "count", "group", "describe"):
        with pytest.raises(InvalidPayload, match="no model"):
            desk.use(f"erp_{tool}", model=model)
    with pytest.raises(InvalidPayload, match="keeps secrets: it is never read or changed"):
        desk.use("erp_propose_create", model=model, values=value(name="x"))

    assert not [call for call in desk.company.called_methods()[calls:] if call.startswith(model)]


def test_secret_fields_are_neither_told_nor_searched_nor_proposed(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever rights the person has in Odoo: the field is not there."""
    secret = FieldDefinition("char", "Key")
    monkeypatch.setitem(MODELS["crm.lead"].fields, "x_api_key", secret)

    assert "x_api_key" not in desk.use("erp_describe", model="crm.lead")
    for domain in ('[["x_api_key","like","a"]]', '[["user_id.password","like","a"]]'):
        with pytest.raises(InvalidPayload, match="never read, searched or changed"):
            desk.use("erp_count", model="crm.lead", domain=domain)
    with pytest.raises(InvalidPayload, match="there is no field 'x_api_key'"):
        desk.use("erp_search", model="crm.lead", fields=["x_api_key"])
    with pytest.raises(InvalidPayload, match="there is no field 'x_api_key'"):
        desk.use("erp_propose_update", model="crm.lead", id=1, values=value(x_api_key="a"))
