"""The webhook and the sweep have no right to people's keys, and no table is deleted by mistake."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

import pytest

from repartee.errors import SettingError
from repartee.settings import Settings
from tests.support.iam_rights import granted_rights
from tests.support.stack_template import load_template

STACK = load_template()


def _actions_by_role(rights: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    """Returns what each role may do."""
    found: dict[str, set[str]] = defaultdict(set)
    for role, action in rights:
        found[role].add(action)
    return dict(found)


def test_the_webhook_and_the_sweep_have_no_right_to_peoples_accounts() -> None:
    """Only those who answer chats have one, and they cannot list, query or delete accounts. What hands out
    and erases a person's data for an operator finds and deletes them alone.
    `tests/integration/test_rights.py` compares the rights with the calls that are made."""
    rights = [
        (role, action) for role, _, (action, name) in granted_rights(STACK) if name.startswith("Accounts")
    ]

    answering = {"dynamodb:GetItem", "dynamodb:PutItem"}
    assert _actions_by_role(rights) == {
        "TurnRole": answering,
        "StreamRole": answering,
        "BriefWriteRole": {"dynamodb:GetItem"},
        "OperatorJobRole": {"dynamodb:Scan", "dynamodb:DeleteItem"},
    }


def test_the_webhook_and_the_sweep_are_not_told_where_the_accounts_are() -> None:
    """The table's name is in the environment of those alone who answer chats, or erase a person's data."""
    told = {name for name in STACK.functions if "ACCOUNTS_TABLE" in STACK.function_settings(name)}

    assert told == {"Turn", "Stream", "BriefWrite", "OperatorJob"}


def test_who_answers_cannot_read_recordings() -> None:
    """Those who answer chats write them. The console shows one to an admin, by its turn; what works for an
    operator finds and erases those of a person, and runs one turn again."""
    rights = [
        (role, action) for role, _, (action, name) in granted_rights(STACK) if name.startswith("Recordings")
    ]

    answering = {"dynamodb:PutItem", "dynamodb:UpdateItem"}
    erasing = {"dynamodb:Scan", "dynamodb:DeleteItem"}
    repeating = {"dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:ConditionCheckItem"}
    assert _actions_by_role(rights) == {
        "TurnRole": answering,
        "StreamRole": answering,
        "ConsoleRole": {"dynamodb:GetItem"},
        "OperatorJobRole": erasing | repeating,
    }


def test_recordings_leave_no_copy() -> None:
    """They expire, and there is no backup that would keep what was erased with a person."""
    table = STACK.resources_of_type("AWS::DynamoDB::Table")["Recordings"]

    assert table["TimeToLiveSpecification"] == {"AttributeName": "expires", "Enabled": True}
    assert "PointInTimeRecoverySpecification" not in table


def test_no_right_is_for_everything() -> None:
    """No statement has a wildcard for its action; for its resource one has, whose action knows none."""
    rights = [(sid, right) for _, sid, right in granted_rights(STACK)]

    assert not [sid for sid, (action, _) in rights if "*" in action]
    assert {sid for sid, (_, resource) in rights if resource == "*"} <= {"FindPersonalDetails"}


def test_every_table_outlives_a_mistake() -> None:
    """It is not deleted with one call, stays when the stack goes, and can be had as it was a second ago."""
    tables = STACK.resources_of_type("AWS::DynamoDB::Table")

    assert set(tables) == {"Records", "Accounts", "Messages", "Recordings"}
    for name, properties in tables.items():
        if name == "Recordings":
            continue
        table = STACK.document["Resources"][name]
        assert properties["DeletionProtectionEnabled"] is True
        assert properties["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
        assert properties["SSESpecification"] == {"SSEEnabled": True}
        assert (table["DeletionPolicy"], table["UpdateReplacePolicy"]) == ("Retain", "Retain")


@pytest.mark.parametrize("name", ["WEAVIATE_URL", "ODOO_URL", "WEB_JWKS_URL", "PINECONE_MEMORIES_HOST"])
def test_no_store_is_spoken_to_without_encryption(name: str) -> None:
    """An address that would be sent a key in the clear stops the start, but for this machine's own."""
    setting = next(one for one in vars(Settings).values() if getattr(one, "name", "") == name)

    with pytest.raises(SettingError, match="http is not encrypted"):
        setting.__get__(Settings({name: "http://store.example.com"}), Settings)
    for address in ("https://store.example.com", "http://localhost:8080", "http://127.0.0.1:8080"):
        assert setting.__get__(Settings({name: address}), Settings) == address


def test_the_template_takes_no_address_without_encryption() -> None:
    """The messages store's address is refused by CloudFormation already."""
    pattern = STACK.document["Parameters"]["WeaviateUrl"]["AllowedPattern"]

    assert re.fullmatch(pattern, "https://weaviate.example.com")
    assert not re.fullmatch(pattern, "http://weaviate.example.com")
