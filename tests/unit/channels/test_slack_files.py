"""Fetching files from Slack, through the real client from its stand-in."""

from __future__ import annotations

import msgspec
import pytest

from repartee.channels.slack.attachments import SlackAttachmentFetcher
from repartee.domain.message import Attachment
from repartee.errors import InvalidArgument, InvalidPayload, NotFound, PayloadTooLarge, PermissionDenied
from tests.support.slack_channel import SlackChannel

PDF = b"%PDF-1.7 parking is free"


@pytest.fixture
def channel() -> SlackChannel:
    return SlackChannel()


def test_a_file_is_fetched_with_the_bots_token(channel: SlackChannel) -> None:
    """Nobody else gets it."""
    contract = channel.share_file("F0CONTRACT", PDF, mimetype="application/pdf")

    assert SlackAttachmentFetcher(channel.api).fetch(contract) == PDF


def test_files_may_be_on_a_host_beside_the_api(channel: SlackChannel) -> None:
    """As `files.slack.com` is."""
    contract = channel.share_file("F0CONTRACT", PDF, mimetype="application/pdf")
    beside = {"link": contract.download_ref["link"].replace("//slack", "//files.slack")}

    assert (
        SlackAttachmentFetcher(channel.api).fetch(msgspec.structs.replace(contract, download_ref=beside))
        == PDF
    )


def test_a_login_page_is_no_file(channel: SlackChannel) -> None:
    """Slack answers 200 to whoever may not read it."""
    contract = channel.share_file("F0CONTRACT", PDF, mimetype="application/pdf")
    channel.token = "xoxb-old"

    with pytest.raises(PermissionDenied, match="login page"):
        SlackAttachmentFetcher(channel.api).fetch(contract)


def test_a_page_that_somebody_sent_is_a_file(channel: SlackChannel) -> None:
    """What says of itself that it is HTML may be it."""
    page = channel.share_file("F0PAGE", b"<!doctype html><p>Hello", mimetype="text/html")

    assert SlackAttachmentFetcher(channel.api).fetch(page).startswith(b"<!doctype")


def test_a_file_of_which_the_id_alone_is_known_is_asked_for(channel: SlackChannel) -> None:
    """In Slack Connect an event may tell no more."""
    channel.share_file("F9OFFER", b"We offer", mimetype="text/plain")

    assert SlackAttachmentFetcher(channel.api).fetch(Attachment(kind="file", id="F9OFFER")) == b"We offer"
    with pytest.raises(InvalidArgument, match="file_not_found"):
        SlackAttachmentFetcher(channel.api).fetch(Attachment(kind="file", id="F0NONE"))


def test_a_file_that_is_kept_elsewhere_is_not_fetched(channel: SlackChannel) -> None:
    """The link leads out of Slack."""
    channel.share_file("F0LINKED", b"", mimetype="text/plain", is_external=True)

    with pytest.raises(NotFound):
        SlackAttachmentFetcher(channel.api).fetch(Attachment(kind="file", id="F0LINKED"))


@pytest.mark.parametrize(
    "link", ["http://evil.example/F1/x", "https://slack/F1/x", "http://notslack/F1/x", "http://slack:81/F1/x"]
)
def test_nobody_else_is_shown_the_token(channel: SlackChannel, link: str) -> None:
    """A link that does not lead to Slack is not followed; the error does not quote it."""
    attachment = Attachment(kind="file", id="F1", mime="text/plain", download_ref={"link": link})

    with pytest.raises(PermissionDenied) as refusal:
        SlackAttachmentFetcher(channel.api).fetch(attachment)

    assert link not in str(refusal.value)


def test_a_file_that_is_too_large_is_not_read_to_its_end(channel: SlackChannel) -> None:
    """Whether its size was told or not."""
    contract = channel.share_file("F0CONTRACT", PDF, mimetype="application/pdf")
    files = SlackAttachmentFetcher(channel.api, max_bytes=len(PDF) - 1)

    for size in (0, len(PDF)):
        with pytest.raises(PayloadTooLarge):
            files.fetch(msgspec.structs.replace(contract, size=size))


def test_what_nobody_reads_is_not_fetched(channel: SlackChannel) -> None:
    """A program, or something of which nobody knows what it is."""
    program = channel.share_file("F0EXE", b"MZ", mimetype="application/x-msdownload")

    with pytest.raises(InvalidPayload):
        SlackAttachmentFetcher(channel.api).fetch(program)
