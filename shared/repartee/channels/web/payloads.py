"""The payloads that web clients post, and the events they are sent, as structs."""

from __future__ import annotations

from typing import Annotated

import msgspec

from repartee.domain.relayed import Relayer

MAX_TEXT_CHARS = 64 * 1024
"""Characters. A text of more is no message."""


MAX_ATTACHMENTS = 4
"""Files with one message. All of it is one body, which the webhook's own limit holds."""


class WebAttachment(msgspec.Struct):
    """A file that comes with a message. `data` is its content, in base64."""

    data: bytes
    name: Annotated[str, msgspec.Meta(max_length=255)] = ""


class WebDecision(msgspec.Struct):
    """A person's decision on a proposal."""

    subject: Annotated[str, msgspec.Meta(min_length=1, max_length=255)]
    approve: bool


class WebPost(msgspec.Struct):
    """A post of a client. The same `id` again says nothing new; without one it is new each time."""

    text: Annotated[str, msgspec.Meta(max_length=MAX_TEXT_CHARS)] = ""
    id: str = ""
    conversation: str = "main"
    attachments: Annotated[list[WebAttachment], msgspec.Meta(max_length=MAX_ATTACHMENTS)] = []
    decision: WebDecision | None = None


class WebProposalEvent(msgspec.Struct):
    """A proposal as its event tells of it. It can be decided on until then (epoch seconds)."""

    subject: str
    summary: str
    until: float


class WebLiveMessage(msgspec.Struct, frozen=True):
    """A message in a conversation beside the replies: what a member of the team wrote, or what the desk
    itself has to say. It is the same message as one of the same `id`, which came again after a crash."""

    id: str
    by: Relayer
    text: str


class WebImageChunk(msgspec.Struct):
    """A piece of an image: `data` is base64, to be put together in the order of `part`, from 1 to `parts`.

    `id` is the image's own: a client that has it whole already need not read it again.
    """

    id: str
    name: str
    type: str
    alt: str
    part: int
    parts: int
    data: str
