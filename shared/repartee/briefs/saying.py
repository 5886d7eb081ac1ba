"""Says a text in a person's chat, once for each run: a brief, or a reminder.

The text is kept before the first of it is sent, and the ids of its messages as they are known, so that
another worker goes on with what is visible.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from repartee.domain.brief import Address
from repartee.domain.brief_run import BriefRun
from repartee.domain.message import Message
from repartee.domain.reply import VisibleState
from repartee.errors import NotFound
from repartee.ports.briefs import BriefRuns
from repartee.ports.channels import ReplySender


class ChatSpeaker:
    """Says texts by the channels' sending sides."""

    def __init__(
        self, runs: BriefRuns, senders: Mapping[str, ReplySender], clock: Callable[[], float]
    ) -> None:
        self._runs, self._senders, self._clock = runs, senders, clock

    def say(
        self, run: BriefRun, text: str, address: Address, turn_id: str, last_seen: float, shown: str = ""
    ) -> None:
        """Says the text of a claimed run. `last_seen` is when the person last wrote there (epoch seconds);
        `shown` is what is said instead of the text that is kept, which must be the same each time. Raises
        `BackendError` where the platform does not take it, `LeaseLost` where the run is another worker's."""
        sender = self._senders.get(address.channel)
        if sender is None:
            raise NotFound("briefs", f"the channel {address.channel} is not connected")
        visible = run.visible if run.visible.intent_at else VisibleState(intent_at=self._clock())
        self._runs.save_visible(run, text, visible)

        def record(ids: dict[str, str], visible_text: str) -> None:
            self._runs.save_visible(run, text, msgspec.structs.replace(visible, message_ids=ids, text=""))

        is_resumed = bool(run.visible.intent_at)
        message = make_address_message(address, turn_id, run.person, self._clock(), last_seen=last_seen)
        begun = msgspec.structs.replace(visible, may_have_more=is_resumed)
        reply = sender.open_reply(message, turn_id, begun, record)
        reply.append(shown or text, send=False)
        reply.finish()


def make_address_message(address: Address, id: str, person: str, now: float, *, last_seen: float) -> Message:
    """Returns the message to which a brief or a reminder is said, as if the person had written there when
    they last did: the platforms answer messages, and WhatsApp allows that for a day."""
    sent = min(now, last_seen) if address.channel == "whatsapp" else now
    return Message(
        id=id,
        chat=address.chat,
        room=address.room,
        channel=address.channel,
        sender=person,
        sent=sent,
        received=now,
        language=address.language,
        platform=address.platform,
        text="",
    )
