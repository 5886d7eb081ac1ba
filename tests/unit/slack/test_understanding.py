"""What the model is given of what people write, forward and point at in Slack: whose words, in which
order."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.support.slack_scenario import ROOM, SlackScenario, read_event

THREAD = "1789000000.000100"
PARENT = "The printer on floor 2 jams on every double-sided job since Tuesday; serial number PX-7781."
REPLY = "I called support: case 55123, they come Thursday at 10."


@pytest.fixture
def scenario(tmp_path: Path) -> SlackScenario:
    return SlackScenario(tmp_path)


def begin_thread(scenario: SlackScenario) -> None:
    """Two people and an app write in a thread that the assistant has no part in."""
    post = scenario.slack.add_person_message
    post("C0GENERAL", "U0BEN", PARENT, ts=THREAD)
    post("C0GENERAL", "U0ADA", REPLY, ts="1789000100.000200", thread_ts=THREAD)
    post(
        "C0GENERAL",
        "",
        "Ticket &lt;55123&gt; opened",
        ts="1789000200.000300",
        thread_ts=THREAD,
        subtype="bot_message",
        bot_id="B0DESK",
        username="Helpdesk",
    )


def test_text_is_decoded_as_people_see_it(scenario: SlackScenario) -> None:
    """Escapes, addresses, labels and channels reach the model and the store decoded."""
    scenario.post("entities")

    text = (
        "Show the leads of R&D where probability > 50 and write me at ada@example.com; "
        "see the sheet (https://example.com/a?x=1&y=2) in #general"
    )
    assert text in scenario.own_words
    assert [one.text for one in scenario.stored("slack:T0BUTLER:D0ADA")] == [text]


def test_rich_text_is_read_where_there_is_no_text(scenario: SlackScenario) -> None:
    """Links, code, lists, quotations, groups and dates of the blocks are what was said."""
    scenario.slack.people.groups["S0OPS"] = "ops"

    scenario.post("blocks_without_text")

    said = (
        "Please compare https://example.com/a?x=1&y=2 with `x < y && z`, "
        "ask @ops and tell @here by 11 Sep 2026 :pray:"
    )
    assert said in scenario.given
    assert "1. price\n2. delivery\n> as of May\n```\nSELECT 1\n```" in scenario.given


def test_blocks_are_read_where_the_text_is_cut(scenario: SlackScenario) -> None:
    """Slack cuts the text of long messages, and never their blocks."""
    blocks = [
        {"type": "section", "text": {"type": "mrkdwn", "text": "who has the keys for *Lisbon* &amp; Porto"}}
    ]

    scenario.post("direct_message", text="who has …", blocks=blocks)

    assert "who has the keys for *Lisbon* & Porto" in scenario.own_words


@pytest.mark.parametrize(
    "raw, seen",
    [
        ("a &amp;lt; b", "a &lt; b"),
        ("<https://example.com>", "https://example.com"),
        ("<https://example.com/|example.com>", "https://example.com/"),
        ("<mailto:bo@example.com|write to Bo>", "write to Bo (bo@example.com)"),
        ("<tel:+351210000000|+351 210 000 000>", "+351 210 000 000 (+351210000000)"),
        ("<!channel> <!here|here> <!everyone>", "@channel @here @everyone"),
        ("<!date^1789000000^{date_short} at {time}|10 Sep at 00:26>", "10 Sep at 00:26"),
        ("<!date^1789000000^{date_num}^https://example.com>", "2026-09-10 00:26 UTC"),
        ("<!subteam^S0OPS|@ops>, look", "@ops, look"),
        ("<@U0BEN|ben> and <@U0CARLA>", "@ben and @Carla"),
        ("<#C0MOVE|moving> <#C0MOVE>", "#moving #C0MOVE"),
        ("1 &lt; 2 &amp;&amp; 3 &gt; 2", "1 < 2 && 3 > 2"),
    ],
)
def test_each_kind_of_markup_is_shown_as_slack_shows_it(scenario: SlackScenario, raw: str, seen: str) -> None:
    """Once, and with names in the place of ids."""
    scenario.post("direct_message", text=raw)

    assert seen in scenario.given


def test_a_forwarded_message_is_given_as_its_authors(scenario: SlackScenario) -> None:
    """Its words reach the model as Ben's with their time, and are stored as nobody's."""
    scenario.post("forwarded")

    assert "The movers come on Friday 11 December at 8" in scenario.given
    assert "[Forwarded, said by Ben on 9 September 2026, 21:40 UTC" in scenario.given
    assert "movers" not in scenario.own_words
    assert all("movers" not in one.text for one in scenario.stored("slack:T0BUTLER:D0ADA"))


def test_blocks_and_files_of_a_forwarded_message_are_read(scenario: SlackScenario) -> None:
    """The words of its `message_blocks` and the document that hangs on it, as Carla's."""
    text = b"Clause 7: parking is included."
    scenario.slack.share_file(
        "F0TERMS", "http://slack/files/F0TERMS/terms.txt", text, name="terms.txt", mimetype="text/plain"
    )
    payload = read_event("forwarded_with_blocks")
    (file,) = payload["event"]["attachments"][0]["files"]
    file |= {"file_access": "check_file_info", "mimetype": "text/plain", "name": "terms.txt"}

    scenario.deliver_payload(payload)
    scenario.answer_all("A deposit.")

    assert "said by Carla" in scenario.given
    assert (
        "> The landlord & @Ben want 4,200 euros before the terms (https://example.com/terms?a=1&b=2)"
        in scenario.given
    )
    assert "> • deposit\n> • first rent" in scenario.given
    assert "Clause 7: parking is included." in scenario.given
    assert scenario.own_words.strip() == "what do they ask for?"


def test_an_unfurled_link_is_context(scenario: SlackScenario) -> None:
    """The card of a page comes along as the page's words."""
    card = {
        "from_url": "https://example.com/lisbon",
        "service_name": "Example",
        "title": "Lisbon office",
        "title_link": "https://example.com/lisbon",
        "text": "Opens on Monday &amp; closes on Friday",
    }

    scenario.post("direct_message", text="what about <https://example.com/lisbon>?", attachments=[card])

    assert "Shared, said by Example" in scenario.given
    assert "> Opens on Monday & closes on Friday" in scenario.given
    assert "Opens on Monday" not in scenario.own_words


def test_a_command_in_a_forwarded_message_is_none(scenario: SlackScenario) -> None:
    """What another person wrote orders nothing."""
    shared = {"is_share": True, "author_id": "U0BEN", "text": "mute", "ts": "1788990000.000100"}

    scenario.post("direct_message", text="", attachments=[shared])

    assert scenario.records.read_control("slack:T0BUTLER:D0ADA", "").muted_until == 0


def test_the_thread_is_read_where_it_is_called_into_one(scenario: SlackScenario) -> None:
    """Every post before the mention comes along, in order, under its author's name: people's and apps'."""
    begin_thread(scenario)

    scenario.post("mention_in_a_thread")

    posts = [f"> {PARENT}", f"> {REPLY}", "> Ticket <55123> opened"]
    assert [scenario.given.index(post) for post in posts] == sorted(map(scenario.given.index, posts))
    assert "Said before in this thread by Ben" in scenario.given
    assert "Said before in this thread by Helpdesk" in scenario.given
    assert "printer" not in scenario.own_words
    assert scenario.calls("conversations.replies") == 1


def test_the_thread_is_read_once(scenario: SlackScenario) -> None:
    """Its posts are then stored as their authors', so that what follows there is given them from the
    store."""
    begin_thread(scenario)
    scenario.post("mention_in_a_thread")

    again = {"ts": "1789000900.000100", "event_ts": "1789000900.000100"}
    scenario.post("mention_in_a_thread", text="<@U0REPARTEE> and the serial number?", **again)

    assert scenario.calls("conversations.replies") == 1
    assert re.search(rf"Ben, [^\n]*: {re.escape(PARENT)}", scenario.given)
    senders = {one.text: one.sender for one in scenario.stored()}
    assert senders[PARENT] == "slack:T0BUTLER:U0BEN"


def test_no_thread_is_read_where_none_is_needed(scenario: SlackScenario) -> None:
    """A mention that begins a thread, and what follows in it, cost no call."""
    scenario.post("app_mention")
    scenario.post("thread_reply")

    assert scenario.calls("conversations.replies") == 0


def test_files_of_the_thread_are_read(scenario: SlackScenario) -> None:
    """A document that a member posted before the mention is in the prompt."""
    content = b"Clause 7: parking is included."
    file = {"id": "F0LEASE", "name": "lease.txt", "mimetype": "text/plain"}
    scenario.slack.share_file(link="http://slack/files/F0LEASE/lease.txt", content=content, **file)
    scenario.slack.add_person_message("C0GENERAL", "U0BEN", "the lease", ts=THREAD, files=[file])

    scenario.post("mention_in_a_thread", text="<@U0REPARTEE> is parking included?")

    assert "Clause 7: parking is included." in scenario.given


def test_of_a_long_thread_the_first_and_the_newest_are_given(scenario: SlackScenario) -> None:
    """And the model is told that there are more."""
    scenario.slack.add_person_message("C0GENERAL", "U0BEN", PARENT, ts=THREAD)
    for number in range(1, 260):
        ts = f"1789000{number:03}.000200"
        scenario.slack.add_person_message("C0GENERAL", "U0ADA", f"post {number}.", ts=ts, thread_ts=THREAD)

    scenario.post("mention_in_a_thread")

    assert f"> {PARENT}" in scenario.given
    assert "> post 259." in scenario.given
    assert "> post 150." not in scenario.given
    assert "there are too many: you have the first one and the newest" in scenario.given


def test_a_throttled_thread_costs_its_part_of_the_answer(scenario: SlackScenario) -> None:
    """An app outside of the Marketplace has one call a minute: the answer comes without the thread, and
    says so."""
    begin_thread(scenario)
    scenario.slack.is_listed = False
    other = "1788900000.000100"
    scenario.slack.add_person_message("C0GENERAL", "U0BEN", "another thread", ts=other)
    scenario.post("mention_in_a_thread", thread_ts=other)

    scenario.post("mention_in_a_thread", answer="Without it.")

    assert PARENT not in scenario.given
    assert "Not all of its earlier posts are given to you" in scenario.given
    assert "limits how often they may be read" in scenario.given
    assert scenario.visible_texts()[-1] == "Without it."


def test_an_app_without_the_right_says_so(scenario: SlackScenario) -> None:
    """Where the app may not read the channel's history, the model is told who can change that."""
    begin_thread(scenario)
    wire = scenario.parts.slack_wire
    wire.trouble["conversations.replies"] = ["missing_scope"]

    scenario.post("mention_in_a_thread")

    assert "an administrator must allow it" in scenario.given


@pytest.mark.parametrize(
    "order",
    [("mention_without_files", "mention_as_file_share"), ("mention_as_file_share", "mention_without_files")],
)
def test_two_events_of_a_post_with_a_file_are_one_message(
    scenario: SlackScenario, order: tuple[str, str]
) -> None:
    """In either order the model is asked once, with the file."""
    scenario.slack.share_file(
        "F0CONTRACT",
        "http://slack/files/F0CONTRACT/c.txt",
        b"Parking: two cars.",
        name="c.txt",
        mimetype="text/plain",
    )
    for name in order:
        scenario.deliver_payload(_file_looked_up(read_event(name)))

    scenario.answer_all("Two cars.")

    assert len(scenario.prompts) == 1
    assert "Parking: two cars." in scenario.given
    assert scenario.visible_texts() == ["Two cars."]


def test_a_file_that_comes_after_the_answer_is_read_too(scenario: SlackScenario) -> None:
    """The question is answered again with it."""
    scenario.slack.share_file(
        "F0CONTRACT",
        "http://slack/files/F0CONTRACT/c.txt",
        b"Parking: two cars.",
        name="c.txt",
        mimetype="text/plain",
    )
    scenario.post("mention_without_files", answer="I see no contract.")

    scenario.deliver_payload(_file_looked_up(read_event("mention_as_file_share")))
    scenario.answer_all("Two cars.")

    assert "Parking: two cars." in scenario.given
    assert scenario.visible_texts() == ["I see no contract.", "Two cars."]


def _file_looked_up(payload: dict[str, object]) -> dict[str, object]:
    for file in payload["event"].get("files", ()):  # type: ignore[attr-defined]
        file |= {"file_access": "check_file_info", "mimetype": "text/plain"}
    return payload


@pytest.mark.parametrize("name", ["Ada", ""])
def test_people_are_called_by_their_names(scenario: SlackScenario, name: str) -> None:
    """The display name, or the full name where the member has none; looked up once."""
    scenario.slack.people.names["U0ADA"] = name

    scenario.post("direct_message")
    scenario.post("direct_message", ts="1789000111.000200")

    assert f"Who is asking: {name or 'Full Name of U0ADA'}" in scenario.given
    assert scenario.calls("users.info") == 1


def test_without_the_right_to_read_names_ids_are_given(scenario: SlackScenario) -> None:
    """And Slack is not asked for each message again."""
    scenario.slack.people.scopes.clear()

    scenario.post("direct_message")
    scenario.post("direct_message", ts="1789000111.000200")

    assert "Who is asking: U0ADA" in scenario.given
    assert scenario.calls("users.info") == 1


def test_stored_words_hold_names(scenario: SlackScenario) -> None:
    """A mention is stored as the name that people see, with its sender's name beside it."""
    scenario.post("app_mention", text="<@U0REPARTEE> did <@U0BEN> order the chairs?")

    (said,) = scenario.stored()
    assert (said.text, said.sender_name) == ("did @Ben order the chairs?", "Ada")


def test_an_outdated_name_is_looked_up_again_in_the_background(scenario: SlackScenario) -> None:
    """The old one is used meanwhile, and the next message has the new one."""
    scenario.post("direct_message")
    scenario.slack.people.names["U0ADA"] = "Ada Lovelace"
    scenario.parts.time.sleep(25 * 3600)

    scenario.post("direct_message", ts="1789090111.000200")
    first = scenario.given
    scenario.post("direct_message", ts="1789090222.000200")

    assert "Who is asking: Ada\n" in first
    assert "Who is asking: Ada Lovelace" in scenario.given
    assert scenario.calls("users.info") == 2


def test_a_person_whom_the_model_names_is_mentioned(scenario: SlackScenario) -> None:
    """Only people that the room knows, never a whole channel."""
    scenario.post(
        "app_mention",
        answer="Ask @Ben or @Zoe, not @channel. Mail ops@Ben.example.",
        text="<@U0REPARTEE> ask <@U0BEN>?",
    )

    (shown,) = scenario.visible_texts()
    assert "Ask <@U0BEN> or @Zoe, not" in shown
    assert "<!channel>" not in shown
    assert "ops@Ben.example" in shown


def test_one_mention_in_a_shared_channel_is_answered_once(scenario: SlackScenario) -> None:
    """Slack Connect: the two events name two workspaces, and the installation is ours in both."""
    scenario.deliver("connect_mention")
    scenario.deliver("connect_message_of_the_mention")
    scenario.answer_all("At nine.")

    assert len(scenario.prompts) == 1
    assert scenario.visible_texts("C0SHARED") == ["At nine."]
    (said,) = scenario.stored("slack:T0BUTLER:C0SHARED")
    assert said.sender == "slack:T9PARTNER:U9MIA"


@pytest.mark.parametrize("told_first", [True, False])
def test_a_sender_of_another_company_is_known_from_either_event(
    scenario: SlackScenario, told_first: bool
) -> None:
    """Where one of the two events does not tell the person's workspace, the other does."""
    events = [("connect_mention", {"team": None}), ("connect_message_of_the_mention", {})]
    for name, changes in events[::-1] if told_first else events:
        scenario.deliver(name, **changes)
    scenario.answer_all("At nine.")

    (said,) = scenario.stored("slack:T0BUTLER:C0SHARED")
    assert said.sender == "slack:T9PARTNER:U9MIA"


def test_a_button_pressed_from_another_company_stops_our_thread(scenario: SlackScenario) -> None:
    """The room is that of the message with the button, which is ours, not the presser's."""
    pressed = read_event("interactivity/stop_button")
    pressed["team"] = {"id": "T9PARTNER", "domain": "partner"}
    pressed["user"] |= {"id": "U9MIA", "team_id": "T9PARTNER"}

    scenario.deliver_body(urlencode({"payload": json.dumps(pressed)}).encode(), "/slack/interactivity")

    control = scenario.records.read_control(ROOM, f"{ROOM}:1789000000.000100")
    assert control.stopped_at > 0


def test_a_mute_command_mutes_the_shared_channel(scenario: SlackScenario) -> None:
    """The room of the command is that of the events."""
    body = b"command=%2Frepartee&text=mute&team_id=T0BUTLER&channel_id=C0SHARED&user_id=U0ADA"
    scenario.deliver_body(body, "/slack/commands")

    scenario.post(
        "connect_message_of_the_mention", text="and who has the keys?", thread_ts="1788000000.000100"
    )

    assert scenario.records.read_control("slack:T0BUTLER:C0SHARED", "").is_muted(scenario.parts.clock())


@pytest.mark.parametrize(
    "text, muted",
    [
        ("<@U0REPARTEE>: mute", True),
        ("<@U0REPARTEE>, mute for 2 hours", True),
        ("<@U0REPARTEE> - mute", True),
        ("mute, <@U0REPARTEE>", True),
        ("<@U0REPARTEE>：mute", True),
        ("<@U0REPARTEE>: the word mute is funny", False),
    ],
)
def test_commands_may_follow_a_colon_or_a_comma(scenario: SlackScenario, text: str, muted: bool) -> None:
    """What people write between a name and what they say to it is no part of the command."""
    scenario.post("mention_with_colon", text=text)

    assert (scenario.records.read_control(ROOM, "").muted_until > 0) == muted


def test_minutes_of_a_meeting_hold_names(scenario: SlackScenario) -> None:
    """Who said it, who is mentioned and who asks are names, also of people who talk to each other."""
    scenario.slack.people.names["U0ZOE7Q2"] = "Zoe"
    small = dict.fromkeys(("minutes", "until", "name", "language", "timezone", "note"))
    scenario.parts.models.small = {"ParsedCommand": small | {"act": "start_meeting", "forget": []}}
    scenario.post("app_mention", text="<@U0REPARTEE> the meeting starts now", user="U0ADA")
    posted = "1789041600"
    scenario.post(
        "channel_message", user="U0BEN", text="I will order the chairs by Tuesday.", ts=f"{posted}.000200"
    )
    scenario.post(
        "channel_message", user="U0ZOE7Q2", text="<@U0BEN> please take 40, not 30.", ts=f"{posted}.000300"
    )

    scenario.parts.models.small = {"ParsedCommand": small | {"act": "none", "forget": []}}
    scenario.post(
        "app_mention",
        user="U0ZOE7Q2",
        text="<@U0REPARTEE> summarise the meeting: who does what?",
        ts=f"{posted}.000400",
    )

    assert "Ben: I will order the chairs by Tuesday." in scenario.given
    assert "Zoe: @Ben please take 40, not 30." in scenario.given
    assert "Who is asking: Zoe" in scenario.given
    assert not re.search("U0BEN|U0ZOE7Q2", scenario.given)


def test_a_reply_in_pieces_mentions_whole_names(scenario: SlackScenario) -> None:
    """A name that comes in two pieces of the stream is one mention, and a longer word is none."""
    scenario.slack.people.names["U0BEN"] = "Benjamin Smith"
    text = "The keys are with @Benjamin Smith, and the rest is with @Benjamina. " * 3

    scenario.post("app_mention", answer=text, text="<@U0REPARTEE> <@U0BEN>?")

    (shown,) = scenario.visible_texts()
    assert shown.strip() == text.replace("@Benjamin Smith", "<@U0BEN>").strip()
