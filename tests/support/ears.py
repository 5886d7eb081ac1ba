"""A transcriber that understands no speech: it hears what a recording says in its comment."""

from __future__ import annotations

from local.model_ears import HEARD
from repartee.errors import Malformed


class CommentEars:
    """`ports.Transcriber` for tests without a server."""

    def transcribe(self, audio: bytes, language: str = "") -> str:
        found = HEARD.search(audio)
        if not found:
            raise Malformed("a recording that is damaged: record it again")
        return found[1].decode()
