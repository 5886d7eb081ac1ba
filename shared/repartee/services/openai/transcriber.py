"""Transcribes recordings with the transcriptions API.

https://developers.openai.com/api/docs/guides/speech-to-text
"""

from __future__ import annotations

import msgspec
import openai

from repartee.domain import usage
from repartee.domain.usage import Usage
from repartee.errors import DeadlineExceeded, InvalidArgument, InvalidPayload, PayloadTooLarge
from repartee.plan import deadline
from repartee.services.content_type import detect_type
from repartee.services.openai.client import BACKEND, MAX_SILENCE_SECONDS, translating

MAX_RECORDING_BYTES = 25 * 1024 * 1024
"""Bytes of one recording that the API takes."""

ENDINGS = {
    "audio/flac": "flac",
    "audio/mp4": "m4a",
    "audio/mpeg": "mp3",
    "audio/ogg": "ogg",
    "audio/wav": "wav",
    "audio/webm": "webm",
    "video/mp4": "mp4",
}
"""The API tells a format by a name's ending. Voice clips of Slack are mp4 without pictures."""


class OpenAITranscriber:
    """`ports.Transcriber` on the transcriptions API. Of a recording's name it is told nothing."""

    def __init__(self, client: openai.OpenAI, model: str) -> None:
        self._client, self._model = client, model

    def transcribe(self, audio: bytes, language: str = "") -> str:
        if len(audio) > MAX_RECORDING_BYTES:
            raise PayloadTooLarge(
                f"a recording of more than {MAX_RECORDING_BYTES // 1024**2} MB: send a shorter one"
            )
        name, kind = _named(audio)
        left = deadline.remaining()
        if left == 0:
            raise DeadlineExceeded(BACKEND, "no time left")
        with translating():
            try:
                answer = self._client.audio.transcriptions.with_raw_response.create(
                    model=self._model,
                    file=(name, audio, kind),
                    language=language or openai.omit,
                    timeout=left or MAX_SILENCE_SECONDS,
                )
            except openai.BadRequestError as error:
                raise InvalidPayload(
                    "a recording that is damaged, too short or empty: record it again"
                ) from error
        return self._text(answer.content)

    def _text(self, answer: bytes) -> str:
        try:
            found = msgspec.json.decode(answer, type=_Transcription)
        except (msgspec.DecodeError, UnicodeError) as error:
            raise InvalidArgument(BACKEND, f"a transcription that cannot be read ({error})") from None
        if found.usage:
            usage.record(Usage(found.usage.input_tokens, found.usage.output_tokens, model=self._model))
        return found.text.strip()


class _TranscriptionUsage(msgspec.Struct):
    """The tokens of one transcription. A model that is billed by the second reports none."""

    input_tokens: int = 0
    output_tokens: int = 0


class _Transcription(msgspec.Struct):
    text: str
    usage: _TranscriptionUsage | None = None


def _named(audio: bytes) -> tuple[str, str]:
    """Returns a name and a type that tell the recording's format. Raises `InvalidPayload` for one that nobody
    takes."""
    try:
        kind = detect_type(audio)
        return f"recording.{ENDINGS[kind]}", kind
    except (InvalidPayload, KeyError):
        known = "MP3, M4A, OGG, WAV, FLAC or WebM"
        raise InvalidPayload(f"a recording in a format that is not understood: send it as {known}") from None
