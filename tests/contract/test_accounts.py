"""The contract of `ports.Accounts`."""

from __future__ import annotations

import pytest

from repartee.ports import ErpAccount, ErpAccountStore
from repartee.stores.dynamodb.accounts import DynamoErpAccounts
from repartee.stores.dynamodb.records import DynamoRecords
from tests.support import aws
from tests.support.odoo_company import MemoryAccounts

ADA, OWN = "slack:T1:U1", ErpAccount("ada@butler.example", "key-of-ada")


@pytest.fixture(params=["memory", "dynamodb_local"])
def accounts(request: pytest.FixtureRequest) -> ErpAccountStore:
    if request.param == "memory":
        return MemoryAccounts()
    dynamodb = aws.make_client("dynamodb", request.getfixturevalue(request.param))
    return DynamoErpAccounts(dynamodb, aws.make_table(dynamodb))


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
    DynamoErpAccounts(dynamodb, table).link(ADA, OWN)

    standing = DynamoRecords(dynamodb, table, lambda: 120.0).read_chat_state(
        "slack:T1:C1", "slack:T1:C1:5", ADA
    )

    assert "key-of-ada" not in repr(standing)
    assert "key-of-ada" not in repr(OWN)
