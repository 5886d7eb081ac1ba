"""Tells in which language a text is written, by its script and its most frequent words. It costs microseconds.

It answers only where it is sure: a person who is spoken to in a wrong language minds that more than English.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

MAX_DETECTED_CHARS = 1000
"""Characters that are looked at."""

MIN_LEAD_HITS = 2
"""So many more hits than any other language are sure."""

KANA = re.compile(r"[\u3040-\u30ff]")
HAN = re.compile(r"[\u4e00-\u9fff]")
DEVANAGARI = re.compile(r"[\u0900-\u097f]")
LATIN_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
ADDRESS = re.compile(r"\S*[/@._]\S\S*|`[^`]*`")

OWN_LETTERS: Mapping[str, str] = {"de": "ß", "es": "ñ¿¡", "pt": "ãõ", "tr": "ğış", "fr": "œêû", "it": "ìò"}
"""Letters and marks that no other of these languages has: one of them counts as two words."""

FREQUENT_WORDS: Mapping[str, str] = {
    "en": "the and is are was were what which who how when where why can could would should you your i my we our us it its "
    "this that these those there with for from have has had do does did not please to of in on at by be been will me about "
    "an as but or if so all any some more than then they them their he she his her into up out just also now get give make "
    "write draft send show tell find explain help let need want know think i'm don't it's can't what's i've",
    "de": "der die das und ist sind war was welche welcher welches wer wie wann wo warum kann kannst können könnte würde du "
    "dein deine ich mein meine wir unser ihr sie es dies diese dieser mit für von haben habe hat hast nicht bitte zu zum zur "
    "im am den dem des ein eine einen einem einer auf wird werden mir mich uns noch nach bei aus an als auch aber oder wenn "
    "über schon nur mehr sehr gibt gib zeig zeige schick schreib schreibe nenne erkläre mach",
    "es": "el la los las y es son era fue qué que cuál cuáles quién cómo cuándo dónde cuánto puede puedes puedo tu mi su "
    "nosotros esto esta este ese eso con para por de del no una un unos en al se me te lo le nos hay más pero muy tengo "
    "tiene hacer favor está están estoy sobre ya si sin como cuando donde escribe envía manda dime dame explica",
    "fr": "le la les et est sont était que quel quelle quels quelles qui comment quand où pourquoi combien peux peut pouvez tu "
    "vous je mon ma mes nous notre ce cet cette ces cela ça avec pour de des du ne pas une un en au aux il elle on sur dans "
    "moi par plus mais ou si plaît fait faire c'est j'ai qu'est écris envoie donne dis montre explique entre d'un d'une",
    "pt": "o os as e é são era foi que qual quais quem como quando onde quanto pode podes posso você eu meu minha seu sua "
    "nós isto isso este esta esse essa com para por de do da dos das não uma um em no na nos nas ao se me há mais mas "
    "muito tenho tem está estão favor sobre já sem ou escreve escreva envie manda diga mostre explique fazer",
    "it": "il lo la gli le e è sono era che quale quali chi come quando dove perché quanto può puoi posso tu io mio mia noi "
    "questo questa quello con per di del dello della dei degli delle non una un uno in nel nella al alla dal si mi ti ci ho "
    "hai ha più ma o se sei anche su c'è favore fare scrivi manda dimmi dammi spiega mostra",
    "tr": "ve bir bu şu ne nasıl zaman nerede neden kim kime hangi kaç mi mı mu mü ben sen biz siz bana sana buna benim senin "
    "için ile değil var yok da de daha çok en lütfen olarak kadar ama gibi sonra önce bugün yarın hakkında göre her "
    "yaz gönder söyle göster anlat yap olan oldu olur neler",
}
"""Words that people often write to an assistant."""


def detect_language(text: str) -> str:
    """Returns the code of the text's language (see `catalogue.LANGUAGES`), empty where it is not sure."""
    text = text[:MAX_DETECTED_CHARS]
    if KANA.search(text):
        return "ja"
    if HAN.search(text):
        return "zh"
    if DEVANAGARI.search(text):
        return "hi"
    return _detect_latin(ADDRESS.sub(" ", text).lower())


def _detect_latin(text: str) -> str:
    hits = dict.fromkeys(FREQUENT_WORDS, 0)
    for word in LATIN_WORD.findall(text):
        for language in _languages_of_words().get(word.replace("’", "'"), ()):
            hits[language] += 1
    for language, letters in OWN_LETTERS.items():
        hits[language] += 2 * any(letter in text for letter in letters)
    (best, most), (_, second) = sorted(hits.items(), key=lambda one: -one[1])[:2]
    return best if most - second >= MIN_LEAD_HITS or (most > 1 and most >= 2 * second) else ""


@cache
def _languages_of_words() -> dict[str, list[str]]:
    index: dict[str, list[str]] = {}
    for language, words in FREQUENT_WORDS.items():
        for word in words.split():
            index.setdefault(word, []).append(language)
    return index
