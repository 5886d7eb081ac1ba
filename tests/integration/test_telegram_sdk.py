"""python-telegram-bot, which we did not write, takes our stand-in and our samples for Telegram's."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable, Iterator
from socket import socket
from time import sleep, time
from typing import Any

import msgspec
import pytest
import telegram
import uvicorn
from starlette.applications import Starlette
from telegram.constants import ChatAction, MessageLimit
from telegram.error import BadRequest, Forbidden, InvalidToken, RetryAfter
from telegram.request import HTTPXRequest

from repartee.channels.telegram.formatting import MAX_CLASSIC_CHARS
from repartee.channels.telegram.payloads import TelegramMessage
from repartee.channels.telegram.receiver import TelegramReceiver
from repartee.domain.http import HttpRequest
from repartee.domain.message import Message
from standins.faults import FaultQueue, StandInFault
from standins.telegram.arguments import MAX_CLASSIC_MESSAGE_CHARS
from standins.telegram.routes import TelegramRoutes
from standins.telegram.server import BOT_TOKEN, MAX_FILE_BYTES, TelegramStandIn
from tests.support.inbox_builders import only_messages
from tests.support.memory_handlers import EVENTS_FOLDER

PRIVATE, GROUP = 4200042, -1001234567890
SAMPLES = sorted((EVENTS_FOLDER / "telegram").glob("*.json"))


class Served:
    """The stand-in on a free port, and python-telegram-bot's clients of it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.telegram, self.faults = TelegramStandIn(time), FaultQueue()

    def ask(self, what: Callable[[telegram.Bot], Awaitable[Any]], token: str = BOT_TOKEN) -> Any:
        """What the SDK makes of an answer."""

        async def asking() -> Any:
            request = HTTPXRequest(read_timeout=10)
            bot = telegram.Bot(
                token,
                base_url=f"{self.url}/telegram/bot",
                base_file_url=f"{self.url}/telegram/file/bot",
                request=request,
                get_updates_request=HTTPXRequest(),
            )
            async with bot:
                return await what(bot)

        return asyncio.run(asking())


@pytest.fixture
def served() -> Iterator[Served]:
    with socket() as listener:
        listener.bind(("127.0.0.1", 0))
        up = Served(f"http://127.0.0.1:{listener.getsockname()[1]}")
        app = Starlette(routes=list(TelegramRoutes(up.telegram, up.faults).routes()))
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        while not server.started:
            sleep(0.01)
        yield up
        server.should_exit = server.force_exit = True
        thread.join()


def test_a_bot_sends_edits_and_deletes(served: Served) -> None:
    """Each answer is a whole message to it."""

    async def talk(bot: telegram.Bot) -> None:
        assert bot.username == "repartee_bot"
        assert await bot.send_chat_action(PRIVATE, ChatAction.TYPING)
        sent = await bot.send_message(PRIVATE, "<b>Hello</b>", parse_mode="HTML")
        assert (sent.chat.id, sent.chat.type, sent.text) == (PRIVATE, "private", "Hello")
        assert sent.from_user
        assert sent.from_user.is_bot
        edited = await sent.edit_text("Hello there")
        assert isinstance(edited, telegram.Message)
        assert (edited.message_id, edited.text) == (sent.message_id, "Hello there")
        assert edited.edit_date
        assert await sent.delete()

    served.ask(talk)

    assert not served.telegram.visible_chat(PRIVATE)["messages"]


def test_buttons_are_shown_answered_and_taken_away(served: Served) -> None:
    """A keyboard comes back with its message, a press is answered, and an edit without one leaves none."""
    row = [telegram.InlineKeyboardButton("Approve", callback_data="approve:p17")]
    keyboard = telegram.InlineKeyboardMarkup([row])

    async def decide(bot: telegram.Bot) -> tuple[telegram.Message, bool, telegram.Message]:
        sent = await bot.send_message(PRIVATE, "Rename it?", reply_markup=keyboard)
        answered = await bot.answer_callback_query("17", text="Approved", show_alert=False)
        edited = await bot.edit_message_text("Rename it? Approved", PRIVATE, sent.message_id)
        assert isinstance(edited, telegram.Message)
        return sent, answered, edited

    sent, answered, edited = served.ask(decide)

    assert sent.reply_markup == keyboard
    assert answered
    assert edited.reply_markup is None
    too_long = telegram.InlineKeyboardButton("x", callback_data="x" * 65)
    with pytest.raises(BadRequest, match="Button_data_invalid"):
        served.ask(
            lambda bot: bot.send_message(
                PRIVATE, "x", reply_markup=telegram.InlineKeyboardMarkup([[too_long]])
            )
        )


def test_a_draft_is_shown_until_the_message_comes(served: Served) -> None:
    """`sendMessageDraft`, Bot API 9.3."""

    async def talk(bot: telegram.Bot) -> None:
        assert await bot.send_message_draft(PRIVATE, 7, "<i>Hel</i>", parse_mode="HTML")
        assert served.telegram.visible_chat(PRIVATE)["messages"][0]["streaming"]
        await bot.send_message(PRIVATE, "Hello")

    served.ask(talk)

    assert [said["streaming"] for said in served.telegram.visible_chat(PRIVATE)["messages"]] == [False]


def test_photos_and_documents_are_sent(served: Served) -> None:
    """As the SDK uploads them; what is no photo is refused with Telegram's words."""
    image = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + (640).to_bytes(4) + (480).to_bytes(4)

    async def talk(bot: telegram.Bot) -> None:
        photo = await bot.send_photo(PRIVATE, image, caption="Desks")
        assert photo.photo
        assert photo.caption == "Desks"
        document = await bot.send_document(GROUP, b"%PDF", filename="a.pdf", message_thread_id=300)
        assert document.document
        assert document.message_thread_id == 300
        for wrong, words in ((b"GIF", "process"), (image[:16] + bytes(2) + b"\xff" * 6, "dimensions")):
            with pytest.raises(BadRequest, match=f"(?i){words}"):
                await bot.send_photo(PRIVATE, wrong)
        with pytest.raises(BadRequest, match=r"(?i)caption is too long"):
            await bot.send_photo(PRIVATE, image, caption="x" * 1025)

    served.ask(talk)


def test_rich_messages_are_taken(served: Served) -> None:
    """Bot API 10.1; the SDK carries them as it carries what it does not know yet."""
    rich = {"html": "<h1>Keys</h1><table><tr><td>7</td></tr></table>", "skip_entity_detection": True}

    sent = served.ask(
        lambda bot: bot.do_api_request(
            "sendRichMessage", {"chat_id": PRIVATE, "rich_message": rich}, return_type=telegram.Message
        )
    )

    assert "rich_message" in sent.api_kwargs
    assert served.telegram.visible_chat(PRIVATE)["messages"][0]["rich"]


def test_a_topic_is_named(served: Served) -> None:
    """The answer says in which topic it is."""
    sent = served.ask(lambda bot: bot.send_message(GROUP, "Hello", message_thread_id=300))

    assert (sent.message_thread_id, sent.is_topic_message) == (300, True)


def test_files_are_fetched(served: Served) -> None:
    """By file id, path and link."""
    served.telegram.files["BQ1"] = b"%PDF-1.7"

    async def fetch(bot: telegram.Bot) -> bytes:
        return bytes(await (await bot.get_file("BQ1")).download_as_bytearray())

    assert served.ask(fetch) == b"%PDF-1.7"


@pytest.mark.parametrize(
    "what,error,words",
    [
        (
            lambda bot: bot.send_message(PRIVATE, "<b>x", parse_mode="HTML"),
            BadRequest,
            "Can't parse entities",
        ),
        (lambda bot: bot.send_message(PRIVATE, ""), BadRequest, "Message text is empty"),
        (lambda bot: bot.send_message(PRIVATE, "x" * 4097), BadRequest, "Message is too long"),
        (lambda bot: bot.send_message(0, "x"), BadRequest, "Chat not found"),
        (lambda bot: bot.edit_message_text("x", PRIVATE, 5), BadRequest, "Message to edit not found"),
        (lambda bot: bot.edit_message_text("y", PRIVATE, 101), BadRequest, "Message can't be edited"),
        (lambda bot: bot.send_message(666, "x"), Forbidden, "bot was blocked by the user"),
        (lambda bot: bot.send_message_draft(GROUP, 1, "x"), BadRequest, "Textdraft_peer_invalid"),
        (lambda bot: bot.get_file("nonsense"), BadRequest, "Wrong file_id"),
        (lambda bot: bot.get_file("big"), BadRequest, "File is too big"),
        (
            lambda bot: bot.send_message(PRIVATE, "x", reply_to_message_id=5),
            BadRequest,
            "Message to be replied not found",
        ),
    ],
)
def test_errors_are_those_that_it_knows(
    served: Served, what: Callable[[telegram.Bot], Awaitable[Any]], error: type[Exception], words: str
) -> None:
    """By type and by words."""
    served.telegram.add_person_message(PRIVATE, PRIVATE, "hello", id=101)
    served.telegram.blocked.add(666)
    served.telegram.files["big"] = bytes(MAX_FILE_BYTES + 1)

    with pytest.raises(error, match=f"(?i){words}"):
        served.ask(what)


def test_the_same_text_is_no_edit(served: Served) -> None:
    """`message is not modified`."""

    async def talk(bot: telegram.Bot) -> None:
        sent = await bot.send_message(PRIVATE, "Hello")
        await sent.edit_text("Hello")

    with pytest.raises(BadRequest, match="not modified"):
        served.ask(talk)


def test_too_many_messages_are_told_when_to_go_on(served: Served) -> None:
    """A chat takes a short burst, and then one a second."""

    async def talk(bot: telegram.Bot) -> None:
        for _ in range(20):
            await bot.send_message(PRIVATE, "Hello")

    with pytest.raises(RetryAfter) as raised:
        served.ask(talk)

    assert raised.value.retry_after == 1


def test_a_wrong_token_is_refused(served: Served) -> None:
    """As Telegram refuses it."""
    with pytest.raises(InvalidToken):
        served.ask(lambda bot: bot.get_me(), token="7001:wrong")


def test_faults_are_those_that_it_knows(served: Served) -> None:
    """What a test lets go wrong looks as it does there."""
    served.faults.waiting.append(StandInFault("telegram:sendMessage", "error", status=429, seconds=7))

    with pytest.raises(RetryAfter) as raised:
        served.ask(lambda bot: bot.send_message(PRIVATE, "x"))

    assert raised.value.retry_after == 7


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_samples_are_updates(path: Any) -> None:
    """Every sample is an update to the SDK, of the kind that it says, if it is not newer than the SDK."""
    given = json.loads(path.read_text())

    update = telegram.Update.de_json(given, None)

    assert update
    (kind,) = given.keys() - {"update_id"}
    if kind in telegram.Update.ALL_TYPES:
        assert getattr(update, kind) is not None
        assert not update.api_kwargs


@pytest.mark.parametrize(
    "path", [path for path in SAMPLES if '"message"' in path.read_text()], ids=lambda p: p.stem
)
def test_we_read_what_it_reads(path: Any) -> None:
    """Ids, text, attachments: ours are what the SDK finds."""
    given = json.loads(path.read_text())
    update = telegram.Update.de_json(given, None)
    assert update
    if update.message is None:
        return
    theirs = update.message
    receiver = TelegramReceiver(lambda: (), lambda: False, lambda: "7001:x", "repartee_bot")

    arrived = receiver.parse(HttpRequest("POST", "/telegram/webhook", {}, path.read_bytes(), time(), "r"))

    for ours in only_messages(arrived.messages):
        number = theirs.message_id or theirs.api_kwargs["ephemeral_message_id"]
        assert int(ours.platform["message"]) == number
        assert ours.platform["chat"] == str(theirs.chat.id)
        assert ours.sent == theirs.date.timestamp()
        files, words = _files_and_words(ours, forwarded=bool(theirs.forward_origin))
        document = None if theirs.animation else theirs.document
        assert files == [
            one.file_id for one in (*theirs.photo[-1:], theirs.voice, theirs.audio, document) if one
        ]
        if theirs.chat.type == "private":
            assert (theirs.text or theirs.caption or "").strip() in words
        replied = theirs.reply_to_message
        if replied and not theirs.is_topic_message:
            (part,) = (one for one in ours.context if one.kind == "replied_to")
            assert (replied.text or replied.caption or "") in part.text


def _files_and_words(message: Message, *, forwarded: bool) -> tuple[list[str], str]:
    """The files and the words of a message; of a forwarded one, those that came along."""
    if not forwarded:
        return [one.download_ref["file_id"] for one in message.attachments], message.text
    assert (message.text, message.attachments) == ("", ())
    (part,) = message.context
    return [one.download_ref["file_id"] for one in part.attachments], part.text


def test_marks_are_read_as_it_reads_them() -> None:
    """Offsets count UTF-16 code units, which an emoji before them shows."""
    given = json.loads((EVENTS_FOLDER / "telegram" / "group_mention.json").read_text())
    update = telegram.Update.de_json(given, None)
    assert update
    assert update.message

    ours = msgspec.convert(given["message"], TelegramMessage)

    assert [ours.entity_text(mark) for mark in ours.text_entities] == list(
        update.message.parse_entities().values()
    )


def test_its_limit_is_ours() -> None:
    """The same characters, in our code and in the stand-in."""
    assert MessageLimit.MAX_TEXT_LENGTH == MAX_CLASSIC_CHARS == MAX_CLASSIC_MESSAGE_CHARS
