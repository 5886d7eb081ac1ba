"""The extras of a reply: the tasks that it announces, its pictures, and proposals with their buttons."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from repartee.domain.control import ReplyStopped
from repartee.domain.message import Message
from repartee.domain.post_reply import PostReplyTask
from repartee.domain.proposal import Proposal
from repartee.domain.reply import Image
from repartee.errors import BackendError
from repartee.plan import settle
from repartee.ports.channels import ReplySender
from repartee.turn.dependencies import TurnDependencies
from repartee.turn.heartbeat import Heartbeat
from repartee.turn.reply_writer import format_aside

POST_REPLY_TIMEOUT_SECONDS = 10.0
"""Seconds for what must be done after the reply was written."""


class ReplyExtras:
    """Owns what is to go with one reply, until it is done or sent."""

    def __init__(
        self,
        dependencies: TurnDependencies,
        sender: ReplySender,
        heartbeat: Heartbeat,
        turn_id: str,
        *,
        parallel: bool,
    ) -> None:
        self._dependencies, self._sender, self._heartbeat = dependencies, sender, heartbeat
        self._turn_id, self._parallel = turn_id, parallel
        self.tasks: tuple[PostReplyTask, ...] = ()
        self.images: tuple[Image, ...] = ()
        self._proposals: dict[str, Proposal] = {}

    def stage_proposal(self, proposal: Proposal) -> None:
        """Keeps a proposal for after the reply. Tools that run at the same time may propose."""
        self._proposals[proposal.id] = proposal

    def run_tasks(self, translate: Callable[[str], str]) -> str:
        """Runs the tasks, all at once, and returns the words for those that failed."""
        tasks, self.tasks = self.tasks, ()
        outcomes = settle(
            [task.run for task in tasks],
            pool=self._dependencies.pool,
            max_concurrency=None if self._parallel else 1,
            timeout=POST_REPLY_TIMEOUT_SECONDS,
            clock=self._dependencies.monotonic,
        )
        failed = [task for task, outcome in zip(tasks, outcomes, strict=True) if outcome.error]
        for task in failed:
            self._dependencies.logger.warning("duty_not_done", turn=self._turn_id, duty=task.name)
        messages = dict.fromkeys(task.failure_message for task in failed)
        return "".join(format_aside(translate(text)) for text in messages)

    def send(self, message: Message) -> None:
        """Sends the pictures and the proposals in answer to the message, until a command objects. Raises
        `LeaseLost`, and `BackendError` for a proposal."""
        with suppress(ReplyStopped):
            for image in self.images:
                self._send_image(message, image)
            for proposal in self._proposals.values():
                self._heartbeat.ensure_may_send()
                self._sender.send_proposal(message, proposal)

    def _send_image(self, message: Message, image: Image) -> None:
        try:
            self._heartbeat.ensure_may_send()
            self._sender.send_image(message, self._turn_id, image)
        except BackendError as failure:
            self._dependencies.logger.warning("picture_not_sent", turn=self._turn_id, reason=str(failure))
