"""Desks, briefs, documents and jobs, as the tabs of *Set-up* show them."""

from __future__ import annotations

from collections.abc import Sequence

from repartee.domain.desk import DeskConfig
from repartee.domain.finding import Finding
from repartee.ports import Passage, Vector
from repartee.ports.operator_jobs import OperatorJob
from repartee.ports.switch import SwitchChange
from repartee.wiring import Wiring, brief_stores, operations, process, services, stores
from tests.support.memory_briefs import make_subscription

DESKS, SUBSCRIPTIONS, DOCUMENTS, PASSAGES_A_DOCUMENT, FINDINGS = 50, 500, 100, 20, 60
DIMENSIONS = 256
VIEWS = (
    *("checks", "switch", "routes", "desk", "desk&number=whatsapp:7"),
    *("knowledge", "knowledge&ask=a+warranty", "briefs", "briefs&person=slack:T1:U7", "people"),
)
SETUP_VIEWS = (*(f"setup?tab={one}" for one in VIEWS), "setup/checks/job", "setup/people/job")
"""Every view of *Set-up*."""


class FixedEmbedder:
    """`ports.Embedder` whose model takes no time."""

    def embed(self, texts: Sequence[str]) -> Sequence[Vector]:
        return [[1.0] * DIMENSIONS for _ in texts]


class FixedSwitch:
    """`ports.ParallelSwitch` without a network."""

    def list_changes(self, limit: int) -> Sequence[SwitchChange]:
        return [
            SwitchChange(version=number, at=number * 3600.0, percent=number, state="COMPLETE")
            for number in range(limit, 0, -1)
        ]

    def turn(self, percent: int) -> int:
        return percent


class NoStarter:
    """`ports.JobStarter` that starts nothing."""

    def start_job(self, order: object) -> None:
        """Starts nothing."""


def replace_setup_parts(wiring: Wiring) -> None:
    """Puts in what *Set-up* asks besides the table: it takes no time of its own."""
    wiring.put(services.embedder, FixedEmbedder())
    wiring.put(operations.parallel_switch, FixedSwitch())
    wiring.put(operations.job_starter, NoStarter())


def store_setup(wiring: Wiring) -> None:
    """Stores what the tabs show."""
    get, now = wiring.get, wiring.get(process.clock)()
    for number in range(DESKS):
        get(stores.desk_records).save_config(DeskConfig(number=f"whatsapp:{number}", name=f"Desk {number}"))
    for number in range(SUBSCRIPTIONS):
        get(brief_stores.briefs).put_subscription(make_subscription(f"slack:T1:U{number}"))
    passages = [
        Passage(id=f"{document}-{number}", document=f"document-{document}.md", text="A warranty. " * 40)
        for document in range(DOCUMENTS)
        for number in range(PASSAGES_A_DOCUMENT)
    ]
    vectors = get(services.embedder).embed([one.text for one in passages])
    stores.open_library(wiring, "").put(list(zip(passages, vectors, strict=True)))
    findings = tuple(
        Finding("ok", f"Service {number // 6}", f"fact {number}", "advice") for number in range(FINDINGS)
    )
    lines = tuple(f"store {number}: {number} written" for number in range(9))
    common = {"operator": "bench", "started_at": now, "due_at": now + 60, "state": "done"}
    jobs = get(operations.operator_jobs)
    jobs.start(OperatorJob(id="j1", kind="checks", findings=findings, **common))  # type: ignore[arg-type]
    jobs.start(OperatorJob(id="j2", kind="export", lines=lines, file="f", **common))  # type: ignore[arg-type]
