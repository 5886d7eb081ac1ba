"""The page on briefs says how a source is added: here that is done, from its samples."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from repartee.briefs.notice import BriefTopic
from repartee.briefs.topics import TopicCatalogue
from repartee.domain.brief import Project, SourceRef
from repartee.ports.briefs import BriefSource
from repartee.wiring import Wiring, briefs, channels
from tests.support.brief_writing_world import BriefWritingWorld
from tests.support.memory_briefs import make_subscription

PAGE = Path("docs/briefs.md").read_text(encoding="utf-8")
FILE_SAMPLE, LINE_SAMPLE = re.findall(r"```(?:python|text)\n(.*?)```", PAGE, re.DOTALL)


def make_source(outages: list[Any]) -> Mapping[str, BriefSource]:
    """Returns the sources after the page was followed."""
    file: dict[str, Any] = {"list_outages": lambda: outages}
    exec(FILE_SAMPLE, file)
    return dict(eval(f"{{{LINE_SAMPLE}}}", file))


def test_one_file_and_one_line_add_a_source() -> None:
    """It can be ordered by its topic, and its news are in the brief, with their link."""
    world = BriefWritingWorld()
    outages = [
        SimpleNamespace(id=1, title="The lift is down.", began_at=world.now - 60, link="https://status/1"),
        SimpleNamespace(id=2, title="Long ago.", began_at=9.0, link="https://status/2"),
    ]
    sources = make_source(outages)
    topics = TopicCatalogue(lambda: sources)

    ref = topics.find_source(BriefTopic("the outages", "outages"), lambda name: "")

    assert topics.describe_for_model() == "outages: what went down and came back"
    assert ref == SourceRef("status", "", "the outages")
    world.sources = dict(sources)
    world.store.put_subscription(make_subscription(projects=(Project("Outages", (ref,)),)))
    assert "**Outages**\n- The lift is down. [↗](https://status/1)" in world.write().text
    assert "Long ago." not in world.model.asked[0]


def test_every_source_that_the_page_lists_is_wired() -> None:
    """And none is that it does not list."""
    wiring = Wiring({"RECORDS_TABLE": "Records", "SQLITE_PATH": ":memory:", "WEB_JWKS_URL": "https://keys"})
    wiring.put(channels.platforms, ())
    listed = re.findall(r"^\| `(\w+)` \|", PAGE.split("| source | tells |")[1].split("###")[0], re.MULTILINE)

    sources: Mapping[str, BriefSource] = wiring.get(briefs.brief_sources)
    assert sorted(sources) == sorted(listed)
