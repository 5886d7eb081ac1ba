"""Lists who gets briefs, a page at a time, for operators."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from repartee.briefs.orders import describe_subscription
from repartee.domain.brief import BRIEF_SHARDS, Subscription
from repartee.domain.engagement import Engagement, choose_frequency
from repartee.ports.briefs import MAX_PAGE_BRIEFS, BriefStore


class ListedBrief(msgspec.Struct, frozen=True):
    """A subscription: whose, its id, how often it comes by what the person does with it, and what it is, in
    words. `sign` is the kind of the last sign that they read their briefs, `signed_at` when it was (epoch
    seconds); empty and 0 without one."""

    person: str
    id: str
    frequency: str
    words: str
    sign: str = ""
    signed_at: float = 0.0


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
    return tuple(_describe(one, engagements.get(one.person, Engagement()), now) for one in subscriptions)


def _describe(subscription: Subscription, engagement: Engagement, now: float) -> ListedBrief:
    return ListedBrief(
        person=subscription.person,
        id=subscription.id,
        frequency=choose_frequency(engagement.unread),
        words=describe_subscription(subscription, now),
        sign=engagement.kind,
        signed_at=engagement.engaged_at,
    )


def _parse_begin(begin: str) -> tuple[int, str]:
    shard, _, after = begin.partition(":")
    if begin and not (shard.isascii() and shard.isdigit()):
        raise ValueError("no page begins there")
    return int(shard or 0), after
