"""What an operator is shown of a brief before its time, and what that changes: nothing."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from operations import briefs
from operations.deployed_stack import DeployedStack
from repartee.briefs.preview import PreviewRequest, preview_brief
from repartee.domain.brief import Project, SourceRef
from repartee.domain.engagement import Engagement
from repartee.errors import NotFound
from tests.support.brief_writing_world import BriefWritingWorld, make_item
from tests.support.memory_briefs import ADA, make_subscription

LISBON = Project("Lisbon", (SourceRef("room", "r1", "#lisbon"),))


@pytest.fixture
def world() -> BriefWritingWorld:
    made = BriefWritingWorld()
    made.store.put_subscription(make_subscription(projects=(LISBON,)))
    made.items["r1"] = [make_item("m1", "The lease is signed.")]
    return made


def preview(world: BriefWritingWorld, id: str = "s1") -> Any:
    return preview_brief(world.store, world.make_writer(), PreviewRequest(ADA, id), world.now)


def test_a_preview_is_of_the_day_on_the_persons_clock(world: BriefWritingWorld) -> None:
    """Twelve hours further east it is already the next day; nothing is sent, kept or counted."""
    assert preview(world).text.startswith("**Your brief for Thursday, 10 September**")
    world.now += 12 * 3600
    world.store.put_subscription(make_subscription(projects=(LISBON,), timezone="Pacific/Auckland"))

    assert preview(world).text.startswith("**Your brief for Friday, 11 September**")
    assert "The lease is signed." in preview(world).text
    assert world.chat == []
    assert world.runs.runs == {}
    assert world.store.engagements == {}


def test_a_preview_asks_whether_to_stop_where_the_brief_would(world: BriefWritingWorld) -> None:
    """It is what the person would get: after twelve unread briefs, a question."""
    world.store.engagements[ADA] = Engagement(unread=12)

    assert "The lease is signed." not in preview(world).text
    assert world.model.asked == []


def test_a_brief_that_is_not_there_has_no_preview(world: BriefWritingWorld) -> None:
    """It says so, instead of writing one of nothing."""
    with pytest.raises(NotFound):
        preview(world, "gone")


class DeployedWriter:
    """`Lambda.Client` of an account in which the writer of briefs is deployed over a world. `trouble` is what
    a function that fails answers."""

    def __init__(self, world: BriefWritingWorld) -> None:
        self._world, self.trouble = world, ""

    def invoke(self, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803 - as AWS names them
        assert FunctionName == "repartee-BriefWrite:live"
        if self.trouble:
            return {"FunctionError": "Unhandled", "Payload": io.BytesIO(self.trouble.encode())}
        request = msgspec.convert(json.loads(Payload)["preview"], PreviewRequest)
        written = preview_brief(self._world.store, self._world.make_writer(), request, self._world.now)
        return {"Payload": io.BytesIO(msgspec.json.encode(written))}


@pytest.fixture
def deployed(world: BriefWritingWorld, monkeypatch: pytest.MonkeyPatch) -> DeployedWriter:
    writer = DeployedWriter(world)
    monkeypatch.setenv("BRIEFWRITE_FUNCTION", "repartee-BriefWrite")
    monkeypatch.setenv("RECORDS_TABLE", "Records")
    monkeypatch.setattr(briefs, "DynamoBriefs", lambda client, table, clock: world.store)
    monkeypatch.setattr(DeployedStack, "make_client", lambda self, service: writer)
    monkeypatch.setattr(DeployedStack, "make_function_client", lambda self, read_seconds: writer)
    return writer


def run_preview(person: str, *options: str) -> tuple[int, str]:
    said: list[str] = []
    return briefs.main(["preview", person, *options], said.append), "\n".join(said)


@pytest.mark.usefixtures("deployed")
def test_the_operator_reads_each_brief_of_a_person(world: BriefWritingWorld) -> None:
    """Below what it is about and when it comes; one with nothing new says that none would be sent."""
    leads = Project("Leads", (SourceRef("erp", "leads", "leads"),))
    world.store.put_subscription(
        make_subscription(id="s2", projects=(leads,), is_short_if_empty=False, created_at=2.0)
    )

    code, said = run_preview(ADA)

    assert code == 0
    assert said.index("about Lisbon;") < said.index("The lease is signed.") < said.index("about Leads;")
    assert said.rstrip().endswith("nothing is new: no brief would be sent")


@pytest.mark.usefixtures("deployed")
def test_the_operator_is_told_that_a_person_has_no_brief() -> None:
    """It is no failure."""
    assert run_preview("slack:T1:U9") == (0, "slack:T1:U9 has no brief")


def test_a_preview_that_fails_ends_the_command(
    deployed: DeployedWriter, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the function's own words."""
    deployed.trouble = "Task timed out"

    assert run_preview(ADA)[0] == 1
    assert "BriefWrite failed: Task timed out" in capsys.readouterr().err


def test_a_preview_needs_a_person(capsys: pytest.CaptureFixture[str]) -> None:
    """The model is not paid for everybody's brief at once."""
    with pytest.raises(SystemExit):
        briefs.main(["preview"])
    assert "preview needs a person" in capsys.readouterr().err


@pytest.mark.usefixtures("deployed")
def test_the_operator_sees_each_brief_as_its_mail(world: BriefWritingWorld, tmp_path: Path) -> None:
    """The subject and the plain text, and the page in a file that is named; the second brief's is beside it.
    What it holds to end e-mail leads nowhere, and nothing is sent."""
    world.store.put_subscription(make_subscription(id="s2", projects=(LISBON,), created_at=2.0))

    code, said = run_preview(ADA, "--email", str(tmp_path / "brief.html"))

    assert code == 0
    assert "Subject: Your brief for Thursday, 10 September" in said
    assert said.count("The lease is signed.") == 2
    for name in ("brief.html", "brief-2.html"):
        page = (tmp_path / name).read_text(encoding="utf-8")
        assert f"The page is in {tmp_path / name}" in said
        assert "The lease is signed." in page
        assert set(re.findall('https?://([^/"]+)/email', page)) == {"preview.invalid"}
    assert world.chat == []


def test_the_page_of_a_mail_belongs_to_a_preview(capsys: pytest.CaptureFixture[str]) -> None:
    """Elsewhere it would be ignored without a word."""
    with pytest.raises(SystemExit):
        briefs.main(["run", "--email", "brief.html"])
    assert "--email belongs to preview" in capsys.readouterr().err
