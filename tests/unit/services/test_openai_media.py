"""Recordings and pictures through the real SDK, over HTTP, to the model's stand-in."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import openai
import pytest

from repartee.domain import usage
from repartee.domain.prompt import Prompt, PromptMessage
from repartee.errors import (
    DeadlineExceeded,
    InvalidPayload,
    NotFound,
    PayloadTooLarge,
    PermissionDenied,
    Unavailable,
)
from repartee.plan import deadline
from repartee.services.openai.client import make_openai_client
from repartee.services.openai.model import OpenAIModel
from repartee.services.openai.second_tries import UNSEEN
from repartee.services.openai.transcriber import MAX_RECORDING_BYTES, OpenAITranscriber
from standins.openai.arguments import MODEL
from standins.openai.transcriptions import DEAF, HEARING_MODEL
from tests.support.documents import read_sample
from tests.support.standin_server import StandInClient, serve_standins

VOICE = read_sample("voice.ogg")


@pytest.fixture(scope="module")
def served() -> Iterator[StandInClient]:
    with serve_standins() as up:
        yield up


@pytest.fixture
def api(served: StandInClient) -> StandInClient:
    """The stand-ins with nothing in them."""
    served.reset_standins()
    return served


def transcriber(
    api: StandInClient, model: str = HEARING_MODEL, key: str = "sk-local-standin"
) -> OpenAITranscriber:
    return OpenAITranscriber(make_openai_client(lambda: key, f"{api.url}/openai/v1"), model)


# Recordings


@pytest.mark.parametrize(
    "name, said",
    [
        ("voice.ogg", "When does the new lease in Lisbon begin?"),
        ("audio_message.m4a", "How many desks does Lisbon need, and what is on this whiteboard?"),
        (
            "standup.mp3",
            "Ada: the lease is signed. Ben: I order forty desks by Friday. Carla: nothing from me.",
        ),
    ],
)
def test_a_recording_is_written_down(api: StandInClient, name: str, said: str) -> None:
    """Opus, AAC and MP3 as platforms send them, whatever they are called there."""
    assert transcriber(api).transcribe(read_sample(name)) == said


def test_what_a_transcription_takes_is_counted(api: StandInClient) -> None:
    """The tokens are counted with those of the turn, under the model's name."""
    with usage.collect() as spent:
        transcriber(api).transcribe(VOICE, "en")

    assert [(one.model, one.input_tokens > 0, one.output_tokens > 0) for one in spent] == [
        (HEARING_MODEL, True, True)
    ]


def test_a_stand_in_says_that_it_is_deaf(api: StandInClient) -> None:
    """It understands no speech, and does not pretend to."""
    assert transcriber(api).transcribe(VOICE.replace(b"heard: ", b"silent:")) == DEAF


@pytest.mark.parametrize(
    "audio, said",
    [
        (b"", "in a format that is not understood"),
        (b"#!AMR\n" + bytes(900), "in a format that is not understood"),
        (read_sample("people.csv"), "in a format that is not understood"),
        (VOICE[:150], "damaged, too short or empty"),
        (b"RIFF\x00\x00\x00\x00WAVE", "damaged, too short or empty"),
    ],
)
def test_what_is_no_recording_is_refused(api: StandInClient, audio: bytes, said: str) -> None:
    """Before it is sent where its bytes tell, and otherwise by the service: with what the sender can do."""
    with pytest.raises(InvalidPayload, match=f"{said}.*: (send|record) it"):
        transcriber(api).transcribe(audio)


def test_what_is_too_large_does_not_travel(api: StandInClient) -> None:
    """More than the API takes is refused here."""
    with pytest.raises(PayloadTooLarge, match="more than 25 MB"):
        transcriber(api).transcribe(VOICE + bytes(MAX_RECORDING_BYTES))


def test_the_services_errors_are_ours(api: StandInClient) -> None:
    """A wrong key, an unknown model, a server that fails."""
    with pytest.raises(PermissionDenied):
        transcriber(api, key="sk-other").transcribe(VOICE)
    with pytest.raises(NotFound):
        transcriber(api, model="whisper-0").transcribe(VOICE)
    api.post_json("faults", at="model:transcriptions", kind="error", status=503)
    with pytest.raises(Unavailable):
        transcriber(api).transcribe(VOICE)


def test_a_transcription_ends_at_the_deadline(api: StandInClient) -> None:
    """A server that says nothing is not waited for; with no time left nothing is sent."""
    api.post_json("faults", at="model:transcriptions", kind="slow", seconds=0.5)
    with deadline.limited_to(0.1), pytest.raises(DeadlineExceeded):
        transcriber(api).transcribe(VOICE)
    with deadline.limited_to(0), pytest.raises(DeadlineExceeded):
        transcriber(api).transcribe(VOICE)


def test_the_stand_in_refuses_what_the_api_refuses(api: StandInClient) -> None:
    """Too many bytes, a name that tells no format, bytes that are something else, no such language."""
    create = api.make_model_client().audio.transcriptions.create
    wrong: list[tuple[type[openai.APIStatusError], str, dict[str, Any]]] = [
        (
            openai.APIStatusError,
            "Maximum content size limit",
            {"file": ("a.ogg", VOICE + bytes(MAX_RECORDING_BYTES))},
        ),
        (openai.BadRequestError, "Invalid file format", {"file": ("a.oga.bin", VOICE)}),
        (openai.BadRequestError, "corrupted or unsupported", {"file": ("a.mp3", VOICE)}),
        (openai.BadRequestError, "too short", {"file": ("a.ogg", VOICE[:50])}),
        (openai.BadRequestError, "ISO-639-1", {"file": ("a.ogg", VOICE), "language": "English"}),
        (openai.BadRequestError, "Unknown parameter", {"file": ("a.ogg", VOICE), "extra_body": {"x": "1"}}),
        (openai.NotFoundError, "does not exist", {"file": ("a.ogg", VOICE), "model": "whisper-0"}),
    ]
    for error, words, arguments in wrong:
        with pytest.raises(error, match=words):
            create(**{"model": HEARING_MODEL, **arguments})


# Pictures


def test_a_picture_goes_along_with_what_is_asked(api: StandInClient) -> None:
    """The model is given a message's words and its pictures, in one item."""
    link = f"data:image/png;base64,{base64.b64encode(read_sample('whiteboard.png')).decode()}"
    prompt = Prompt(
        "", (), "", (PromptMessage("user", "What is this?", (link, "https://files.example/a.jpg")),)
    )
    model = OpenAIModel(make_openai_client(lambda: "sk-local-standin", f"{api.url}/openai/v1"), MODEL, "")

    list(model.stream(prompt))

    (asked,) = api.get_json("asked")
    assert [part["type"] for part in asked["input"][0]["content"]] == [
        "input_text",
        "input_image",
        "input_image",
    ]


def test_a_damaged_picture_costs_the_picture_and_not_the_answer(api: StandInClient) -> None:
    """What the provider refuses with its pictures is asked without them, and the model is told."""
    link = f"data:image/png;base64,{base64.b64encode(read_sample('whiteboard.png')[:20]).decode()}"
    asked = (PromptMessage("user", "Who has the keys?"), PromptMessage("user", "What is this?", (link,)))
    model = OpenAIModel(make_openai_client(lambda: "sk-local-standin", f"{api.url}/openai/v1"), MODEL, "")

    assert list(model.stream(Prompt("", (), "", asked)))

    (given,) = api.get_json("asked")
    assert [item["content"] for item in given["input"]] == ["Who has the keys?", f"What is this?\n\n{UNSEEN}"]


def picture(link: str | None, **more: Any) -> Any:
    return [{"role": "user", "content": [{"type": "input_image", "image_url": link, **more}]}]


def file(**told: Any) -> Any:
    return [{"role": "user", "content": [{"type": "input_file", **told}]}]


@pytest.mark.parametrize(
    "given, said",
    [
        (picture(None), "Missing required parameter: 'input.0..content.0..image_url'"),
        (picture("not a link"), "Expected a base64-encoded data URL with an image MIME type"),
        (picture("data:image/png;base64,%%%"), "Expected a base64-encoded data URL"),
        (picture("data:text/plain;base64,aGk="), "unsupported MIME type 'text/plain'"),
        (picture("data:image/heic;base64,aGk="), "unsupported MIME type 'image/heic'"),
        (picture("data:image/png;base64,aGk="), "unsupported image"),
        (picture("http://127.0.0.1:9000/media/a.png"), "Error while downloading"),
        (picture("https://a.example/a.png", detail="best"), "Invalid value: 'best'"),
        (file(filename="a.pdf"), "Missing required parameter: 'input.0..content.0..file_id'"),
        (file(file_data="data:application/pdf;base64,aGk="), "content.0..filename'"),
        (file(file_data="aGk=", filename="a.pdf"), "Expected a base64-encoded data URL"),
        (
            [{"role": "assistant", "content": [{"type": "input_text", "text": "a"}]}],
            "'output_text', and 'refusal'",
        ),
    ],
)
def test_the_stand_in_refuses_parts_that_the_api_refuses(api: StandInClient, given: Any, said: str) -> None:
    """A picture that is none, or that nobody can fetch; a file without its name; parts of the wrong side."""
    with pytest.raises(openai.BadRequestError, match=said):
        api.make_model_client().responses.create(model=MODEL, input=given)


def test_the_stand_in_takes_files(api: StandInClient) -> None:
    """A file as data, by link or by id, as the API does."""
    for told in (
        {"file_data": "data:application/pdf;base64,aGk=", "filename": "a.pdf"},
        {"file_id": "file-1"},
    ):
        assert api.make_model_client().responses.create(model=MODEL, input=file(**told)).output_text
