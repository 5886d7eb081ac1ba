"""Writes a number as lists are numbered: 4, iv, d, 04, 四."""

from __future__ import annotations

ROMAN = ((1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"),
         (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))  # fmt: skip

HAN = "〇一二三四五六七八九"

DIGITS = {
    "hindiNumbers": "०१२३४५६७८९",
    "hindiArabic": "٠١٢٣٤٥٦٧٨٩",
    "thaiNumbers": "๐๑๒๓๔๕๖๗๘๙",
    "ideographDigital": HAN,
    "japaneseDigitalTenThousand": HAN,
    "decimalFullWidth": "０１２３４５６７８９",
    "decimalFullWidth2": "０１２３４５６７８９",
}
"""Formats that only write the digits in another way."""

RUSSIAN = "абвгдежзиклмнопрстуфхцчшщыэюя"
IROHA = "イロハニホヘトチリヌルヲワカヨタレソツネナラムウヰノオクヤマケフコエテアサキユメミシヱヒモセスン"
AIUEO = "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲン"
ALPHABETS = {
    "lowerLetter": "abcdefghijklmnopqrstuvwxyz",
    "upperLetter": "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "russianLower": RUSSIAN,
    "russianUpper": RUSSIAN.upper(),
    "iroha": IROHA,
    "irohaFullWidth": IROHA,
    "aiueo": AIUEO,
    "aiueoFullWidth": AIUEO,
    "hindiVowels": "अआइईउऊऋएऐओऔ",
    "hindiConsonants": "कखगघङचछजझञटठडढणतथदधनपफबभमयरलवशषसह",
    "ideographTraditional": "甲乙丙丁戊己庚辛壬癸",
}


def numeral(number: int, format: str) -> str:  # noqa: A002 - the word of the standard
    """Returns the number in one of the formats of ECMA-376, part 1, 17.18.59; those without a rule of their
    own here as digits."""
    if number < 0:
        return str(number)
    if format in ALPHABETS:
        return _letters(number, ALPHABETS[format])
    if format in DIGITS:
        return str(number).translate({ord("0") + digit: DIGITS[format][digit] for digit in range(10)})
    if format in ("upperRoman", "lowerRoman"):
        return _roman(number) if format == "upperRoman" else _roman(number).lower()
    if format.startswith(("chineseCounting", "japaneseCounting", "taiwaneseCounting")):
        return _han(number)
    return _decorated(number, format)


def _decorated(number: int, format: str) -> str:  # noqa: A002
    if format == "decimalZero":
        return f"{number:02}"
    if format == "ordinal":
        return f"{number}{_ordinal_ending(number)}"
    if format == "decimalEnclosedCircle" and 1 <= number <= 20:
        return chr(0x2460 + number - 1)
    return "" if format in ("none", "bullet") else str(number)


def _letters(number: int, alphabet: str) -> str:
    """A … z, aa, bb … zz, aaa, as Word counts."""
    if number < 1:
        return str(number)
    repeated, place = divmod(number - 1, len(alphabet))
    return alphabet[place] * min(repeated + 1, 10)


def _roman(number: int) -> str:
    if not 0 < number < 5000:
        return str(number)
    written = ""
    for value, letters in ROMAN:
        times, number = divmod(number, value)
        written += letters * times
    return written


def _han(number: int) -> str:
    if number >= 100:
        return str(number).translate({ord("0") + digit: HAN[digit] for digit in range(10)})
    tens, ones = divmod(number, 10)
    head = "" if not tens else ("" if tens == 1 else HAN[tens]) + "十"
    return head + (HAN[ones] if ones or not tens else "")


def _ordinal_ending(number: int) -> str:
    if 10 < number % 100 < 14:
        return "th"
    return {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
