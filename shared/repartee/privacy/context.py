"""The words around a number, which say what it is: a telephone, an order, an amount."""

from __future__ import annotations

import re

CONTEXT_BEFORE_CHARS = 40
"""Characters before a number in which a word may say what it is."""

CONTEXT_AFTER_CHARS = 16
"""Characters after it."""

REFERENCE_WORDS_PATTERN = re.compile(
    r"""\b(?:(?:orders?|invoices?|tickets?|refs?|references?|tracking|parcels?|cases?|serials?|sku|isbn|ean|gtin|imei
    |po|customers?|batch|lot|materials?|build|commit|articles?|items?|parts?|models?|jobs?|requests?|transactions?
    |ids?|version|release|revision|rev|chapter|pages?|room|error|code|status|timestamp|epoch|account)\b
    |(?:bestell|auftrag|rechnung|kunden|vorgang|artikel|serien|aktenzeichen|sendung|charge|beleg|vertrag|matnr
    |handelsregister|commande|facture|colis|dossier|r[ée]f[ée]renc|suivi|contrat|devis|siret|siren
    |pedido|factura|albar[áa]n|referencia|expediente|seguimiento|art[íi]culo
    |ordin[ei]\b|fattur|pratica|spedizion|codice|articol
    |bestel|factuur|klant|zending|ordernummer|zaak|kvk
    |encomenda|fatura|processo|refer[êe]ncia
    |rendel|sz[áa]mla|csomag|cikk|[üu]gysz|szerz[őo]d|c[ée]gjegyz|ad[óo]sz)\w*)
    |\#|\bno\.?\s?$|\bnr\.?\s?$|\bn[°ºo]\.?\s?$""",
    re.IGNORECASE | re.VERBOSE,
)
"""Words before numbers that identify no person: orders, invoices and the like."""

_NUMBER_PATTERN = re.compile(r"\d{3}|\0|_[a-z2-7]{5,16}\]")
"""A number, or what stands for one."""

_MONEY_PATTERN = re.compile(r"(?:[€$£¥₹]|\b(?:EUR|USD|GBP|CHF|HUF|PLN|SEK|BRL|Ft|R\$))\s?$", re.IGNORECASE)
_COUNTED_UNIT_PATTERN = re.compile(
    r"""\s?(?:[€$£¥%°]|(?:EUR|USD|GBP|CHF|HUF|PLN|SEK|BRL|Ft|forint|euros?|dollars?|pounds?|reais|francs?
    |st[üu]ck|pieces?|pcs|units?|users?|rows?|records?|people|bytes?|[kmgt]i?b|kg|km|m²|mm|cm|ms|seconds?
    |items?|lines?|views?|db|million\w*|mio|tonn\w*|zeilen|nutzer|lignes|filas|righe|linhas|sor)\b)""",
    re.IGNORECASE | re.VERBOSE,
)


def line_text_before(text: str, start: int) -> str:
    """Returns the text before `start` in the same line."""
    return text[max(0, start - CONTEXT_BEFORE_CHARS) : start].rpartition("\n")[2]


def last_match_start(words: re.Pattern[str], text: str) -> int:
    """Where the last of the words begins, -1 if there is none."""
    return max((match.start() for match in words.finditer(text)), default=-1)


def is_amount(text: str, start: int, end: int) -> bool:
    """Whether it is money, or so many of something."""
    return bool(
        _MONEY_PATTERN.search(text, max(0, start - 5), start)
        or _COUNTED_UNIT_PATTERN.match(text, end, end + CONTEXT_AFTER_CHARS)
    )


def reference_word_start(text_before: str) -> int:
    """Where a word begins that calls the number which follows an order, a version, or the like; -1 if there
    is none, or it is about a number that stands between."""
    called = max(REFERENCE_WORDS_PATTERN.finditer(text_before), key=lambda match: match.end(), default=None)
    return -1 if called is None or _NUMBER_PATTERN.search(text_before, called.end()) else called.start()
