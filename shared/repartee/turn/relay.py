"""A turn of a chat that a person has, or that just changed hands: no model is called. What the customer wrote
goes to the team, what a member wrote goes to the customer, and both are told of changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial

from repartee.domain.handover import Handover
from repartee.domain.message import Exchange, Incoming, Message, TeamAction
from repartee.errors import BackendError
from repartee.language import handover_texts as texts
from repartee.language.catalogue import Text, translate
from repartee.plan import Outcome
from repartee.ports.channels import ReplySender
from repartee.ports.handovers import Handovers
from repartee.turn.customer_writer import CustomerWriter
from repartee.turn.dependencies import TurnDependencies
from repartee.turn.handover_metrics import metrics_of
from repartee.turn.heartbeat import Heartbeat
from repartee.turn.lease import Lease
from repartee.turn.relay_addresses import as_member_message, find_customer_address
from repartee.turn.relayed_events import collect_relayed_events
from repartee.turn.relayed_files import FileRelay
from repartee.turn.team_help import TeamHelper
from repartee.turn.team_thread import TeamThreads
from repartee.turn.template_note import note_sent_template

CountMetric = Callable[[str, int], None]


class RelayTurn:
    """One turn of a chat that has changed hands, from the claim to the close."""

    outcomes: tuple[Outcome, ...] = ()

    def __init__(
        self,
        dependencies: TurnDependencies,
        threads: TeamThreads,
        files: FileRelay,
        helper: TeamHelper,
        count_metric: CountMetric,
        lease: Lease,
        heartbeat: Heartbeat,
        senders: Mapping[str, ReplySender],
        incoming: Sequence[Incoming],
        assistant: str,
    ) -> None:
        self._dependencies, self._threads, self._files = dependencies, threads, files
        self._helper, self._count_metric = helper, count_metric
        self._lease, self._senders = lease, senders
        self.incoming, self._assistant = tuple(incoming), assistant
        self._handover = Handover()
        begun_at = self.incoming[0].received if self.incoming else 0.0
        self._customer = CustomerWriter(lease, heartbeat, senders, begun_at, self._try_to_show)

    @property
    def _handovers(self) -> Handovers:
        return self._threads.handovers

    def run(self) -> Exchange:
        """Passes on what was claimed, and closes. Raises what made it fail, so that it is tried again."""
        if self._lease.phase != "delivered":
            found = self._handovers.read(self._lease.chat)
            self._handover = self._threads.ensure_card(self._lease.chat, found, self._lost_since)
            self._show_broken_off_reply()
            for one in self.incoming:
                self._relay(one)
            self._lease.mark_delivered(self._lease.visible.text)
            self._count_changes()
        return self._close()

    def _count_changes(self) -> None:
        """Counts what became of the conversation."""
        for one in self.incoming:
            if isinstance(one, TeamAction):
                for name, number in metrics_of(one, self._handover):
                    self._count_metric(name, number)

    def fail(self, reason: str, insists: bool = True, apologizes: bool = True) -> Exchange:
        """Closes what could not be passed on as failed, with a dead letter that names it, and tells the team
        where that is possible."""
        ids = [one.id for one in self.incoming]
        self._dependencies.wakes.dead_letter(self._lease.chat, ids, reason)
        with suppress(BackendError):
            found = self._handovers.read(self._lease.chat)
            for id in [one.id for one in self.incoming if apologizes and not _is_receipt(one)]:
                text = translate(texts.NOT_DELIVERED, self._threads.find_team(found).language)
                self._threads.post(self._lease.chat, found.card, text, f"failed-{id}", self._lost_since)
        return self._close(failed=reason)

    def announce_delay(self) -> bool:
        """Says nothing: a person answers when they do."""
        return True

    def end_typing(self) -> None:
        """Does nothing: nothing shows that an answer is on its way."""

    @property
    def _lost_since(self) -> float:
        """Since when an earlier attempt may have sent what it could not note: 0 on the first."""
        return self.incoming[0].received if self._lease.attempts > 1 else 0.0

    def _show_broken_off_reply(self) -> None:
        """Tells the team what the assistant had begun to answer when a person took the chat."""
        begun = self._lease.visible.text
        if begun and not any(isinstance(one, TeamAction) for one in self.incoming):
            shown = translate(texts.ASSISTANT_BROKE_OFF, self._team_language, words=begun)
            self._post(shown, f"broken-off-{self._lease.turn}")

    def _relay(self, one: Incoming) -> None:
        if isinstance(one, Message):
            self._show_customer_message(one)
        elif isinstance(one, TeamAction):
            self._carry_out(one)

    def _show_customer_message(self, message: Message) -> None:
        """Writes in the team's thread what the customer wrote, and brings the files."""
        name = message.sender_name or translate(texts.CUSTOMER, self._team_language)
        context = " ".join(part.text for part in message.context if part.text)
        words = "\n".join(filter(None, (message.text, f"> {context}" if context else "")))
        if words:
            self._post(f"{name}: {words}", message.id)
        if not self._handover.card.message_id:
            return
        thread = self._threads.address(self._handover.card)
        sender = self._senders[thread.channel]
        for name_of_lost in self._files.send(message, message.attachments, sender, thread):
            lost = translate(texts.FILE_NOT_PASSED_ON, self._team_language, name=name_of_lost)
            self._post(f"{name}: {lost}", f"{message.id}-files")

    def _carry_out(self, action: TeamAction) -> None:
        told: dict[str, Text] = {"taken": texts.TEAM_IS_HERE, "given_back": texts.GIVEN_BACK}
        if action.kind == "message":
            self._send_member_message(action)
        elif action.kind in ("request", "echo", "refused"):
            self._post(self._words_for_team(action), action.id)
        elif action.kind == "read":
            self._try_to_show(partial(self._threads.show_read, self._handover, action.text))
        elif action.kind == "rated":
            self._post(
                translate(texts.CUSTOMER_RATED, self._team_language, score=action.text), f"rated-{action.id}"
            )
            self._tell_customer(action, texts.THANKS_FOR_OPINION)
        elif action.kind == "reminder":
            self._remind(action)
        else:
            self._threads.update_card(self._lease.chat, self._handover)
            is_from_app = action.kind == "taken" and action.sender.startswith("whatsapp:")
            words = [told[action.kind]] if action.kind in told and not is_from_app else []
            self._tell_customer(action, *words, *self._question_for_opinion(action))
            if action.kind == "resolved":
                self._threads.close_thread(self._handover)

    def _words_for_team(self, action: TeamAction) -> str:
        """Returns what the team is told of an act: the answer to a request, the words from the app, or why a
        press did nothing."""
        if action.kind == "request":
            return self._helper.answer(action, self._team_language)
        if action.kind == "echo":
            return f"{translate(texts.SENT_FROM_APP, self._team_language)}\n{action.text}".strip()
        return action.text

    def _question_for_opinion(self, action: TeamAction) -> tuple[Text, ...]:
        """The question for an opinion, once for each hand-over that a person had."""
        found, team = self._handover, self._threads.find_team(self._handover)
        has_ended = action.kind in ("given_back", "resolved") and found.taken_at and not found.is_active
        if not (has_ended and team.asks_for_opinion and f"-{found.id}-" in action.id):
            return ()
        if found.rating_asked_at and self._lease.attempts == 1:
            return ()
        if not self._customer.can_write_to(self._customer_address(action)):
            return ()
        self._handovers.note_rating_asked(self._lease.chat, found.id, self._dependencies.clock())
        return (texts.ASK_OPINION,)

    def _remind(self, action: TeamAction) -> None:
        """Reminds the team where it is there, asks the next room, and tells the customer honestly."""
        found, now = self._handover, self._dependencies.clock()
        if found.state != "waiting":
            return
        opening = self._threads.teams.next_opening(found.customer.room, now)
        if opening is None or opening > now:
            self._say_when_team_is_back(action, opening)
            return
        last_room = len(self._threads.find_team(found).rooms) - 1
        place = max(found.card.place, min(found.reminders - 1, last_room))
        if place == found.card.place:
            self._post(translate(texts.REMINDER, self._team_language), action.id)
        else:
            self._handover = self._threads.move_card(self._lease.chat, found, place, self._lost_since)
        if found.reminders == 1:
            self._tell_customer(action, texts.STILL_WAITING)

    def _say_when_team_is_back(self, action: TeamAction, opening: float | None) -> None:
        """Tells the customer when the team will be there, unless they were told when they were given up to
        it."""
        found, teams = self._handover, self._threads.teams
        was_open = teams.next_opening(found.customer.room, found.opened_at) == found.opened_at
        if was_open and opening is not None:
            when = self._threads.teams.format_time(found.customer.room, opening)
            self._say(action, translate(texts.TEAM_AWAY, self._customer_language, when=when))

    @property
    def _team_language(self) -> str:
        return self._threads.find_team(self._handover).language

    def _post(self, text: str, key: str) -> None:
        self._threads.post(self._lease.chat, self._handover.card, text, key, self._lost_since)

    def _tell_customer(self, action: TeamAction, *words: Text) -> None:
        text = "\n\n".join(translate(one, self._customer_language) for one in words)
        if text:
            self._say(action, text)

    @property
    def _customer_language(self) -> str:
        return self._handover.customer.language

    def _send_member_message(self, action: TeamAction) -> None:
        """Sends a member's words and files to the customer. Where the platform's window is closed, the member
        is told what went out instead."""
        address = self._customer_address(action)
        if not self._customer.can_write_to(address):
            self._ask_to_write_again(action, address)
            return
        if action.text:
            self._customer.say(address, action.text, is_by_member=True)
        else:
            self._customer.show_member_typing(address)
        source, sender = as_member_message(self._handover.card, action), self._senders[address.channel]
        for name in self._files.send(source, action.attachments, sender, address):
            lost = translate(texts.FILE_NOT_PASSED_ON, self._team_language, name=name)
            self._post(lost, f"{action.id}-files")

    def _ask_to_write_again(self, action: TeamAction, address: Message) -> None:
        """Sends the template, if there is one, once after each of the customer's latest messages, and tells
        the team what became of the member's words."""
        handover = self._handover
        if handover.template_sent_at > address.sent and not self._customer.has_sent_template:
            self._customer.note_kept_back()
            told = texts.WINDOW_CLOSED_ASKED
        elif self._customer.send_template(address):
            told = texts.WINDOW_CLOSED_TEMPLATE
        else:
            told = texts.WINDOW_CLOSED
        self._post(translate(told, self._team_language), f"{action.id}-window")

    def _try_to_show(self, show: Callable[[], None]) -> None:
        """Shows a sign where that works: nothing that is said is lost with it."""
        try:
            show()
        except BackendError as failure:
            self._dependencies.logger.info("sign_not_shown", chat=self._lease.chat, reason=str(failure))

    def _say(self, action: TeamAction, text: str) -> None:
        """Says to the customer what the desk itself has to say, while that is free: no template is sent for
        it."""
        address = self._customer_address(action)
        if self._customer.can_write_to(address):
            self._customer.say(address, text, is_by_member=action.kind == "taken")

    def _customer_address(self, action: TeamAction) -> Message:
        return find_customer_address(self._dependencies.inbox, self._handover, action)

    def _close(self, failed: str = "") -> Exchange:
        exchange = Exchange(
            turn=self._lease.turn,
            chat=self._lease.chat,
            room=self.incoming[-1].room,
            assistant=self._assistant,
            messages=tuple(one.without_address() for one in self.incoming),
            reply="",
            answered_at=self._dependencies.clock(),
        )
        note_sent_template(self._lease, self._dependencies)
        events = collect_relayed_events(self._dependencies, self._lease, exchange, self._read_handover)
        return self._lease.close(exchange, failed, events=events)

    def _read_handover(self) -> Handover:
        return self._handover if self._handover.id else self._handovers.read(self._lease.chat)


def _is_receipt(one: Incoming) -> bool:
    return isinstance(one, TeamAction) and one.kind == "read"
