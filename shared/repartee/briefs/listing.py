"""Lists who gets briefs, a page at a time, for operators."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from repartee.briefs.orders import describe_subscription
from repartee.domain.brief import BRIEF_SHARDS, Subscription
from repartee.domain.engagement import choose_frequency
from repartee.ports.briefs import MAX_PAGE_BRIEFS, BriefStore


class ListedBrief(msgspec.Struct, frozen=True):
    """A subscription: whose, its id, how the person takes it, and what it is, in words."""

    person: str
    id: str
    frequency: str
    words: str


class BriefPage(msgspec.Struct, frozen=True):
    """Some subscriptions. `next` is where the next page begins, empty at the end; `unreadable` counts those
    that could not be decoded."""

    briefs: tuple[ListedBrief, ...]
    next: str = ""
    unreadable: int = 0


def list_brief_page(
    store: BriefStore, now: float, begin: str = "", limit: int = MAX_PAGE_BRIEFS
) -> BriefPage:
    """Returns the subscriptions of all people from `begin` on, at most `limit`. Raises `ValueError` for a
    beginning that no page gave."""
    shard, after = _parse_begin(begin)
    found, unreadable = list[Subscription](), 0
    while shard < BRIEF_SHARDS and len(found) < limit:
        page = store.list_page(shard, after, limit - len(found))
        found += page.subscriptions
        unreadable += page.unreadable
        shard, after = (shard, page.next) if page.next else (shard + 1, "")
    following = f"{shard}:{after}" if shard < BRIEF_SHARDS else ""
    return BriefPage(_describe_all(store, found, now), following, unreadable)


def list_briefs_of(store: BriefStore, person: str, now: float) -> tuple[ListedBrief, ...]:
    """Returns the person's subscriptions, the oldest first."""
    return _describe_all(store, store.list_subscriptions(person), now)


def iterate_briefs(store: BriefStore, now: float) -> Iterator[ListedBrief]:
    """Yields the subscriptions of all people."""
    begin, is_first = "", True
    while begin or is_first:
        page, is_first = list_brief_page(store, now, begin), False
        yield from page.briefs
        begin = page.next


def _describe_all(
    store: BriefStore, subscriptions: Sequence[Subscription], now: float
) -> tuple[ListedBrief, ...]:
    people = [one.person for one in subscriptions]
    engagements = store.read_engagements(people) if people else {}
    unread = {person: known.unread for person, known in engagements.items()}
    return tuple(
        ListedBrief(
            one.person, one.id, choose_frequency(unread.get(one.person, 0)), describe_subscription(one, now)
        )
        for one in subscriptions
    )


def _parse_begin(begin: str) -> tuple[int, str]:
    shard, _, after = begin.partition(":")
    if begin and not (shard.isascii() and shard.isdigit()):
        raise ValueError("no page begins there")
    return int(shard or 0), after
