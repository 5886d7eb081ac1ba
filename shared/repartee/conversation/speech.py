"""What a turn says into its chat, for as long as nobody objects: a sign, what goes on, the reply."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing

from repartee.conversation.control import Objection
from repartee.conversation.lease import Clock, Lease
from repartee.conversation.message import Message
from repartee.conversation.reply import Replies, Reply
from repartee.conversation.watch import Halted, Watch
from repartee.errors import BackendError, ReplyBroken

APOLOGY = "Sorry, I could not answer this. Please ask me again in a moment."
BROKEN_OFF = "\n\n_(My answer broke off here. Please ask me again.)_"
WITHHELD: dict[Objection, str] = {"muted": "\n\n_(I was muted.)_", "stopped": "\n\n_(Stopped.)_"}


class Speech:
    """The reply to a message, in the turn that holds the lease. Owns its `text`, since when it is visible
    (`first_text`, epoch seconds, 0 before), and whether somebody ended it (`withheld`). Nothing is added
    beyond `until`."""

    def __init__(
        self, replies: Replies, to: Message, lease: Lease, watch: Watch, clock: Clock, until: float
    ) -> None:
        self._replies, self._to, self._lease, self._watch = replies, to, lease, watch
        self._clock, self._until = clock, until
        self.text = ""
        self.first_text = 0.0
        self.withheld = False

    def sign(self) -> None:
        """Shows that an answer is on its way."""
        self._replies.sign(self._to)

    def tell(self, status: str) -> None:
        """Shows what goes on, if that is known to be allowed."""
        if self._watch.clear():
            self._replies.sign(self._to, status)

    def welcome(self) -> None:
        """Says what one may ask."""
        self._replies.welcome(self._to)

    def say(self, pieces: Generator[str, None, None], last_words: Callable[[], str]) -> None:
        """Streams the pieces into the chat, and at the end what `last_words` gives then. It is called, too,
        when somebody objects, and then nothing more is said."""
        reply = self._open()
        try:
            self._stream(reply, pieces)
            reply.add(last_words())
            self._watch.look()
            reply.finish()
        except Halted as halted:
            last_words()
            self._withhold(reply, halted.why)
        self.text = reply.text if reply.begun else ""

    def leave_off(self, why: Objection) -> None:
        """Ends what an earlier attempt may have begun, where nothing more may be said."""
        if self._lease.shown.since:
            reply = self._open()
            self._withhold(reply, why)
            self.text = reply.text if reply.begun else ""

    def confirm(self, words: str) -> None:
        """Says that an order was carried out: also where it was an order to be quiet."""
        reply = self._open()
        self._lease.flush()
        reply.add(words)
        reply.finish()
        self.text = reply.text

    def apologise(self) -> None:
        """Ends what is visible with a word of regret, or with who objects to one."""
        try:
            self._watch.look()
        except Halted as halted:
            self.leave_off(halted.why)
            return
        reply = self._open()
        self._lease.flush()
        said = self._lease.shown.text.removesuffix(BROKEN_OFF)
        if said not in ("", APOLOGY):
            reply.add(said)
            reply.cut(BROKEN_OFF)
        else:
            reply.add(APOLOGY)
            reply.finish()
        self.text = reply.text

    def _open(self) -> Reply:
        """The reply, or what an earlier attempt has begun of it. Notes the intent to send it."""
        reply = self._replies.open(self._to, self._lease.turn, self._lease.shown, self._lease.show)
        self._lease.intend()
        return reply

    def _stream(self, reply: Reply, pieces: Generator[str, None, None]) -> None:
        """Shows the pieces. Whatever ends that ends where they come from."""
        try:
            with closing(pieces):
                for piece in pieces:
                    self._add(reply, piece)
        except BackendError:
            self._watch.clear()  # a connection may have broken because somebody objects
            raise

    def _add(self, reply: Reply, piece: str) -> None:
        """Shows another piece. Before the first, the intent to send must be written, and nobody object."""
        if self._clock() > self._until:
            raise ReplyBroken("the turn's time is over")
        if self.first_text:
            clear = self._watch.clear()
            if clear:
                reply.among(self._watch.crowd)
            reply.add(piece, send=clear)
            return
        self._lease.flush()
        self._watch.look()
        reply.add(piece)
        self.first_text = self._clock()

    def _withhold(self, reply: Reply, why: Objection) -> None:
        self.withheld = True
        if not reply.begun:
            self._replies.unsign(self._to)
            return
        if not self.first_text:
            reply.add(self._lease.shown.text.removesuffix(WITHHELD[why]))
        reply.cut(WITHHELD[why])
