"""scripts/briefs email: an address that the operator knows to be one person's, in use without a question."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from moto import mock_aws

from operations import briefs
from operations.deployed_stack import DeployedStack
from repartee.domain.email import EmailContact
from repartee.stores.dynamodb.briefs import DynamoBriefs
from repartee.stores.dynamodb.emails import DynamoEmailContacts
from tests.support import aws
from tests.support.memory_briefs import ADA, make_subscription

ADDRESS = "anna@example.com"
BEN = "slack:T1:U2"


@pytest.fixture
def contacts(monkeypatch: pytest.MonkeyPatch) -> Iterator[DynamoEmailContacts]:
    """E-mail on a stack that sends some, where two people have briefs."""
    with mock_aws():
        client: Any = aws.botocore_session().create_client("dynamodb")
        table = aws.make_table(client)
        monkeypatch.setenv("RECORDS_TABLE", table)
        monkeypatch.setattr(DeployedStack, "stack_parameter", lambda self, name: "briefs@example.com")
        store = DynamoBriefs(client, table, time.time)
        for one in (make_subscription(), make_subscription(id="s2"), make_subscription(BEN)):
            store.put_subscription(one)
        yield DynamoEmailContacts(client, table, time.time)


def give_address(person: str = ADA, address: str = ADDRESS) -> tuple[int, str]:
    """The code of the command, and what it says."""
    said: list[str] = []
    return briefs.main(["email", person, address], said.append), "\n".join(said)


def test_all_briefs_of_the_person_go_to_the_address(contacts: DynamoEmailContacts) -> None:
    """Of that person alone. Said again nothing changes, so that the links of earlier mails still hold."""
    assert give_address() == (0, f"{ADA}  2 of their briefs come by e-mail too")
    found = contacts.find(ADA)
    assert found is not None
    assert (found.address, found.subscriptions) == (ADDRESS, frozenset({"s1", "s2"}))
    assert contacts.find(BEN) is None

    give_address()
    assert contacts.find(ADA) == found


def test_another_address_takes_the_place_of_the_first(contacts: DynamoEmailContacts) -> None:
    """A mistake is mended; the links and bounces of the first end nothing of the second."""
    give_address(address="wrong@example.com")
    wrong = contacts.find(ADA)
    assert wrong is not None

    assert give_address()[0] == 0
    assert not contacts.end(ADA, wrong.nonce, "bounced")


@pytest.mark.parametrize("reason", ["unsubscribed", "bounced", "complained"])
def test_who_ended_it_is_not_written_to(
    contacts: DynamoEmailContacts, reason: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """An operator does not undo what the person or their mailbox has said."""
    contacts.trust(ADA, "s1", ADDRESS, "n1", "en")
    contacts.end(ADA, "n1", reason)

    assert give_address()[0] == 1
    assert f"has ended ({reason}): only they begin it again" in capsys.readouterr().err
    assert contacts.find(ADA) == EmailContact(person=ADA, language="en", ended=reason)


@pytest.mark.parametrize(
    "person, address, told",
    [
        (ADA, "anna at example", "that is no address"),
        (ADA, f"{ADDRESS}, ben@example.com", "that is no address"),
        ("slack:T1:U9", ADDRESS, "slack:T1:U9 has no brief"),
    ],
)
def test_what_cannot_be_used_is_told(
    contacts: DynamoEmailContacts, person: str, address: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is kept of it: one address, of one person who has a brief."""
    assert give_address(person, address)[0] == 1
    assert told in capsys.readouterr().err
    assert contacts.find(person) is None


def test_a_stack_without_email_takes_no_address(
    contacts: DynamoEmailContacts, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The operator would wait for mails that nothing sends."""
    monkeypatch.setattr(DeployedStack, "stack_parameter", lambda self, name: "")

    assert give_address()[0] == 1
    assert "deploy it with EmailFrom" in capsys.readouterr().err
    assert contacts.find(ADA) is None


def test_an_address_is_given_for_one_person(capsys: pytest.CaptureFixture[str]) -> None:
    """Neither without an address nor beside another command."""
    for arguments in (["email", ADA], ["email"], ["preview", ADA, ADDRESS]):
        with pytest.raises(SystemExit):
            briefs.main(arguments)
    assert "scripts/briefs email PERSON ADDRESS" in capsys.readouterr().err
