"""One run of the load bench with a desk: customers in WhatsApp and Telegram, and a team that takes over."""

from __future__ import annotations

import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from benches.load_test.answer_text import read_sentences
from benches.load_test.desk_events import EventSenders, make_webhook
from benches.load_test.desk_plan import DeskMessage, plan_desk_messages
from benches.load_test.desk_team import NOTE_WORDS, TEAM_ROOM, DeskTeam
from benches.load_test.function_workers import FunctionFigures, FunctionWorker
from benches.load_test.load_run import ROOT, LoadRun, RunRecord
from benches.load_test.load_stack import LoadStack
from benches.load_test.platform_posts import PlatformPosts
from benches.load_test.run_figures import CLEAN_FAULTS
from benches.load_test.scenario import LoadScenario
from benches.load_test.seen_answers import DELAY_NOTICE
from benches.load_test.told_events import find_event_faults
from benches.support.bars import check_bar
from repartee.domain.desk import DeskConfig, EscalationRules
from repartee.wiring import Wiring, stores
from standins.whatsapp.server import PHONE_NUMBER_ID

ASSISTANTS = "slack=office,telegram=desk,whatsapp=desk"
CUSTOMER_NUMBERS = (f"whatsapp:{PHONE_NUMBER_ID}", "telegram")
REMIND_MINUTES = 600
"""Minutes until the team is reminded: longer than a run, so that nothing is said beside answers."""

MAX_ERROR_SHARE = 0.001
TEAM_LOOKS_SECONDS = 1.0
TEAM_IDLE_SECONDS = 120.0
"""Seconds after all else is closed in which the team must have seen and answered all."""

EVENTS_IDLE_SECONDS = 300.0
"""Seconds after all is answered in which the receiver must have been told all: a lane whose sender died with
its message is found by the sweep after two minutes."""


class DeskPosts(PlatformPosts):
    """Keeps what the desk says beside answers apart, by chat: the sentence that a person was called, and that
    a person took over."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.notices: dict[int, list[str]] = {}

    def list_visible_texts(self, chat: int, platform: str) -> list[str]:
        """Returns the answers that the customer sees, by the assistant or a person."""
        texts = super().list_visible_texts(chat, platform)
        is_notice = [not list(read_sentences([text])) and text != DELAY_NOTICE for text in texts]
        self.notices[chat] = [text for text, apart in zip(texts, is_notice, strict=True) if apart]
        return [text for text, apart in zip(texts, is_notice, strict=True) if not apart]


class DeskLoadRun(LoadRun):
    """Runs one scenario with a desk."""

    def __init__(self, stack: LoadStack, scenario: LoadScenario, root: Path = ROOT) -> None:
        stack = replace(stack, settings={**stack.settings, "ASSISTANT": ASSISTANTS})
        super().__init__(stack, scenario, root)
        self.customer_messages: list[DeskMessage] = plan_desk_messages(scenario)
        self.messages = list(self.customer_messages)
        self.posts = DeskPosts(stack.stack)
        self.team = DeskTeam(stack.stack, self._post_as_team, self._find_answered)
        self._member = FunctionWorker(self._snapshots["webhook"])
        self.senders = EventSenders(stack, scenario, root, self.log)
        configure_desk(stack)

    def run(self) -> RunRecord:
        """Runs until all is answered, by the assistant or by the team."""
        return super().run()

    @contextmanager
    def _running_threads(self) -> Iterator[None]:
        with super()._running_threads():
            loops = (self._work_as_team, *self.senders.list_loops(self._is_over))
            threads = [threading.Thread(target=loop, daemon=True) for loop in loops]
            for thread in threads:
                thread.start()
            yield
        for thread in threads:
            thread.join(5.0)
        self.senders.close()

    def _list_workers(self) -> list[tuple[FunctionWorker, FunctionFigures]]:
        senders = [(worker, self.senders.figures) for worker in self.senders.workers]
        return [*super()._list_workers(), (self._member, self.record.webhook), *senders]

    def _work_as_team(self) -> None:
        while not self._is_over.wait(TEAM_LOOKS_SECONDS):
            try:
                self.team.work()
            except (OSError, KeyError, ValueError) as failure:
                print(f"the team could not look: {failure!r}", file=sys.stderr)

    def _post_as_team(self, event: dict[str, Any]) -> None:
        """Posts as Slack does: again, until the webhook takes it."""
        while not self._is_over.is_set():
            call = self._member.invoke(event, "", self.record.webhook)
            if call and call.answer["statusCode"] == 200:
                return
            self._is_over.wait(TEAM_LOOKS_SECONDS)

    def _find_answered(self, tokens: Sequence[str]) -> set[str]:
        chats = {(one.chat, one.platform) for one in self.customer_messages if one.token in tokens}
        texts = [text for chat in chats for text in self.posts.list_visible_texts(*chat)]
        return {sentence.token for sentence in read_sentences(texts)} & set(tokens)

    def _wait_until_answered(self) -> None:
        """Waits for the assistant, then for the team, then for what the team wrote."""
        super()._wait_until_answered()
        until = time.time() + TEAM_IDLE_SECONDS
        while self._is_unanswered_by_team() and time.time() < until:
            time.sleep(TEAM_LOOKS_SECONDS)
        super()._wait_until_answered()
        until = time.time() + EVENTS_IDLE_SECONDS
        while not self.senders.is_idle() and time.time() < until:
            time.sleep(TEAM_LOOKS_SECONDS)

    def _is_unanswered_by_team(self) -> bool:
        answered = {token for tokens in self.team.answered.values() for token in tokens}
        return any(
            one.is_escalated and one.token in self.record.accepted and one.token not in answered
            for one in self.customer_messages
        )


def configure_desk(stack: LoadStack) -> None:
    """Keeps the configurations of the desk's numbers."""
    records = Wiring(stack.settings).get(stores.desk_records)
    for number in CUSTOMER_NUMBERS:
        rules = EscalationRules(remind_minutes=REMIND_MINUTES)
        records.save_config(
            DeskConfig(
                number=number,
                name="Lumen",
                team=(TEAM_ROOM,),
                checks=False,
                escalation=rules,
                webhooks=(make_webhook(stack),),
            )
        )


def find_desk_faults(run: DeskLoadRun) -> dict[str, list[str]]:
    """Returns what is wrong with what the team saw, and with what the desk said beside answers."""
    escalated = _group_tokens(run.customer_messages)
    threads = run.team.read_threads()
    by_token = {token: thread for thread in threads for token in thread.tokens}
    found: dict[str, list[str]] = {
        name: []
        for name in ("no_card", "cards_twice", "lost_for_team", "twice_for_team", "team_out_of_order")
    }
    for chat, tokens in escalated.items():
        own = {id(by_token[token]): by_token[token] for token in tokens if token in by_token}
        label = f"chat {chat}:"
        if not own:
            found["no_card"].append(label)
        if len(own) > 1:
            found["cards_twice"].append(label)
        found["lost_for_team"] += [f"{label} {token}" for token in tokens if token not in by_token]
        below = [token for thread in own.values() for token in thread.tokens_below]
        found["twice_for_team"] += [f"{label} {one}" for one, times in Counter(below).items() if times > 1]
        if below != sorted(below):
            found["team_out_of_order"].append(label)
    notices = run.posts.notices if isinstance(run.posts, DeskPosts) else {}
    found["not_told"] = [f"chat {chat}:" for chat in escalated if not notices.get(chat)]
    found["told_twice"] = [
        f"chat {chat}: {text}"
        for chat, texts in notices.items()
        for text, times in Counter(texts).items()
        if times > 1
    ]
    found["false_alarms"] = [
        f"chat {chat}: {texts[0]}" for chat, texts in notices.items() if texts and chat not in escalated
    ]
    found["notes_at_customers"] = [
        f"chat {chat}: {text}" for chat, texts in notices.items() for text in texts if NOTE_WORDS in text
    ]
    return found


def describe_desk(run: DeskLoadRun) -> dict[str, Any]:
    """Returns what the run showed of the desk. What customers saw must have been read before."""
    told = run.senders.read_told()
    faults = {
        **find_desk_faults(run),
        **find_event_faults(told, run.customer_messages, run.record.accepted),
        "events_left": run.senders.list_open_lanes(),
        "events_given_up": ["event"] * run.senders.count_dead(),
    }
    return {
        "escalated": len(_group_tokens(run.customer_messages)),
        "cards": len(run.team.read_threads()),
        "answers_of_team": sum(map(len, run.team.answered.values())),
        "events": {
            "told": len(told),
            "by_kind": Counter(one.kind for one in told),
            "senders_killed": len(run.senders.disturber.interruptions),
            "cpu_ms_an_event": round(run.senders.figures.cpu_ms / max(1, len(told)), 2),
        },
        "faults": {name: len(found) for name, found in faults.items()},
        "faults_listed": {name: found[:20] for name, found in faults.items() if found},
        "notices": Counter(text for texts in run.posts.notices.values() for text in texts)
        if isinstance(run.posts, DeskPosts)
        else {},
    }


def list_desk_bars(name: str, figures: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Returns the bars of a run with a desk; none for another."""
    desk = figures.get("desk")
    if not desk:
        return []
    errors = sum(desk["faults"].values()) + sum(figures["faults"][fault] for fault in CLEAN_FAULTS)
    return [
        *(
            check_bar(f"{name}: {fault.replace('_', ' ')}", count, 0)
            for fault, count in desk["faults"].items()
        ),
        check_bar(f"{name}: errors, share of messages", errors / figures["messages"], MAX_ERROR_SHARE),
    ]


def _group_tokens(messages: Sequence[DeskMessage]) -> dict[int, list[str]]:
    """Returns the messages of each escalated chat, in the order in which they were written."""
    found: dict[int, list[str]] = {}
    for message in sorted(messages, key=lambda one: one.number):
        if message.is_escalated:
            found.setdefault(message.chat, []).append(message.token)
    return found
