"""E-mail addresses, IP addresses, and what opens doors: keys, tokens, passwords."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from repartee.ports import Span
from repartee.services.pii import near

_EMAIL = re.compile(
    r"(?<![\w.+%-])[\w+%](?:[\w.+%'-]{0,62}[\w+%-])?@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,6}[^\W\d_]{2,24}(?![\w@-])"
)
_FILES = frozenset(
    (
        *("avif", "bin", "bmp", "cfg", "css", "csv", "docx", "exe", "gif", "gz", "html", "ico", "ini", "jar"),
        *("jpeg", "jpg", "js", "json", "lock", "log", "md", "mp4", "pdf", "php", "png", "pptx", "py", "rb"),
        *("rs", "sh", "sql", "svg", "tgz", "toml", "ts", "tsx", "txt", "vue", "webp", "xlsx", "xml", "yaml"),
        *("yml", "zip"),
    )
)
"""What `image@2x.png` ends with, and no address does."""

_IPV4 = re.compile(r"(?<![\w.-])(?:\d{1,3}\.){3}\d{1,3}(?![\w-]|\.\d)")
_IPV6 = re.compile(r"(?<![\w:.])(?:[0-9A-Fa-f]{1,4}:{1,2}){3,7}[0-9A-Fa-f]{0,4}(?![\w:])")
_VERSION = re.compile(
    r"\b(?:v|ver\.?|versions?|versione|versi[óo]n|vers[ãa]o|verzi[óo]|release|firmware|build)\b",
    re.IGNORECASE,
)

_KEYS = re.compile(
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
_IN_LINK = re.compile(
    r"""(?:[?&\#;](?:[\w-]{0,20}(?:token|api_?key|apikey|secret|passw(?:or)?d|pwd|signature|credential|session_?id)
    |key|sig|auth|jwt|sid|x-amz-[\w-]{1,30})=|hooks\.slack\.com/services/)(?P<secret>[^&\s\#>|"')\]]{6,2000})
    |://(?P<login>[^\s/:@]{1,100}:[^\s/@]{1,200})@""",
    re.IGNORECASE | re.VERBOSE,
)
_TOLD = re.compile(
    r"""\b(?:password|passwort|passwd|pwd|kennwort|contrase[ñn]a|clave|mot[ ]de[ ]passe|wachtwoord|senha
    |palavra-passe|jelsz[óo]|api[ _-]?key|passphrase)\s{0,2}(?:[:=]|\bis\b:?|\bist\b:?)\s{0,2}["'`]?
    (?P<secret>[^\s"'`]{5,100})""",
    re.IGNORECASE | re.VERBOSE,
)


def emails(text: str) -> Iterator[Span]:
    """Addresses of people. What git calls `git@host:path`, and pictures called `name@2x.png`, are none."""
    if "@" not in text:
        return
    for match in _EMAIL.finditer(text):
        ending = match[0].rpartition(".")[2].lower()
        path = re.match(r":[\w~/]", text[match.end() : match.end() + 2])
        login = text[max(0, match.start() - 3) : match.start()] == "://"
        if ending not in _FILES and not path and not login:
            yield Span("EMAIL", match.start(), match.end())


def secrets(text: str) -> Iterator[Span]:
    """Keys that are known by their looks, tokens in links, and passwords that are told."""
    for match in _KEYS.finditer(text):
        yield Span("SECRET", match.start(), match.end())
    for match in _IN_LINK.finditer(text):
        yield Span("SECRET", *match.span(match.lastgroup or 0))
    for match in _TOLD.finditer(text):
        told = match["secret"].rstrip(".,;!?)")
        if (
            len(told) >= 5
            and not told.isalpha()
            and not told.startswith(("http", "<", "[", "{", "$", "*", "…"))
        ):
            yield Span("SECRET", match.start("secret"), match.start("secret") + len(told))


def ip_addresses(text: str) -> Iterator[Span]:
    """Addresses on the public internet: those of a private network are nobody's, and versions are none."""
    for match in (*_IPV4.finditer(text), *_IPV6.finditer(text)):
        if _is_public(match[0]) and near.last(_VERSION, near.before(text, match.start())[-15:]) < 0:
            yield Span("IP", match.start(), match.end())


def _is_public(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_global
    except ValueError:
        return False
