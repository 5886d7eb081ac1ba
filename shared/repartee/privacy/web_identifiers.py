"""E-mail addresses, IP addresses, and what opens doors: keys, tokens, passwords."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from repartee.ports import PiiSpan
from repartee.privacy import context
from repartee.privacy.words import (
    ADDRESS_WORDS_PATTERN,
    ORIGIN_WORDS_PATTERN,
    VERSION_WORDS_PATTERN,
    WORD_CHARS,
)

_EMAIL_PATTERN = re.compile(
    rf"(?<![{WORD_CHARS}.+%-])[{WORD_CHARS}+%](?:[{WORD_CHARS}.+%'-]{{0,62}}[{WORD_CHARS}+%-])?"
    rf"@(?:[^\W_](?:[\w-]{{0,61}}[^\W_])?\.){{1,6}}(?:[A-Za-z\u00c0-\u024f]{{2,24}}|[^\W\d_]{{2,24}})(?![{WORD_CHARS}@-])"
)
_FILE_EXTENSIONS = frozenset(
    (
        *("avif", "bin", "bmp", "cfg", "css", "csv", "docx", "exe", "gif", "gz", "html", "ico", "ini", "jar"),
        *("jpeg", "jpg", "js", "json", "lock", "log", "md", "mp4", "pdf", "php", "png", "pptx", "py", "rb"),
        *("rs", "sh", "sql", "svg", "tgz", "toml", "ts", "tsx", "txt", "vue", "webp", "xlsx", "xml", "yaml"),
        *("yml", "zip"),
    )
)
"""Endings of file names such as `image@2x.png`, with which no e-mail address ends."""

_IPV4_PATTERN = re.compile(rf"(?<![{WORD_CHARS}.-])(?:\d{{1,3}}\.){{3}}\d{{1,3}}(?![{WORD_CHARS}-]|\.\d)")
_IPV6_PATTERN = re.compile(
    rf"(?<![{WORD_CHARS}:.])(?:[0-9A-Fa-f]{{1,4}}:{{1,2}}){{3,7}}[0-9A-Fa-f]{{0,4}}(?![{WORD_CHARS}:])"
)

_PORT_PATTERN = re.compile(r":\d{2,5}(?!\d)|/\d{1,2}(?!\d)")
"""A port or a network's length, which follow an address and never a version."""

MAX_VERSION_PART = 63
"""Numbers with dots of which no part is greater may as well be versions."""

_API_KEY_PATTERN = re.compile(
    r"""(?<![A-Za-z0-9])(?:
    sk-(?:[A-Za-z]+-)?[A-Za-z0-9_-]{20,200}
    |xox[abeoprs]-[A-Za-z0-9-]{10,200} | xapp-[A-Za-z0-9-]{10,200}
    |gh[opsur]_[A-Za-z0-9]{20,100} | github_pat_\w{20,120} | glpat-[\w-]{20,60}
    |A[KS]IA[0-9A-Z]{16}(?![0-9A-Z]) | AIza[\w-]{35}
    |[rs]k_(?:live|test)_[A-Za-z0-9]{16,120} | SG\.[\w-]{16,40}\.[\w-]{16,60}
    |\d{8,10}:[A-Za-z0-9_-]{35}(?![\w-])
    |eyJ[\w-]{8,2000}\.eyJ[\w-]{8,4000}\.[\w-]{8,2000}
    )|-----BEGIN[ ][A-Z ]{0,30}PRIVATE[ ]KEY-----.{1,8000}?-----END[ ][A-Z ]{0,30}PRIVATE[ ]KEY-----""",
    re.VERBOSE | re.DOTALL,
)
_TOKEN_IN_LINK_PATTERN = re.compile(
    r"""(?:[?&\#;](?:[\w-]{0,20}(?:token|api_?key|apikey|secret|passw(?:or)?d|pwd|signature|credential|session_?id)
    |key|sig|auth|jwt|sid|x-amz-[\w-]{1,30})=|hooks\.slack\.com/services/)(?P<secret>[^&\s\#>|"')\]]{6,2000})
    |://(?P<login>[^\s/:@]{1,100}:[^\s/@]{1,200})@""",
    re.IGNORECASE | re.VERBOSE,
)
_TOLD_PASSWORD_PATTERN = re.compile(
    r"""(?<![A-Za-z0-9_])(?:password|passwort|passwd|pwd|kennwort
    |contrase[ñn]a|clave|mot[ ]de[ ]passe|wachtwoord
    |senha|palavra-passe|jelsz[óo]|api[ _-]?key|passphrase|parola|[şs]ifre\w*
    |पासवर्ड|パスワード|密码|口令|비밀번호)
    \s{0,2}(?:[:=]|(?:\b(?:is|ist|[eéè]|es|est)\b|是|は):?)\s{0,2}["'`]?
    (?P<secret>[^\s"'`]{5,100})""",
    re.IGNORECASE | re.VERBOSE,
)


def find_emails(text: str) -> Iterator[PiiSpan]:
    """Addresses of people. What git calls `git@host:path`, and pictures called `name@2x.png`, are none."""
    if "@" not in text:
        return
    for match in _EMAIL_PATTERN.finditer(text):
        ending = match[0].rpartition(".")[2].lower()
        path = re.match(r":[\w~/]", text[match.end() : match.end() + 2])
        login = text[max(0, match.start() - 3) : match.start()] == "://"
        if ending not in _FILE_EXTENSIONS and not path and not login:
            yield PiiSpan("EMAIL", match.start(), match.end())


def find_secrets(text: str) -> Iterator[PiiSpan]:
    """Keys that are known by their looks, tokens in links, and passwords that are told."""
    for match in _API_KEY_PATTERN.finditer(text):
        yield PiiSpan("SECRET", match.start(), match.end())
    for match in _TOKEN_IN_LINK_PATTERN.finditer(text):
        yield PiiSpan("SECRET", *match.span(match.lastgroup or 0))
    for match in _TOLD_PASSWORD_PATTERN.finditer(text):
        secret = match["secret"].rstrip(".,;!?)")
        if (
            len(secret) >= 5
            and not secret.isalpha()
            and not secret.startswith(("http", "<", "[", "{", "$", "*", "…"))
        ):
            yield PiiSpan("SECRET", match.start("secret"), match.start("secret") + len(secret))


def find_ip_addresses(text: str) -> Iterator[PiiSpan]:
    """Addresses on the public internet: those of a private network are nobody's, and versions are none."""
    for match in _IPV6_PATTERN.finditer(text):
        if _is_public_address(match[0]):
            yield PiiSpan("IP", *match.span())
    for match in _IPV4_PATTERN.finditer(text):
        if _is_public_address(match[0]) and not _is_version(text, match):
            yield PiiSpan("IP", *match.span())


def _is_version(text: str, number: re.Match[str]) -> bool:
    """Returns whether a number with dots is a version: it is called one, or could be one and nothing before
    it speaks of an address."""
    said = context.line_text_before(text, number.start())
    if said.endswith(("://", "@")) or _PORT_PATTERN.match(text, number.end()):
        return False
    version = context.last_match_start(VERSION_WORDS_PATTERN, said)
    address = context.last_match_start(ADDRESS_WORDS_PATTERN, said)
    if version >= 0 or address >= 0:
        return version > address
    from_there = ORIGIN_WORDS_PATTERN.search(said) is not None
    return not from_there and max(map(int, number[0].split("."))) <= MAX_VERSION_PART


def _is_public_address(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_global
    except ValueError:
        return False
