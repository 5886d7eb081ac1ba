"""Writes one brief, and says it in the person's chat: once, also where a worker dies on the way.

The run is claimed, its projects are a plan with a step each, and each section is kept as it is finished: the
next worker does not pay for it again. The whole text is kept before the first of it is sent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Literal

import msgspec

from repartee.briefs.composing import compose_brief, deduplicate_sources, format_heading
from repartee.briefs.saying import ChatSpeaker
from repartee.briefs.sections import SectionContext, SectionWriter
from repartee.briefs.spending import BriefSpending
from repartee.domain.brief import BriefJob, Project, Subscription
from repartee.domain.brief_run import BriefRun, BriefSection, RunHeld, RunStatus
from repartee.domain.engagement import Engagement, asks_whether_to_stop
from repartee.domain.redactor import redacting_in
from repartee.errors import BackendError, InvalidArgument, LeaseLost, NotFound, PermissionDenied, log_fields
from repartee.language import texts
from repartee.language.catalogue import translate
from repartee.plan import Graph, Outcome, Plan, Pool
from repartee.ports.briefs import BriefRuns, BriefStore
from repartee.ports.logging import Logger

PROJECT_TIMEOUT_SECONDS = 30.0
"""Seconds that one project may take: a section that is late is said to be missing."""

GATHER_TIMEOUT_SECONDS = 60.0
"""Seconds for all projects."""

CLAIM_MARGIN_SECONDS = 2.0
"""Seconds after the end of the invocation at which another worker may claim the run."""

FIRST_BRIEF_SECONDS = 24 * 3600.0
"""Seconds that the first brief looks back."""

MAX_LOOKBACK_SECONDS = 14 * 24 * 3600.0
"""Seconds that a brief looks back at the most: after a pause it does not tell of months."""

LANGUAGE_NAMES = {
    "en": "English",
    "de": "German",
    "es": "Spanish",
    "fr": "French",
    "pt": "Portuguese",
    "it": "Italian",
    "tr": "Turkish",
    "hi": "Hindi",
    "ja": "Japanese",
    "zh": "simplified Chinese",
}

WriteResult = Literal["delivered", "empty", "failed", "cancelled", "over", "held"]


class WrittenBrief(msgspec.Struct):
    """How one job ended. `outcomes` are the plan's; `resumed` counts sections that an earlier worker
    wrote."""

    result: WriteResult
    text: str = ""
    outcomes: tuple[Outcome, ...] = ()
    resumed: int = 0
    failed_sections: int = 0
    attempted: bool = False


class BriefWriter:
    """Writes briefs. `is_parallel` says whether a brief's projects are written at the same time.
    `queue_email` has the mail of a run sent, by its person, subscription and day; `sign_links` leads the
    links of a text that goes to the chat by our own address."""

    def __init__(
        self,
        store: BriefStore,
        runs: BriefRuns,
        sections: SectionWriter,
        speaker: ChatSpeaker,
        spending: BriefSpending,
        pool: Pool,
        clock: Callable[[], float],
        logger: Logger,
        *,
        is_parallel: Callable[[str], bool] = lambda person: True,
        monotonic: Callable[[], float],
        queue_email: Callable[[str, str, str], None] | None = None,
        sign_links: Callable[[str, BriefJob], str] = lambda text, job: text,
    ) -> None:
        self._queue_email, self._sign_links = queue_email, sign_links
        self._store, self._runs, self._sections, self._speaker = store, runs, sections, speaker
        self._spending, self._pool, self._clock, self._logger = spending, pool, clock, logger
        self._is_parallel, self._monotonic = is_parallel, monotonic

    def write(self, job: BriefJob, until: float) -> WrittenBrief:
        """Writes the brief and says it. Raises `BackendError` for what may work later: the job must come
        again.

        `until` is when the invocation ends (epoch seconds).
        """
        try:
            run = self._runs.claim(job, self._clock(), until + CLAIM_MARGIN_SECONDS)
        except RunHeld:
            return WrittenBrief("held")
        if run is None:
            return WrittenBrief("over")
        subscription = self._store.find_subscription(job.person, job.subscription_id)
        if subscription is None:
            self._runs.finish(run, "cancelled")
            return WrittenBrief("cancelled")
        with redacting_in(subscription.address.room):
            return self._write_claimed(job, run, subscription)

    def preview(self, subscription: Subscription, day: str, unread: int = 0) -> WrittenBrief:
        """Writes the brief as it would be now, and neither keeps nor sends it."""
        run = BriefRun(
            person=subscription.person,
            subscription_id=subscription.id,
            day=day,
            fence=0,
            until=0.0,
            gathered_at=self._clock(),
        )
        with redacting_in(subscription.address.room):
            return self._compose(subscription, run, unread, keep=lambda number, section: None)

    def _write_claimed(self, job: BriefJob, run: BriefRun, subscription: Subscription) -> WrittenBrief:
        written = WrittenBrief("delivered", run.text)
        if not run.text:
            keep = partial(self._runs.save_section, run)
            written = self._compose(subscription, run, job.unread, keep)
            run = msgspec.structs.replace(run, text=written.text)
        if not run.text:
            return self._finish(job, run, "empty", written)
        try:
            self._deliver(job, run, subscription)
        except (PermissionDenied, InvalidArgument, NotFound) as refusal:
            self._logger.warning("brief_refused", run=job.turn_id, **log_fields(refusal))
            self._send_email(job)
            return self._finish(job, run, "failed", written)
        except BackendError:  # the mail waits for no chat that is down
            with suppress(BackendError):
                self._send_email(job)
            raise
        self._send_email(job)
        self._store.note_delivered(job.person, job.day)
        return self._finish(job, run, "delivered", written)

    def _send_email(self, job: BriefJob) -> None:
        """Queues the mail, which is a job of its own: no brief waits for it, and it is sent once however
        often it is queued."""
        if self._queue_email:
            self._queue_email(job.person, job.subscription_id, job.day)

    def _finish(self, job: BriefJob, run: BriefRun, status: RunStatus, written: WrittenBrief) -> WrittenBrief:
        self._store.note_run(job.person, job.subscription_id, job.day, run.gathered_at)
        self._runs.finish(run, status)
        written.result = status  # type: ignore[assignment]
        return written

    def _compose(
        self,
        subscription: Subscription,
        run: BriefRun,
        unread: int,
        keep: Callable[[int, BriefSection], None],
    ) -> WrittenBrief:
        language = subscription.address.language
        if asks_whether_to_stop(unread):
            question = translate(texts.BRIEF_ASKS_TO_STOP, language)
            return WrittenBrief("delivered", f"{format_heading(run.day, language)}\n\n{question}")
        attempt = (
            f"{BriefJob(run.person, run.subscription_id, run.day).turn_id}#{run.fence}#{run.gathered_at}"
        )
        with self._spending.counting(subscription.address.room, attempt):
            sections, outcomes = self._write_sections(subscription, run, keep)
        text = compose_brief(subscription, run.day, sections, language)
        failed = sum(section.status == "failed" for section in sections.values())
        return WrittenBrief("delivered" if text else "empty", text, outcomes, len(run.sections), failed)

    def _write_sections(
        self, subscription: Subscription, run: BriefRun, keep: Callable[[int, BriefSection], None]
    ) -> tuple[dict[int, BriefSection], tuple[Outcome, ...]]:
        projects = deduplicate_sources(subscription.projects)
        left = {number: one for number, one in enumerate(projects) if number not in run.sections}
        if not left:
            return dict(run.sections), ()
        parallel = self._is_parallel(subscription.person)
        is_exhausted = self._spending.is_exhausted(subscription.address.room, subscription.person)
        context = _section_context(subscription, run, is_over_budget=is_exhausted)

        def write(number: int, project: Project) -> BriefSection:
            section = self._sections.write(project, context, parallel=parallel)
            keep(number, section)
            return section

        graph = build_brief_graph(left, write)
        plan_run = graph.start(
            {}, pool=self._pool, parallel=parallel, deadline=GATHER_TIMEOUT_SECONDS, clock=self._monotonic
        )
        try:
            for _ in plan_run.until_ready():
                pass
        finally:
            outcomes = plan_run.close()
        for outcome in outcomes:
            if isinstance(outcome.error, LeaseLost):
                raise outcome.error
            if outcome.error is not None:
                self._logger.warning(
                    "brief_section_failed", step=outcome.name, reason=type(outcome.error).__name__
                )
        written = {number: plan_run.values[step_name(number)] for number in left}
        return run.sections | written, outcomes

    def _deliver(self, job: BriefJob, run: BriefRun, subscription: Subscription) -> None:
        engagement = self._store.read_engagements([job.person]).get(job.person, Engagement())
        last_seen = max(engagement.wrote_at, subscription.created_at)
        shown = self._sign_links(run.text, job)
        self._speaker.say(run, run.text, subscription.address, job.turn_id, last_seen, shown)


def build_brief_graph(
    projects: Mapping[int, Project], write: Callable[[int, Project], BriefSection]
) -> Graph:
    """Builds the plan of one brief: a step a project, none of which can fail the others."""
    plan = Plan("brief")
    for number, project in projects.items():
        fallback = BriefSection(project.name, "failed")
        declare = plan.step(name=step_name(number), timeout=PROJECT_TIMEOUT_SECONDS, fallback=fallback)
        declare(_bind(write, number, project))
    return plan.build(targets=[step_name(number) for number in projects])


def _bind(
    write: Callable[[int, Project], BriefSection], number: int, project: Project
) -> Callable[[], BriefSection]:
    def write_project() -> BriefSection:
        return write(number, project)

    return write_project


def step_name(number: int) -> str:
    """Returns the name of a project's step."""
    return f"project_{number + 1}"


def _section_context(subscription: Subscription, run: BriefRun, *, is_over_budget: bool) -> SectionContext:
    first = run.gathered_at - FIRST_BRIEF_SECONDS
    since = max(subscription.last_at or first, run.gathered_at - MAX_LOOKBACK_SECONDS)
    language = subscription.address.language
    return SectionContext(
        person=subscription.person,
        since=since,
        until=run.gathered_at,
        language=language,
        language_name=LANGUAGE_NAMES.get(language, "English"),
        timezone=subscription.timezone,
        is_over_budget=is_over_budget,
    )
