"""Decodes text of any common encoding.

Old encodings are told apart by what the text would be: letters that are common in the languages that use
them. charset-normalizer was tried, and takes a short French or Turkish table for Czech.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator

from repartee.errors import InvalidPayload
from repartee.services.documents.extract import MAX_CHARACTERS

MAX_BYTES = 5 * MAX_CHARACTERS
"""Bytes that are decoded: there is markup in a page, and some characters take four."""

SAMPLE_BYTES = 32 * 1024
"""Bytes by which an old encoding is told."""

MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
"""Byte order marks; of two that begin alike the longer comes first."""

WEST = "äöüßéèêëàâáåæçîïíìôóòõøûúùñãœ"
SIGNS = "€£§°²³½«»–—„“”’‘…·µ®©×±"
CYRILLIC = "абвгдежзийклмнопрстуфхцчшщъыьэюяёіїєґ"
GREEK = "αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώ"
HEBREW = "אבגדהוזחטיךכלםמןנסעףפץצקרשת"
ARABIC = "ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىيپچژگ"

LETTERS = {
    "cp1252": WEST,
    "cp1254": "çğıİöşüâîûäß",
    "cp1250": "ąćęłńóśźżáčďéěíňřšťúůýžöőüűäßăâîșşţț",
    "iso8859_2": "ąćęłńóśźżáčďéěíňřšťúůýžöőüűäßăâîşţ",
    "cp1257": "āčēģīķļņšūžąęėįųūõäöü",
    "cp1251": CYRILLIC,
    "koi8_r": CYRILLIC,
    "cp866": CYRILLIC,
    "iso8859_5": CYRILLIC,
    "mac_cyrillic": CYRILLIC,
    "cp1253": GREEK,
    "cp1255": HEBREW,
    "cp1256": ARABIC,
    "mac_roman": WEST,
    "cp850": WEST,
}
"""Encodings of one byte a character, with the letters that texts in them consist of. Of two that suit alike
the first."""

COMMON_LEADS = {
    "cp932": (range(0x81, 0x98),),
    "euc_jp": (range(0xA1, 0xA7), range(0xB0, 0xD0)),
    "cp949": (range(0xB0, 0xC9),),
    "gb18030": (range(0xA1, 0xA4), range(0xB0, 0xD8)),
    "big5": (range(0xA1, 0xA4), range(0xA4, 0xC7)),
}
"""Encodings of two bytes, with the first bytes of the characters that are in daily use."""

PRIORS = {
    "cp932": 1.1,
    "cp949": 1.08,
    "gb18030": 1.02,
    "euc_jp": 1.0,
    "big5": 1.01,
    "cp1252": 1.02,
    "cp1254": 1.01,
    "cp1255": 0.99,
    "mac_cyrillic": 0.95,
}
"""Factors that decide between two that suit alike: the more specific, then the more common."""

LATIN = {"cp1252", "cp1254", "cp1250", "iso8859_2", "cp1257", "mac_roman", "cp850"}
"""Encodings whose letters stand among those of ASCII. The others' make words of their own."""

VOWELS = set("аеиоуыэюяёіїєαεηιουωάέήίόύώ")

LONE = 0.8
"""The weight of a letter that should stand among those of ASCII, and does not."""

UNKNOWN = "neither text nor a document that is read: send it as PDF, Word, Excel or text"
LEAST_SCORE = 0.5


def decoded(content: bytes) -> str:
    """Returns the beginning as text. Raises `InvalidPayload` for what is no text."""
    if encoding := next((MARKS[mark] for mark in MARKS if content.startswith(mark)), ""):
        return _as(encoding, content)
    if b"\0" in content[:MAX_BYTES]:
        return _as(_without_mark(content), content)
    try:
        return _as("utf-8", content)
    except InvalidPayload:
        return _as(_guessed(content[:SAMPLE_BYTES]), content)


def is_cut(content: bytes) -> bool:
    """Tells whether only the beginning is decoded."""
    return len(content) > MAX_BYTES


def _as(encoding: str, content: bytes) -> str:
    """Decodes up to a character that is cut in two."""
    try:
        return codecs.getincrementaldecoder(encoding)().decode(content[:MAX_BYTES], not is_cut(content))
    except UnicodeDecodeError:
        raise InvalidPayload("text in an unknown encoding: save it as UTF-8") from None


def _without_mark(content: bytes) -> str:
    """Returns which half of UTF-16 is empty. Raises `InvalidPayload` for what is no text at all."""
    sample = content[:SAMPLE_BYTES]
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    half = len(sample) / 2
    if odd > 0.4 * half and even < 0.05 * half:
        return "utf-16-le"
    if even > 0.4 * half and odd < 0.05 * half:
        return "utf-16-be"
    raise InvalidPayload("a file of a kind that is not read: send it as PDF, Word, Excel or text")


def _guessed(sample: bytes) -> str:
    score, encoding = max(_scores(sample), key=lambda one: one[0], default=(0.0, ""))
    if score < LEAST_SCORE:
        raise InvalidPayload(UNKNOWN)
    return encoding


def _scores(sample: bytes) -> Iterator[tuple[float, str]]:
    """Yields how well each encoding suits, about between 0 and 1."""
    for encoding in (*COMMON_LEADS, *LETTERS):
        try:
            text = codecs.getincrementaldecoder(encoding)().decode(sample)
        except UnicodeDecodeError:
            continue
        if any(ord(one) < 32 and one not in "\t\r\n\f" for one in text):
            continue
        score = _of_two_bytes(text, encoding) if encoding in COMMON_LEADS else _of_letters(text, encoding)
        yield score * PRIORS.get(encoding, 1.0), encoding


def _of_letters(text: str, encoding: str) -> float:
    """Returns the share of characters that the languages have, in words that one language could have."""
    letters, latin = LETTERS[encoding], encoding in LATIN
    points, count = 0.0, 0
    for before, one, after in _not_ascii(text):
        count += 1
        if one not in letters and one.lower() not in letters:
            points += 0.0 if one not in SIGNS else 0.3 if before.isalpha() else 0.8
        elif one not in letters and before.islower():
            points += 0.2
        else:
            points += (
                1.0
                if latin == (_is_ascii_letter(before) or _is_ascii_letter(after))
                else LONE
                if latin
                else 0.1
            )
    return points / count * _sound(text, encoding) if count else 0.0


def _sound(text: str, encoding: str) -> float:
    """Returns less than 1 for words that nobody could speak: other letters taken for Greek or Cyrillic
    ones."""
    if encoding in LATIN or encoding in ("cp1255", "cp1256"):
        return 1.0
    spoken = [one.lower() in VOWELS for one in text if one >= "\x80" and one.isalpha()]
    return 1.0 if 0.28 <= sum(spoken) / max(1, len(spoken)) <= 0.65 else 0.9


def _of_two_bytes(text: str, encoding: str) -> float:
    """Returns the share of characters in daily use. Japanese is told by its syllables, which no other has."""
    points, count = 0.0, 0
    for before, one, after in _not_ascii(text):
        count += 1
        raw = one.encode(encoding)
        if _is_ascii_letter(before) and _is_ascii_letter(after):
            continue
        if len(raw) == 2:
            points += any(raw[0] in leads for leads in COMMON_LEADS[encoding])
        japanese = encoding in ("cp932", "euc_jp") and (
            "\u3041" <= one <= "\u30ff" or "\uff61" <= one <= "\uff9f"
        )
        points += 0.3 if japanese and len(raw) == 2 else 0.9 if japanese else 0.0
    return points / count if count else 0.0


def _not_ascii(text: str) -> Iterator[tuple[str, str, str]]:
    """Yields each character beyond ASCII with those before and after it."""
    around = zip(f" {text}", text, f"{text[1:]} ", strict=False)
    return (three for three in around if three[1] >= "\x80" and three[1] != "\xa0")


def _is_ascii_letter(character: str) -> bool:
    return character < "\x80" and character.isalpha()
