"""Settings become connected objects: the one module that knows every concrete class.

Each part is made when it is first asked for, and imported then too, so that a function loads only what
it uses. The channels' classes are known to platforms.py.
"""

from __future__ import annotations

import importlib
import os
import random
import secrets
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from threading import Thread
from typing import TYPE_CHECKING, Any

import msgspec
from aws_lambda_powertools import Logger
from snapshot_restore_py import register_after_restore, register_before_snapshot

from repartee.errors import BackendError, SettingError
from repartee.services.aws import Clients
from repartee.settings import Setting, Settings

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from repartee.assistants.office.erp import Clerk
    from repartee.assistants.office.remembering import Remembering
    from repartee.assistants.office.routes import Router
    from repartee.channels.seat import Background
    from repartee.channels.web.hub import Hub
    from repartee.conversation.answer import Chats
    from repartee.conversation.limits import Limits
    from repartee.conversation.message import Exchange, Said
    from repartee.conversation.prices import Prices
    from repartee.conversation.proposal import Decisions
    from repartee.conversation.reply import Replies
    from repartee.conversation.sweep import Sweep
    from repartee.conversation.turn import Assistant, Turn
    from repartee.conversation.veil import Veils
    from repartee.conversation.watch import Watch
    from repartee.conversation.webhook import Receiver, Webhook
    from repartee.plan import Pool
    from repartee.platforms import Platform
    from repartee.ports import (
        Accounts,
        Attachments,
        Coaching,
        Documents,
        Embedder,
        Erp,
        Events,
        Inbox,
        Knowledge,
        Masker,
        Media,
        Medium,
        Meetings,
        Memories,
        Messages,
        Model,
        Pictures,
        Proposals,
        Rates,
        Records,
        SmallModel,
        Transcriber,
        Vectors,
        Wakes,
        Workouts,
    )
    from repartee.services.flags import Flags
    from repartee.services.secrets import Secrets
    from repartee.stores.weaviate import Connection


ENOUGH = 5.0
"""Seconds that the end of a start is waited for."""


class Wiring:
    """The parts of one process. A stack that brings parts of its own overrides what makes them; one with a
    time of its own overrides the clocks, and what goes on beside a turn and its reply."""

    clock = staticmethod(time.time)
    end = staticmethod(os._exit)
    monotonic = staticmethod(time.monotonic)
    sleep = staticmethod(time.sleep)

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = environment
        self.logger = Logger(service="repartee")
        self.settings = Settings(environment, self._secret)
        self._cold = True

    def make(self, *parts: str) -> None:
        """Makes these parts now, so that what is missing stops the start and not the first message."""
        for part in parts:
            getattr(self, part)

    @property
    def background(self) -> Background:
        from repartee.channels.seat import in_a_thread

        return in_a_thread

    @property
    def watching(self) -> type[Watch]:
        from repartee.conversation.watch import Watch

        return Watch

    @cached_property
    def early(self) -> Thread:
        """What a message would wait for, begun beside the start: the first connection to the messages store,
        and the flags."""
        thread = Thread(target=self._early, name="early", daemon=True)
        thread.start()
        return thread

    def _early(self) -> None:
        with suppress(BackendError):  # whoever needs it tries again, and says what is wrong
            if self.settings.weaviate_url:
                self.weaviate.connect()
        if self.settings.flags:
            self.flags.refresh()

    def retire(self) -> None:
        """Ends the process when late threads have used it up: Lambda starts another. The wake that it was at
        comes back, and finds nothing left to do."""
        if self.pool.wants_replacement:
            self.logger.error("process_used_up", late=self.pool.late)
            self.end(1)

    def prime(self) -> None:
        """Loads what is otherwise loaded when it is first used."""
        importlib.import_module("repartee.observability")
        if "openai" in vars(self):
            _ = self.openai.responses, self.openai.embeddings
        if "early" in vars(self):
            self.early.join(ENOUGH)  # what is half connected is nothing to keep

    # The three entries

    @cached_property
    def webhook(self) -> Webhook:
        from repartee.conversation.webhook import Webhook

        return Webhook(
            self.receivers,
            self.inbox,
            self.records,
            self.wakes,
            self.logger,
            self.count,
            self.proposals,
        )

    @cached_property
    def chats(self) -> Chats:
        from repartee.conversation.answer import Chats
        from repartee.conversation.memory import Memory
        from repartee.conversation.turn import Means

        assistants, settings = self.assistants, self.settings
        settings.need(Settings.parallel, Settings.dead_letters_queue_url)
        means = Means(
            inbox=self.inbox,
            records=self.records,
            wakes=self.wakes,
            model=self.model,
            pool=self.pool,
            clock=self.clock,
            new_id=_new_id,
            logger=self.logger,
            monotonic=self.monotonic,
            veils=self.veils,
            limits=self.limits,
            spent=self.prices.spent,
        )
        return Chats(
            means,
            Memory(
                self.inbox,
                self.messages,
                self.embedder,
                self.logger,
                self._remember,
                self.veils,
                masked=settings.pii_stored == "masked",
            ),
            self.channels,
            choose=lambda message: assistants[settings.assistant.of(message.channel)],
            parallel=self._parallel,
            refresh=self.refresh,
            observe=self.observe,
            watching=self.watching,
        )

    @cached_property
    def sweep(self) -> Sweep:
        from repartee.conversation.sweep import Sweep

        return Sweep(self.inbox, self.wakes, self.clock, self.logger, self.count)

    @cached_property
    def stream(self) -> Starlette:
        """The web's app: what it takes in it answers itself, and a late wake replaces it if it dies."""
        from repartee.channels.web.app import WebApp
        from repartee.channels.web.follow import Follower
        from repartee.channels.web.keys import Keys
        from repartee.channels.web.receive import WebMessages
        from repartee.channels.web.safety_net import SafetyNet
        from repartee.channels.web.tokens import Tokens
        from repartee.conversation.webhook import Webhook

        settings = self.settings
        keys = Keys(settings.web_jwks_url, self.clock)
        tokens = Tokens(keys, settings.web_audience, self.clock, settings.web_issuer)
        messages = WebMessages(tokens, self.rates, settings.web_rate, _new_id, self._keep_medium)
        webhook = Webhook(
            {"/chat": messages},
            self.inbox,
            self.records,
            SafetyNet(self.wakes),
            self.logger,
            self.count,
            self.proposals,
        )
        follower = Follower(self.inbox, self.events, self.hub, self.clock)
        app = WebApp(
            webhook, tokens, self.chats, follower, self.hub, self.clock, _new_id, settings.web_answers
        )
        return app.asgi(settings.web_origins)

    # Channels

    @cached_property
    def platforms(self) -> tuple[Platform, ...]:
        from repartee.platforms import PLATFORMS

        return tuple(platform(self) for platform in PLATFORMS)

    @cached_property
    def receivers(self) -> Mapping[str, Receiver]:
        """By route. A channel whose secret is not set is not listened to; none at all stops the start."""
        heard = [platform.receivers() for platform in self.platforms if platform.heard]
        if not heard:
            self.settings.need(Settings.slack_signing_secret)
        return {route: receiver for receivers in heard for route, receiver in receivers.items()}

    @cached_property
    def channels(self) -> Mapping[str, Replies]:
        """By name. One whose secrets are not set is left out; none at all stops the start."""
        if not any(self.settings.given(*platform.secrets) for platform in self.platforms):
            self.settings.need(Settings.slack_bot_token)
        return {platform.name: platform.replies() for platform in self.platforms if platform.answered}

    @cached_property
    def attachments(self) -> Attachments:
        """What came with messages, of the channels that hand out files."""
        from repartee.channels.files import ChannelFiles

        opened = [platform for platform in self.platforms if platform.opened]
        return ChannelFiles({platform.name: platform.files() for platform in opened})

    def _keep_medium(self, workspace: str, content: bytes) -> Medium:
        """Keeps a file. The store is connected when there is the first."""
        return self.media.put(workspace, content)

    @cached_property
    def hub(self) -> Hub:
        from repartee.channels.web.hub import Hub

        return Hub(self.clock)

    # Assistants

    @cached_property
    def assistants(self) -> Mapping[str, Assistant]:
        """Those that the settings name."""
        makers = {"office": self._office, "coach": self._coach}
        named = self.settings.assistant.values()
        if unknown := named - makers.keys():
            raise Settings.assistant.malformed(f"there is no {', '.join(sorted(unknown))}")
        return {name: makers[name]() for name in sorted(named)}

    def _coach(self) -> Assistant:
        from repartee.assistants.coach import plan as coach
        from repartee.conversation.turn import Assistant

        ports = {
            "coaching": self.coaching,
            "small": self.small,
            "embedder": self.veiled_embedder,
            "knowledge": self.knowledge,
            "memories": self.memories,
            "workouts": self.workouts,
            "attachments": self.attachments,
            "transcriber": self.transcriber,
            "documents": self.documents,
            "media": self.media,
            "pool": self.pool,
        }
        return Assistant("coach", coach.build(), ports, remember=self.coaching.converse)

    def _office(self) -> Assistant:
        from repartee.assistants.office import plan as office
        from repartee.conversation.turn import Assistant

        ports = {
            "records": self.records,
            "messages": self.messages,
            "meetings": self.meetings,
            "embedder": self.embedder,
            "small": self.small,
            "router": self.router,
            "veils": self.veils,
            "clerk": self.clerk,
            "attachments": self.attachments,
            "transcriber": self.transcriber,
            "documents": self.documents,
            "media": self.media,
            "pictures": self.pictures,
            "pool": self.pool,
        }
        return Assistant(
            "office",
            office.build(),
            ports,
            decided=self.decisions.settle,
            remember=self._remembering.remember,
        )

    @cached_property
    def router(self) -> Router:
        """Chooses the office assistant's routes."""
        from repartee.assistants.office.routes import Router, load

        return Router(load(), self.embedder, self.vectors, self.settings.embedding_model)

    @cached_property
    def clerk(self) -> Clerk | None:
        """Who works in the company's ERP for people, where there is one."""
        if not self.settings.odoo_url:
            return None
        from repartee.assistants.office.erp import Clerk

        return Clerk(self.erp, self.proposals, self.clock)

    @cached_property
    def _remembering(self) -> Remembering:
        from repartee.assistants.office.remembering import Remembering

        return Remembering(self.records, self.messages, self.meetings, self.small, self._as_kept)

    def _as_kept(self, said: Sequence[Said]) -> Sequence[Said]:
        """What was said, as the stores are to keep it."""
        if self.settings.pii_stored != "masked" or not said:
            return said
        hidden = self.veils(said[0].room).hide_all([one.text for one in said])
        return [msgspec.structs.replace(one, text=text) for one, text in zip(said, hidden, strict=True)]

    @cached_property
    def limits(self) -> Limits:
        """The budgets. One in money needs to know what the models cost."""
        from repartee.conversation.limits import Limit, Limits

        settings = self.settings
        limits = Limits(
            room=Limit(settings.budget_room_tokens, settings.budget_room_cost),
            workspace=Limit(settings.budget_workspace_tokens, settings.budget_workspace_cost),
        )
        for model in (settings.model, settings.small_model):
            if (limits.room.cost or limits.workspace.cost) and self.prices.of(model) is None:
                raise Settings.model_prices.malformed(f"a budget in dollars needs the price of {model}")
        return limits

    @cached_property
    def prices(self) -> Prices:
        from repartee.conversation.prices import Price, Prices

        return Prices({name: Price(*price) for name, price in self.settings.model_prices.items()})

    @cached_property
    def pool(self) -> Pool:
        from repartee.plan import Pool

        return Pool(threads=self.settings.threads)

    # Stores and services

    @cached_property
    def inbox(self) -> Inbox:
        from repartee.stores.dynamodb.inbox import DynamoInbox

        return DynamoInbox(self.dynamodb, self.settings.records_table)

    @cached_property
    def records(self) -> Records:
        from repartee.stores.dynamodb.records import DynamoRecords

        return DynamoRecords(self.dynamodb, self.settings.records_table, self.clock)

    @cached_property
    def coaching(self) -> Coaching:
        from repartee.stores.dynamodb.coaching import DynamoCoaching

        return DynamoCoaching(self.dynamodb, self.settings.records_table, self.clock)

    @cached_property
    def workouts(self) -> Workouts:
        from repartee.stores.dynamodb.workouts import DynamoWorkouts

        return DynamoWorkouts(self.dynamodb, self.settings.records_table)

    @cached_property
    def knowledge(self) -> Knowledge:
        settings = self.settings
        if settings.pinecone_knowledge_host:
            from repartee.stores.pinecone import PineconeIndex, PineconeKnowledge

            return PineconeKnowledge(
                PineconeIndex(settings.pinecone_knowledge_host, settings.pinecone_api_key)
            )
        from repartee.stores.sqlite.knowledge import SqliteKnowledge

        return SqliteKnowledge(f"{settings.sqlite_path}-knowledge")

    @cached_property
    def memories(self) -> Memories:
        settings = self.settings
        if settings.pinecone_memories_host:
            from repartee.stores.pinecone import PineconeIndex, PineconeMemories

            return PineconeMemories(PineconeIndex(settings.pinecone_memories_host, settings.pinecone_api_key))
        from repartee.stores.sqlite.memories import SqliteMemories

        return SqliteMemories(f"{settings.sqlite_path}-memories")

    @cached_property
    def proposals(self) -> Proposals:
        from repartee.stores.dynamodb.proposals import DynamoProposals

        return DynamoProposals(self.dynamodb, self.settings.records_table, self.clock)

    @cached_property
    def pictures(self) -> Pictures:
        from repartee.stores.dynamodb.pictures import DynamoPictures

        return DynamoPictures(self.dynamodb, self.settings.records_table, self.clock)

    @cached_property
    def accounts(self) -> Accounts:
        from repartee.stores.dynamodb.accounts import DynamoAccounts

        return DynamoAccounts(self.dynamodb, self.settings.records_table)

    @cached_property
    def erp(self) -> Erp:
        from repartee.ports import Account
        from repartee.stores.odoo import OdooClient, OdooErp

        settings = self.settings
        if not settings.odoo_url:
            raise SettingError(Settings.odoo_url.name, Settings.odoo_url.purpose)
        client = OdooClient(settings.odoo_url, settings.odoo_database, settings.odoo_api)
        shared = Account(settings.odoo_user, settings.odoo_api_key) if settings.odoo_api_key else None
        return OdooErp(client, self.accounts, shared, self.monotonic)

    @cached_property
    def decisions(self) -> Decisions:
        from repartee.conversation.proposal import Decisions

        return Decisions(self.proposals, {"erp": self.clerk} if self.clerk else {}, self.channels)

    @cached_property
    def events(self) -> Events:
        from repartee.stores.dynamodb.events import DynamoEvents

        return DynamoEvents(self.dynamodb, self.settings.records_table, self.clock)

    @cached_property
    def rates(self) -> Rates:
        from repartee.stores.dynamodb.rates import DynamoRates

        return DynamoRates(self.dynamodb, self.settings.records_table, self.clock)

    @cached_property
    def wakes(self) -> Wakes:
        from repartee.services.sqs import SqsWakes

        settings = self.settings
        buried = settings.look_up(Settings.dead_letters_queue_url)  # only a turn buries
        return SqsWakes(self.aws.make("sqs"), settings.wakes_queue_url, buried)

    @cached_property
    def media(self) -> Media:
        settings = self.settings
        if settings.media_bucket:
            from repartee.stores.s3 import S3Media

            return S3Media(self.aws.make("s3"), settings.media_bucket)
        from repartee.stores.sqlite.media import SqliteMedia

        beside = settings.look_up(Settings.sqlite_path) or f"{tempfile.gettempdir()}/repartee"
        return SqliteMedia(f"{beside}-media")

    @cached_property
    def messages(self) -> Messages:
        settings = self.settings
        if not settings.weaviate_url:
            from repartee.stores.sqlite.messages import SqliteMessages

            return SqliteMessages(settings.sqlite_path)
        from repartee.stores.weaviate import WeaviateMessages

        return WeaviateMessages(self.weaviate)

    @cached_property
    def weaviate(self) -> Connection:
        from repartee.stores.weaviate import Connection

        settings = self.settings
        return Connection(settings.weaviate_url, settings.weaviate_grpc_port, settings.weaviate_api_key)

    @cached_property
    def meetings(self) -> Meetings:
        if not self.settings.weaviate_url:
            from repartee.stores.sqlite.meetings import SqliteMeetings

            return SqliteMeetings(self.settings.sqlite_path)
        from repartee.stores.weaviate import WeaviateMeetings

        return WeaviateMeetings(self.weaviate)

    @cached_property
    def vectors(self) -> Vectors:
        from repartee.stores.dynamodb.vectors import DynamoVectors

        return DynamoVectors(self.dynamodb, self.settings.records_table, self.clock)

    @cached_property
    def model(self) -> Model:
        from repartee.services.openai.model import OpenAIModel

        return OpenAIModel(self.openai, self.settings.model, self.settings.reasoning_effort)

    @cached_property
    def small(self) -> SmallModel:
        from repartee.conversation.veiled import VeiledSmallModel
        from repartee.services.openai.small import OpenAISmallModel

        small = OpenAISmallModel(self.openai, self.settings.small_model)
        return small if self.settings.pii == "off" else VeiledSmallModel(small, self.veils)

    @cached_property
    def embedder(self) -> Embedder:
        from repartee.services.openai.embedder import OpenAIEmbedder

        return OpenAIEmbedder(self.openai, self.settings.embedding_model)

    @cached_property
    def veiled_embedder(self) -> Embedder:
        """For plans whose steps do not mask what they embed."""
        from repartee.conversation.veiled import VeiledEmbedder

        return self.embedder if self.settings.pii == "off" else VeiledEmbedder(self.embedder, self.veils)

    @cached_property
    def veils(self) -> Veils:
        """What hides personal details from models, where it is to."""
        from repartee.conversation.veil import clear, veils

        if self.settings.pii == "off":
            return clear
        return veils(self._masker(), self.settings.pii_key)

    def _masker(self) -> Masker:
        from repartee.services.pii.rules import Rules

        if self.settings.pii == "rules":
            return Rules()
        from repartee.services.pii.comprehend import Comprehend

        return Comprehend(self.aws.make("comprehend"), Rules())

    @cached_property
    def transcriber(self) -> Transcriber:
        from repartee.services.openai.transcriber import OpenAITranscriber

        return OpenAITranscriber(self.openai, self.settings.transcription_model)

    @cached_property
    def documents(self) -> Documents:
        from repartee.services.documents import DocumentReader

        return DocumentReader()

    @cached_property
    def openai(self) -> Any:
        from repartee.services.openai.client import connect

        self.settings.need(Settings.openai_api_key)
        return connect(lambda: self.settings.openai_api_key, self.settings.openai_base_url)

    @cached_property
    def aws(self) -> Clients:
        return Clients(connections=self.settings.threads)

    @cached_property
    def dynamodb(self) -> Any:
        return self.aws.make("dynamodb")

    @cached_property
    def flags(self) -> Flags:
        from repartee.services.flags import Flags

        return Flags(self.aws.make("appconfigdata"), self.settings.flags, self.clock, self.logger)

    @cached_property
    def secrets(self) -> Secrets:
        from repartee.services.secrets import Secrets

        return Secrets(self.aws.make("secretsmanager"), self.settings.secrets_id, self.clock)

    # What the parts are told

    def observe(self, turn: Turn) -> None:
        """Emits the turn's metrics, and its log entry."""
        from repartee.observability import emit, report

        told = report(turn, self.aws.connections, self.prices.spent(turn.spent).cost)
        emit(told, self.logger, cold=self._cold)
        self._cold = False

    def count(self, name: str, number: int = 1) -> None:
        """Emits a metric that stands alone."""
        from repartee.observability import count

        count(name, number)

    def _remember(self, exchange: Exchange) -> None:
        """What the assistant that took the turn keeps of it in its own way."""
        assistant = self.assistants.get(exchange.assistant)
        if assistant and assistant.remember:
            assistant.remember(exchange)

    def _parallel(self, chat: str) -> bool:
        """Whether the chat's plan runs in parallel: where the settings and the flag, if any, both say so."""
        return self.settings.parallel and (not self.settings.flags or self.flags.parallel(chat))

    def _secret(self, name: str) -> str:
        return self.secrets.current(name) if self.settings.secrets_id else ""

    def accepted(self, setting: Setting[str]) -> Callable[[], tuple[str, ...]]:
        """The values of a secret that are accepted now. Stops the start if there is none."""
        self.settings.need(setting)
        if own := self.environment.get(setting.name, "").strip():
            return lambda: (own,)
        return lambda: self.secrets.accepted(setting.name)

    def refresh(self) -> bool:
        """Reads the secrets again because one was rejected. False if that was done a moment ago."""
        return bool(self.settings.secrets_id) and self.secrets.refresh()


def _new_id() -> str:
    return secrets.token_hex(8)


_process: list[Wiring] = []


def wired() -> Wiring:
    """The process's parts, made of its environment when they are first asked for."""
    if not _process:
        install(Wiring(os.environ))
    return _process[0]


def start(*parts: str) -> None:
    """Makes these of the process's parts, now and whenever it is restored from a snapshot: then connections,
    settings and secrets of the process that was frozen are stale, and its random numbers everybody's."""
    wired().make(*parts)
    register_before_snapshot(_prime)
    register_after_restore(_restored, *parts)


def _prime() -> None:
    wired().prime()


def _restored(*parts: str) -> None:
    random.seed()
    install(Wiring(os.environ))
    wired().make(*parts)


def install(wiring: Wiring) -> None:
    """Makes these the process's parts: a local stack's, or new ones after a restore from a snapshot."""
    _process[:] = [wiring]
