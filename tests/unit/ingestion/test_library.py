"""How the coach's library comes to be what is on the disk."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from ingestion.documents import find_documents, read_sections
from repartee.errors import InvalidArgument
from repartee.knowledge.library import (
    LibraryChange,
    document_name,
    library_name,
    make_passages,
    update_library,
)
from repartee.knowledge.uploads import UnreadableDocument
from repartee.ports import Passage, Vector
from repartee.stores.sqlite import SqliteKnowledge
from tests.support.message_builders import make_vector, topic_of


class CountingEmbedder:
    """Embeds by the first word, and counts; fails where it is told to."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.fails_after = 10**9

    def embed(self, texts: Sequence[str]) -> Sequence[Vector]:
        if len(self.texts) + len(texts) > self.fails_after:
            raise InvalidArgument("embedder", "no more")
        self.texts += texts
        return [make_vector(topic_of(text)) for text in texts]


@pytest.fixture
def knowledge(tmp_path: Path) -> Iterator[SqliteKnowledge]:
    store = SqliteKnowledge(str(tmp_path / "library.db"))
    yield store
    store.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "coach"
    (folder / "strength").mkdir(parents=True)
    (folder / "strength" / "squats.md").write_text("# Squats\nDeep.\n# Rest\nSleep.")
    (folder / "intro.txt").write_text("Welcome.")
    (folder / ".hidden.md").write_text("no")
    (folder / "photo.raw").write_bytes(b"no")
    return folder


def run(knowledge: SqliteKnowledge, embedder: CountingEmbedder, folder: Path) -> LibraryChange:
    wanted = [
        one
        for document in find_documents(folder)
        for one in make_passages(document.name, document.topic, read_sections(document), "m")
    ]
    return update_library(
        knowledge, embedder, wanted, lambda name: name.startswith("coach/"), lambda *_: None
    )


def test_documents_become_passages(knowledge: SqliteKnowledge, folder: Path) -> None:
    """Each document is cut, named by its path and its topic, and embedded with what it is about."""
    embedder = CountingEmbedder()

    assert run(knowledge, embedder, folder) == LibraryChange(written=3, removed=0, kept=0)

    assert sorted(embedder.texts) == ["Welcome.", "strength: Rest\n\nSleep.", "strength: Squats\n\nDeep."]
    (found,) = knowledge.search(make_vector(topic_of("strength: Squats\n\nDeep.")), 1)
    assert (found.document, found.topic, found.heading) == ("coach/strength/squats.md", "strength", "Squats")


def test_what_is_unchanged_is_not_embedded_again(knowledge: SqliteKnowledge, folder: Path) -> None:
    """A second run does nothing; a changed section is replaced alone; a vanished document is removed."""
    embedder = CountingEmbedder()
    run(knowledge, embedder, folder)

    assert run(knowledge, embedder, folder) == LibraryChange(0, 0, 3)
    (folder / "strength" / "squats.md").write_text("# Squats\nDeeper.\n# Rest\nSleep.")
    assert run(knowledge, embedder, folder) == LibraryChange(1, 1, 2)
    (folder / "intro.txt").unlink()
    assert run(knowledge, embedder, folder) == LibraryChange(0, 1, 2)
    assert len(embedder.texts) == 4


def test_an_interrupted_run_goes_on(knowledge: SqliteKnowledge, folder: Path) -> None:
    """What was written before an interruption is not done again; nothing is removed before all is written."""
    (folder / "intro.txt").write_text("\n\n".join(f"{n} " + "x" * 1500 for n in range(150)))
    stale = Passage(id="coach/gone.md#1", document="coach/gone.md", text="old")
    knowledge.put([(stale, make_vector(1))])
    embedder = CountingEmbedder()
    embedder.fails_after = 100

    with pytest.raises(InvalidArgument):
        run(knowledge, embedder, folder)
    assert "coach/gone.md#1" in set(knowledge.list_ids())
    embedder.fails_after = 10**9

    assert run(knowledge, embedder, folder) == LibraryChange(written=88, removed=1, kept=64)
    assert len(embedder.texts) == 152


def test_other_documents_are_left_alone(knowledge: SqliteKnowledge, folder: Path) -> None:
    """A run changes nothing of what is not below its path."""
    other = Passage(id="elsewhere/a.md#1", document="elsewhere/a.md", text="other")
    knowledge.put([(other, make_vector(1))])

    run(knowledge, CountingEmbedder(), folder)

    assert "elsewhere/a.md#1" in set(knowledge.list_ids())


@pytest.mark.parametrize("name", ["coach/a.md", "coach/ä#b c.md", "coach/" + "ü" * 300 + ".md"])
def test_ids_are_within_what_stores_take(name: str, tmp_path: Path) -> None:
    """Whatever a document's name, its passages' ids are ASCII, short enough, and tell its name."""
    from repartee.knowledge.passages import DocumentSection

    (one,) = make_passages(name, "", [DocumentSection("", "text")], "m")

    assert one.id.isascii()
    assert len(one.id) <= 512
    assert document_name(one.id) == library_name(name)


def test_what_cannot_be_read_says_why(tmp_path: Path) -> None:
    """A document that cannot be read says what to do about it."""
    (tmp_path / "latin.txt").write_bytes("Grüße".encode("latin-1"))
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.4 nothing")

    for document, why in zip(
        find_documents(tmp_path), ["cannot be read as PDF", "not text in UTF-8"], strict=True
    ):
        with pytest.raises(UnreadableDocument, match=why):
            list(read_sections(document))


def test_a_pdf_is_read_by_pages(tmp_path: Path) -> None:
    """A PDF becomes a section a page."""
    (tmp_path / "guide.pdf").write_bytes(pdf("Deep squats", "Long sleep"))

    (document,) = find_documents(tmp_path / "guide.pdf")

    assert [(one.heading, one.text.strip()) for one in read_sections(document)] == [
        ("page 1", "Deep squats"),
        ("page 2", "Long sleep"),
    ]


def test_the_command_adds_lists_and_removes(folder: Path, tmp_path: Path) -> None:
    """The command does it all on a file, tells what it did, and names what it could not read."""
    (folder / "bad.txt").write_bytes(b"\xff\xff")

    def knowledge(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "ingestion", "--file", str(tmp_path / "l.db"), *arguments],
            capture_output=True,
            text=True,
            check=False,
            env={"PYTHONPATH": ":".join(sys.path)},
        )

    added = knowledge("add", str(folder))
    assert (added.returncode, added.stdout) == (
        1,
        f"{folder}: 3 passages written, 0 removed, 0 as they were\n",
    )
    assert "bad.txt is not text in UTF-8" in added.stderr
    assert knowledge("list").stdout == "     1 coach/intro.txt\n     2 coach/strength/squats.md\n"
    assert "Deep." in knowledge("ask", "How deep is a squat?").stdout
    assert knowledge("remove", "coach/strength/squats.md").stdout == "2 passages removed\n"
    assert knowledge("add", str(tmp_path / "none")).returncode == 1


def pdf(*pages: str) -> bytes:
    """A small PDF with a line on each page."""
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    fonts = "/Resources << /Font << /F1 3 0 R >> >>"
    for n, text in enumerate(pages):
        drawn = f"BT /F1 24 Tf 72 700 Td ({text}) Tj ET"
        objects += [
            f"<< /Type /Page /Parent 2 0 R /Contents {5 + 2 * n} 0 R {fonts} >>",
            f"<< /Length {len(drawn)} >>\nstream\n{drawn}\nendstream",
        ]
    body, offsets = "%PDF-1.4\n", []
    for n, one in enumerate(objects, 1):
        offsets.append(len(body))
        body += f"{n} 0 obj\n{one}\nendobj\n"
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    size = len(objects) + 1
    xref = f"xref\n0 {size}\n0000000000 65535 f \n{table}"
    return f"{body}{xref}trailer << /Size {size} /Root 1 0 R >>\nstartxref\n{len(body)}\n%%EOF".encode()
