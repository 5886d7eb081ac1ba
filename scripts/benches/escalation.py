"""How often the desk calls a person where one is needed, and where none is: by rules and local vectors alone.

The conversations of tests/data/escalation.yaml may be looked at, and so may those of escalation_trades.yaml,
of six other trades: thresholds were chosen on them. All others are only run. Those of escalation_unseen.yaml
and escalation_later.yaml were written around the first rules; escalation_fresh.yaml was the first surprise,
and led to wider examples; escalation_blind.yaml and escalation_kept.yaml are of fourteen trades of which
there is no example; escalation_strangers.yaml is by an author who knew neither rules nor examples: every
other conversation of it was looked at once, and led to more everyday examples. Bars hold for the sets that
are only run; not all are reached.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from benches.support.bars import bar_rows, check_bar
from benches.support.labelled_sets import load_labelled_set
from benches.support.tables import percentile, render_table
from local.routes_command import PackagedEmbedder, make_packaged_detector
from repartee.assistants.desk.escalation import EscalationInput, decide_escalation
from repartee.assistants.desk.escalation_signs import EscalationDetector, EscalationSigns
from repartee.assistants.desk.reason_classifier import ReasonClassifier
from repartee.domain.desk import DeskConfig
from repartee.domain.message import Message, Side, StoredMessage
from repartee.ports.desk import DeskState

MIN_RECALL, MAX_FALSE_ALARMS, MAX_DECIDING_MS = 0.95, 0.05, 5.0

LABELLED_SETS = (
    "escalation",
    "escalation_unseen",
    "escalation_later",
    "escalation_fresh",
    "escalation_trades",
    "escalation_blind",
    "escalation_kept",
    "escalation_strangers",
)
ONLY_RUN = {
    "unseen": "written around the first rules",
    "blind": "six other trades",
    "kept": "eight other trades",
    "strangers": "ten other trades, by another author",
}
"""Sets that have bars, and what they are."""

NO_REASON = "none"
CONFIG = DeskConfig(number="web", name="A shop", team=("slack:T1:C1",))


class LabelledConversation(NamedTuple):
    """The lines of a conversation, the customer's first and last, why a person is needed, and language."""

    lines: tuple[str, ...]
    reason: str
    language: str


class DecidedConversation(NamedTuple):
    """A conversation, the reason that was found, and how long the last decision took."""

    labelled: LabelledConversation
    found: str
    milliseconds: float
    is_unsure: bool
    is_early: bool

    @property
    def needs_person(self) -> bool:
        return self.labelled.reason != NO_REASON

    @property
    def is_escalated(self) -> bool:
        return self.found != NO_REASON

    @property
    def is_false_alarm(self) -> bool:
        """Whether a person was called though none was needed, or before one was."""
        return self.is_escalated and (self.is_early or not self.needs_person)


def measure() -> dict[str, Any]:
    """Returns all figures; some ten seconds."""
    detector = make_packaged_detector()
    classifier = detector.load_classifier()
    assert classifier is not None
    seen, before, later, fresh, trades, blind, kept, strangers = (
        decide_all(detector, classifier, list(load_conversations(name))) for name in LABELLED_SETS
    )
    unseen = [*before, *later]
    sets = {"unseen": unseen, "blind": blind, "kept": kept, "strangers": strangers}
    only_run = {name: figures_of(decided) for name, decided in sets.items()}
    return {
        **only_run,
        "looked_at": figures_of(seen),
        "before": figures_of(before),
        "later": figures_of(later),
        "fresh": figures_of(fresh),
        "trades": figures_of(trades),
        "unseen_by_language": {
            language: figures_of([one for one in unseen if one.labelled.language == language])
            for language in dict.fromkeys(one.labelled.language for one in unseen)
        },
        "wrong": [
            f"{one.labelled.lines[-1]} ({one.labelled.reason}): {one.found}"
            for one in (*seen, *trades)
            if one.needs_person != one.is_escalated or one.is_early
        ],
        "bars": [
            *(bar for name, figures in only_run.items() for bar in _check_set(name, figures)),
            check_bar("escalation: ms to decide", only_run["kept"]["deciding ms p50"], MAX_DECIDING_MS),
        ],
    }


def _check_set(name: str, figures: Mapping[str, float]) -> list[dict[str, Any]]:
    return [
        check_bar(f"{ONLY_RUN[name]}: misses", 1 - figures["recall"], 1 - MIN_RECALL),
        check_bar(f"{ONLY_RUN[name]}: false alarms", figures["false alarms"], MAX_FALSE_ALARMS),
    ]


def table(result: dict[str, Any]) -> str:
    """Returns the result for a terminal."""
    sets = ("looked_at", "trades", "before", "later", "unseen", "fresh", "blind", "kept", "strangers")
    figures = [(name, *(result[one][name] for one in sets)) for name in result["unseen"]]
    languages = [
        (language, each["recall"], each["false alarms"], each["conversations"])
        for language, each in result["unseen_by_language"].items()
    ]
    return "\n\n".join(
        (
            render_table(
                (
                    "figure",
                    "may be looked at",
                    "six trades, likewise",
                    "written before the rules",
                    "after",
                    "these two",
                    "fresh",
                    "blind",
                    "kept apart",
                    "strangers'",
                ),
                figures,
            ),
            render_table(("only run: language", "recall", "false alarms", "conversations"), languages),
            render_table(("bar", "measured", "allowed", ""), bar_rows(result)),
            "\n".join(f"wrong: {text}" for text in result["wrong"]),
        )
    )


def load_conversations(name: str) -> Iterator[LabelledConversation]:
    """Yields the labelled conversations of a set."""
    for language, by_reason in load_labelled_set(name).items():
        for reason, conversations in by_reason.items():
            for one in conversations:
                lines = tuple(one) if isinstance(one, list) else (str(one),)
                yield LabelledConversation(lines, reason, language)


def decide_all(
    detector: EscalationDetector, classifier: ReasonClassifier, conversations: Sequence[LabelledConversation]
) -> list[DecidedConversation]:
    """Returns what is decided for each conversation, message by message until a person is called."""
    return [_decide(detector, classifier, one) for one in conversations]


def _decide(
    detector: EscalationDetector, classifier: ReasonClassifier, labelled: LabelledConversation
) -> DecidedConversation:
    found, milliseconds, is_unsure, is_early = NO_REASON, 0.0, False, False
    for at in range(0, len(labelled.lines), 2):
        (vector,) = PackagedEmbedder().embed([labelled.lines[at]])
        began = time.thread_time()
        signs = detector.find_signs([labelled.lines[at]], vector, classifier)
        reason = decide_escalation(CONFIG, _input_of(labelled.lines[: at + 1], signs))
        milliseconds = (time.thread_time() - began) * 1000
        is_unsure = is_unsure or signs.is_unsure
        if reason:
            found, is_early = reason, at < len(labelled.lines) - 1
            break
    return DecidedConversation(labelled, found, milliseconds, is_unsure, is_early)


def _input_of(lines: Sequence[str], signs: EscalationSigns) -> EscalationInput:
    said = [_stored(number, text) for number, text in enumerate(lines[:-1])]
    newest = Message(
        id="1", chat="web:ada:1", room="web:ada", channel="web", sender="web:ada", text=lines[-1], sent=100.0,
        received=100.0,
    )  # fmt: skip
    return EscalationInput(incoming=(newest,), signs=signs, said=said, contents=(), state=DeskState())


def _stored(number: int, text: str) -> StoredMessage:
    side: Side = "assistant" if number % 2 else "user"
    return StoredMessage(
        id=str(number),
        side=side,
        chat="web:ada:1",
        room="web:ada",
        sender="web:ada",
        text=text,
        sent=number + 1.0,
    )


def figures_of(decided: Sequence[DecidedConversation]) -> dict[str, float]:
    """Returns the shares of conversations that were decided right and wrong."""
    needing = [one for one in decided if one.needs_person]
    others = [one for one in decided if not one.needs_person]
    escalated = sum(one.is_escalated and not one.is_early for one in needing)
    right_reason = sum(one.found == one.labelled.reason for one in needing)
    return {
        "conversations": len(decided),
        "need a person": len(needing),
        "recall": round(escalated / max(len(needing), 1), 3),
        "false alarms": round(sum(one.is_false_alarm for one in others) / max(len(others), 1), 3),
        "called too early": sum(one.is_early for one in decided),
        "recall with the small model": round(
            sum((one.is_escalated or one.is_unsure) and not one.is_early for one in needing)
            / max(len(needing), 1),
            3,
        ),
        "right reason": round(right_reason / max(len(needing), 1), 3),
        "small model asked": round(sum(one.is_unsure for one in decided) / max(len(decided), 1), 3),
        "deciding ms p50": round(percentile([one.milliseconds for one in decided], 0.5), 3),
    }
