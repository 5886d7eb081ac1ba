"""The webhook: verify, parse, control, keep, wake. It answers within milliseconds and never thinks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, TypeVar

import msgspec
from aws_lambda_powertools import Logger

from repartee.conversation.bursts import delay
from repartee.conversation.control import Given, given_in
from repartee.conversation.message import Message
from repartee.conversation.proposal import Pressed
from repartee.errors import BackendError, Malformed, Refused, TooLarge
from repartee.ports import Inbox, Proposals, Records, Wakes

T = TypeVar("T")

LARGEST_BODY = 1024 * 1024
"""Bytes. No platform sends an event of more."""


class Request(msgspec.Struct, frozen=True):
    """An HTTP request: header names in lower case, the raw body, and when it came (`at`, epoch seconds)."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    at: float
    correlation: str
    query: Mapping[str, str] = {}


class Response(msgspec.Struct, frozen=True):
    """An HTTP response. `retry_after` is when the request may come again, in seconds, 0 if nobody can say."""

    status: int
    body: str = ""
    type: str = "application/json"
    retry_after: float = 0.0


class Arrived(msgspec.Struct, frozen=True):
    """What a request brought: messages, orders, decisions, an answer to give at once, or nothing and why;
    and why something that was sent did not get through."""

    messages: Sequence[Message] = ()
    orders: Sequence[Given] = ()
    pressed: Sequence[Pressed] = ()
    answer: str = ""
    type: str = "application/json"
    ignored: str = ""
    undelivered: Sequence[str] = ()


class Receiver(Protocol):
    """A channel's receiving side."""

    def verify(self, request: Request) -> None:
        """Raises `Unverified`, with what is wrong, unless the platform signed the request's raw bytes."""

    def parse(self, request: Request) -> Arrived:
        """Reads a verified request. Raises `Malformed`, with the reason."""


class Webhook:
    """Takes in what the platforms post, one receiver a route. `count` is told of redeliveries."""

    def __init__(
        self,
        receivers: Mapping[str, Receiver],
        inbox: Inbox,
        records: Records,
        wakes: Wakes,
        logger: Logger,
        count: Callable[[str], None],
        proposals: Proposals,
    ) -> None:
        self._receivers, self._inbox, self._records, self._wakes = receivers, inbox, records, wakes
        self._logger, self._count, self._proposals = logger, count, proposals

    def receive(self, request: Request) -> Response:
        """The answer to a request: 2xx when what it brought is safe, 4xx when it is refused, 503 when the
        platform should send it again."""
        self._logger.set_correlation_id(request.correlation)
        try:
            return self._receive(request)
        except Refused as refusal:
            self._logger.warning("request_refused", status=refusal.status, reason=str(refusal))
            return refused(refusal)
        except BackendError as failure:
            self._logger.error("request_failed", backend=failure.backend, reason=str(failure))
            return Response(503, _json({"error": "not kept, send it again"}))

    def _receive(self, request: Request) -> Response:
        receiver = self._receivers.get(request.path)
        if receiver is None:
            return Response(404, _json({"error": f"nothing listens at {request.path}"}))
        if len(request.body) > LARGEST_BODY:
            raise TooLarge(f"the body has more than {LARGEST_BODY} bytes")
        receiver.verify(request)
        arrived = receiver.parse(request)
        for given in arrived.orders:
            self._carry_out(given)
        answer = "".join([self._decide(pressed) for pressed in arrived.pressed])
        for message in arrived.messages:
            self._take_in(message)
        for reason in arrived.undelivered:
            self._logger.warning("message_undelivered", reason=reason)
        if arrived.ignored:
            self._logger.info("event_ignored", reason=arrived.ignored)
        return Response(200, answer or arrived.answer or "{}", arrived.type)

    def _decide(self, pressed: Pressed) -> str:
        """Writes a decision at once, and wakes its chat, where the turn carries it out. The answer to it, for
        a platform that wants one: what decides nothing is then told by that alone."""
        verdict = self._proposals.decide(pressed.press)
        self._logger.info("press_decided", subject=pressed.press.subject, verdict=verdict)
        if verdict == "taken" or not pressed.answer:
            self._take_in(pressed.message)
        return pressed.answer(verdict) if pressed.answer else ""

    def _take_in(self, message: Message) -> None:
        if message.overheard or (not message.addressed and not self._inbox.known(message.chat)):
            if not self._listens(message):
                self._logger.info("message_ignored", chat=message.chat, reason="said to others")
                return
            message = msgspec.structs.replace(message, overheard=True)
        elif given := given_in(message):
            self._carry_out(given)
        kept = self._inbox.put(message)
        if kept.open:
            self._wakes.send(message.chat, delay(message), message.correlation)
        if not kept.new:
            self._count("Redeliveries")
        self._logger.info(
            "message_kept", chat=message.chat, message_id=message.id, new=kept.new, open=kept.open
        )

    def _listens(self, message: Message) -> bool:
        """Whether what is said to others is filed, because of a meeting or while the assistant is quiet."""
        control = self._records.control(message.room, message.chat)
        return control.listens(message.room, message.sent) is not None

    def _carry_out(self, given: Given) -> None:
        """Orders do not queue behind what they must stop."""
        order = given.order
        if order.act == "stop":
            self._records.stop(given.chat, given.at)
        elif order.act in ("approve", "decline"):
            self._records.decide(order.subject, approved=order.act == "approve", by=given.by, at=given.at)
        else:
            self._records.mute(given.place, given.at + order.seconds if order.seconds else 0.0, given.at)
        self._logger.info("order_carried_out", order=order.act, place=given.place)


def refused(refusal: Refused) -> Response:
    """The answer that says why."""
    return Response(refusal.status, _json({"error": str(refusal)}), retry_after=refusal.retry_after)


def decoded(body: bytes, kind: type[T]) -> T:
    """A JSON body as a struct. Raises `Malformed`, which names the field and never quotes a value."""
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed(f"cannot be read: {error}") from None


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
