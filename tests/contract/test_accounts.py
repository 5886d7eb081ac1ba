"""The contract of `ports.Accounts`."""

from __future__ import annotations

import pytest

from repartee.ports import ErpAccount, ErpAccountStore
from repartee.stores.dynamodb.accounts import DynamoErpAccounts, move_accounts
from repartee.stores.dynamodb.records import DynamoRecords
from tests.support import aws
from tests.support.odoo_company import MemoryAccounts

ADA, OWN = "slack:T1:U1", ErpAccount("ada@butler.example", "key-of-ada")


@pytest.fixture(params=["memory", "dynamodb_local"])
def accounts(request: pytest.FixtureRequest) -> ErpAccountStore:
    if request.param == "memory":
        return MemoryAccounts()
    dynamodb = aws.make_client("dynamodb", request.getfixturevalue(request.param))
    return DynamoErpAccounts(dynamodb, aws.make_table(dynamodb), aws.make_table(dynamodb))


def test_an_account_is_its_persons(accounts: ErpAccountStore) -> None:
    """Nobody else has it, and a newer one takes its place."""
    accounts.link(ADA, ErpAccount("ada@butler.example", "an older key"))
    accounts.link(ADA, OWN)

    assert accounts.find(ADA) == OWN
    assert accounts.find("slack:T1:U2") is None


def test_an_account_that_is_unlinked_is_forgotten(accounts: ErpAccountStore) -> None:
    """Also when that is said twice."""
    accounts.link(ADA, OWN)

    accounts.unlink(ADA)
    accounts.unlink(ADA)

    assert accounts.find(ADA) is None


def test_a_key_is_no_part_of_what_a_model_reads(request: pytest.FixtureRequest) -> None:
    """The profile goes into prompts: the account is not in it, and does not show its key by accident."""
    dynamodb = aws.make_client("dynamodb", request.getfixturevalue("moto"))
    table = aws.make_table(dynamodb)
    DynamoErpAccounts(dynamodb, aws.make_table(dynamodb), table).link(ADA, OWN)

    standing = DynamoRecords(dynamodb, table, lambda: 120.0).read_chat_state(
        "slack:T1:C1", "slack:T1:C1:5", ADA
    )

    assert "key-of-ada" not in repr(standing)
    assert "key-of-ada" not in repr(OWN)


def test_an_account_of_an_earlier_version_is_moved_when_it_is_read(dynamodb_local: str) -> None:
    """It was among the records, which the webhook reads too: afterwards it is in its own table alone."""
    dynamodb = aws.make_client("dynamodb", dynamodb_local)
    own_table, records_table = aws.make_table(dynamodb), aws.make_table(dynamodb)
    DynamoErpAccounts(dynamodb, records_table, own_table).link(ADA, OWN)

    assert DynamoErpAccounts(dynamodb, own_table, records_table).find(ADA) == OWN
    assert dynamodb.scan(TableName=records_table)["Count"] == 0
    assert dynamodb.scan(TableName=own_table)["Count"] == 1


def test_moving_all_accounts_keeps_a_newer_one(dynamodb_local: str) -> None:
    """Who has linked another account since keeps that one, and nothing is left among the records."""
    dynamodb = aws.make_client("dynamodb", dynamodb_local)
    own_table, records_table = aws.make_table(dynamodb), aws.make_table(dynamodb)
    for person in (ADA, "slack:T1:U2"):
        former = ErpAccount(person, "a former key")
        DynamoErpAccounts(dynamodb, records_table, own_table).link(person, former)
    newer = {"pk": {"S": ADA}, "sk": {"S": "account"}, "login": {"S": OWN.login}, "key": {"S": OWN.key}}
    dynamodb.put_item(TableName=own_table, Item=newer)

    assert move_accounts(dynamodb, records_table, own_table) == 2

    accounts = DynamoErpAccounts(dynamodb, own_table, records_table)
    assert accounts.find(ADA) == OWN
    assert accounts.find("slack:T1:U2") == ErpAccount("slack:T1:U2", "a former key")
    assert dynamodb.scan(TableName=records_table)["Count"] == 0
