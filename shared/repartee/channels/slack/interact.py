"""What people press and command in Slack: orders, carried out at once.

https://docs.slack.dev/reference/interaction-payloads/block_actions-payload
https://docs.slack.dev/interactivity/implementing-slash-commands
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qsl

import msgspec

from repartee.channels.slack import places
from repartee.channels.slack.buttons import APPROVE, DECLINE, FEEDBACK, STOP
from repartee.channels.slack.receive import stops
from repartee.channels.slack.signature import SignedBySlack
from repartee.conversation.control import Given, Order, order_in
from repartee.conversation.message import Message
from repartee.conversation.proposal import Press, Pressed
from repartee.conversation.webhook import Arrived, Request, decoded
from repartee.errors import Malformed

HELP = """\
`/repartee mute` keeps me quiet here until `/repartee unmute`
`/repartee mute for 2 hours` does so for a while (m, h, d, w)
`/repartee unmute` lets me speak again
`/repartee help` shows this

Mention me in a channel, or write to me directly. Say `stop` in a thread and I stop."""

UNKNOWN = "I do not know that command. This is what I know:\n\n" + HELP


class Named(msgspec.Struct):
    """A team, an organisation, a channel or a user, by its id."""

    id: str | None = None


class User(msgspec.Struct):
    """Who pressed. In Slack Connect `team_id` is their own workspace."""

    id: str | None = None
    team_id: str | None = None


class Under(msgspec.Struct):
    """The message that the button is under, which is ours."""

    user: str | None = None


class Container(msgspec.Struct):
    """Where the button is."""

    message_ts: str | None = None
    thread_ts: str | None = None


class Action(msgspec.Struct):
    """What was pressed: `value` is what we gave the button."""

    action_id: str | None = None
    value: str | None = None
    action_ts: str | None = None


class Interaction(msgspec.Struct):
    """What Slack posts when a person presses something."""

    type: str
    team: Named | None = None
    enterprise: Named | None = None
    is_enterprise_install: bool | None = None
    channel: Named | None = None
    user: User | None = None
    container: Container | None = None
    message: Under | None = None
    actions: list[Action] | None = None

    @property
    def workspace(self) -> str:
        team, enterprise = self.team or Named(), self.enterprise or Named()
        return places.workspace(team.id, enterprise.id, self.is_enterprise_install)


class SlackInteractions(SignedBySlack):
    """`webhook.Receiver` for buttons: approve and decline, stop, feedback."""

    def parse(self, request: Request) -> Arrived:
        pressed = decoded(_form(request).get("payload", "").encode(), Interaction)
        if pressed.type != "block_actions":
            return Arrived(ignored="an interaction of another type")
        orders, decided = tuple(_orders(pressed)), tuple(_decisions(pressed, request))
        ignored = "" if orders or decided else "a button that is not ours"
        return Arrived(orders=orders, pressed=decided, ignored=ignored)


class SlackCommands(SignedBySlack):
    """`webhook.Receiver` for `/repartee`. The answer is seen by whoever typed it, and nobody else."""

    def parse(self, request: Request) -> Arrived:
        form = _form(request)
        said = form.get("text", "").strip().lower()
        order = order_in(said)
        if order is None or order.act not in ("mute", "unmute"):
            return _told(HELP if said in ("", "help") else UNKNOWN)
        given = _commanded(form, order, request.at)
        return _told(confirmation(order), given)


def confirmation(order: Order) -> str:
    """What the person is told who gave the order."""
    if order.act == "unmute":
        return "I am back."
    return "I will be quiet here. `/repartee unmute` brings me back."


def _orders(pressed: Interaction) -> Iterator[Given]:
    for action in pressed.actions or ():
        yield from _order(pressed, action)


def _decisions(pressed: Interaction, request: Request) -> Iterator[Pressed]:
    for action in pressed.actions or ():
        if action.action_id in (APPROVE, DECLINE):
            yield _decision(pressed, action, request)


def _decision(pressed: Interaction, action: Action, request: Request) -> Pressed:
    """What is decided, and the message that tells the turn of it, in the thread of the button."""
    place = _place(pressed)
    by, at = _by(pressed), places.moment("action_ts", action.action_ts)
    press = Press(
        id=f"press-{at}-{place['user']}",
        subject=_value(action),
        approved=action.action_id == APPROVE,
        by=by,
        at=float(at),
    )
    room = places.room(pressed.workspace, place["channel"])
    message = Message(
        id=press.id,
        chat=places.chat(room, place["thread"]),
        room=room,
        channel="slack",
        sender=by,
        text="",
        sent=press.at,
        received=request.at,
        decides=press.subject,
        threaded=True,
        correlation=request.correlation,
        platform=place,
    )
    return Pressed(press, message)


def _place(pressed: Interaction) -> dict[str, str]:
    """Slack's own ids, as a message has them, and which message was pressed."""
    container, user = pressed.container or Container(), pressed.user or User()
    return {
        "channel": places.checked("channel", (pressed.channel or Named()).id),
        "thread": places.moment("thread_ts", container.thread_ts or container.message_ts),
        "user": places.checked("user", user.id),
        "team": _team(pressed),
        "self": (pressed.message or Under()).user or "",
        "pressed": places.moment("message_ts", container.message_ts),
    }


def _order(pressed: Interaction, action: Action) -> tuple[Given, ...]:
    """The order that a button gives: to stop, or a person's own opinion of a reply. None for another one."""
    if action.action_id not in (STOP, FEEDBACK):
        return ()
    channel = places.checked("channel", (pressed.channel or Named()).id)
    room = places.room(pressed.workspace, channel)
    container = pressed.container or Container()
    thread = places.moment("thread_ts", container.thread_ts or container.message_ts)
    by = _by(pressed)
    at = float(places.moment("action_ts", action.action_ts))
    if action.action_id == STOP:
        return stops(room, thread, by, at)
    opinion, _, turn = _value(action).partition(":")
    order = Order("approve" if opinion == "good" else "decline", subject=f"feedback:{turn}:{by}")
    return (Given(order=order, place=room, chat=places.chat(room, thread), by=by, at=at),)


def _value(action: Action) -> str:
    if not action.value:
        raise Malformed("a button without its value")
    return action.value


def _by(pressed: Interaction) -> str:
    return places.person(_team(pressed), places.checked("user", (pressed.user or User()).id))


def _team(pressed: Interaction) -> str:
    user = pressed.user or User()
    return places.checked("team", user.team_id or (pressed.team or Named()).id or pressed.workspace)


def _commanded(form: dict[str, str], order: Order, at: float) -> Given:
    team = form.get("team_id")
    org_wide = form.get("is_enterprise_install") == "true"
    workspace = places.workspace(team, form.get("enterprise_id"), org_wide)
    room = places.room(workspace, places.checked("channel_id", form.get("channel_id")))
    by = places.person(team or workspace, places.checked("user_id", form.get("user_id")))
    return Given(order=order, place=room, chat=room, by=by, at=at)


def _told(text: str, *orders: Given) -> Arrived:
    answer = msgspec.json.encode({"response_type": "ephemeral", "text": text}).decode()
    return Arrived(orders=orders, answer=answer)


def _form(request: Request) -> dict[str, str]:
    """The fields of a form. Raises `Malformed` for what is none."""
    try:
        return dict(parse_qsl(request.body.decode(), keep_blank_values=True, max_num_fields=100))
    except ValueError:
        raise Malformed("the body is not a form") from None
