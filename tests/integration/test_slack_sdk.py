"""Slack's own library takes what we make for what Slack makes: our signatures, and the stand-in's answers."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.models.blocks import ActionsBlock, ButtonElement
from slack_sdk.models.messages.chunk import MarkdownTextChunk, TaskUpdateChunk
from slack_sdk.signature import Clock, SignatureVerifier

from local.sample_events import samples
from repartee.channels.slack.cards import TaskCards
from standins.slack.server import BOT_TOKEN
from tests.support.standin_server import StandInClient, serve_standins

CHANNEL, NOW = "C0GENERAL", 1_789_000_000.0

SAMPLES = sorted((samples.EVENTS_FOLDER / "slack").rglob("*.json"))


class Then(Clock):
    """The time at which the samples are posted."""

    def now(self) -> float:
        return NOW


@pytest.fixture(scope="module")
def served() -> Iterator[StandInClient]:
    """One server for the module."""
    with serve_standins() as up:
        yield up


@pytest.fixture
def running(served: StandInClient) -> StandInClient:
    """The server with nothing in it."""
    served.reset_standins()
    return served


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_our_samples_are_signed_as_slack_signs(path: Path) -> None:
    """Events, buttons and commands, each in the form in which Slack posts it."""
    posted = samples.build_request(path, NOW, "secret", lambda: "0123456789abcdef")

    assert SignatureVerifier("secret", Then()).is_valid_request(posted.body, dict(posted.headers))


def test_prompts_and_sessions(running: StandInClient) -> None:
    """An agent's thread, as the library opens and closes it."""
    slack = running.make_slack_client()
    place = {"channel_id": CHANNEL, "thread_ts": "1789000000.000100"}

    slack.assistant_threads_setSuggestedPrompts(
        **place, prompts=[{"title": "Keys", "message": "Who has them?"}]
    )
    slack.agents_sessions_setStatus(**place, status="processing", title="Keys")
    started = slack.chat_startStream(
        channel=CHANNEL, thread_ts=place["thread_ts"], recipient_user_id="U0ADA", recipient_team_id="T0BUTLER"
    )
    slack.chat_stopStream(channel=CHANNEL, ts=started["ts"], markdown_text="Ada.", session_status="active")

    seen = running.get_json(f"channel/{CHANNEL}")
    assert seen["sessions"] == {place["thread_ts"]: "active"}
    assert [prompt["title"] for prompt in seen["prompts"]] == ["Keys"]


def test_what_goes_on(running: StandInClient) -> None:
    """The library's own chunks, which our cards are, and messages that take turns."""
    slack, place = running.make_slack_client(), {"channel_id": CHANNEL, "thread_ts": "1789000000.000100"}
    (card,) = TaskCards().begin_card("Asking the ERP")
    chunks = [MarkdownTextChunk(text="One moment. "), TaskUpdateChunk(**card)]

    slack.assistant_threads_setStatus(**place, status="is thinking…", loading_messages=["Asking the ERP"])
    assert running.get_json(f"channel/{CHANNEL}")["statuses"] == {place["thread_ts"]: "Asking the ERP"}
    stream = slack.chat_stream(
        channel=CHANNEL, thread_ts=place["thread_ts"], recipient_user_id="U0ADA", recipient_team_id="T0BUTLER"
    )
    stream.append(chunks=chunks)
    stream.stop(chunks=[MarkdownTextChunk(text="Seven.")])

    (message,) = running.get_json(f"channel/{CHANNEL}")["messages"]
    assert message["text"] == "One moment. Seven."
    assert message["tasks"] == {"Asking the ERP": "in_progress"}
    for wrong in ([], [{"type": "task_update", "id": "1", "title": "x", "status": "done"}]):
        with pytest.raises(SlackApiError, match="invalid_chunks"):
            slack.chat_startStream(channel="D0ADA", thread_ts="1.1", chunks=wrong)


def test_uploads(running: StandInClient) -> None:
    """The library's whole way of a file into a thread; what was never uploaded is not found."""
    slack = running.make_slack_client()

    slack.files_upload_v2(
        channel=CHANNEL,
        thread_ts="1789000000.000100",
        filename="a.png",
        content=b"png",
        title="A",
        alt_txt="a",
    )

    (message,) = running.get_json(f"channel/{CHANNEL}")["messages"]
    assert (message["files"], message["thread_ts"]) == (["A"], "1789000000.000100")
    begun = slack.files_getUploadURLExternal(filename="b.png", length=3)
    with pytest.raises(SlackApiError, match="file_not_found"):
        slack.files_completeUploadExternal(files=[{"id": begun["file_id"]}], channel_id=CHANNEL)
    with pytest.raises(SlackApiError, match="alt_txt_too_large"):
        slack.files_getUploadURLExternal(filename="b.png", length=3, alt_txt="x" * 1001)


def test_buttons(running: StandInClient) -> None:
    """The library's own blocks are taken, and seen under the message."""
    button = ButtonElement(text="Stop", action_id="stop", value="1")

    running.make_slack_client().chat_postMessage(
        channel=CHANNEL, text="Hi", blocks=[ActionsBlock(elements=[button])]
    )

    (message,) = running.get_json(f"channel/{CHANNEL}")["messages"]
    assert (message["text"], message["actions"]) == ("Hi", ["stop"])


def test_files(running: StandInClient) -> None:
    """A file is told of to whoever has its id, and handed out to whoever has the token."""
    link = f"{running.url}/slack/files/F0CONTRACT/contract.pdf"
    running.standins.slack.share_file("F0CONTRACT", link, b"%PDF", mimetype="application/pdf")

    assert running.make_slack_client().files_info(file="F0CONTRACT")["file"]["url_private"] == link
    with pytest.raises(SlackApiError, match="file_not_found"):
        running.make_slack_client().files_info(file="F0NONE")
    for token, content in ((BOT_TOKEN, b"%PDF"), ("xoxb-old", b"<!DOCTYPE html>")):
        request = urllib.request.Request(link, headers={"Authorization": f"Bearer {token}"})
        with urllib.request.urlopen(request) as answer:
            assert answer.read().startswith(content)
