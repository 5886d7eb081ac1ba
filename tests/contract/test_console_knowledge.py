"""The console's libraries: documents are taken in, found as an assistant finds them, and taken out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from local.routes_command import PackagedEmbedder
from repartee.console import setup_knowledge
from repartee.console.access import Role
from repartee.domain.desk import DeskConfig
from repartee.errors import Unavailable
from repartee.knowledge import library
from repartee.ports import Vector
from repartee.services.documents.reader import DocumentReader
from repartee.wiring import Wiring, console_setup, process, services, stores
from tests.support import aws
from tests.support.console_setup import SetupVisit, list_acts, visit_setup
from tests.unit.ingestion.test_library import pdf

NOW = 1_790_000_000.0
RETURNS = b"# Returns\n\nA lamp may be returned within thirty days.\n\n# Delivery\n\nIt takes two days."


class FailingEmbedder(PackagedEmbedder):
    """The packaged model, which cannot be reached once it has embedded so many texts."""

    texts_left = 10**9

    def embed(self, texts: Sequence[str]) -> Sequence[Vector]:
        self.texts_left -= len(texts)
        if self.texts_left < 0:
            raise Unavailable("model", "it is away")
        return super().embed(texts)


@pytest.fixture
def embedder() -> FailingEmbedder:
    return FailingEmbedder()


@pytest.fixture
def wiring(dynamodb_local: str, tmp_path: Path, embedder: FailingEmbedder) -> Wiring:
    client = aws.make_client("dynamodb", dynamodb_local)
    made = Wiring({"RECORDS_TABLE": aws.make_table(client), "SQLITE_PATH": str(tmp_path / "messages.db")})
    made.put(process.dynamodb_client, client)
    made.put(process.clock, lambda: NOW)
    made.put(services.embedder, embedder)
    made.get(stores.desk_records).save_config(
        DeskConfig(number="whatsapp:1", name="Lumen", knowledge="lumen")
    )
    return made


@pytest.fixture
def admin(wiring: Wiring) -> Iterator[SetupVisit]:
    with visit_setup(wiring) as visit:
        yield visit


def add(visit: SetupVisit, name: str, content: bytes, namespace: str = "lumen") -> str:
    """Uploads a document, and returns the page that says what became of it."""
    files = {"document": (name, content)}
    answer: Any = visit.post("knowledge/add", files=files, namespace=namespace)
    assert answer.status_code == 200, answer.text
    return str(answer.text)


def test_a_document_is_taken_in_found_and_taken_out(wiring: Wiring, admin: SetupVisit) -> None:
    """It is found by what it is about, in its own library alone; both acts are noted, without its words."""
    assert "returns.md: 2 passages written, 0 removed, 0 as they were." in add(admin, "returns.md", RETURNS)
    assert "0 passages written, 0 removed, 2 as they were." in add(admin, "returns.md", RETURNS)

    page = admin.open("knowledge", namespace="lumen", ask="can I send my lamp back?")
    assert "<bdi>returns.md</bdi>" in page
    assert "thirty days" in page
    assert "thirty days" not in admin.open("knowledge", ask="can I send my lamp back?")

    removed = admin.say("knowledge/remove", namespace="lumen", name="returns.md")
    assert "returns.md: 2 passages removed." in removed
    assert "No document is in this library." in admin.open("knowledge", namespace="lumen")
    assert set(list_acts(wiring, NOW + 1)) == {
        ("admin", "add document", "lumen/returns.md"),
        ("admin", "remove document", "lumen/returns.md"),
    }


def test_a_changed_document_takes_the_place_of_its_earlier_self(admin: SetupVisit) -> None:
    """What stood in it before is found no more."""
    add(admin, "returns.md", RETURNS)

    told = add(admin, "returns.md", RETURNS.replace(b"thirty", b"sixty"))

    assert "1 passages written, 1 removed, 1 as they were." in told
    page = admin.open("knowledge", namespace="lumen", ask="can I send my lamp back?")
    assert "sixty days" in page
    assert "thirty days" not in page


def test_a_pdf_is_read_by_a_process_of_its_own(admin: SetupVisit) -> None:
    """Its text is found like any other."""
    told = add(admin, "guide.pdf", pdf("Deep squats are best", "Long sleep heals"), namespace="")

    assert "passages written" in told
    assert "Deep squats" in admin.open("knowledge", ask="squats")


@pytest.mark.parametrize(
    "name, content, told",
    [
        ("latin.txt", "Grüße".encode("latin-1"), "latin.txt is not text in UTF-8"),
        ("broken.pdf", b"%PDF-1.4 nothing", "Not taken in: broken.pdf is"),
        ("photo.raw", b"\x00\x01\x02", "Not taken in: photo.raw is"),
        ("large.txt", b"x" * (4 * 1024 * 1024 + 1), "large.txt is larger than 4 MB"),
        ("", b"", "Choose a file first."),
    ],
)
def test_what_cannot_be_taken_says_why(
    wiring: Wiring, admin: SetupVisit, name: str, content: bytes, told: str
) -> None:
    """Nothing is kept of it, and nothing is noted."""
    assert told in add(admin, name, content)

    assert "No document is in this library." in admin.open("knowledge", namespace="lumen")
    assert list_acts(wiring, NOW + 1) == []


def test_a_document_that_is_cut_by_the_parser_is_refused(wiring: Wiring, admin: SetupVisit) -> None:
    """An assistant that knew half of a document would answer from it as if it were all."""
    wiring.put(console_setup.library_parser, DocumentReader(max_characters=10))

    assert "guide.pdf is too long to be read at once" in add(admin, "guide.pdf", pdf("Deep squats", "Sleep"))


def test_what_there_is_no_time_for_is_told_and_goes_on(
    wiring: Wiring, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A long document is written as far as the time goes; sending it again writes the rest."""
    monkeypatch.setattr(library, "MAX_BATCH_PASSAGES", 2)
    long = "\n\n".join(f"# Lamp {n}\n\nLamp {n} is bright." for n in range(5)).encode()
    times = iter([0.0, 1.0, 2.0, 99.0])
    wiring.put(console_setup.monotonic, lambda: next(times, 0.0))
    with visit_setup(wiring) as admin:
        told = add(admin, "lamps.md", long)
        assert "4 passages written, 1 are missing: add it again, and it goes on from there." in told

        assert "1 passages written, 0 removed, 4 as they were." in add(admin, "lamps.md", long)


def test_a_model_that_goes_away_leaves_what_is_written(
    wiring: Wiring, admin: SetupVisit, embedder: FailingEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page says that it broke off; the documents are listed, and a search says what fails."""
    monkeypatch.setattr(library, "MAX_BATCH_PASSAGES", 1)
    monkeypatch.setattr(setup_knowledge, "STORE_SECONDS", 1.0)
    embedder.texts_left = 1
    told = add(admin, "returns.md", RETURNS)
    assert "it broke off (model: it is away): add it again" in told
    assert ("admin", "add document", "lumen/returns.md") in list_acts(wiring, NOW + 1)

    page = admin.open("knowledge", namespace="lumen", ask="lamps")

    assert "Not all of it can be shown now: model: it is away" in page
    assert "<bdi>returns.md</bdi>" in page


def test_an_unknown_library_is_refused(admin: SetupVisit) -> None:
    """A namespace that no desk names cannot be filled from here."""
    files = {"document": ("a.md", b"text")}
    assert admin.post("knowledge/add", files=files, namespace="other").status_code == 404
    assert admin.post("knowledge/remove", namespace="other", name="a.md").status_code == 404


@pytest.mark.parametrize("role", [Role.VIEWER, Role.AGENT])
def test_libraries_are_for_administrators(wiring: Wiring, role: Role) -> None:
    """Others neither add nor remove; nor does a form without the session's token."""
    with visit_setup(wiring, role) as visit:
        for act in ("knowledge/add", "knowledge/remove"):
            assert visit.post(act, namespace="lumen", name="a.md").status_code == 403
    with visit_setup(wiring) as admin:
        for act in ("knowledge/add", "knowledge/remove"):
            assert admin.post(act, csrf="guessed", namespace="lumen").status_code == 403
