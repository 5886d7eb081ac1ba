"""The parts of briefs and reminders: their stores, their queues, and what each of their functions makes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from repartee.errors import BackendError, SettingError
from repartee.settings import Settings
from repartee.wiring import brief_stores, channels, emails, handovers, process, services, signed_links, stores
from repartee.wiring.container import Wiring, part

if TYPE_CHECKING:
    from repartee.briefs.jobs import BriefJobs
    from repartee.briefs.operator_orders import OperatorOrders
    from repartee.briefs.orders import NoticeBook
    from repartee.briefs.preview import PreviewedBrief, PreviewRequest
    from repartee.briefs.reminding import ReminderArmer, ReminderTeller
    from repartee.briefs.saying import ChatSpeaker
    from repartee.briefs.schedule_report import ScheduleReport
    from repartee.briefs.scheduling import BriefScheduler
    from repartee.briefs.sections import SectionWriter
    from repartee.briefs.spending import BriefSpending
    from repartee.briefs.topics import TopicCatalogue
    from repartee.briefs.writing import BriefWriter
    from repartee.domain.engagement import EngagementSign
    from repartee.domain.message import Exchange
    from repartee.ports import SmallModel
    from repartee.ports.briefs import BriefQueue, BriefSource
    from repartee.ports.reminders import ReminderQueue

FLAG_NAME = "briefs"
"""The name under which the flag of serial or parallel is asked for, in the place of a chat."""


@part
def brief_queue(wiring: Wiring) -> BriefQueue:
    from repartee.aws.brief_queue import SqsBriefQueue

    sqs = wiring.get(process.aws_clients).get_client("sqs")
    return SqsBriefQueue(sqs, wiring.get(process.settings).briefs_queue_url)


@part
def brief_scheduler(wiring: Wiring) -> BriefScheduler:
    from repartee.briefs.scheduling import BriefScheduler

    get = wiring.get
    return BriefScheduler(
        get(brief_stores.briefs),
        get(brief_stores.brief_runs),
        get(brief_queue),
        get(process.pool),
        get(process.clock),
        get(process.logger),
        is_parallel=lambda: process.is_parallel(wiring, FLAG_NAME),
    )


@part
def observe_schedule(wiring: Wiring) -> Callable[[ScheduleReport, float], None]:
    """Emits the metrics of a schedule, from its report and the seconds that it took."""

    def observe(report: ScheduleReport, seconds: float) -> None:
        from repartee.briefs.metrics import schedule_line

        wiring.get(process.emit_metrics)(schedule_line(report, seconds))

    return observe


@part
def brief_sources(wiring: Wiring) -> Mapping[str, BriefSource]:
    """The sources of briefs, by the kind that a project names. A new one is a line here."""
    from repartee.briefs.escalation_source import EscalationSource
    from repartee.briefs.minutes_source import MinutesSource
    from repartee.briefs.record_sources import ErpSource, ProposalSource, TrainingSource
    from repartee.briefs.room_source import RoomReader, RoomSource

    get = wiring.get
    access = get(channels.room_access)
    reader = RoomReader(access, get(channels.name_directory).look_up_all, get(process.pool))
    return {
        "room": RoomSource(get(stores.messages), reader),
        "minutes": MinutesSource(get(stores.records), get(stores.meetings), reader),
        "escalations": EscalationSource(get(stores.handovers), get(handovers.teams), access),
        "erp": ErpSource(get(services.erp) if get(process.settings).odoo_url else None),
        "workouts": TrainingSource(get(stores.workouts)),
        "proposals": ProposalSource(get(stores.proposals)),
    }


@part
def brief_model(wiring: Wiring) -> SmallModel:
    """The model that writes sections: the one that writes replies, which is given what is redacted."""
    from repartee.privacy.redacted_models import RedactingSmallModel
    from repartee.services.openai.small import OpenAISmallModel

    settings = wiring.get(process.settings)
    model = OpenAISmallModel(wiring.get(services.openai_client), settings.model)
    is_open = settings.redaction_mode == "off"
    return model if is_open else RedactingSmallModel(model, wiring.get(services.redactor_for))


@part
def chat_speaker(wiring: Wiring) -> ChatSpeaker:
    from repartee.briefs.saying import ChatSpeaker

    get = wiring.get
    return ChatSpeaker(get(brief_stores.brief_runs), get(channels.reply_senders), get(process.clock))


@part
def reminder_queue(wiring: Wiring) -> ReminderQueue:
    from repartee.aws.brief_queue import SqsReminderQueue

    sqs = wiring.get(process.aws_clients).get_client("sqs")
    return SqsReminderQueue(sqs, wiring.get(process.settings).reminders_queue_url)


@part
def reminder_armer(wiring: Wiring) -> ReminderArmer:
    from repartee.briefs.reminding import ReminderArmer

    get = wiring.get
    return ReminderArmer(
        get(brief_stores.reminders), get(reminder_queue), get(process.pool), get(process.clock)
    )


@part
def reminder_teller(wiring: Wiring) -> ReminderTeller:
    from repartee.briefs.reminding import ReminderTeller

    get = wiring.get
    return ReminderTeller(
        get(brief_stores.reminders),
        get(brief_stores.brief_runs),
        get(brief_stores.briefs),
        get(chat_speaker),
        get(reminder_queue),
        get(process.clock),
        get(process.logger),
        get(process.emit_metrics),
    )


@part
def section_writer(wiring: Wiring) -> SectionWriter:
    from repartee.briefs.sections import SectionWriter

    return SectionWriter(wiring.get(brief_sources), wiring.get(brief_model), wiring.get(process.pool))


@part
def brief_spending(wiring: Wiring) -> BriefSpending:
    from repartee.briefs.spending import BriefSpending

    get = wiring.get
    records = partial(get, stores.records)
    return BriefSpending(
        get(services.budgets), records, get(services.prices).price_usage, get(process.logger)
    )


@part
def brief_writer(wiring: Wiring) -> BriefWriter:
    from repartee.briefs.writing import BriefWriter

    get = wiring.get
    return BriefWriter(
        get(brief_stores.briefs),
        get(brief_stores.brief_runs),
        get(section_writer),
        get(chat_speaker),
        get(brief_spending),
        get(process.pool),
        get(process.clock),
        get(process.logger),
        is_parallel=partial(process.is_parallel, wiring),
        monotonic=get(process.monotonic),
        queue_email=emails.make_email_dispatch(wiring),
        sign_links=signed_links.make_link_signing(wiring, "chat"),
    )


@part
def brief_jobs(wiring: Wiring) -> BriefJobs:
    from repartee.briefs.jobs import BriefJobs

    get = wiring.get
    return BriefJobs(get(brief_writer), get(process.clock), get(process.logger), get(process.emit_metrics))


@part
def preview_of_brief(wiring: Wiring) -> Callable[[PreviewRequest], PreviewedBrief]:
    """Writes a brief that is neither kept nor sent."""

    def preview(request: PreviewRequest) -> PreviewedBrief:
        from repartee.briefs.preview import preview_brief

        get = wiring.get
        return preview_brief(get(brief_stores.briefs), get(brief_writer), request, get(process.clock)())

    return preview


@part
def topic_catalogue(wiring: Wiring) -> TopicCatalogue:
    from repartee.briefs.topics import TopicCatalogue

    return TopicCatalogue(partial(wiring.get, brief_sources))


@part
def operator_orders(wiring: Wiring) -> OperatorOrders:
    from repartee.briefs.operator_orders import OperatorOrders

    get = wiring.get
    return OperatorOrders(
        get(brief_stores.briefs),
        get(brief_stores.brief_runs),
        get(topic_catalogue),
        partial(get, channels.room_access),
        get(chat_speaker),
        get(process.clock),
    )


@part
def notice_book(wiring: Wiring) -> NoticeBook:
    """Keeps what people order in a chat."""
    from repartee.briefs.orders import NoticeBook
    from repartee.briefs.reminder_orders import ReminderOrders

    reminders = ReminderOrders(
        partial(wiring.get, brief_stores.reminders),
        partial(wiring.get, reminder_queue),
        partial(wiring.get, channels.room_access),
        partial(wiring.get, brief_stores.briefs),
        wiring.get(process.clock),
    )

    def find_room(person: str, here: str, name: str) -> str:
        return wiring.get(channels.room_access).find_room(person, here, name)  # asked when one is named

    return NoticeBook(
        partial(wiring.get, brief_stores.briefs),
        reminders,
        wiring.get(topic_catalogue),
        emails.make_email_orders(wiring),
        find_room,
        wiring.get(process.clock),
        partial(wiring.get, brief_stores.order_log),
    )


def note_sign(wiring: Wiring, sign: EngagementSign) -> None:
    """Notes a sign that a person reads their briefs. What cannot be noted is not; without records there are
    no briefs."""
    with suppress(BackendError, SettingError):
        wiring.get(brief_stores.briefs).note_engaged(sign.person, sign.kind, sign.at)


def note_answer(wiring: Wiring, exchange: Exchange) -> None:
    """Notes that the people of a direct conversation wrote there: they read their briefs. What cannot be
    noted is not."""
    from repartee.domain.message import Message, is_shared_room

    has_records = wiring.get(process.settings).is_any_set(Settings.records_table)
    if is_shared_room(exchange.room) or not has_records:
        return
    people = {one.sender for one in exchange.messages if isinstance(one, Message) and not one.overheard}
    for person in people:
        with suppress(BackendError):
            wiring.get(brief_stores.briefs).note_engaged(person, "answer", exchange.answered_at)
