"""The contract of `ports.TeamChannel`, on the stand-ins of Slack and of Telegram."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from repartee.channels.slack.api import SlackApi
from repartee.channels.slack.team import SlackTeamChannel
from repartee.channels.telegram.api import TelegramApi
from repartee.channels.telegram.ids import message_id
from repartee.channels.telegram.team import TelegramTeamChannel
from repartee.domain.handover import Customer, Handover
from repartee.domain.message import Message, Person
from repartee.errors import BackendError, NotFound, Throttled
from repartee.ports.handovers import CardView, TeamChannel
from standins.slack.posts import TEAM_ID
from standins.slack.server import BOT_TOKEN as SLACK_TOKEN
from standins.slack.server import SlackStandIn
from standins.telegram.server import BOT_TOKEN as TELEGRAM_TOKEN
from standins.telegram.server import TelegramStandIn
from tests.support.memory_handovers import ANA
from tests.support.slack_channel import SlackWire
from tests.support.telegram_chat import GROUP_CHAT_ID, TelegramWire

NOW = 1_789_000_000.0
WAITING = Handover(
    id="h1",
    state="waiting",
    reason="asked",
    summary="The parcel is late.",
    opened_at=NOW,
    customer=Customer(person=Person("whatsapp:eva", "Eva")),
)


class SlackTeam:
    """A Slack channel of the team."""

    room = f"slack:{TEAM_ID}:C0TEAM"
    post, edit, gone = "chat.postMessage", "chat.update", "message_not_found"
    no_place = "channel_not_found"
    react, read_sign = "reactions.add", "eyes"

    def __init__(self) -> None:
        self.now = NOW
        self.slack = SlackStandIn(lambda: self.now)
        self.wire = SlackWire(self.slack)
        api = SlackApi("http://slack/api/", lambda: SLACK_TOKEN, self.wire)
        self.channel: TeamChannel = SlackTeamChannel(api, lambda: self.now, self.sleep)

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def write_as_member(self) -> str:
        """A member writes in the room. Returns the id as the channel's receiver gives it."""
        return self.slack.add_person_message("C0TEAM", "U0ANA", "It is on its way.").ts

    def reactions(self) -> list[str]:
        """Returns the assistant's reactions to what members wrote."""
        said = self.slack.visible_channel("C0TEAM")["messages"]
        return [name for one in said if not one["bot"] for name in one["reactions"]]

    def messages(self) -> list[tuple[str, int]]:
        """Returns what is seen: each text, and how many buttons are below it."""
        return [
            (one["text"], len(one["actions"])) for one in self.slack.visible_channel("C0TEAM")["messages"]
        ]

    def full_text(self, at: int) -> str:
        """Returns what is seen of one message, its blocks too."""
        sent = [one for one in self.slack.posts if one["method"] in (self.post, self.edit)][at]["arguments"]
        return str(sent["blocks"])


class TelegramTeam:
    """A group of the team in Telegram."""

    room = f"telegram:{GROUP_CHAT_ID}"
    post, edit, gone = "sendMessage", "editMessageText", "message to edit not found"
    no_place = "chat not found"
    react, read_sign = "setMessageReaction", "👀"

    def __init__(self) -> None:
        self.now = NOW
        self.telegram = TelegramStandIn(lambda: self.now)
        self.wire = TelegramWire(self.telegram)
        api = TelegramApi("http://telegram", lambda: TELEGRAM_TOKEN, self.wire)
        self.channel: TeamChannel = TelegramTeamChannel(api, lambda: self.now, self.sleep)

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def write_as_member(self) -> str:
        """A member writes in the room. Returns the id as the channel's receiver gives it."""
        return message_id(self.telegram.add_person_message(GROUP_CHAT_ID, 42, "It is on its way.").id)

    def reactions(self) -> list[str]:
        """Returns the assistant's reactions to what members wrote."""
        said = self.telegram.visible_chat(GROUP_CHAT_ID)["messages"]
        return [emoji for one in said if not one["bot"] for emoji in one["reactions"]]

    def messages(self) -> list[tuple[str, int]]:
        """Returns what is seen: each text, and how many buttons are below it."""
        found = self.telegram.visible_chat(GROUP_CHAT_ID)["messages"]
        return [(one["text"], len(one["buttons"])) for one in found]

    def full_text(self, at: int) -> str:
        """Returns what was sent as one message."""
        sent = [one for one in self.telegram.posts if one["method"] in (self.post, self.edit)]
        return str(sent[at]["arguments"]["text"])


@pytest.fixture(params=[SlackTeam, TelegramTeam], ids=["slack", "telegram"])
def team(request: pytest.FixtureRequest) -> Any:
    make: Callable[[], Any] = request.param
    return make()


def view(handover: Handover = WAITING, text: str = "Where is it?") -> CardView:
    said = Message(
        id="1", chat="whatsapp:eva", room="whatsapp:eva", channel="whatsapp", sender="", text=text, sent=NOW,
        received=NOW,
    )  # fmt: skip
    return CardView(handover=handover, latest=(said,))


def test_a_card_has_who_waits_why_and_two_buttons(team: Any) -> None:
    """The card names the customer, has the summary and the latest message, and may be taken or ended."""
    card = team.channel.post_card(team.room, view(), 0.0)

    assert [buttons for _, buttons in team.messages()] == [2]
    assert all(words in team.full_text(0) for words in ("Eva", "The parcel is late.", "Where is it?"))
    assert card.room == team.room


def test_a_group_without_topics_has_none(team: Any) -> None:
    """Where the platform or the group has no thread for each customer, what is said stands below the card."""
    assert team.channel.open_thread(team.room, view(), "") == ""

    card = team.channel.post_card(team.room, view(), 0.0)
    team.channel.close_thread(card)

    assert len(team.messages()) == 1


def test_a_card_changes_in_its_place(team: Any) -> None:
    """One card is seen, with who has it; when it is over it has no button, and an equal edit is no fault."""
    card = team.channel.post_card(team.room, view(), 0.0)
    taken = msgspec.structs.replace(WAITING, state="person", member=ANA)
    resolved = msgspec.structs.replace(taken, state="resolved")

    team.channel.update_card(card, view(taken))
    assert "Ana" in team.full_text(1)
    for _ in range(2):
        team.channel.update_card(card, view(resolved))

    assert [buttons for _, buttons in team.messages()] == [0]


def test_a_card_that_a_member_deleted_stops_nothing(team: Any) -> None:
    """The change of a deleted card is left out, so that the customer is told of it all the same."""
    card = team.channel.post_card(team.room, view(), 0.0)
    team.wire.trouble[team.edit] = [team.gone]

    team.channel.update_card(card, view(msgspec.structs.replace(WAITING, state="person", member=ANA)))

    assert [buttons for _, buttons in team.messages()] == [2]


@pytest.mark.parametrize("letter", ["a", "😀"])
def test_a_long_text_is_whole_and_each_part_may_be_answered(team: Any, letter: str) -> None:
    """A text of any alphabet arrives whole, and an answer to any part of it is known to be about it."""
    card, text = team.channel.post_card(team.room, view(), 0.0), letter * 6000

    places = team.channel.post_message(card, text, "m1", 0.0)

    sent = "".join(team.full_text(at) for at in range(1, len(team.messages())))
    assert sent.count(letter) >= 6000
    below = len(team.messages()) - 1
    assert len(set(places)) == (below if isinstance(team, TelegramTeam) else 1)


def test_what_a_customer_writes_is_shown_literally(team: Any) -> None:
    """Neither markup nor a mention in a customer's words does anything."""
    card = team.channel.post_card(team.room, view(), 0.0)

    team.channel.post_message(card, "<!channel> *bold* <b>x</b> @everyone", "m1", 0.0)

    assert "<!channel> *bold* <b>x</b> @everyone" in team.full_text(1)


def test_files_are_sent_to_the_same_place(team: Any) -> None:
    """The address to which files go is the card's thread, or a reply to the card."""
    card = team.channel.post_card(team.room, view(), 0.0)

    address = team.channel.address_thread(card)

    assert (address.room, address.chat) == (team.room, card.chat if "slack" in team.room else team.room)
    assert card.message_id in address.platform.values()


def test_a_throttled_call_is_made_again_and_shows_once(team: Any) -> None:
    """The platform's wait is kept, within bounds; one that asks for too long is refused."""
    team.wire.trouble[team.post] = [2]
    team.channel.post_card(team.room, view(), 0.0)
    assert team.now >= NOW + 2
    assert len(team.messages()) == 1

    team.wire.trouble[team.post] = [600]
    with pytest.raises(Throttled):
        team.channel.post_card(team.room, view(), 0.0)


def test_a_message_that_the_customer_has_read_says_so_once(team: Any) -> None:
    """The assistant reacts to the member's message; told again, nothing more is seen."""
    written = team.write_as_member()

    for _ in range(2):
        team.channel.show_read(team.room, written)

    assert team.reactions() == [team.read_sign]


def test_a_message_that_a_member_deleted_needs_no_sign(team: Any) -> None:
    """The customer may read what its author deleted since: nothing is shown, and nothing fails."""
    team.channel.show_read(team.room, "1789000000000100" if isinstance(team, TelegramTeam) else "1.000100")

    assert team.reactions() == []


def test_a_sign_that_the_platform_refuses_is_told(team: Any) -> None:
    """A missing right is an error for the caller, who goes on without the sign."""
    written = team.write_as_member()
    team.wire.trouble[team.react] = ["missing_scope"]

    with pytest.raises(BackendError):
        team.channel.show_read(team.room, written)

    assert team.reactions() == []


def test_a_room_that_is_gone_is_said_to_be(team: Any) -> None:
    """A card for a room in which the assistant is not is refused, not lost silently."""
    team.wire.trouble[team.post] = [team.no_place]

    with pytest.raises(NotFound):
        team.channel.post_card(team.room, view(), 0.0)
