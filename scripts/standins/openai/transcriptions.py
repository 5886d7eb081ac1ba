"""The transcriptions endpoint of the model's stand-in: the API's form, limits and errors.

It understands no speech: it "hears" what the recording's comment says after `heard: ` (ffmpeg writes one with
`-metadata comment="heard: …"`), and says so of a recording without.

https://developers.openai.com/api/docs/api-reference/audio/createTranscription
"""

from __future__ import annotations

import re
from typing import Any

from standins.multipart import Part, parse_form
from standins.openai.errors import MISSING, ModelError
from standins.openai.limits import MAX_RECORDING_BYTES, MIN_RECORDING_BYTES

HEARING_MODEL = "scripted-transcript"


KNOWN = {
    "chunking_strategy", "file", "include[]", "keywords[]", "language", "languages[]", "model", "prompt",
    "response_format", "stream", "temperature", "timestamp_granularities[]",
}  # fmt: skip
FORMATS = ["flac", "m4a", "mp3", "mp4", "mpeg", "mpga", "oga", "ogg", "wav", "webm"]
CONTAINERS = {
    "flac": (b"fLaC",),
    "ogg": (b"OggS",),
    "oga": (b"OggS",),
    "wav": (b"RIFF",),
    "webm": (b"\x1aE\xdf\xa3",),
    **dict.fromkeys(("mp3", "mpeg", "mpga"), (b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2")),
}
HEARD = re.compile(rb"heard: (.*?)(?:OggS|[\x00-\x1f\xff]|\Z)", re.DOTALL)
DEAF = "(This is the scripted stand-in for transcription: it hears only what a recording's comment says.)"


def form(body: bytes, content_type: str) -> dict[str, Part]:
    """Returns the fields of a form."""
    found = parse_form(body, content_type)
    if found is None:
        raise ModelError(400, "Could not parse multipart form")
    return found


def transcription(fields: dict[str, Part]) -> dict[str, Any]:
    """Returns the endpoint's answer. Raises `ModelError` for what the API would refuse."""
    for unknown in sorted(fields.keys() - KNOWN):
        message = f"Unknown parameter: '{unknown}'."
        raise ModelError(400, message, param=unknown, code="unknown_parameter")
    _check_model(fields.get("model", ("", b""))[1].decode())
    _check_language(fields.get("language", ("", b"en"))[1].decode())
    if "file" not in fields:
        raise ModelError(400, "Missing required parameter: 'file'.", param="file", code=MISSING)
    name, content = fields["file"]
    _check_audio(name, content)
    found = HEARD.search(content)
    text = found[1].decode("utf-8", "replace") if found else DEAF
    return {"text": text, "usage": _usage(len(content) // 500 + 1, len(text) // 4 + 1)}


def _check_model(name: str) -> None:
    if not name:
        raise ModelError(400, "you must provide a model parameter")
    if name != HEARING_MODEL:
        message = f"The model `{name}` does not exist or you do not have access to it."
        raise ModelError(404, message, code="model_not_found")


def _check_language(language: str) -> None:
    if not re.fullmatch("[a-z]{2}", language):
        message = f"Invalid language '{language}'. Language parameter must be specified in ISO-639-1 format."
        raise ModelError(400, message, param="language", code="invalid_language_format")


def _check_audio(name: str, content: bytes) -> None:
    if len(content) > MAX_RECORDING_BYTES:
        message = f"Maximum content size limit ({MAX_RECORDING_BYTES}) exceeded ({len(content)} bytes read)"
        raise ModelError(413, message, kind="server_error")
    ending = name.lower().rpartition(".")[2]
    if ending not in FORMATS:
        raise ModelError(400, f"Invalid file format. Supported formats: {FORMATS}", param="file")
    if not _is(ending, content):
        message = "Audio file might be corrupted or unsupported"
        raise ModelError(400, message, param="file", code="invalid_value")
    if len(content) < MIN_RECORDING_BYTES:
        message = "Audio file is too short. Minimum audio length is 0.1 seconds."
        raise ModelError(400, message, param="file", code="audio_too_short")


def _is(ending: str, content: bytes) -> bool:
    if ending in ("m4a", "mp4"):
        return content[4:8] == b"ftyp"
    return content.startswith(CONTAINERS[ending])


def _usage(heard: int, written: int) -> dict[str, Any]:
    return {
        "type": "tokens",
        "input_tokens": heard,
        "input_token_details": {"text_tokens": 0, "audio_tokens": heard},
        "output_tokens": written,
        "total_tokens": heard + written,
    }
