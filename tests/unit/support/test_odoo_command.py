"""The command that links people to their accounts in Odoo."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from repartee.ports import ErpAccount
from repartee.privacy.identifiers import IdentifierHasher
from repartee.wiring import Wiring, services, stores
from support.odoo_command import main
from tests.support.odoo_company import ADA_ID, CLEO_ID, CompanyOdoo


class Linked(Wiring):
    """The accounts and the Odoo of a company in memory."""

    company = CompanyOdoo()

    def __init__(self, environment: Mapping[str, str]) -> None:
        super().__init__(environment)
        self.replace(stores.accounts, lambda _: self.company.accounts)
        self.replace(services.erp, lambda _: self.company.erp)


@pytest.fixture(autouse=True)
def company() -> CompanyOdoo:
    Linked.company = CompanyOdoo()
    return Linked.company


def run(*arguments: str, key: str = "") -> int:
    return main(list(arguments), {}, lambda: key, Linked)


def test_an_account_is_linked(company: CompanyOdoo, capsys: pytest.CaptureFixture[str]) -> None:
    """After its key was tried."""
    assert run("link", CLEO_ID, "ben@butler.example", key="key-of-ben") == 0

    assert company.accounts.find(CLEO_ID) == ErpAccount("ben@butler.example", "key-of-ben")
    assert f"{CLEO_ID} reads" in capsys.readouterr().out


def test_a_key_that_is_not_accepted_is_not_kept(
    company: CompanyOdoo, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was there before stays."""
    before = company.accounts.find(ADA_ID)

    assert run("link", ADA_ID, "ada@butler.example", key="old-key-of-ada") == 1
    assert run("link", CLEO_ID, "cleo@butler.example", key="nobody's") == 1

    assert company.accounts.find(ADA_ID) == before
    assert company.accounts.find(CLEO_ID) is None
    told = capsys.readouterr()
    assert "the key is not accepted" in told.err
    assert "old-key-of-ada" not in told.err + told.out


def test_an_account_is_unlinked(company: CompanyOdoo) -> None:
    """And nothing can be read any more."""
    assert run("unlink", ADA_ID) == 0

    assert company.accounts.find(ADA_ID) is None
    assert run("check", ADA_ID) == 1


def test_who_is_no_person_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """With what one looks like."""
    assert run("check", "ada") == 2
    assert "slack:T0123:U0456" in capsys.readouterr().err


def test_a_person_is_linked_under_the_id_that_receivers_give_them(company: CompanyOdoo) -> None:
    """The address in it is hashed, as it is when they write."""
    environment = {"PERSON_ID_KEY": "a key for tests"}
    hashed = IdentifierHasher("a key for tests").hash_personal_id("web", "ben@butler.example")
    company.accounts.link(f"web:{hashed}", ErpAccount("ben@butler.example", "key-of-ben"))

    assert main(["unlink", "web:ben@butler.example"], environment, make=Linked) == 0

    assert company.accounts.find(f"web:{hashed}") is None
