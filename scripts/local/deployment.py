"""The functions, deployed on the local stack: their handlers, their queue, their parts."""

from __future__ import annotations

import importlib
import os
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cached_property
from typing import Any

from local import lambda_handlers, sample_history
from local.background_jobs import ThreadedJobs
from local.latency import InjectedLatencies
from local.local_wiring import LocalWiring
from local.queue_poller import QueuePoller
from local.scheduled_work import ScheduledWork
from local.sent_mails import create_sender
from local.stack import EVENTS_SECRET_NAME, LocalStack
from repartee.errors import BackendError
from repartee.wiring import assistants, operations, process, services, stores

PRELOADED_MODULES = (
    "openai.resources.responses",
    "repartee.assistants.office.plan",
    "repartee.channels.slack.replies",
    "repartee.turn.worker",
    "repartee.services.openai.model",
    "repartee.stores.dynamodb.inbox",
    "repartee.stores.sqlite",
)
"""Modules that the functions import: loaded while the servers start."""

EXPORTS_BUCKET, BUCKET_PLACE = "exports", {"LocationConstraint": "eu-central-1"}


class LocalDeployment:
    """The functions of this process. Sets the environment, which is where functions read their settings."""

    def __init__(self, stack: LocalStack, latencies: InjectedLatencies, settings: Mapping[str, str]) -> None:
        from repartee import wiring

        os.environ.update(stack.settings | dict(settings))
        self.stack, self._latencies = stack, latencies
        self.parts = LocalWiring(os.environ, latencies)
        wiring.set_wiring(self.parts)
        for module in PRELOADED_MODULES:
            importlib.import_module(module)
        self._create_resources()
        self.webhook, turn = lambda_handlers.load_handler("webhook"), lambda_handlers.load_handler("turn")
        self.poller = QueuePoller(self._sqs, os.environ["WAKES_QUEUE_URL"], turn)
        if "SQLITE_PATH" in stack.settings:
            self._store_sample_history()
        elif os.environ.get("SQLITE_PATH"):
            self._rebuild_stale_vectors()
        self._warm_up_assistants()

    @cached_property
    def run_sweep(self) -> lambda_handlers.Handler:
        return lambda_handlers.load_handler("sweep")

    @cached_property
    def event_poller(self) -> QueuePoller:
        """Polls the queue of desks' events."""
        send = lambda_handlers.load_handler("desk_event_send")
        return QueuePoller(self._sqs, os.environ["DESK_EVENTS_QUEUE_URL"], send)

    @property
    def has_desk(self) -> bool:
        """Whether a channel has the desk for its assistant."""
        return "desk" in self.parts.get(process.settings).assistant.values()

    def send_events(self) -> list[dict[str, Any]]:
        """Sends the events that wait. Returns all that the stand-in of their receiver has taken."""
        if not (self.has_desk and self.stack.event_receiver_url):
            return []
        while self.event_poller.poll_queue(wait=0):
            pass
        return list(self.stack.call_standins("webhooks"))

    def make_scheduled_work(self, report: Callable[[str, str], None]) -> ScheduledWork:
        """Returns what does briefs, reminders and mails at their time. `report` is told of it."""
        if self.stack.email_settings:
            create_sender(self.parts.get(process.aws_clients).get_client("sesv2"))
        return ScheduledWork(self._sqs, os.environ, report)

    def receive_messages(self, queue_setting: str) -> list[dict[str, Any]]:
        """Takes what waits in the queue of that setting, at most ten messages."""
        answer = self._sqs.receive_message(QueueUrl=os.environ[queue_setting], MaxNumberOfMessages=10)
        return list(answer.get("Messages", []))

    def _create_resources(self) -> None:
        make = self.parts.get(process.aws_clients).get_client
        self._sqs, secrets = make("sqs"), make("secretsmanager")
        self.stack.wait_until_ready()
        self.stack.create_resources(self.parts.get(process.dynamodb_client), self._sqs, secrets)
        if self.stack.moto:
            bucket = self.parts.get(process.settings).exports_bucket or EXPORTS_BUCKET
            make("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration=BUCKET_PLACE)
            self.stack.settings["EXPORTS_BUCKET"] = bucket
        self.parts.put(operations.job_starter, ThreadedJobs())
        os.environ.update(self.stack.settings)

    def _store_sample_history(self) -> None:
        with self._latencies.record_without_waiting():
            sample_history.store_history(
                sample_history.build_history(time.time()),
                self.parts.get(stores.messages),
                self.parts.get(services.embedder),
            )

    def _rebuild_stale_vectors(self) -> None:
        """Makes the vectors in the operator's file anew where another model made them."""
        from local.vector_rebuild import VectorRebuild

        get = self.parts.get
        model, path = get(process.settings).embedding_model, os.environ["SQLITE_PATH"]
        with self._latencies.record_without_waiting():
            VectorRebuild(path, model, get(services.embedder), get(services.redactor_for)).run()

    def _warm_up_assistants(self) -> None:
        """Loads what the assistants load before their first turn, so that no turn waits for it."""
        known = self.parts.get(assistants.assistants)
        with self._latencies.record_without_waiting():
            for assistant in known.values():
                with suppress(BackendError):
                    if assistant.warm_up:
                        assistant.warm_up()

    def load_desk(self) -> None:
        """Configures a desk with a few documents, where it is one that answers."""
        get = self.parts.get
        if "SQLITE_PATH" not in self.stack.settings or not self.has_desk:
            return
        from local import desk_seeds

        with self._latencies.record_without_waiting():
            path, model = self.stack.settings["SQLITE_PATH"], get(process.settings).embedding_model
            desk_seeds.build_desk_library(path, get(services.embedder), model)
            for config in desk_seeds.sample_configs(self.stack.event_receiver_url, EVENTS_SECRET_NAME):
                get(stores.desk_records).save_config(config)

    def load_coach_library(self) -> None:
        """Fills the coach's library, and its memory of one person, where it is one that answers. Takes some
        seconds the first time, for the library has to be embedded."""
        get = self.parts.get
        named = get(process.settings).assistant.values()
        if "SQLITE_PATH" not in self.stack.settings or "coach" not in named:
            return
        from local import coach_seeds

        with self._latencies.record_without_waiting():
            coach_seeds.build_library(
                f"{self.stack.settings['SQLITE_PATH']}-knowledge",
                get(services.embedder),
                get(process.settings).embedding_model,
            )
            coach_seeds.seed_training(
                get(stores.workouts), get(stores.memories), get(services.embedder), time.time()
            )
