"""Declares single settings: a descriptor that reads its owner, and the types that a setting can have."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from ipaddress import ip_address
from typing import Any, Generic, Protocol, TypeVar, overload
from urllib.parse import urlsplit

from repartee.errors import SettingError

T = TypeVar("T")
REQUIRED: Any = object()
"""The default of a setting that has none: without it the process must not start."""


class SettingsSource(Protocol):
    """Looks up settings as text."""

    def look_up(self, setting: Setting[Any]) -> str:
        """Returns the setting as text, empty if it is not set."""


class Setting(Generic[T]):
    """One setting, read from its owner on every access. Raises `SettingError` when missing or malformed."""

    def __init__(
        self,
        name: str,
        purpose: str,
        parse: Callable[[str], T],
        default: T = REQUIRED,
        *,
        secret: bool = False,
    ) -> None:
        self.name, self.purpose, self.read, self.default, self.secret = name, purpose, parse, default, secret

    @overload
    def __get__(self, owner: None, kind: type) -> Setting[T]: ...
    @overload
    def __get__(self, owner: SettingsSource, kind: type) -> T: ...
    def __get__(self, owner: SettingsSource | None, kind: type) -> Setting[T] | T:
        if owner is None:
            return self
        text = owner.look_up(self)
        if not text:
            return self._default_value()
        try:
            return self.read(text)
        except ValueError as error:
            raise self.malformed_error(str(error)) from None

    def malformed_error(self, problem: str) -> SettingError:
        """The error that says so."""
        return SettingError(self.name, self.purpose, f"is malformed ({problem})")

    def _default_value(self) -> T:
        if self.default is REQUIRED:
            raise SettingError(self.name, self.purpose)
        return self.default


def text_setting(name: str, purpose: str, default: str = REQUIRED) -> Setting[str]:
    """A setting as it is written."""
    return Setting(name, purpose, str, default)


def service_url_setting(name: str, purpose: str, default: str = REQUIRED) -> Setting[str]:
    """A setting that is the address of a service that is sent secrets: https, except on this machine."""
    return Setting(name, purpose, _parse_service_url, default)


def service_host_setting(name: str, purpose: str, default: str = REQUIRED) -> Setting[str]:
    """The same, or a host alone, which is spoken to with https."""
    return Setting(name, purpose, _parse_service_host, default)


def secret_setting(name: str, purpose: str) -> Setting[str]:
    """A setting that may be in the secrets document, and has no default."""
    return Setting(name, purpose, str, secret=True)


def flag_setting(name: str, purpose: str, default: bool) -> Setting[bool]:
    """A setting that is true or false."""
    return Setting(name, purpose, _parse_boolean, default)


def count_setting(name: str, purpose: str, default: int) -> Setting[int]:
    """A setting that is a whole number above 0."""
    return Setting(name, purpose, _parse_count, default)


def wait_setting(name: str, purpose: str, max_seconds: int) -> Setting[int]:
    """A setting that is a whole number of seconds up to that many, 0 if nobody sets it."""

    def read(value: str) -> int:
        if not value.isdecimal() or int(value) > max_seconds:
            raise ValueError(f"{value!r} is not a whole number of seconds from 0 to {max_seconds}")
        return int(value)

    return Setting(name, purpose, read, 0)


def dollars_setting(name: str, purpose: str) -> Setting[float]:
    """A setting that is an amount of US dollars, 0 if nobody sets it."""
    return Setting(name, purpose, _parse_dollars, 0.0)


def prices_setting(name: str, purpose: str) -> Setting[Mapping[str, tuple[float, float, float]]]:
    """A setting that is three prices by a name, with commas, or none."""
    return Setting(name, purpose, _parse_prices, {})


def list_setting(name: str, purpose: str) -> Setting[tuple[str, ...]]:
    """A setting with several values, separated by commas, or none."""
    return Setting(name, purpose, _parse_list, ())


def choice_setting(name: str, purpose: str, *choices: str) -> Setting[str]:
    """A setting that is one of these words, the first if nobody sets it."""

    def read(value: str) -> str:
        if value.lower() not in choices:
            raise ValueError(f"{value!r} is none of {', '.join(choices)}")
        return value.lower()

    return Setting(name, purpose, read, choices[0])


def per_channel_setting(name: str, purpose: str, default: str) -> Setting[PerChannel]:
    """A setting that may differ from channel to channel."""
    return Setting(name, purpose, _parse_per_channel, PerChannel(default, {}))


def named_language_setting(name: str, purpose: str) -> Setting[tuple[str, str]]:
    """A setting of a name and a language, or of neither."""
    return Setting(name, purpose, _parse_name_and_language, ("", ""))


def flags_address_setting(name: str, purpose: str) -> Setting[str]:
    """A setting that is the address of feature flags, or none."""
    return Setting(name, purpose, _parse_flags_address, "")


def erp_readers_setting(name: str, purpose: str) -> Setting[tuple[str, ...]]:
    """A setting of those who may read the ERP with a shared login, none if nobody sets it."""
    return Setting(name, purpose, _parse_erp_readers, ())


def odoo_api_setting(name: str, purpose: str) -> Setting[str]:
    """A setting that is one of Odoo's APIs, or none."""
    return Setting(name, purpose, _parse_odoo_api, "")


class PerChannel:
    """One value for all channels, or others for some, and for some of their workspaces and rooms: `office`,
    `office,web=coach`, `office,whatsapp:106540352242922=desk,slack:T1:C1=desk`."""

    def __init__(self, default_value: str, by_channel: Mapping[str, str]) -> None:
        self.default_value, self.by_channel = default_value, dict(by_channel)

    def value_for(self, place: str) -> str:
        """Returns the value for a channel, or for a room: that of the narrowest place that it is in."""
        parts = place.split(":")
        places = (":".join(parts[:count]) for count in range(len(parts), 0, -1))
        return next((self.by_channel[one] for one in places if one in self.by_channel), self.default_value)

    def values(self) -> frozenset[str]:
        return frozenset((self.default_value, *self.by_channel.values()))


def _parse_service_url(value: str) -> str:
    address = urlsplit(value)
    if not address.hostname or address.scheme not in ("http", "https"):
        raise ValueError("it should read like 'https://service.example.com'")
    if address.scheme == "http" and not _is_loopback(address.hostname):
        raise ValueError(
            f"http is not encrypted: write 'https://{address.hostname}'; only localhost may be http"
        )
    return value


def _parse_service_host(value: str) -> str:
    return _parse_service_url(value) if "://" in value else value


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _parse_boolean(value: str) -> bool:
    known = {
        "true": True,
        "1": True,
        "yes": True,
        "on": True,
        "false": False,
        "0": False,
        "no": False,
        "off": False,
    }
    try:
        return known[value.lower()]
    except KeyError:
        raise ValueError(f"{value!r} is neither true nor false") from None


def _parse_count(value: str) -> int:
    if not value.isdecimal() or int(value) < 1:
        raise ValueError(f"{value!r} is not a whole number above 0")
    return int(value)


def _parse_name_and_language(value: str) -> tuple[str, str]:
    name, _, language = value.partition(":")
    if not (name and language):
        raise ValueError(f"{value!r} should read like 'back_again:en_US'")
    return name, language


def _parse_dollars(value: str) -> float:
    amount = float(value)
    if not 0 <= amount < float("inf"):
        raise ValueError(f"{value!r} is no amount of dollars")
    return amount


def _parse_prices(value: str) -> Mapping[str, tuple[float, float, float]]:
    found: dict[str, tuple[float, float, float]] = {}
    for part in _parse_list(value):
        name, _, written = part.partition("=")
        amounts = [_parse_dollars(amount) for amount in written.split("/")]
        if not name.strip() or len(amounts) != 3:
            raise ValueError(f"{part!r} should read like 'gpt-6.1-terra=1.00/0.05/5.00'")
        found[name.strip()] = (amounts[0], amounts[1], amounts[2])
    return found


def _parse_list(value: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split(",") if part.strip())


ERP_READER = re.compile(
    r"slack:[A-Z0-9]+(:[A-Z0-9]+)?|(telegram:\d+|whatsapp:(\+?\d{7,}|[^:@,\d]+[^:@,]+)|web:[^,]+)|web|@[\w-]+(\.[\w-]+)+",
    re.ASCII,
)
"""A workspace, a channel or a person in Slack, a person elsewhere, all of the web's people, or a domain."""


def _parse_erp_readers(value: str) -> tuple[str, ...]:
    for entry in (entries := _parse_list(value)):
        if not ERP_READER.fullmatch(entry):
            raise ValueError(
                f"{entry!r} should read like slack:T0123 (a workspace), slack:T0123:C0456 (a channel), "
                "slack:T0123:U0456, telegram:42 or web:ada (a person), @example.com (a domain) or web"
            )
    return entries


def _parse_flags_address(value: str) -> str:
    if value.count("/") != 2 or not all(value.split("/")):
        raise ValueError(f"{value!r} should read like 'application/environment/profile'")
    return value


def _parse_odoo_api(value: str) -> str:
    if value not in ("json2", "jsonrpc"):
        raise ValueError(f"{value!r} is neither json2 nor jsonrpc")
    return value


def _parse_per_channel(value: str) -> PerChannel:
    parts = [part.strip() for part in value.split(",") if part.strip()]
    pairs = [tuple(word.strip() for word in part.split("=", 1)) for part in parts if "=" in part]
    plain = [part for part in parts if "=" not in part]
    named = {channel: chosen for channel, chosen in pairs if channel and chosen}
    if len(plain) > 1 or len(named) < len(pairs):
        raise ValueError(f"{value!r} should read like 'office' or 'office,web=coach'")
    return PerChannel(plain[0] if plain else "office", named)
