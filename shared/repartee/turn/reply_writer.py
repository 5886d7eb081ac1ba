"""The writer of a turn's words in its chat, for as long as nobody objects: a sign, what goes on, the
reply."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing, suppress
from functools import partial

import msgspec

from repartee.domain.control import ChatHandedOver, ReplyStopped, SuppressionReason
from repartee.domain.message import Incoming, TeamAction
from repartee.domain.reply import VisibleState
from repartee.errors import BackendError, IncompleteReply, InvalidArgument
from repartee.language import handover_texts, texts
from repartee.language.catalogue import Text, all_translations, translate
from repartee.ports.channels import EnsureMaySend, Reply, ReplySender
from repartee.turn.heartbeat import Heartbeat
from repartee.turn.lease import Clock, Lease

SUPPRESSED_TEXTS: dict[SuppressionReason, Text] = {
    "muted": texts.MUTED_MEANWHILE,
    "stopped": texts.STOPPED,
    "handed_over": handover_texts.TAKEN_MEANWHILE,
}


def format_aside(text: str) -> str:
    """Returns what is said about a reply, as it stands below it."""
    return f"\n\n_({text})_"


def _remove_aside(reply_text: str, text: Text) -> str:
    """A reply without that below it, in whichever language it was said."""
    for translated in all_translations(text):
        reply_text = reply_text.removesuffix(format_aside(translated))
    return reply_text


class ReplyWriter:
    """The reply to a message, in the turn that holds the lease. Owns its `text`, since when it is visible
    (`first_text`, epoch seconds, 0 before), and whether a person ended it (`withheld`). Nothing is added
    beyond `until`."""

    def __init__(
        self,
        sender: ReplySender,
        message: Incoming,
        lease: Lease,
        heartbeat: Heartbeat,
        clock: Clock,
        deadline: float,
    ) -> None:
        self._sender, self._message, self._lease, self._heartbeat = sender, message, lease, heartbeat
        self._clock, self._deadline = clock, deadline
        self.text = ""
        self.first_token_at = self.first_text_at = 0.0
        self.suppressed = False
        self.is_typing_shown = False

    def use_language(self, language: str) -> None:
        """Speaks it from now on."""
        self._message = msgspec.structs.replace(self._message, language=language)

    def _translate(self, text: str) -> str:
        return translate(text, self._message.language)

    def show_typing(self) -> None:
        """Shows that an answer is on its way, for as long as this turn has the chat."""
        if self._lease.is_held:
            self.is_typing_shown = True
            self._sender.show_typing(self._message)

    def show_typing_ignoring_errors(self) -> None:
        """Shows it where that works."""
        with suppress(BackendError):
            self.show_typing()

    def end_typing(self) -> None:
        """Lets this process show no more that an answer is on its way. An act of the team has none: it is
        of another platform than the customer's."""
        if not isinstance(self._message, TeamAction):
            self._sender.end_typing(self._message)

    def announce_delay(self) -> bool:
        """Says that it takes longer, in words of their own, and whether that was said."""
        try:
            self._heartbeat.refresh()
            self._sender.announce_delay(self._message, self._lease.turn, self._translate(texts.DELAYED))
        except (ReplyStopped, BackendError):
            return False
        return True

    def show_status(self, status: str) -> None:
        """Shows what goes on, if that is known to be allowed."""
        if self._heartbeat.check():
            self._sender.show_typing(self._message, self._translate(status))

    def greet(self) -> None:
        """Says what one may ask."""
        self._sender.greet(self._message)

    def write_reply(self, pieces: Generator[str, None, None], closing_text: Callable[[], str]) -> None:
        """Streams the pieces into the chat, and at the end what `last_words` gives then. It is called, too,
        when a person objects, and then nothing more is said."""
        reply = self._open_reply()
        try:
            self._stream_pieces(reply, pieces)
            reply.append(closing_text())
            self._heartbeat.ensure_may_send()
            reply.finish()
        except ReplyStopped as halted:
            closing_text()
            reply = self._end_suppressed(reply, halted.reason)
            self._pass_on_if_handed_over(halted.reason)
        self.text = reply.text if reply.is_started else ""

    def abort(self, reason: SuppressionReason) -> None:
        """Ends what an earlier attempt may have begun, where nothing more may be said."""
        if self._lease.visible.intent_at or self._may_be_visible_unnoted:
            reply = self._end_suppressed(self._open_reply(), reason)
            self.text = reply.text if reply.is_started else ""
        self._pass_on_if_handed_over(reason)

    def _pass_on_if_handed_over(self, reason: SuppressionReason) -> None:
        """Raises `ChatHandedOver` where the messages are a person's to answer."""
        if reason == "handed_over":
            raise ChatHandedOver("a person has the chat")

    def confirm_command(self, text: str) -> None:
        """Says that an order was carried out: also where it was an order to be quiet."""
        reply = self._open_reply(self._heartbeat.ensure_held)
        self._lease.flush()
        reply.append(text)
        reply.finish()
        self.text = reply.text

    def send_apology(self) -> None:
        """Ends what is visible with a word of regret, or with who objects to one."""
        try:
            self._heartbeat.refresh()
        except ReplyStopped as halted:
            self.abort(halted.reason)
            return
        reply = self._open_reply()
        self._flush_or_end()
        try:
            self._finish_with_apology(reply)
        except ReplyStopped as halted:
            self.abort(halted.reason)
            return
        self.text = reply.text

    def _flush_or_end(self) -> None:
        """Writes the intent to send. Where the inbox refuses that for good, what is visible already is ended
        all the same: that changes a message, and says none twice."""
        try:
            self._lease.flush()
        except InvalidArgument:
            if not self._lease.visible.message_ids:
                raise

    def _finish_with_apology(self, reply: Reply) -> None:
        said = _remove_aside(self._lease.visible.text, texts.CUT_SHORT)
        if said and said not in all_translations(texts.APOLOGY):
            reply.append(said)
            reply.cut_short(format_aside(self._translate(texts.CUT_SHORT)))
        else:
            reply.append(self._translate(texts.APOLOGY))
            reply.finish()

    def _open_reply(self, ensure_may_send: EnsureMaySend | None = None) -> Reply:
        """The reply, or what an earlier attempt has begun of it. Notes the intent to send it."""
        may_wait, visible = self._sender.finds_lost_messages, self._visible_so_far()
        reply = self._sender.open_reply(
            self._message,
            self._lease.turn,
            visible,
            partial(self._lease.record_visible, may_wait=may_wait),
            ensure_may_send or self._heartbeat.ensure_may_send,
        )
        self._lease.mark_replying(may_wait, visible.intent_at)
        return reply

    @property
    def _may_be_visible_unnoted(self) -> bool:
        """Whether an earlier attempt may have died before it wrote what it had shown."""
        return self._sender.finds_lost_messages and self._lease.attempts > 1

    def _visible_so_far(self) -> VisibleState:
        visible = self._lease.visible
        if not self._may_be_visible_unnoted:
            return visible
        since = visible.intent_at or self._message.received
        return msgspec.structs.replace(visible, intent_at=since, may_have_more=True)

    def _stream_pieces(self, reply: Reply, pieces: Generator[str, None, None]) -> None:
        """Shows the pieces. Whatever ends that ends where they come from."""
        try:
            with closing(pieces):
                for piece in pieces:
                    self._append_piece(reply, piece)
        except BackendError:
            self._heartbeat.check()  # a connection may have broken because a person objects
            raise

    def _append_piece(self, reply: Reply, piece: str) -> None:
        """Shows another piece. Before the first, the intent to send must be written, and nobody object."""
        now = self._clock()
        if now > self._deadline:
            raise IncompleteReply("the turn's time is over")
        self.first_token_at = self.first_token_at or now
        if self.first_text_at:
            clear = self._heartbeat.check()
            if clear:
                reply.share_limits(self._heartbeat.active_messages)
            reply.append(piece, send=clear)
            return
        self._lease.flush()
        self._heartbeat.ensure_may_send()
        reply.append(piece)
        self.first_text_at = self._clock()

    def _end_suppressed(self, reply: Reply, reason: SuppressionReason) -> Reply:
        """Ends the reply with what is visible, and why. Returns the reply that says so."""
        self.suppressed = True
        if not reply.is_started:
            self._sender.clear_typing(self._message)
            return reply
        if not self.first_text_at:
            reply = self._open_reply(self._heartbeat.ensure_held)
            reply.append(_remove_aside(self._lease.visible.text, SUPPRESSED_TEXTS[reason]))
        reply.cut_short(format_aside(self._translate(SUPPRESSED_TEXTS[reason])))
        return reply
