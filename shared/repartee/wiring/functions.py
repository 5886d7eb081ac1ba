"""The objects that each function makes when it starts: the webhook, the worker, the sweep and the stream's
app."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from repartee.settings import Settings
from repartee.wiring import (
    assistants,
    briefs,
    channels,
    desk_events,
    handovers,
    operations,
    process,
    services,
    stores,
)
from repartee.wiring.container import Wiring, part
from repartee.wiring.platforms import event_hub

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from repartee.channels.web.bearer_tokens import BearerTokens
    from repartee.channels.web.receiver import WebReceiver
    from repartee.domain.message import Incoming
    from repartee.domain.redactor import Redactor
    from repartee.intake.person_limits import PersonLimits
    from repartee.intake.webhook import Webhook
    from repartee.ports import StoredMedia, TurnStarter
    from repartee.turn.assistant import Assistant
    from repartee.turn.dependencies import TurnDependencies
    from repartee.turn.recorder import Recorder
    from repartee.turn.rollup import TurnRollup
    from repartee.turn.sweep import Sweep
    from repartee.turn.turn import Turn
    from repartee.turn.worker import ChatWorker


@part
def webhook(wiring: Wiring) -> Webhook:
    from repartee.intake.guarded_wakes import GuardedWakes
    from repartee.intake.message_keeper import WakingBeside
    from repartee.intake.webhook import Webhook

    get = wiring.get
    wakes = GuardedWakes(get(stores.wakes), get(process.clock), get(stores.inbox), get(turn_starter))
    return Webhook(
        get(channels.receivers),
        get(stores.inbox),
        get(stores.records),
        wakes,
        get(process.logger),
        lambda name: get(process.count_metric)(name, 1),
        get(stores.proposals),
        get(channels.quiet_seconds),
        person_limits=get(person_limits),
        team=handovers.make_intake(wiring, wakes),
        note_sign=partial(briefs.note_sign, wiring),
        clock=get(process.clock),
        waking_beside=WakingBeside(wakes, get(process.waking_executor)),
    )


@part
def turn_starter(wiring: Wiring) -> TurnStarter | None:
    """Starts turns beside the queue, where the turn's function is known."""
    settings = wiring.get(process.settings)
    if not settings.turn_function:
        return None
    from repartee.aws.invocation import InvokedTurns

    client = wiring.get(process.aws_clients).get_client("lambda")
    return InvokedTurns(client, settings.turn_function, wiring.get(process.clock), wiring.get(process.logger))


@part
def person_limits(wiring: Wiring) -> PersonLimits:
    from repartee.intake.person_limits import PersonLimits

    settings = wiring.get(process.settings)
    return PersonLimits(
        wiring.get(stores.rates),
        settings.person_messages_per_minute,
        settings.person_kilobytes_per_minute,
        wiring.get(process.clock),
    )


@part
def chat_worker(wiring: Wiring) -> ChatWorker:
    from repartee.turn.worker import ChatWorker

    choose, settings = wiring.get(choose_assistant), wiring.get(process.settings)
    settings.require(Settings.parallel_enabled, Settings.dead_letters_queue_url)
    return ChatWorker(
        wiring.get(turn_dependencies),
        wiring.get(assistants.exchange_persister),
        wiring.get(channels.reply_senders),
        choose_assistant=choose,
        is_parallel=partial(process.is_parallel, wiring),
        refresh_credentials=partial(process.refresh_secrets, wiring),
        observe_turn=wiring.get(observe_turn),
        heartbeat_factory=wiring.get(process.heartbeat_type),
        recorder=wiring.get(turn_recorder),
        relays=handovers.make_relays(wiring),
    )


@part
def choose_assistant(wiring: Wiring) -> Callable[[Incoming], Assistant]:
    """Chooses who answers a message: the assistant of its channel."""
    known, settings = wiring.get(assistants.assistants), wiring.get(process.settings)
    return lambda message: known[settings.assistant.value_for(message.room)]


@part
def turn_recorder(wiring: Wiring) -> Recorder:
    """Records turns where there is a table for it. The key is read when there is the first recording."""
    from repartee.turn.recorder import NO_RECORDER, TurnRecorder

    settings = wiring.get(process.settings)
    if not settings.recordings_table:
        return NO_RECORDER

    def redactor_for(place: str) -> Redactor:
        return wiring.get(services.recordings_redactor_for)(place)

    return TurnRecorder(
        lambda: wiring.get(stores.recordings),
        redactor_for,
        lambda: settings.recordings_key,
        wiring.get(services.prices).price_usage,
        wiring.get(process.logger),
        wiring.get(process.monotonic),
    )


@part
def turn_dependencies(wiring: Wiring) -> TurnDependencies:
    from repartee.turn.dependencies import TurnDependencies

    get = wiring.get
    return TurnDependencies(
        inbox=get(stores.inbox),
        records=get(stores.records),
        wakes=get(stores.wakes),
        model=get(services.model),
        pool=get(process.pool),
        clock=get(process.clock),
        new_id=get(process.new_id),
        logger=get(process.logger),
        monotonic=get(process.monotonic),
        redactor_for=get(services.redactor_for),
        budget=get(services.budgets),
        prompt_tokens=get(process.settings).prompt_tokens,
        price_usage=get(services.prices).price_usage,
        quiet_seconds=get(channels.quiet_seconds),
        version=get(process.settings).function_version,
        keeps_turn_records=True,
        collect_events=desk_events.make_collect_events(wiring),
        note_template_sent=lambda chat, at: get(stores.handovers).note_template_sent(chat, at),
    )


@part
def observe_turn(wiring: Wiring) -> Callable[[Turn], None]:
    """Emits a closed turn's metrics, and its log entry. The first one is that of a cold start."""
    emitted: list[str] = []

    def observe(turn: Turn) -> None:
        from repartee.turn.handover_metrics import conversation_metrics
        from repartee.turn.metrics import build_report, emit_report

        cost = wiring.get(services.prices).price_usage(turn.usages).cost_usd
        report = build_report(turn, wiring.get(process.aws_clients).open_connections, cost)
        emit_report(report, wiring.get(process.emit_metrics), wiring.get(process.logger), cold=not emitted)
        emitted[:] = [turn.id]
        for name, number in conversation_metrics(turn):
            wiring.get(process.count_metric)(name, number)

    return observe


@part
def sweep(wiring: Wiring) -> Sweep:
    from repartee.turn.sweep import Sweep

    get = wiring.get
    return Sweep(
        get(stores.inbox),
        get(stores.wakes),
        get(process.clock),
        get(process.logger),
        get(process.count_metric),
        handovers.make_reminders(wiring).remind_due,
        desk_events.make_lane_sweep(wiring),
    )


@part
def turn_rollup(wiring: Wiring) -> TurnRollup:
    from repartee.turn.rollup import TurnRollup

    get = wiring.get
    return TurnRollup(
        get(stores.turn_records), get(operations.turn_statistics), get(process.clock), get(process.logger)
    )


@part
def stream_app(wiring: Wiring) -> Starlette:
    """The web's app: what it takes in it answers itself, and a late wake replaces it if it dies."""
    from repartee.channels.web.app import WebApp
    from repartee.channels.web.delayed_wakes import DelayedWakes
    from repartee.channels.web.live_follower import LiveFollower
    from repartee.channels.web.person_streams import PersonStreams
    from repartee.channels.web.reply_follower import ReplyFollower
    from repartee.intake.webhook import Webhook

    get = wiring.get
    intake = Webhook(
        {"/chat": get(web_receiver)},
        get(stores.inbox),
        get(stores.records),
        DelayedWakes(get(stores.wakes)),
        get(process.logger),
        lambda name: get(process.count_metric)(name, 1),
        get(stores.proposals),
        acknowledge_unreadable=False,
    )
    app = WebApp(
        intake,
        get(bearer_tokens),
        get(chat_worker),
        ReplyFollower(get(stores.inbox), get(stores.events), get(event_hub), get(process.monotonic)),
        get(event_hub),
        get(process.clock),
        get(process.new_id),
        get(process.settings).web_max_concurrent_chats,
        PersonStreams(get(stores.stream_slots), get(process.settings).web_streams_per_person),
        LiveFollower(
            get(stores.events),
            get(stores.handovers),
            get(event_hub),
            get(process.clock),
            get(process.settings).web_live_seconds,
            get(process.monotonic),
        ),
    )
    return app.make_asgi_app(get(process.settings).web_origins)


@part
def bearer_tokens(wiring: Wiring) -> BearerTokens:
    from repartee.channels.web.bearer_tokens import BearerTokens
    from repartee.channels.web.jwks import Jwks

    settings, clock = wiring.get(process.settings), wiring.get(process.clock)
    keys = Jwks(settings.web_jwks_url, clock)
    identifiers = wiring.get(process.identifier_hasher)
    return BearerTokens(keys, settings.web_audience, clock, identifiers, settings.web_issuer)


@part
def web_receiver(wiring: Wiring) -> WebReceiver:
    from repartee.channels.web.receiver import WebReceiver

    def save_medium(workspace: str, content: bytes) -> StoredMedia:
        return wiring.get(stores.media).put(workspace, content)  # connected when there is the first file

    return WebReceiver(
        wiring.get(bearer_tokens),
        wiring.get(stores.rates),
        wiring.get(process.settings).web_messages_per_minute,
        wiring.get(process.settings).web_kilobytes_per_minute,
        wiring.get(process.new_id),
        save_medium,
    )
