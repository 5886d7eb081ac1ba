"""A reply in WhatsApp: a sign that somebody types, and then the text in messages, as its paragraphs come.

https://developers.facebook.com/documentation/business-messaging/whatsapp/typing-indicators/

What was sent can be neither changed nor taken back. To somebody who has not written for 24 hours nothing may
be said but a template, which asks them to write again.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import islice

from aws_lambda_powertools import Logger

from repartee.channels.delivery import Delivery
from repartee.channels.pacing import Pace
from repartee.channels.whatsapp import buttons
from repartee.channels.whatsapp.api import WhatsAppApi
from repartee.channels.whatsapp.codes import SPACING
from repartee.channels.whatsapp.forms import texts
from repartee.channels.whatsapp.pairs import PairPace
from repartee.channels.whatsapp.paragraphs import paragraphs
from repartee.channels.whatsapp.typing import After, Typing, in_a_thread
from repartee.conversation.message import Message
from repartee.conversation.proposal import Proposal
from repartee.conversation.reply import Crowd, Keep, Picture, Reply, Shown
from repartee.errors import Throttled

WINDOW = 24 * 3600.0 - 60.0
"""Seconds after a person's message in which they may be answered freely, less a little for the way."""

LIMIT = 3800
"""Characters of one message's Markdown; as WhatsApp shows it, it may have 4,096."""

LARGEST_IMAGE = 5 * 1024 * 1024
IMAGES = {"image/jpeg", "image/png"}
"""What is shown as a picture. Others come as a document."""

LONGEST_CAPTION = 1024

SIGNS = 200
"""Messages of which it is known that they were answered, lest a late status shows somebody typing."""


class WhatsAppReplies:
    """`reply.Replies` for WhatsApp. Owns the signs that are up.

    `template` is the name and the language of what is said to people after 24 hours; without one, nothing is.
    """

    def __init__(
        self,
        api: WhatsAppApi,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
        logger: Logger,
        template: tuple[str, str] = ("", ""),
        after: After = in_a_thread,
    ) -> None:
        self._api, self._clock, self._sleep, self._after = api, clock, sleep, after
        self._logger, self._template = logger, template
        self._signs: dict[str, Typing] = {}

    def sign(self, message: Message, status: str = "") -> None:
        if self._may_answer(message):
            self._typing(message).show()

    def unsign(self, message: Message) -> None:
        self._typing(message).end()

    def welcome(self, message: Message) -> None:
        """Nothing: nobody is written to before they write."""

    def attach(self, message: Message, turn: str, picture: Picture) -> None:
        """The API knows no key by which a repeated message would be one: after a crash it is seen twice."""
        if not self._may_answer(message):
            return
        number = message.platform["number"]
        media = self._api.upload(number, picture.name, picture.type, picture.content)
        shown = {"id": media, "caption": picture.alt[:LONGEST_CAPTION]}
        if picture.type in IMAGES and len(picture.content) <= LARGEST_IMAGE:
            self._api.send(number, _address(message), type="image", image=shown)
        else:
            document = {**shown, "filename": picture.name}
            self._api.send(number, _address(message), type="document", document=document)

    def propose(self, message: Message, proposal: Proposal) -> None:
        if self._may_answer(message):
            asked = buttons.decision(proposal.summary, proposal.subject)
            self._api.send(message.platform["number"], _address(message), **asked)

    def decided(self, message: Message, proposal: Proposal, word: str) -> None:
        """Nothing: buttons cannot be taken away, and those that were pressed decide nothing any more."""

    def open(self, message: Message, turn: str, shown: Shown, keep: Keep) -> Reply:
        if not self._may_answer(message):
            return TooLate(partial(self._ask_to_write, message), shown, keep)
        typing = self._typing(message)
        chat = WhatsAppChat(self._api, message, shown, PairPace(self._clock), typing, self._sleep)
        return Delivery(
            chat,
            lambda ids, text: keep(chat.kept(ids), text),
            self._sleep,
            shown.ids,
            over=typing.end,
            split=paragraphs,
        )

    def _may_answer(self, message: Message) -> bool:
        return self._clock() - message.sent < WINDOW

    def _ask_to_write(self, message: Message) -> str:
        """Sends the template, if there is one, and gives its id."""
        name, language = self._template
        self._logger.warning(
            "reply_not_sent",
            chat=message.chat,
            reason="the person wrote more than 24 hours ago",
            template=bool(name),
        )
        if not name:
            return ""
        template = {"name": name, "language": {"code": language}}
        return self._api.send(
            message.platform["number"], _address(message), type="template", template=template
        )

    def _typing(self, message: Message) -> Typing:
        number, id = message.platform["number"], message.platform["message"]
        if id not in self._signs:
            for old in list(islice(self._signs, max(0, len(self._signs) - SIGNS))):
                self._signs.pop(old, None)
            self._signs[id] = Typing(partial(self._api.show_typing, number, id), self._clock, self._after)
        return self._signs[id]


class WhatsAppChat:
    """`delivery.Surface` in a chat. Owns which message says what.

    What an earlier attempt has sent stays. A part that is the same now is not sent again; one that is not,
    is, so that the answer is whole; `kept` says which message it has become.
    """

    limit = LIMIT
    grows = False

    def __init__(
        self,
        api: WhatsAppApi,
        message: Message,
        shown: Shown,
        pace: PairPace,
        typing: Typing,
        sleep: Callable[[float], None],
    ) -> None:
        self._api, self._typing, self._sleep = api, typing, sleep
        self._number, self._to = message.platform["number"], _address(message)
        self._says = _said(shown)
        self._again: dict[str, str] = {}
        self._refusals = 0
        self._pair = pace
        self.pace: Pace = pace

    def kept(self, ids: dict[str, str]) -> dict[str, str]:
        """The ids under which another worker finds what is visible."""
        return {name: self._again.get(id, id) for name, id in ids.items()}

    def begin(self, text: str) -> str:
        id = ""
        for body in texts(text):
            id = self._send(body)
        self._says[id] = {text}
        self._typing.part_sent()
        return id

    def grow(self, id: str, text: str, new: str) -> None:
        """Nothing: what was sent cannot be changed."""

    def end(self, id: str, text: str, new: str) -> None:
        if text not in self._says.get(id, {text}):
            self._again[id] = self.begin(text)
            self._says[id] = {text}

    def _send(self, body: str) -> str:
        """Sends a text when the person may be sent another. A refusal waits longer each time: what other
        replies have sent on credit is not known here."""
        if wait := self._pair.held_up:
            self._sleep(wait)
        text = {"body": body, "preview_url": False}
        try:
            id = self._api.send(self._number, self._to, type="text", text=text)
        except Throttled as throttled:
            wait = (throttled.retry_after or SPACING) * 2**self._refusals
            self._refusals += 1
            raise Throttled(throttled.backend, throttled.problem, retry_after=wait) from throttled
        self._pair.sent()
        return id


class TooLate:
    """`reply.Reply` to somebody who has not written for a day: nothing of it is seen, and when it is finished
    they are asked once to write again."""

    begun = False

    def __init__(self, ask_to_write: Callable[[], str], shown: Shown, keep: Keep) -> None:
        self._ask_to_write, self._keep = ask_to_write, keep
        self._asked = "template" in shown.ids
        self.text = ""

    def add(self, text: str, *, send: bool = True) -> None:
        self.text += text

    def among(self, crowd: Crowd) -> None:
        """Nothing: nobody is in the way."""

    def finish(self) -> None:
        if not self._asked and (id := self._ask_to_write()):
            self._keep({"template": id}, "")
        self._asked = True

    def cut(self, note: str) -> None:
        """Nothing: nothing is seen that would have to end."""


def _address(message: Message) -> dict[str, str]:
    return {name: message.platform[name] for name in ("to", "recipient") if message.platform.get(name)}


def _said(shown: Shown) -> dict[str, set[str]]:
    """What each message of an earlier attempt says. The last was cut off there, or was the whole rest."""
    ids = [shown.ids[name] for name in sorted(filter(str.isdecimal, shown.ids), key=int)]
    said: dict[str, set[str]] = {id: set() for id in ids}
    for text in (shown.text, shown.text + "…"):
        for id, part in zip(ids, paragraphs(text, LIMIT), strict=False):
            said[id].add(part.text)
    return said
