"""A reply in Telegram, through the real client to its stand-in, which may refuse it and fail."""

from __future__ import annotations

import itertools
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.telegram_arguments import CLASSIC_LIMIT
from local.telegram_standin import PER_MINUTE, TOKEN
from repartee.channels.telegram.chat import GROUP_EVERY, PRIVATE_EVERY
from repartee.errors import BackendError, Denied, NotFound, Throttled
from tests.support.telegram import GROUP, PRIVATE, Talk

TEXT = "The office opens at nine, and Ada has the keys. " * 4
TABLE = "Here:\n\n| desk | floor |\n|------|-------|\n| 7    | 2     |\n"
DRAFTS = ("sendMessageDraft", "sendRichMessageDraft")


@pytest.fixture
def private() -> Talk:
    return Talk(PRIVATE)


@pytest.fixture
def group() -> Talk:
    return Talk(GROUP)


def test_in_private_a_draft_grows_and_becomes_a_message(private: Talk) -> None:
    """The first piece is seen at once; at the end there is one whole message and no draft."""
    reply = private.open()
    private.write(reply, TEXT, seconds=0.02)
    assert TEXT.startswith(private.draft().strip())

    reply.finish()

    assert private.visible() == [TEXT.strip()]
    methods = [call["method"] for call in private.calls()]
    assert methods[-1] == "sendMessage"
    assert set(methods[:-1]) == {"sendMessageDraft"}
    times = [call["at"] for call in private.calls(*DRAFTS)]
    assert all(b - a >= PRIVATE_EVERY for a, b in itertools.pairwise(times))


def test_a_draft_can_be_stopped(private: Talk) -> None:
    """There is a button under it."""
    private.say(TEXT)

    assert all(call["arguments"]["can_stop"] for call in private.calls(*DRAFTS))


@pytest.mark.parametrize("talk", [Talk(PRIVATE), Talk(GROUP), Talk(GROUP, topic=300)])
def test_nothing_is_asked_for_that_a_method_does_not_know(talk: Talk) -> None:
    """Telegram ignores what it does not know: a misspelt argument would never be missed."""
    talk.replies.sign(talk.message())
    talk.say(TEXT + TABLE)

    assert not [call["ignored"] for call in talk.calls() if call["ignored"]]


def test_in_a_group_a_message_is_edited(group: Talk) -> None:
    """It answers the person's message, and grows as seldom as a group's limit asks."""
    reply = group.open()

    group.write(reply, TEXT)
    reply.finish()

    assert group.visible() == [TEXT.strip()]
    first, *edits = group.calls()
    assert first["method"] == "sendMessage"
    assert first["arguments"]["reply_parameters"]["message_id"] == 101
    assert {call["method"] for call in edits} == {"editMessageText"}
    times = [call["at"] for call in group.calls()[:-1]]
    assert all(b - a >= GROUP_EVERY for a, b in itertools.pairwise(times))


def test_a_topic_is_answered_in_the_topic() -> None:
    """The sign, the message, everything."""
    talk = Talk(GROUP, topic=300)

    talk.replies.sign(talk.message())
    talk.say("Seven desks are free.")

    assert {message["topic"] for message in talk.messages()} == {300}
    assert all(
        call["arguments"]["message_thread_id"] == 300 for call in talk.calls("sendChatAction", "sendMessage")
    )


def test_the_sign_is_that_somebody_types(private: Talk) -> None:
    """Until the reply begins."""
    private.replies.sign(private.message())
    assert private.telegram.seen(PRIVATE)["typing"]

    private.say("Hello.")
    assert not private.telegram.seen(PRIVATE)["typing"]


@pytest.mark.parametrize("chat", [PRIVATE, GROUP])
def test_a_long_reply_is_several_messages_within_every_limit(chat: int) -> None:
    """10,000 characters at 100 pieces a second: no text is lost, no call is one too many."""
    talk = Talk(chat)
    text = "".join(f"Sentence number {number} of a long reply.\n" for number in range(260))
    reply = talk.open()

    talk.write(reply, text, size=25, seconds=0.01)
    reply.finish()

    assert "\n".join(talk.visible()).split() == text.split()
    assert len(talk.visible()) == 3
    assert all(len(said) <= CLASSIC_LIMIT for said in talk.visible())
    assert not [call["error"] for call in talk.calls() if not call["ok"]]


def test_a_group_has_no_more_than_its_messages_a_minute(group: Talk) -> None:
    """However long the model writes."""
    reply = group.open()

    group.write(reply, TEXT * 40, size=20, seconds=0.6)
    reply.finish()

    times = [call["at"] for call in group.calls("sendMessage", "editMessageText") if call["ok"]]
    assert all(sum(at <= time < at + 60 for time in times) <= PER_MINUTE for at in times)
    assert " ".join(group.visible()).split() == (TEXT * 40).split()


def test_too_many_calls_are_a_pause_and_no_failure(private: Talk) -> None:
    """After a 429 nothing is sent before it may be, and nothing of the text is lost."""
    private.fail("sendMessageDraft", None, 7)
    reply = private.open()

    private.write(reply, TEXT)
    reply.finish()

    assert private.visible() == [TEXT.strip()]
    before, after = (call["at"] for call in private.calls()[:2])
    assert after - before >= 7


@pytest.mark.parametrize("chat", [PRIVATE, GROUP])
def test_the_end_waits_until_telegram_takes_it(chat: int) -> None:
    """A `retry_after` at the end is waited for."""
    talk = Talk(chat)
    talk.fail("sendMessage" if chat == PRIVATE else "editMessageText", 3, 20)
    reply = talk.open()
    reply.add("Hello ")
    reply.add("there.", send=False)
    before = talk.now

    reply.finish()

    assert talk.visible() == ["Hello there."]
    assert talk.now - before >= 23


def test_markdown_is_shown_as_telegram_shows_it(private: Talk) -> None:
    """Without marks, and without previews of links."""
    private.say("# Keys\n\n**Ada** has [them](https://a.example), `7` of <them>.")

    assert private.visible() == ["Keys\n\nAda has them, 7 of <them>."]
    (sent,) = private.calls("sendMessage")
    assert sent["arguments"]["parse_mode"] == "HTML"
    assert sent["arguments"]["link_preview_options"] == {"is_disabled": True}


@pytest.mark.parametrize("chat", [PRIVATE, GROUP])
def test_a_table_is_a_rich_message(chat: int) -> None:
    """Only there: Telegram Web and older apps show nothing of a rich message."""
    talk = Talk(chat)
    talk.say("No table.")
    talk.wait(60)
    talk.say(TABLE)

    assert [message["rich"] for message in talk.messages()] == [False, True]
    rich = [call["arguments"]["rich_message"] for call in talk.calls() if "rich_message" in call["arguments"]]
    assert all(message["skip_entity_detection"] for message in rich)


def test_a_server_that_knows_no_rich_messages_is_asked_once(private: Talk) -> None:
    """Then a table is shown in type of one width."""
    private.telegram.unknown = {"sendRichMessage", "sendRichMessageDraft"}
    private.say(TABLE)
    private.wait(60)
    private.say(TABLE)

    assert not any(message["rich"] for message in private.messages())
    assert "desk  floor\n7     2" in private.visible()[0]
    assert len(private.calls("sendRichMessage", "sendRichMessageDraft")) <= 2


def test_a_rich_message_that_is_refused_comes_as_a_classic_one(private: Talk) -> None:
    """And whoever refuses one of a reply is not asked again with it."""
    private.fail("sendRichMessage", "RICH_MESSAGE_EMAIL_INVALID")

    private.say(TABLE)

    assert [message["rich"] for message in private.messages()] == [False]


def test_formatting_that_is_refused_comes_as_plain_text(private: Talk) -> None:
    """The text as it is, without escapes."""
    private.fail("sendMessage", 'can\'t parse entities: Unsupported start tag "x" at byte offset 0')

    private.say("**Ada** & <Grace>")

    assert private.visible() == ["Ada & <Grace>"]


def test_a_reply_of_nothing_but_emoji_fits(private: Talk) -> None:
    """Telegram counts an emoji as two: what is too long for a classic message is a rich one."""
    private.say("🙂" * 3700)

    assert "".join("".join(private.visible()).split()) == "🙂" * 3700


@pytest.mark.parametrize("refusal", ["TEXTDRAFT_PEER_INVALID", "method not found"])
def test_where_drafts_are_refused_a_message_is_edited(private: Talk, refusal: str) -> None:
    """As in a group."""
    private.fail("sendMessageDraft", refusal, refusal)

    private.say(TEXT)

    assert private.visible() == [TEXT.strip()]
    assert private.calls("editMessageText")


def test_the_same_text_is_not_sent_again(group: Talk) -> None:
    """A message that shows its whole text already is complete."""
    reply = group.open()
    reply.add("Hello there.")
    reply.finish()

    assert [call["method"] for call in group.calls()] == ["sendMessage"]


def test_a_message_that_is_not_modified_is_as_it_should_be(group: Talk) -> None:
    """Its text may have got through although the answer was lost."""
    group.fail("editMessageText", "lost", None)
    reply = group.open()
    reply.add("Hello ")
    reply.add("there.", send=False)

    reply.finish()

    assert group.visible() == ["Hello there."]


def test_a_message_that_somebody_deleted_is_said_whole_at_the_end(group: Talk) -> None:
    """While it grows nothing is sent again and again."""
    reply = group.open()
    reply.add("Hello ")
    (message,) = group.messages()
    group.api.call("deleteMessage", chat_id=GROUP, message_id=message["id"])

    group.write(reply, TEXT)
    reply.finish()

    assert group.visible() == [f"Hello {TEXT.strip()}"]
    assert len(group.calls("sendMessage")) == 2


def test_a_reply_that_is_stopped_ends_with_what_was_seen(private: Talk) -> None:
    """And the note."""
    reply = private.open()
    reply.add("Hello there, ")
    reply.add("nobody sees this", send=False)

    reply.cut("_(Stopped.)_")

    assert private.visible() == ["Hello there, (Stopped.)"]


@pytest.mark.parametrize(
    "chat,code", [(PRIVATE, "blocked by the user"), (GROUP, "kicked from the supergroup chat")]
)
def test_who_has_blocked_the_bot_is_not_there(chat: int, code: str) -> None:
    """That is no wrong token, and is not tried again."""
    talk = Talk(chat)
    talk.telegram.blocked.add(chat)

    with pytest.raises(NotFound, match=code):
        talk.say("Hello.")


# Resuming: each point at which a worker may die


def test_a_draft_is_simply_sent_again(private: Talk) -> None:
    """A worker died while the draft grew: the next one's draft and message are the only ones."""
    private.write(private.open(), "Half of a rep", size=6)
    kept = private.kept

    reply = private.open(kept)
    private.write(reply, TEXT)
    reply.finish()

    assert private.visible() == [TEXT.strip()]


def test_a_message_that_was_sent_is_edited_after_a_crash(private: Talk) -> None:
    """A worker died after the whole reply was sent and noted."""
    private.say("The office opens at eight.")

    reply = private.open(private.kept)
    private.write(reply, TEXT)
    reply.finish()

    assert private.visible() == [TEXT.strip()]
    assert len(private.calls("sendMessage")) == 1


def test_in_a_group_the_kept_message_is_edited_after_a_crash(group: Talk) -> None:
    """It is the same message that goes on."""
    group.write(group.open(), "Half of a rep", size=6)

    reply = group.open(group.kept)
    group.write(reply, TEXT)
    reply.finish()

    assert group.visible() == [TEXT.strip()]
    assert len(group.calls("sendMessage")) == 1


def test_what_the_second_attempt_does_not_say_is_taken_away(group: Talk) -> None:
    """The first attempt needed two messages, the second one is shorter."""
    group.say("A line of a long reply.\n" * 200)
    assert len(group.visible()) == 2
    group.wait(60)

    reply = group.open(group.kept)
    group.write(reply, TEXT)
    reply.finish()

    assert group.visible() == [TEXT.strip()]


@given(
    chat=st.sampled_from([PRIVATE, GROUP]),
    text=st.lists(st.sampled_from(["word ", "**b** ", "\n\n", "```\ncode\n```\n", TABLE]), max_size=60),
    troubles=st.lists(st.sampled_from([None, 2, "down"]), max_size=4),
    size=st.integers(1, 60),
)
def test_whatever_goes_wrong_the_whole_text_is_there_once(
    chat: int, text: list[str], troubles: list[str | int | None], size: int
) -> None:
    """Calls that are refused or do not arrive are made again; none is one too many."""
    talk = Talk(chat)
    whole = "".join(text) + "\n\nend"
    for method in ("sendMessage", "editMessageText", *DRAFTS):
        talk.fail(method, *troubles)

    for _ in range(len(troubles) + 1):
        try:
            reply = talk.open(talk.kept)
            for start in range(0, len(whole), size):
                reply.add(whole[start : start + size], send=start % 3 > 0)
                talk.wait(0.4)
            reply.finish()
            break
        except BackendError:
            talk.wait(60)

    said = " ".join(talk.visible())
    assert said.count("word") == whole.count("word")
    assert said.count("code") == whole.count("code")
    assert said.strip().endswith("end")


# The client


def test_no_token_is_in_errors_and_logs(private: Talk, caplog: pytest.LogCaptureFixture) -> None:
    """It is a part of every address, and httpx would log it."""
    caplog.set_level(logging.DEBUG)
    private.fail("sendMessage", "down")
    problems = []
    for _ in range(2):
        try:
            private.api.call("sendMessage", chat_id=PRIVATE, text="x", parse_mode="y")
        except BackendError as error:
            problems.append(f"{error} {error.__cause__}")

    assert len(problems) == 2
    assert TOKEN not in caplog.text + " ".join(problems)


def test_errors_quote_nothing_of_the_message(private: Talk) -> None:
    """A description may name a tag that somebody wrote."""
    with pytest.raises(BackendError) as raised:
        private.api.call("sendMessage", chat_id=PRIVATE, text="<secret>x</secret>", parse_mode="HTML")

    assert str(raised.value) == "telegram: can't parse entities"


@pytest.mark.parametrize("token", ["7001:wrong", "nonsense"])
def test_a_wrong_token_is_denied(private: Talk, token: str) -> None:
    """So that the secrets are read again."""
    private.telegram._token = token

    with pytest.raises(Denied):
        private.say("Hello.")


def test_a_retry_after_is_told(private: Talk) -> None:
    """In seconds."""
    private.fail("sendMessage", 17)

    with pytest.raises(Throttled) as raised:
        private.api.call("sendMessage", chat_id=PRIVATE, text="x")

    assert raised.value.retry_after == 17
