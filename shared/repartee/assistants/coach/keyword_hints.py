"""A first look at a message: what it may be about, decided by words alone, in no time.

It decides what may begin before the router has answered, and what is done when it does not answer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from repartee.domain.message import StoredMessage

NUMBER_PATTERN_TEXT = r"\d+(?:[.,:]\d+)?"
UNIT_PATTERN_TEXT = (
    r"kgs?|kilos?|lbs?|pounds?|pfund|libras?|st|stone|km|kilomet\w+|mi|miles?|meilen|millas|met(?:re|er)s?|m|yd|yards?"
    r"|reps?|sets?|wdh|wiederholungen|s[aä]tze|series|repeticiones|rpe"
    r"|s|secs?|seconds?|min|mins|minutes?|minuten|minutos?|h|hrs?|hours?|stunden?|horas?"
)
WORKOUT_PATTERN = re.compile(
    rf"\b{NUMBER_PATTERN_TEXT}\s*(?:{UNIT_PATTERN_TEXT})\b|\b\d+\s*[x\u00d7*]\s*\d+\b|\brpe\s*\d",
    re.IGNORECASE,
)
AMOUNT_PATTERN = re.compile(rf"\b{NUMBER_PATTERN_TEXT}\b")
QUESTION_PATTERN = re.compile(
    r"\?|^\s*(?:how|what|which|why|when|should|can|could|is|are|do|does|wie|was|welche\w*|warum|wann|soll\w*|kann"
    r"|ist|cu[aá]nt\w+|c[oó]mo|qu[eé]|cu[aá]l|por qu[eé]|debo|puedo)\b",
    re.IGNORECASE,
)
PROGRESS_PATTERN = re.compile(
    r"progress|trend|improv|stronger|faster|personal best|\bprs?\b"
    r"|how(?:'s| is| are| am| has| have) (?:my|i)\b"
    r"|fortschritt|verbesser|wie (?:l[aä]uft|geht|steht)|bestleistung"
    r"|progreso|mejor(?:a|o|ando)\b|c[oó]mo va",
    re.IGNORECASE,
)
DONE_EXERCISE_PATTERN = re.compile(
    r"\b(?:did|ran|rode|swam|lifted|squatted|benched|deadlifted|rowed|walked|hiked|finished|managed|hit|completed)\b"
    r"|\bi(?:'ve| have) (?:done|run)\b|\b(?:gemacht|gelaufen|gefahren|geschafft|geschwommen|gehoben)\b"
    r"|\b(?:hice|corr[ií]|nad[eé]|levant[eé]|camin[eé]|complet[eé])\b",
    re.IGNORECASE,
)
SELF_STATEMENT_PATTERN = re.compile(
    r"\bi(?:'m| am|'ve| have| had| got| prefer| hate| want| bought| sold)\b"
    r"|\bmy (?:\w+ ){1,3}(?:hurts?|aches?|is|are|was|feels?)\b"
    r"|\b(?:ich|mir|mein\w*)\b|\b(?:me|mi|tengo|quiero)\b",
    re.IGNORECASE,
)
PERSONAL_TOPIC_PATTERN = re.compile(
    r"\b(?:injur|hurt|pain|ache|sore|sprain|torn|surgery|prefer|hate|dislike|allerg|vegan|vegetarian|goal"
    r"|training for|forget|remember|any ?more|no longer|bought|sold"
    r"|verletz|schmerz|weh|lieber|hasse|mag |ziel|vergiss|merk|gekauft|nicht mehr"
    r"|lesi|duele|dolor|prefiero|odio|gusta|objetivo|meta\b|olvida|recuerda|compr[eé]|ya no)"
    r"|\bi(?:'ve| have| own| want| only have| don't have)\b"
    r"|\bmy (?:knee|back|shoulder|wrist|ankle|hip|elbow)"
    r"|\bich (?:habe|will|m[oö]chte)\b|\bmein\w* (?:knie|r[uü]cken|schulter)|\b(?:tengo|quiero)\b",
    re.IGNORECASE,
)
SMALL_TALK_PATTERN = re.compile(
    r"\W*(?:hi|hey|hello|hallo|hola|good (?:morning|evening|night)|guten (?:morgen|tag|abend)|buenos d[ií]as"
    r"|thanks?(?: you)?|thx|danke(?: dir)?|(?:muchas )?gracias|ok(?:ay)?|cool|great|nice|perfect|super|vale"
    r"|bye|see you|tsch[uü]ss|adi[oó]s)(?:[\W_]+(?:coach|there|so much|a lot|very much))?\W*",
    re.IGNORECASE,
)
SENTENCE_BREAK_PATTERN = re.compile(r"(?<=[.!?])\s+|\n")
MAX_SHORT_ANSWER_WORDS = 8
"""Words of a message that may be the answer to a question about a workout."""


class KeywordHints(msgspec.Struct, frozen=True):
    """Subjects that a message may have: exercise that was done, the person themselves, how their training is
    going, a question. `is_small_talk` is about nothing that must be looked up."""

    workout: bool = False
    personal: bool = False
    progress: bool = False
    asks_question: bool = False
    is_small_talk: bool = False


def find_hints(text: str, previous_text: str = "") -> KeywordHints:
    """A look at the text, given what the person said before it: a bare number may go on with that."""
    asking = bool(QUESTION_PATTERN.search(text))
    told = " ".join(one for one in SENTENCE_BREAK_PATTERN.split(text) if not QUESTION_PATTERN.search(one))
    short = not asking and len(text.split()) <= MAX_SHORT_ANSWER_WORDS
    goes_on = short and bool(AMOUNT_PATTERN.search(text) and WORKOUT_PATTERN.search(previous_text))
    return KeywordHints(
        workout=goes_on
        or bool(
            WORKOUT_PATTERN.search(told)
            or (WORKOUT_PATTERN.search(text) and DONE_EXERCISE_PATTERN.search(text))
        ),
        personal=bool(
            PERSONAL_TOPIC_PATTERN.search(told)
            or (PERSONAL_TOPIC_PATTERN.search(text) and SELF_STATEMENT_PATTERN.search(text))
        ),
        progress=bool(PROGRESS_PATTERN.search(text)),
        asks_question=asking,
        is_small_talk=bool(SMALL_TALK_PATTERN.fullmatch(text)),
    )


def find_hints_in_conversation(text: str, before: Sequence[StoredMessage]) -> KeywordHints:
    """Returns a look at the text, given the conversation before it, oldest first."""
    own = [message.text for message in before if message.side == "user"]
    return find_hints(text, own[-1] if own else "")
