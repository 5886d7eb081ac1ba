"""A reply in Telegram, through the real client to its stand-in, which may refuse it and fail."""

from __future__ import annotations

import itertools
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repartee.channels.telegram.surface import GROUP_INTERVAL_SECONDS, PRIVATE_INTERVAL_SECONDS
from repartee.errors import BackendError, NotFound, PermissionDenied, Throttled
from standins.telegram.limits import MAX_CLASSIC_MESSAGE_CHARS, MAX_GROUP_MESSAGES_PER_MINUTE
from standins.telegram.server import BOT_TOKEN
from tests.support.telegram_chat import GROUP_CHAT_ID, PRIVATE_CHAT_ID, TelegramTestChat

TEXT = "The office opens at nine, and Ada has the keys. " * 4
TABLE = "Here:\n\n| desk | floor |\n|------|-------|\n| 7    | 2     |\n"
DRAFTS = ("sendMessageDraft", "sendRichMessageDraft")


@pytest.fixture
def private() -> TelegramTestChat:
    return TelegramTestChat(PRIVATE_CHAT_ID)


@pytest.fixture
def group() -> TelegramTestChat:
    return TelegramTestChat(GROUP_CHAT_ID)


def test_in_private_a_draft_grows_and_becomes_a_message(private: TelegramTestChat) -> None:
    """The first piece is seen at once; at the end there is one whole message and no draft."""
    reply = private.open_reply()
    private.write_reply(reply, TEXT, seconds=0.02)
    assert TEXT.startswith(private.visible_draft().strip())

    reply.finish()

    assert private.visible_texts() == [TEXT.strip()]
    methods = [call["method"] for call in private.recorded_calls()]
    assert methods[-1] == "sendMessage"
    assert set(methods[:-1]) == {"sendMessageDraft"}
    times = [call["at"] for call in private.recorded_calls(*DRAFTS)]
    assert all(b - a >= PRIVATE_INTERVAL_SECONDS for a, b in itertools.pairwise(times))


def test_a_draft_can_be_stopped(private: TelegramTestChat) -> None:
    """There is a button under it."""
    private.say_reply(TEXT)

    assert all(call["arguments"]["can_stop"] for call in private.recorded_calls(*DRAFTS))


@pytest.mark.parametrize(
    "talk",
    [
        TelegramTestChat(PRIVATE_CHAT_ID),
        TelegramTestChat(GROUP_CHAT_ID),
        TelegramTestChat(GROUP_CHAT_ID, topic=300),
    ],
)
def test_nothing_is_asked_for_that_a_method_does_not_know(talk: TelegramTestChat) -> None:
    """Telegram ignores what it does not know: a misspelt argument would never be missed."""
    talk.replies.show_typing(talk.make_message())
    talk.say_reply(TEXT + TABLE)

    assert not [call["ignored"] for call in talk.recorded_calls() if call["ignored"]]


def test_in_a_group_a_message_is_edited(group: TelegramTestChat) -> None:
    """It answers the person's message, and grows as seldom as a group's limit asks."""
    reply = group.open_reply()

    group.write_reply(reply, TEXT)
    reply.finish()

    assert group.visible_texts() == [TEXT.strip()]
    first, *edits = group.recorded_calls()
    assert first["method"] == "sendMessage"
    assert first["arguments"]["reply_parameters"]["message_id"] == 101
    assert {call["method"] for call in edits} == {"editMessageText"}
    times = [call["at"] for call in group.recorded_calls()[:-1]]
    assert all(b - a >= GROUP_INTERVAL_SECONDS for a, b in itertools.pairwise(times))


def test_a_topic_is_answered_in_the_topic() -> None:
    """The sign, the message, everything."""
    talk = TelegramTestChat(GROUP_CHAT_ID, topic=300)

    talk.replies.show_typing(talk.make_message())
    talk.say_reply("Seven desks are free.")

    assert {message["topic"] for message in talk.assistant_messages()} == {300}
    assert all(
        call["arguments"]["message_thread_id"] == 300
        for call in talk.recorded_calls("sendChatAction", "sendMessage")
    )


def test_the_sign_is_that_somebody_types(private: TelegramTestChat) -> None:
    """Until the reply begins."""
    private.replies.show_typing(private.make_message())
    assert private.telegram.visible_chat(PRIVATE_CHAT_ID)["typing"]

    private.say_reply("Hello.")
    assert not private.telegram.visible_chat(PRIVATE_CHAT_ID)["typing"]


@pytest.mark.parametrize("chat", [PRIVATE_CHAT_ID, GROUP_CHAT_ID])
def test_a_long_reply_is_several_messages_within_every_limit(chat: int) -> None:
    """10,000 characters at 100 pieces a second: no text is lost, no call is one too many."""
    talk = TelegramTestChat(chat)
    text = "".join(f"Sentence number {number} of a long reply.\n" for number in range(260))
    reply = talk.open_reply()

    talk.write_reply(reply, text, size=25, seconds=0.01)
    reply.finish()

    assert "\n".join(talk.visible_texts()).split() == text.split()
    assert len(talk.visible_texts()) == 3
    assert all(len(said) <= MAX_CLASSIC_MESSAGE_CHARS for said in talk.visible_texts())
    assert not [call["error"] for call in talk.recorded_calls() if not call["ok"]]


def test_a_group_has_no_more_than_its_messages_a_minute(group: TelegramTestChat) -> None:
    """However long the model writes."""
    reply = group.open_reply()

    group.write_reply(reply, TEXT * 40, size=20, seconds=0.6)
    reply.finish()

    times = [call["at"] for call in group.recorded_calls("sendMessage", "editMessageText") if call["ok"]]
    assert all(sum(at <= time < at + 60 for time in times) <= MAX_GROUP_MESSAGES_PER_MINUTE for at in times)
    assert " ".join(group.visible_texts()).split() == (TEXT * 40).split()


def test_too_many_calls_are_a_pause_and_no_failure(private: TelegramTestChat) -> None:
    """After a 429 nothing is sent before it may be, and nothing of the text is lost."""
    private.fail_next_calls("sendMessageDraft", None, 7)
    reply = private.open_reply()

    private.write_reply(reply, TEXT)
    reply.finish()

    assert private.visible_texts() == [TEXT.strip()]
    before, after = (call["at"] for call in private.recorded_calls()[:2])
    assert after - before >= 7


@pytest.mark.parametrize("chat", [PRIVATE_CHAT_ID, GROUP_CHAT_ID])
def test_the_end_waits_until_telegram_takes_it(chat: int) -> None:
    """A `retry_after` at the end is waited for."""
    talk = TelegramTestChat(chat)
    talk.fail_next_calls("sendMessage" if chat == PRIVATE_CHAT_ID else "editMessageText", 3, 20)
    reply = talk.open_reply()
    reply.append("Hello ")
    reply.append("there.", send=False)
    before = talk.now

    reply.finish()

    assert talk.visible_texts() == ["Hello there."]
    assert talk.now - before >= 23


def test_markdown_is_shown_as_telegram_shows_it(private: TelegramTestChat) -> None:
    """Without marks, and without previews of links."""
    private.say_reply("# Keys\n\n**Ada** has [them](https://a.example), `7` of <them>.")

    assert private.visible_texts() == ["Keys\n\nAda has them, 7 of <them>."]
    (sent,) = private.recorded_calls("sendMessage")
    assert sent["arguments"]["parse_mode"] == "HTML"
    assert sent["arguments"]["link_preview_options"] == {"is_disabled": True}


@pytest.mark.parametrize("chat", [PRIVATE_CHAT_ID, GROUP_CHAT_ID])
def test_a_table_is_a_rich_message(chat: int) -> None:
    """Only there: Telegram Web and older apps show nothing of a rich message."""
    talk = TelegramTestChat(chat)
    talk.say_reply("No table.")
    talk.advance_time(60)
    talk.say_reply(TABLE)

    assert [message["rich"] for message in talk.assistant_messages()] == [False, True]
    rich = [
        call["arguments"]["rich_message"]
        for call in talk.recorded_calls()
        if "rich_message" in call["arguments"]
    ]
    assert all(message["skip_entity_detection"] for message in rich)


def test_a_server_that_knows_no_rich_messages_is_asked_once(private: TelegramTestChat) -> None:
    """Then a table is shown in type of one width."""
    private.telegram.unknown = {"sendRichMessage", "sendRichMessageDraft"}
    private.say_reply(TABLE)
    private.advance_time(60)
    private.say_reply(TABLE)

    assert not any(message["rich"] for message in private.assistant_messages())
    assert "desk  floor\n7     2" in private.visible_texts()[0]
    assert len(private.recorded_calls("sendRichMessage", "sendRichMessageDraft")) <= 2


def test_a_rich_message_that_is_refused_comes_as_a_classic_one(private: TelegramTestChat) -> None:
    """And whoever refuses one of a reply is not asked again with it."""
    private.fail_next_calls("sendRichMessage", "RICH_MESSAGE_EMAIL_INVALID")

    private.say_reply(TABLE)

    assert [message["rich"] for message in private.assistant_messages()] == [False]


def test_formatting_that_is_refused_comes_as_plain_text(private: TelegramTestChat) -> None:
    """The text as it is, without escapes."""
    private.fail_next_calls(
        "sendMessage", 'can\'t parse entities: Unsupported start tag "x" at byte offset 0'
    )

    private.say_reply("**Ada** & <Grace>")

    assert private.visible_texts() == ["Ada & <Grace>"]


def test_a_reply_of_nothing_but_emoji_fits(private: TelegramTestChat) -> None:
    """Telegram counts an emoji as two: what is too long for a classic message is a rich one."""
    private.say_reply("🙂" * 3700)

    assert "".join("".join(private.visible_texts()).split()) == "🙂" * 3700


@pytest.mark.parametrize("refusal", ["TEXTDRAFT_PEER_INVALID", "method not found"])
def test_where_drafts_are_refused_a_message_is_edited(private: TelegramTestChat, refusal: str) -> None:
    """As in a group."""
    private.fail_next_calls("sendMessageDraft", refusal, refusal)

    private.say_reply(TEXT)

    assert private.visible_texts() == [TEXT.strip()]
    assert private.recorded_calls("editMessageText")


def test_the_same_text_is_not_sent_again(group: TelegramTestChat) -> None:
    """A message that shows its whole text already is complete."""
    reply = group.open_reply()
    reply.append("Hello there.")
    reply.finish()

    assert [call["method"] for call in group.recorded_calls()] == ["sendMessage"]


def test_a_message_that_is_not_modified_is_as_it_should_be(group: TelegramTestChat) -> None:
    """Its text may have got through although the answer was lost."""
    group.fail_next_calls("editMessageText", "lost", None)
    reply = group.open_reply()
    reply.append("Hello ")
    reply.append("there.", send=False)

    reply.finish()

    assert group.visible_texts() == ["Hello there."]


def test_a_message_that_somebody_deleted_is_said_whole_at_the_end(group: TelegramTestChat) -> None:
    """While it grows nothing is sent again and again."""
    reply = group.open_reply()
    reply.append("Hello ")
    (message,) = group.assistant_messages()
    group.api.call_method("deleteMessage", chat_id=GROUP_CHAT_ID, message_id=message["id"])

    group.write_reply(reply, TEXT)
    reply.finish()

    assert group.visible_texts() == [f"Hello {TEXT.strip()}"]
    assert len(group.recorded_calls("sendMessage")) == 2


def test_a_reply_that_is_stopped_ends_with_what_was_seen(private: TelegramTestChat) -> None:
    """And the note."""
    reply = private.open_reply()
    reply.append("Hello there, ")
    reply.append("nobody sees this", send=False)

    reply.cut_short("_(Stopped.)_")

    assert private.visible_texts() == ["Hello there, (Stopped.)"]


@pytest.mark.parametrize(
    "chat,code",
    [(PRIVATE_CHAT_ID, "blocked by the user"), (GROUP_CHAT_ID, "kicked from the supergroup chat")],
)
def test_who_has_blocked_the_bot_is_not_there(chat: int, code: str) -> None:
    """That is no wrong token, and is not tried again."""
    talk = TelegramTestChat(chat)
    talk.telegram.blocked.add(chat)

    with pytest.raises(NotFound, match=code):
        talk.say_reply("Hello.")


# Resuming: each point at which a worker may die


def test_a_draft_is_simply_sent_again(private: TelegramTestChat) -> None:
    """A worker died while the draft grew: the next one's draft and message are the only ones."""
    private.write_reply(private.open_reply(), "Half of a rep", size=6)
    kept = private.kept

    reply = private.open_reply(kept)
    private.write_reply(reply, TEXT)
    reply.finish()

    assert private.visible_texts() == [TEXT.strip()]


def test_a_message_that_was_sent_is_edited_after_a_crash(private: TelegramTestChat) -> None:
    """A worker died after the whole reply was sent and noted."""
    private.say_reply("The office opens at eight.")

    reply = private.open_reply(private.kept)
    private.write_reply(reply, TEXT)
    reply.finish()

    assert private.visible_texts() == [TEXT.strip()]
    assert len(private.recorded_calls("sendMessage")) == 1


def test_in_a_group_the_kept_message_is_edited_after_a_crash(group: TelegramTestChat) -> None:
    """It is the same message that goes on."""
    group.write_reply(group.open_reply(), "Half of a rep", size=6)

    reply = group.open_reply(group.kept)
    group.write_reply(reply, TEXT)
    reply.finish()

    assert group.visible_texts() == [TEXT.strip()]
    assert len(group.recorded_calls("sendMessage")) == 1


def test_what_the_second_attempt_does_not_say_is_taken_away(group: TelegramTestChat) -> None:
    """The first attempt needed two messages, the second one is shorter."""
    group.say_reply("A line of a long reply.\n" * 200)
    assert len(group.visible_texts()) == 2
    group.advance_time(60)

    reply = group.open_reply(group.kept)
    group.write_reply(reply, TEXT)
    reply.finish()

    assert group.visible_texts() == [TEXT.strip()]


@given(
    chat=st.sampled_from([PRIVATE_CHAT_ID, GROUP_CHAT_ID]),
    text=st.lists(st.sampled_from(["word ", "**b** ", "\n\n", "```\ncode\n```\n", TABLE]), max_size=60),
    troubles=st.lists(st.sampled_from([None, 2, "down"]), max_size=4),
    size=st.integers(1, 60),
)
def test_whatever_goes_wrong_the_whole_text_is_there_once(
    chat: int, text: list[str], troubles: list[str | int | None], size: int
) -> None:
    """Calls that are refused or do not arrive are made again; none is one too many."""
    talk = TelegramTestChat(chat)
    whole = "".join(text) + "\n\nend"
    for method in ("sendMessage", "editMessageText", *DRAFTS):
        talk.fail_next_calls(method, *troubles)

    for _ in range(len(troubles) + 1):
        try:
            reply = talk.open_reply(talk.kept)
            for start in range(0, len(whole), size):
                reply.append(whole[start : start + size], send=start % 3 > 0)
                talk.advance_time(0.4)
            reply.finish()
            break
        except BackendError:
            talk.advance_time(60)

    said = " ".join(talk.visible_texts())
    assert said.count("word") == whole.count("word")
    assert said.count("code") == whole.count("code")
    assert said.strip().endswith("end")


# The client


def test_no_token_is_in_errors_and_logs(private: TelegramTestChat, caplog: pytest.LogCaptureFixture) -> None:
    """It is a part of every address, and httpx would log it."""
    caplog.set_level(logging.DEBUG)
    private.fail_next_calls("sendMessage", "down")
    problems = []
    for _ in range(2):
        try:
            private.api.call_method("sendMessage", chat_id=PRIVATE_CHAT_ID, text="x", parse_mode="y")
        except BackendError as error:
            problems.append(f"{error} {error.__cause__}")

    assert len(problems) == 2
    assert BOT_TOKEN not in caplog.text + " ".join(problems)


def test_errors_quote_nothing_of_the_message(private: TelegramTestChat) -> None:
    """A description may name a tag that somebody wrote."""
    with pytest.raises(BackendError) as raised:
        private.api.call_method(
            "sendMessage", chat_id=PRIVATE_CHAT_ID, text="<secret>x</secret>", parse_mode="HTML"
        )

    assert str(raised.value) == "telegram: can't parse entities"


@pytest.mark.parametrize("token", ["7001:wrong", "nonsense"])
def test_a_wrong_token_is_denied(private: TelegramTestChat, token: str) -> None:
    """So that the secrets are read again."""
    private.telegram._token = token

    with pytest.raises(PermissionDenied):
        private.say_reply("Hello.")


def test_a_retry_after_is_told(private: TelegramTestChat) -> None:
    """In seconds."""
    private.fail_next_calls("sendMessage", 17)

    with pytest.raises(Throttled) as raised:
        private.api.call_method("sendMessage", chat_id=PRIVATE_CHAT_ID, text="x")

    assert raised.value.retry_after == 17
