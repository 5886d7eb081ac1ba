"""*Set-up* of a deployed console on DynamoDB: what administrators see and change, and what is noted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from local.routes_command import PackagedEmbedder, make_packaged_router
from repartee.assistants.office.routes import load_routes
from repartee.console.access import Role
from repartee.console.pages import format_percent
from repartee.domain.desk import DeskConfig, DeskWebhook, parse_desk_config
from repartee.domain.desk_file import SAMPLE_CONFIG
from repartee.domain.reminder import Reminder
from repartee.domain.schedule import Schedule
from repartee.errors import Unavailable
from repartee.language.catalogue import LANGUAGES
from repartee.ports import Vector
from repartee.wiring import Wiring, brief_stores, console_setup, process, services, stores
from tests.support import aws
from tests.support.console_setup import SetupVisit, list_acts, visit_setup
from tests.support.memory_briefs import make_subscription

NOW = 1_790_000_000.0
NUMBER = "whatsapp:1"
FILE = f'number = "{NUMBER}"\nname = "Lumen <b>"\nknowledge = "lumen"'


class NoModel:
    """`ports.Embedder` that cannot be reached."""

    def embed(self, texts: Sequence[str]) -> Sequence[Vector]:
        raise Unavailable("model", "it is away")


@pytest.fixture
def wiring(dynamodb_local: str) -> Wiring:
    client = aws.make_client("dynamodb", dynamodb_local)
    made = Wiring({"RECORDS_TABLE": aws.make_table(client)})
    made.put(process.dynamodb_client, client)
    made.put(process.clock, lambda: NOW)
    return made


@pytest.fixture
def admin(wiring: Wiring) -> Iterator[SetupVisit]:
    with visit_setup(wiring) as visit:
        yield visit


ACTS = ("desk/check", "desk/set", "desk/remove", "briefs/stop", "routes/try")


@pytest.mark.parametrize("role", [Role.VIEWER, Role.AGENT])
def test_set_up_is_for_administrators(wiring: Wiring, role: Role) -> None:
    """Every page and every act is refused to whoever has a lower role."""
    with visit_setup(wiring, role) as visit:
        assert visit.client.get("/console/setup").status_code == 403
        for act in ACTS:
            assert visit.post(act, number=NUMBER).status_code == 403, act


def test_a_form_of_another_site_is_refused(wiring: Wiring, admin: SetupVisit) -> None:
    """Without the session's token nothing is done, nor with it from elsewhere."""
    for act in ACTS:
        assert admin.post(act, csrf="guessed", toml=FILE).status_code == 403, act
    headers = {"sec-fetch-site": "cross-site"}
    admin.client.headers.update(headers)
    assert admin.post("desk/set", toml=FILE).status_code == 403
    assert not wiring.get(stores.desk_records).list_configs()


def test_the_sample_may_be_used() -> None:
    """What stands in the box of a console without a desk can be set as it is."""
    assert parse_desk_config(SAMPLE_CONFIG.encode(), LANGUAGES).name == "Lumen Lamps"


def test_a_desk_is_checked_and_set(wiring: Wiring, admin: SetupVisit) -> None:
    """A mistake is named with its line and nothing is kept; checking keeps nothing; what is set is shown, may
    be set again, and is noted."""
    assert "Lumen Lamps" in admin.open("desk")
    page = admin.say("desk/set", toml=f'{FILE}\nlanguages = ["xx"]')
    assert "line 4" in page
    assert 'there is no "xx"' in page
    assert f"{NUMBER} may be used" in admin.say("desk/check", toml=FILE)
    assert not wiring.get(stores.desk_records).list_configs()

    assert f"{NUMBER} is kept" in admin.say("desk/set", toml=FILE)

    kept = wiring.get(stores.desk_records).read_config(NUMBER)
    assert kept is not None
    assert kept.name == "Lumen <b>"
    assert "Lumen <b>" not in admin.client.get(f"/console/setup?tab=desk&number={NUMBER}").text
    assert 'name = "Lumen <b>"' in admin.open("desk", number=NUMBER)
    assert list_acts(wiring, NOW + 1) == [("admin", "set desk", NUMBER)]


def test_a_receiver_that_ended_is_told_and_resumed(wiring: Wiring, admin: SetupVisit) -> None:
    """Its address is shown beside the configuration; setting that again has it sent events again."""
    webhook = DeskWebhook(url="https://service.example.com/hook", secret="hook")
    config = DeskConfig(number=NUMBER, name="Lumen", webhooks=(webhook,))
    wiring.get(stores.desk_records).save_config(config)
    wiring.get(stores.event_outbox).end_endpoint(NUMBER, webhook.endpoint_id, NOW)
    page = admin.open("desk", number=NUMBER)
    assert f"{webhook.url} answered 410" in page.replace("<bdi>", "").replace("</bdi>", "")

    toml = f'number = "{NUMBER}"\nname = "Lumen"\n[[webhooks]]\nurl = "{webhook.url}"\nsecret = "hook"'
    admin.say("desk/set", toml=toml)

    assert not wiring.get(stores.event_outbox).has_ended(NUMBER, webhook.endpoint_id)


def test_a_desk_is_removed_when_its_number_is_typed(wiring: Wiring, admin: SetupVisit) -> None:
    """Anything else removes nothing."""
    admin.say("desk/set", toml=FILE)

    page = admin.say("desk/remove", number=NUMBER, confirmation="whatsapp:2")
    assert "Nothing was removed" in page
    assert wiring.get(stores.desk_records).read_config(NUMBER)

    assert f"{NUMBER}: removed" in admin.say("desk/remove", number=NUMBER, confirmation=NUMBER)
    assert wiring.get(stores.desk_records).read_config(NUMBER) is None
    assert ("admin", "remove desk", NUMBER) in list_acts(wiring, NOW + 1)


def test_briefs_are_paged_and_stopped(wiring: Wiring, admin: SetupVisit) -> None:
    """Every subscription is on one of the pages, once; one that is stopped is gone, and that is noted."""
    store = wiring.get(brief_stores.briefs)
    people = [f"slack:T1:U{number}" for number in range(120)]
    for person in people:
        store.put_subscription(make_subscription(person))
    store.note_delivered(people[0], "2026-09-01")
    store.note_engaged(people[0], "click", NOW)

    first = admin.open("briefs")
    following = first.split("begin=")[1].split('"')[0]
    pages = first + admin.client.get(f"/console/setup?tab=briefs&begin={following}").text

    assert all(pages.count(f"<bdi>{person}</bdi>") == 1 for person in people)
    assert "about Lisbon" in pages
    assert "every due day" in pages
    assert pages.count("<td>none yet</td>") == len(people) - 1
    assert "<td>click, " in pages
    assert "Stopped." in admin.say("briefs/stop", person=people[7], id="s1")
    assert "There is no such brief any more." in admin.say("briefs/stop", person=people[7], id="s1")
    assert not store.list_subscriptions(people[7])
    assert list_acts(wiring, NOW + 1) == [("admin", "stop brief", people[7])]


def test_briefs_of_one_person_are_looked_up(wiring: Wiring, admin: SetupVisit) -> None:
    """Theirs alone are shown, and when their reminders come, without a word of them."""
    store, reminders = wiring.get(brief_stores.briefs), wiring.get(brief_stores.reminders)
    store.put_subscription(make_subscription("slack:T1:U1"))
    store.put_subscription(make_subscription("slack:T1:U2"))
    address = make_subscription().address
    reminders.put_reminder(
        Reminder(
            id="r",
            person="slack:T1:U1",
            address=address,
            schedule=Schedule(),
            timezone="UTC",
            text="call the landlord",
            created_at=NOW,
            due_at=NOW + 60,
        )
    )

    page = admin.open("briefs", person="slack:T1:U1")

    assert "<bdi>slack:T1:U1</bdi>" in page
    assert "<bdi>slack:T1:U2</bdi>" not in page
    assert "Reminders of this person come at 21 Sep 14:14 (UTC)" in page
    assert "landlord" not in page
    assert "slack:T1:U3 has no brief" in admin.open("briefs", person="slack:T1:U3")


@pytest.mark.parametrize("begin", ["x:y", "-1:", "99:"])
def test_a_page_that_is_nowhere_is_no_failure(admin: SetupVisit, begin: str) -> None:
    """An address that was changed by hand is refused or shows nothing."""
    answer: Any = admin.client.get("/console/setup", params={"tab": "briefs", "begin": begin})
    assert answer.status_code in (200, 400)


def test_a_sentence_is_tried(wiring: Wiring, admin: SetupVisit) -> None:
    """The routes are shown with examples; a sentence takes the route that a turn would give it, with how
    likely that is; nothing of it is kept."""
    packaged = make_packaged_router()
    wiring.put(console_setup.router, packaged)
    wiring.put(services.redacting_embedder, PackagedEmbedder())
    page = admin.open("routes")
    assert all(f"<h2>{name}</h2>" in page for name in load_routes())

    page = admin.say("routes/try", text="which invoices are overdue?")

    chosen = packaged.choose_or_guess(
        "which invoices are overdue?",
        PackagedEmbedder().embed(["which invoices are overdue?"])[0],
        packaged.load_classifier(),
    )
    assert f"<strong>{chosen.route.name}</strong>, {format_percent(chosen.probability)} likely" in page
    assert list_acts(wiring, NOW + 1) == []


def test_a_model_that_is_away_costs_the_trial_alone(wiring: Wiring, admin: SetupVisit) -> None:
    """The routes are shown all the same, and the sentence stands in its box."""
    wiring.put(console_setup.router, make_packaged_router())
    wiring.put(services.redacting_embedder, NoModel())

    page = admin.say("routes/try", text="which invoices are overdue?")

    assert "It cannot be tried now: model: it is away" in page
    assert 'value="which invoices are overdue?"' in page
    assert "<h2>general</h2>" in page


def test_without_a_classifier_the_words_decide(wiring: Wiring, admin: SetupVisit, tmp_path: Path) -> None:
    """The page says that none is kept, and how one is made."""
    wiring.put(console_setup.router, make_packaged_router(tmp_path))
    wiring.put(services.redacting_embedder, PackagedEmbedder())

    page = admin.say("routes/try", text="hello")

    assert "No classifier is kept" in page
    assert "<strong>general</strong>" in page
