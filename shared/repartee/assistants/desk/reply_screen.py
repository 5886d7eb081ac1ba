"""Holds a reply sentence by sentence, so that none is seen that is not true.

A sentence whose numbers or addresses stand nowhere is left out, and the reply says at its end that something was
left out. A sentence that promises a person calls one, and one fixed sentence takes its place. After that
sentence nothing more is said.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

import msgspec

from repartee.assistants.desk.grounding import Evidence
from repartee.assistants.desk.prompts import UNKNOWN_MARK
from repartee.language import desk_texts as texts
from repartee.language.catalogue import translate
from repartee.language.folding import fold

SENTENCE_END = re.compile(r"(?<!\d)[.!?…]+[\"'”»)\]*_]*(?=\s)|[。！？]+[」』）]*|\n")

CITED_NUMBER = re.compile(r" ?\[(\d{1,2})\]")

MAX_HELD_CHARS = 1200
"""Characters that are held at the most while no sentence ends."""

PROMISE = re.compile(
    r"\b(connect|transfer|hand|forward|pass|put)(ing|ed)?\b.{0,40}\b(colleague|agent|human|person|team|representative|operator|specialist)"
    r"|\b(colleague|agent|representative|team member|someone|our team)\b.{0,30}\b(will|is going to|shall)\b.{0,20}\b(contact|get back|reach|reply|answer|call|take over|help|assist|be with)"
    r"|\b(verbinde|leite|ubergebe|gebe)\b.{0,60}\b(kolleg\w+|mitarbeiter\w*|menschen|team|weiter)|\b(kolleg\w+|mitarbeiter\w*|unser team)\b.{0,20}\b(wird|meldet|ubernimmt|kummert)|\bmeldet sich\b.{0,40}\b(kolleg|mitarbeiter)"
    r"|\b(paso|transfiero|comunico|conecto|derivo)\b.{0,40}\b(companer|agente|asesor|persona|equipo|human)|\b(un companero|una companera|un agente|un asesor|nuestro equipo)\b.{0,25}\b(contactara|respondera|atendera|llamara|pondra)"
    r"|\b(transferindo|transferir|transfiro|encaminho|encaminhando|passo|passar)\b.{0,40}\b(colega|atendente|pessoa|equipe|human)|\b(um colega|uma colega|um atendente|nossa equipe)\b.{0,25}\b(vai|ira|entrara)"
    r"|\b(transfere|transmets|mets en relation|passe)\b.{0,40}\b(collegue|conseiller|personne|equipe|humain)|\b(un collegue|une collegue|un conseiller|notre equipe)\b.{0,25}\b(va|vous|prendra|repondra)"
    r"|\b(trasferisco|passo|metto in contatto|inoltro)\b.{0,40}\b(collega|operatore|persona|team)|\b(un collega|una collega|un operatore)\b.{0,25}\b(la|ti|vi|rispondera|contattera)"
    r"|\b(bagliyorum|aktariyorum|yonlendiriyorum)\b"
    r"|(जोड़ रहा|जोड़ रही|ट्रांसफर कर)|(担当者|スタッフ).{0,12}(おつなぎ|代わ|引き継)|(转接|转给).{0,8}(人工|同事|客服)"
)
"""Sentences, folded, that say that a person takes over. A question is an offer and no promise."""

CallPerson = Callable[[], str]
"""Calls a person for the conversation, and returns the sentence that tells the customer so; empty where none
can be called."""


class ReplyTexts(msgspec.Struct, frozen=True):
    """The fixed sentences of a reply, in the customer's language. `offer` is empty where there is no team."""

    unknown: str
    partly_unknown: str
    offer: str
    source: str

    @classmethod
    def in_language(cls, language: str, *, has_team: bool) -> ReplyTexts:
        """Returns them in the language."""
        return cls(
            translate(texts.DESK_UNKNOWN, language),
            translate(texts.DESK_PARTLY_UNKNOWN, language),
            translate(texts.DESK_OFFER, language) if has_team else "",
            translate(texts.DESK_SOURCE, language),
        )


class ReplyScreen:
    """Screens one reply. Owns what was `left_out`. `sources` are those that citations name, in order.
    `called_sentence` gives the sentence by which the customer
    was told of a person that a tool called meanwhile, empty as long as none was."""

    def __init__(
        self,
        evidence: Evidence | None,
        fixed: ReplyTexts,
        call_person: CallPerson,
        called_sentence: Callable[[], str],
        sources: Sequence[str] = (),
    ) -> None:
        self._evidence, self._fixed, self._sources = evidence, fixed, sources
        self._call_person, self._called_sentence = call_person, called_sentence
        self.left_out: list[str] = []
        self._cited: dict[str, None] = {}
        self._is_unknown = False

    def screen(self, pieces: Iterator[str]) -> Iterator[str]:
        """Yields what of the reply may be seen."""
        is_said = False
        for sentence in split_sentences(pieces):
            if self._called_sentence():
                continue  # the tool has called a person: what the model says beside it is not needed
            shown = self._screen_sentence(sentence)
            is_said = is_said or bool(shown.strip())
            if shown:
                yield shown
        if ending := self._ending(is_said=is_said):
            yield f"\n\n{ending}" if is_said else ending

    def _screen_sentence(self, sentence: str) -> str:
        if UNKNOWN_MARK in sentence:
            self._is_unknown = True
            return sentence.replace(UNKNOWN_MARK, "").lstrip()
        if promises_person(sentence) and self._call_person():
            return ""
        if self._evidence and not self._evidence.supports(sentence):
            self.left_out.append(sentence)
            return "\n" if sentence.endswith("\n") else ""
        return self._name_sources(sentence)

    def _name_sources(self, sentence: str) -> str:
        """Returns the sentence without its citations, whose sources stand below the reply."""
        numbers = [int(found) - 1 for found in CITED_NUMBER.findall(sentence)]
        self._cited |= {self._sources[one]: None for one in numbers if 0 <= one < len(self._sources)}
        return CITED_NUMBER.sub("", sentence)

    def _ending(self, *, is_said: bool) -> str:
        """Returns the fixed sentences at the end of the reply."""
        if called := self._called_sentence():
            return called
        if self._is_unknown or (not is_said and self.left_out):
            return f"{self._fixed.unknown} {self._fixed.offer}".strip()
        told = f"{self._fixed.partly_unknown} {self._fixed.offer}".strip() if self.left_out else ""
        source = f"_{self._fixed.source.format(sources=', '.join(self._cited))}_" if self._cited else ""
        return "\n\n".join(part for part in (told, source) if part)


def promises_person(sentence: str) -> bool:
    """Returns whether the sentence says that a person takes over."""
    return not re.search(r"[?？]\W*$", sentence) and bool(PROMISE.search(fold(sentence)))


def split_sentences(pieces: Iterator[str]) -> Iterator[str]:
    """Yields the text again, a sentence with what follows it up to the next at a time."""
    held = ""
    for piece in pieces:
        held += piece
        while end := _sentence_length(held):
            yield held[:end]
            held = held[end:]
    if held:
        yield held


def _sentence_length(text: str) -> int:
    """Returns how long the first sentence is, 0 while it may go on."""
    found = SENTENCE_END.search(text)
    if found is None:
        return len(text) if len(text) >= MAX_HELD_CHARS else 0
    end = found.end()
    while end < len(text) and text[end].isspace():
        end += 1
    return end if end < len(text) or found[0] == "\n" else 0
