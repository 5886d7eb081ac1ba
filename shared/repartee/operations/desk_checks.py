"""Whether the bot may do in the Telegram groups of the desks' teams what a hand-over needs there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from repartee.domain.desk import DeskConfig
from repartee.domain.finding import Finding
from repartee.errors import BackendError
from repartee.operations.http_calls import HttpAnswer
from repartee.operations.telegram_calls import call_telegram
from repartee.settings import Settings

TELEGRAM_PREFIX = "telegram:"
MEMBER_STATUSES = ("creator", "administrator", "member", "restricted")
TOPICS_RIGHT = "can_manage_topics"


def check_desk_teams(
    settings: Settings, _: str, list_desks: Callable[[], Sequence[DeskConfig]]
) -> Iterator[Finding]:
    """Yields what Telegram says of the bot in each group that a desk's configuration names as its team."""
    try:
        configs = list_desks()
    except (BackendError, BotoCoreError, ClientError) as problem:
        yield Finding("unchecked", "Desks", f"their configurations could not be read ({problem})")
        return
    rooms = dict.fromkeys(room for config in configs for room in config.team)
    groups = [room for room in rooms if room.startswith(TELEGRAM_PREFIX)]
    yield Finding("ok", "Desks", f"{len(configs)} are configured, {len(groups)} Telegram groups have a team")
    if not groups or not settings.look_up(Settings.telegram_bot_token):
        return
    bot = _result(_ask(settings, "getMe")).get("id")
    if bot is None:  # that the token is refused is told beside Telegram
        return
    for room in groups:
        yield _check_group(settings, room, int(bot))


def _check_group(settings: Settings, room: str, bot: int) -> Finding:
    """Returns what the bot lacks in a group: a place in it, or the right to give customers topics."""
    group = room.removeprefix(TELEGRAM_PREFIX)
    asked = _ask(settings, "getChat", chat_id=group)
    member = _ask(settings, "getChatMember", chat_id=group, user_id=bot)
    status = str(_result(member).get("status", ""))
    if not asked.body.get("ok") or status not in MEMBER_STATUSES:
        problem = asked.body.get("description") or status or member.body.get("description", member.status)
        advice = f"Telegram: add the bot to the team's group {room}, or mend `team` (scripts/desk set)."
        return Finding("wrong", "Desks", f"the bot is not in {room}: {problem}", advice)
    if not _result(asked).get("is_forum"):
        fact = f"{room} has no topics: all customers' conversations stand in one, below their cards"
        return Finding("note", "Desks", fact)
    if status == "creator" or _result(member).get(TOPICS_RIGHT):
        return Finding("ok", "Desks", f"each customer has a topic in {room}")
    fact = f"the right {TOPICS_RIGHT} is missing in {room}: without it customers have no topics there"
    advice = f"Telegram: make the bot an administrator of {room}, with the right Manage topics."
    return Finding("wrong", "Desks", fact, advice)


def _ask(settings: Settings, method: str, **arguments: Any) -> HttpAnswer:
    return call_telegram(settings.telegram_api_url, settings.telegram_bot_token, method, arguments)


def _result(answer: HttpAnswer) -> Mapping[str, Any]:
    found = answer.body.get("result")
    return found if isinstance(found, dict) else {}
