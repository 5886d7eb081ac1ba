"""The contract of `ports.Erp`, on Odoo's stand-in in versions of both APIs."""

from __future__ import annotations

import pytest

from repartee.errors import (
    BackendError,
    DeadlineExceeded,
    InvalidArgument,
    NotFound,
    PermissionDenied,
    Throttled,
    Unavailable,
)
from repartee.plan import deadline
from repartee.ports import ErpAccount, ErpGrouping, ErpQuery
from standins.odoo.company import INES
from tests.support.odoo_company import ADA_ID, BEN_ID, CLEO_ID, INES_ID, CompanyOdoo


@pytest.fixture(params=[17, 18, 19])
def company(request: pytest.FixtureRequest) -> CompanyOdoo:
    return CompanyOdoo(request.param)


def test_people_see_the_models_that_they_may_read(company: CompanyOdoo) -> None:
    """Each their own, with what people call them."""
    ada = {model.name: model.label for model in company.erp.list_models(ADA_ID)}
    ben = {model.name for model in company.erp.list_models(BEN_ID)}

    assert ada["crm.lead"] == "Lead"
    assert "account.move" not in ada
    assert "account.move" in ben
    assert "crm.lead" not in ben


def test_fields_say_what_they_are(company: CompanyOdoo) -> None:
    """Their labels, where they lead to, what they can be; no files, and none that the person may not see."""
    fields = {field.name: field for field in company.erp.list_fields(ADA_ID, "res.partner")}
    orders = {field.name: field for field in company.erp.list_fields(ADA_ID, "sale.order")}

    assert (fields["parent_id"].type, fields["parent_id"].relation) == ("many2one", "res.partner")
    assert fields["name"].required
    assert not fields["contact_address"].stored
    assert "image_1920" not in fields
    assert "credit_limit" not in fields
    assert "credit_limit" in {field.name for field in company.erp.list_fields(BEN_ID, "res.partner")}
    assert ("sale", "Sales Order") in orders["state"].options


def test_descriptions_are_kept_for_some_minutes(company: CompanyOdoo) -> None:
    """They are asked for again when they are old, and another person's are another's."""
    for _ in range(3):
        company.erp.list_models(ADA_ID)
        company.erp.list_fields(ADA_ID, "crm.lead")
    assert company.called_methods() == ["ir.model/get_available_models", "crm.lead/fields_get"]

    company.erp.list_models(BEN_ID)
    company.now += 601
    company.erp.list_models(ADA_ID)

    assert company.called_methods().count("ir.model/get_available_models") == 3


def test_search_gives_what_was_asked_for(company: CompanyOdoo) -> None:
    """In order, at most so many, with records that are led to by id and name."""
    query = ErpQuery(
        model="crm.lead",
        domain=[["partner_id.city", "=", "Lisbon"], ["stage_id.name", "!=", "Won"]],
        fields=["name", "partner_id", "expected_revenue"],
        order="expected_revenue desc",
        limit=2,
    )

    found = company.erp.search_records(ADA_ID, query)

    assert [row["name"] for row in found] == ["Quote for 12 tables", "Desks for Lisbon"]
    assert found[1] == {
        "id": 1,
        "name": "Desks for Lisbon",
        "partner_id": [14, "Azure Interior"],
        "expected_revenue": 18500.0,
    }


def test_record_rules_are_the_persons_own(company: CompanyOdoo) -> None:
    """Ada sees her own leads and those of nobody, however she asks."""
    assert company.erp.count_records(ADA_ID, "crm.lead", []) == 5
    assert company.erp.count_records(ADA_ID, "crm.lead", [["id", "=", 3]]) == 0
    assert company.erp.count_records(ADA_ID, "account.analytic.line", []) == 2
    assert company.erp.count_records(BEN_ID, "account.analytic.line", []) == 1


def test_groups_are_told_in_words(company: CompanyOdoo) -> None:
    """What they are grouped by, what was summed, and how many there are."""
    rows = company.erp.group_records(
        ADA_ID,
        ErpGrouping(
            model="crm.lead",
            domain=[["type", "=", "opportunity"]],
            group_by=["stage_id"],
            aggregates=["expected_revenue:sum"],
            order="expected_revenue:sum desc",
            limit=2,
        ),
    )

    assert rows == [
        {"stage_id": "New", "expected_revenue:sum": 42000.0, "__count": 2},
        {"stage_id": "Proposition", "expected_revenue:sum": 18500.0, "__count": 1},
    ]


def test_groups_by_month(company: CompanyOdoo) -> None:
    """A period is called what people call it."""
    rows = company.erp.group_records(
        ADA_ID,
        ErpGrouping(model="sale.order", domain=[["state", "=", "sale"]], group_by=["date_order:month"]),
    )

    assert [(row["date_order:month"], row["__count"]) for row in rows] == [
        ("September 2026", 1),
        ("October 2026", 1),
    ]


ORDERS_BY_MONTH = ErpGrouping(
    model="sale.order",
    group_by=["date_order:month"],
    aggregates=["amount_total:sum"],
    domain=[["id", ">", 40]],
)


def add_order(company: CompanyOdoo, moment: str) -> None:
    values = {"partner_id": 14, "date_order": moment, "amount_total": 100.0}
    company.odoo.records.create_record("sale.order", values, INES)


def month_names(company: CompanyOdoo, person: str) -> list[str]:
    return [row["date_order:month"] for row in company.erp.group_records(person, ORDERS_BY_MONTH)]


def test_people_read_odoo_in_their_own_language(company: CompanyOdoo) -> None:
    """Names of models, fields, options and records are those that the person sees in Odoo."""
    models = {model.name: model.label for model in company.erp.list_models(INES_ID)}
    fields = {field.name: field for field in company.erp.list_fields(INES_ID, "sale.order")}
    query = ErpQuery(
        model="crm.lead", domain=[["stage_id.name", "=", "Proposta"]], fields=["stage_id"], order="id"
    )

    found = company.erp.search_records(INES_ID, query)

    assert models["res.partner"] == "Contacto"
    assert fields["partner_id"].label == "Cliente"
    assert ("sale", "Ordem de Venda") in fields["state"].options
    assert [row["stage_id"] for row in found] == [[3, "Proposta"]] * 2
    ada = {model.name: model.label for model in company.erp.list_models(ADA_ID)}
    assert ada["res.partner"] == "Contact"


def test_months_are_those_of_the_persons_time_zone(company: CompanyOdoo) -> None:
    """An order on the last evening of October in Lisbon is one of November in Auckland."""
    add_order(company, "2026-10-31 18:00:00")

    assert month_names(company, INES_ID) == ["novembro 2026"]
    company.accounts.unlink(INES_ID)
    company.accounts.link(INES_ID, ErpAccount("admin", "key-of-admin"))
    company.now += 700
    assert month_names(company, INES_ID) == ["October 2026"]


def test_each_call_has_the_persons_language_and_time_zone(company: CompanyOdoo) -> None:
    """Reading and writing; the person's settings are asked for once in some minutes."""
    company.erp.count_records(INES_ID, "crm.lead", [])
    lead = company.erp.create_record(INES_ID, "crm.lead", {"name": "Lamps"})
    company.erp.update_record(INES_ID, "crm.lead", lead, {"name": "Candeeiros"})
    company.erp.post_note(INES_ID, "crm.lead", lead, "Olá")

    first, *others = company.odoo.calls
    assert first["call"] == "res.users/context_get"
    assert len(others) == 4
    assert all(call["context"] == {"lang": "pt_PT", "tz": "Pacific/Auckland"} for call in others)


@pytest.mark.parametrize(
    "profile, context",
    [
        ({"language": "German", "timezone": "Europe/Berlin"}, {"lang": "de_DE", "tz": "Europe/Berlin"}),
        ({"language": "portuguese"}, {"lang": "pt_PT"}),
        ({"language": "Klingon", "timezone": "Asia/Tokyo"}, {"tz": "Asia/Tokyo"}),
        ({}, {}),
    ],
)
def test_who_reads_with_the_shared_account_reads_in_their_language(
    profile: dict[str, str], context: dict[str, str]
) -> None:
    """As their profile says, where that language is installed: the shared account's settings are nobody's."""
    company = CompanyOdoo(shared=True)
    company.profiles[CLEO_ID].update(profile)

    assert company.erp.count_records(CLEO_ID, "res.partner", []) > 5

    assert company.odoo.calls[-1]["context"] == context


def test_two_people_of_one_account_read_each_in_their_language() -> None:
    """Descriptions are kept by language."""
    company = CompanyOdoo(shared=True)
    company.profiles[CLEO_ID] = {"language": "German"}
    company.profiles["telegram:9"] = {"language": "Portuguese"}

    labels = [
        {model.name: model.label for model in company.erp.list_models(person)}["res.partner"]
        for person in (CLEO_ID, "telegram:9", "telegram:10")
    ]

    assert labels == ["Kontakt", "Contacto", "Contact"]


def test_what_is_written_is_written_as_the_person(company: CompanyOdoo) -> None:
    """A record is made, changed, and written on; Odoo knows by whom."""
    id = company.erp.create_record(ADA_ID, "crm.lead", {"name": "Lamps", "partner_id": 15})
    company.erp.update_record(ADA_ID, "crm.lead", id, {"expected_revenue": 900.0})
    company.erp.post_note(ADA_ID, "crm.lead", id, "They want <blue> lamps & soon")

    assert company.field_value("crm.lead", id, "name") == "Lamps"
    assert company.field_value("crm.lead", id, "expected_revenue") == 900.0
    assert company.field_value("crm.lead", id, "create_uid") == 6
    (message,) = company.odoo.records.search_names("mail.message", "ilike", "lamps")
    assert (
        company.field_value("mail.message", message, "body")
        == "<p>They want &lt;blue&gt; lamps &amp; soon</p>"
    )
    assert company.field_value("mail.message", message, "author_id") == 7


def test_what_the_person_may_not_is_denied_in_odoos_words(company: CompanyOdoo) -> None:
    """Reading a model, changing a record of somebody else's; and nothing of it is in the error's own text."""
    with pytest.raises(PermissionDenied) as denied:
        company.erp.count_records(ADA_ID, "account.move", [])
    assert (
        "You are not allowed to access 'Journal Entry' (account.move) records." in denied.value.user_message
    )
    assert "Journal" not in str(denied.value)

    with pytest.raises(PermissionDenied, match="AccessError"):
        company.erp.update_record(ADA_ID, "crm.lead", 3, {"name": "mine"})
    assert company.field_value("crm.lead", 3, "name") == "Office design project"


def test_what_is_not_there(company: CompanyOdoo) -> None:
    """A record that was deleted."""
    with pytest.raises(NotFound) as missing:
        company.erp.update_record(ADA_ID, "crm.lead", 9999, {"name": "x"})

    assert "does not exist or has been deleted" in missing.value.user_message


@pytest.mark.parametrize(
    "values, words",
    [
        ({"probability": 120.0}, "between 0% and 100%"),
        ({"name": False}, "a mandatory field is not set"),
        ({"stage_id": 77}, "another model requires"),
        ({"no_such_field": 1}, "Invalid field 'no_such_field'"),
    ],
)
def test_what_makes_no_sense_is_rejected_in_odoos_words(
    company: CompanyOdoo, values: dict[str, object], words: str
) -> None:
    """And nothing is changed."""
    with pytest.raises(InvalidArgument) as rejected:
        company.erp.update_record(ADA_ID, "crm.lead", 1, values)

    assert words in rejected.value.user_message
    assert company.field_value("crm.lead", 1, "name") == "Desks for Lisbon"


def test_a_domain_that_makes_no_sense(company: CompanyOdoo) -> None:
    """A field that is not there, an operator that is none."""
    for domain in ([["colour", "=", 1]], [["name", "~", "x"]], ["|", ["name", "=", "x"]]):
        with pytest.raises(InvalidArgument) as rejected:
            company.erp.count_records(ADA_ID, "crm.lead", domain)
        assert rejected.value.user_message


def test_who_has_no_account_reads_nothing(company: CompanyOdoo) -> None:
    """Nothing is asked in anybody else's name."""
    assert company.erp.reading_identity(CLEO_ID) == "nobody"
    with pytest.raises(PermissionDenied, match="nobody has linked"):
        company.erp.list_models(CLEO_ID)
    assert company.called_methods() == []


def test_a_shared_account_reads_and_never_writes() -> None:
    """Where there is one it stands in for reading, with its own rights."""
    company = CompanyOdoo(shared=True)

    assert company.erp.reading_identity(CLEO_ID) == "shared"
    assert company.erp.reading_identity(ADA_ID) == "self"
    assert company.erp.count_records(CLEO_ID, "res.partner", [["is_company", "=", True]]) == 3
    with pytest.raises(PermissionDenied, match="AccessError"):
        company.erp.count_records(CLEO_ID, "crm.lead", [])
    for write in (
        lambda: company.erp.create_record(CLEO_ID, "res.partner", {"name": "x"}),
        lambda: company.erp.update_record(CLEO_ID, "res.partner", 14, {"name": "x"}),
        lambda: company.erp.post_note(CLEO_ID, "res.partner", 14, "x"),
    ):
        with pytest.raises(PermissionDenied, match="an account of their own"):
            write()


def test_a_key_that_has_run_out(company: CompanyOdoo) -> None:
    """It is denied as what it is."""
    company.accounts.link(CLEO_ID, ErpAccount("ada@butler.example", "old-key-of-ada"))

    with pytest.raises(PermissionDenied, match="the key is not accepted"):
        company.erp.list_models(CLEO_ID)


def test_an_account_that_is_unlinked_counts_no_longer(company: CompanyOdoo) -> None:
    """Within a minute."""
    company.erp.list_models(ADA_ID)
    company.accounts.unlink(ADA_ID)
    company.now += 61

    with pytest.raises(PermissionDenied):
        company.erp.count_records(ADA_ID, "crm.lead", [])


@pytest.mark.parametrize(
    "trouble, error",
    [
        ("down", Unavailable),
        ("late", DeadlineExceeded),
        (429, Throttled),
        (502, DeadlineExceeded),
        (403, PermissionDenied),
        (404, NotFound),
    ],
)
def test_what_goes_wrong_on_the_way(
    company: CompanyOdoo, trouble: str | int, error: type[BackendError]
) -> None:
    """Whether it may have taken effect is never left open."""
    company.erp.update_record(ADA_ID, "crm.lead", 1, {"probability": 61.0})
    company.wire.trouble = [trouble]

    with pytest.raises(error):
        company.erp.update_record(ADA_ID, "crm.lead", 1, {"probability": 62.0})


def test_a_broken_connection_is_tried_again_for_reading_alone(company: CompanyOdoo) -> None:
    """A change may have been made: it is not sent twice."""
    assert company.erp.count_records(ADA_ID, "crm.lead", []) == 5
    company.wire.trouble = ["lost"]
    assert company.erp.count_records(ADA_ID, "crm.lead", []) == 5

    company.wire.trouble = ["lost"]
    with pytest.raises(DeadlineExceeded):
        company.erp.create_record(ADA_ID, "crm.lead", {"name": "Once"})

    assert company.called_methods().count("crm.lead/create") == 1


def test_with_no_time_left_nothing_is_called(company: CompanyOdoo) -> None:
    """The deadline of who asks is kept."""
    company.erp.list_models(ADA_ID)

    with deadline.limited_to(0.0), pytest.raises(DeadlineExceeded):
        company.erp.count_records(ADA_ID, "crm.lead", [])

    assert company.called_methods() == ["ir.model/get_available_models"]


def test_a_database_that_is_not_there() -> None:
    """Whoever set it up is told which setting is wrong."""
    with pytest.raises(NotFound, match="ODOO_DATABASE"):
        CompanyOdoo(18, database="nope").erp.list_models(ADA_ID)
    with pytest.raises(NotFound, match="ODOO_DATABASE"):
        CompanyOdoo(19, database="nope").erp.list_models(ADA_ID)


@pytest.mark.parametrize(
    "version, link",
    [
        (17, "https://odoo.example/web#id=5&model=crm.lead&view_type=form"),
        (19, "https://odoo.example/odoo/crm.lead/5"),
    ],
)
def test_links_lead_to_the_record(version: int, link: str) -> None:
    """As the version has them."""
    assert CompanyOdoo(version).erp.record_url("crm.lead", 5) == link


def test_the_api_is_found_out_once() -> None:
    """JSON-2 from 19 on; and a version that is too old is said to be."""
    new, old = CompanyOdoo(19), CompanyOdoo(18)
    for company in (new, old):
        company.erp.count_records(ADA_ID, "crm.lead", [])
        company.erp.count_records(ADA_ID, "crm.lead", [])

    assert new.wire.requests == [
        "GET /web/version",
        "POST /json/2/res.users/context_get",
        *["POST /json/2/crm.lead/search_count"] * 2,
    ]
    assert old.wire.requests == ["GET /web/version", *["POST /jsonrpc"] * 5]
    with pytest.raises(InvalidArgument, match="Odoo 14 is too old"):
        CompanyOdoo(14).erp.list_models(ADA_ID)
