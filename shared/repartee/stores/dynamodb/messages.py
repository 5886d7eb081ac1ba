"""The messages store on DynamoDB: enough for a small team, and one service less than Weaviate.

Words are found however old they are. Vectors are compared here, in the function, up to the number that can be
read in relevance's time (`sign_pages.max_compared_messages`); older messages are found by words alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import cached_property
from typing import TYPE_CHECKING, Any

from repartee.aws.calls import translate_errors
from repartee.domain.message import Side, StoredMessage
from repartee.ports import Vector
from repartee.stores.dynamodb.items import BACKEND_NAME, Item, batch_get, primary_key, text_attribute
from repartee.stores.dynamodb.message_erasure import MessageErasure
from repartee.stores.dynamodb.message_items import (
    MESSAGE_SK_PREFIX,
    NEWEST_INDEX_NAME,
    chat_item,
    decode_stored,
    encode_key,
    message_key,
    room_item,
    rooms_pk,
    word_items,
    word_keys,
    words_pk,
)
from repartee.stores.dynamodb.message_words import (
    MAX_POSTINGS,
    hash_token,
    rank_by_rarity,
    search_tokens,
)
from repartee.stores.dynamodb.sign_pages import MAX_SIGN_BYTES, RoomSigns, read_room_signs
from repartee.stores.dynamodb.vector_codes import find_closest_signs, rank_vectors
from repartee.stores.dynamodb.writes import write_items
from repartee.stores.ranking import MIN_RELATED_SIMILARITY

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MAX_RANKED_MESSAGES = 100
"""Messages that each of the two rankings gives to their fusion: as many as Weaviate's do."""

SEARCH_THREADS_NUMBER = 8
"""Queries of words that run at the same time."""


class DynamoMessages:
    """`ports.MessageStore` in the messages table. `related` is the least similarity of vectors that counts,
    `max_sign_bytes` how much of a room's vectors a search reads."""

    def __init__(
        self,
        client: DynamoDBClient,
        table: str,
        related: float = MIN_RELATED_SIMILARITY,
        max_sign_bytes: int = MAX_SIGN_BYTES,
    ) -> None:
        self._client, self._table = client, table
        self._related, self._max_sign_bytes = related, max_sign_bytes
        self._erasure = MessageErasure(client, table)

    def list_newest(self, scope: str, side: Side, limit: int) -> Sequence[StoredMessage]:
        found: list[StoredMessage] = []
        start: Any = {}
        while len(found) < limit:
            with translate_errors(BACKEND_NAME):
                page = self._client.query(
                    TableName=self._table,
                    IndexName=NEWEST_INDEX_NAME,
                    KeyConditionExpression="pk = :scope AND begins_with(newest, :side)",
                    Select="ALL_PROJECTED_ATTRIBUTES",  # an expression would read the table as well
                    ExpressionAttributeValues={
                        ":scope": text_attribute(scope),
                        ":side": text_attribute(f"{side}#"),
                    },
                    ScanIndexForward=False,
                    ConsistentRead=True,
                    Limit=limit - len(found),
                    **start,
                )
            found += map(decode_stored, page["Items"])
            if not page.get("LastEvaluatedKey"):
                break
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
        return sorted(found, key=lambda one: (one.sent, one.id))

    def search(
        self,
        room: str,
        side: Side,
        text: str,
        vector: Vector | None,
        limit: int,
        asked_at: float = 0.0,
    ) -> Sequence[StoredMessage]:
        tokens = search_tokens(text)
        postings = [self._submit_query(room, side, token) for token in tokens]
        read = (
            RoomSigns()
            if vector is None
            else read_room_signs(self._client, self._table, room, side, self._max_sign_bytes)
        )
        found = [posting.result() for posting in postings]
        by_words = rank_by_rarity([weights for weights, _ in found])
        if vector is None:
            best = list(by_words)
        else:
            older = _find_older(by_words, found, read)
            best = [*self._rank_by_both(room, by_words, vector, read), *older]
        return self._read_best(room, best, tokens, limit)

    def put(self, messages: Sequence[tuple[StoredMessage, Vector | None]]) -> None:
        newest = {(one.room, one.id): (one, vector) for one, vector in messages}
        if not newest:
            return
        keys = [message_key(room, id) for room, id in newest]
        earlier = {_key_of(item): item for item in batch_get(self._client, self._table, keys, 0.0)}
        wanted = [(one, room_item(one, vector)) for one, vector in newest.values()]
        changed = [(one, item) for one, item in wanted if item != earlier.get(_key_of(item))]
        replaced = [earlier[_key_of(item)] for _, item in changed if _key_of(item) in earlier]
        self._write(changed, replaced)

    def _write(self, changed: Sequence[tuple[StoredMessage, Item]], replaced: Sequence[Item]) -> None:
        """Writes messages after all that they are found by, so that one that is there is complete."""
        words = [item for message, _ in changed for item in word_items(message)]
        places = _places_of([message for message, _ in changed])
        write_items(self._client, self._table, [*places, *words])
        write_items(self._client, self._table, [item for _, item in changed])
        kept = {_key_of(item) for item in words}
        stale = [key for item in replaced for key in word_keys(item) if _key_of(key) not in kept]
        write_items(self._client, self._table, (), stale)

    def delete(self, messages: Sequence[StoredMessage]) -> None:
        self._erasure.delete(messages)

    def delete_all(self, scope: str, sender: str = "") -> int:
        return self._erasure.delete_all(scope, sender)

    def list_all(self, scope: str = "", sender: str = "") -> Iterator[StoredMessage]:
        return self._erasure.list_all(scope, sender)

    def close(self) -> None:
        """Ends the threads that search."""
        if "_threads" in self.__dict__:
            self._threads.shutdown(wait=False, cancel_futures=True)

    @cached_property
    def _threads(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(SEARCH_THREADS_NUMBER, thread_name_prefix="repartee-words")

    def _submit_query(self, room: str, side: Side, token: str) -> Any:
        """Begins to look for a word, with the deadline of this step."""
        return self._threads.submit(copy_context().run, self._query_word, room, side, token)

    def _query_word(self, room: str, side: Side, token: str) -> tuple[Mapping[str, float], Mapping[str, str]]:
        """Returns the newest messages that have the word: its weight in each, and their times."""
        prefix = f"{encode_key(hash_token(room, token))}#"
        with translate_errors(BACKEND_NAME):
            page = self._client.query(
                TableName=self._table,
                KeyConditionExpression="pk = :words AND begins_with(sk, :token)",
                ProjectionExpression="sk, weight",
                ExpressionAttributeValues={
                    ":words": text_attribute(words_pk(room, side)),
                    ":token": text_attribute(prefix),
                },
                ScanIndexForward=False,
                ConsistentRead=True,
                Limit=MAX_POSTINGS,
            )
        weights, times = dict[str, float](), dict[str, str]()
        for item in page["Items"]:
            _, time, hashed = item["sk"]["S"].split("#")
            weights[hashed], times[hashed] = float(item["weight"]["N"]), f"{side}#{time}"
        return weights, times

    def _rank_by_both(
        self, room: str, by_words: Mapping[str, float], vector: Vector, read: RoomSigns
    ) -> list[str]:
        """Returns the messages whose vectors are close, ranked by words too."""
        candidates = find_closest_signs(vector, read.signs)
        keys = [_hashed_key(room, hashed) for hashed in candidates]
        items = batch_get(self._client, self._table, keys, 0.0, "sk, vector")
        encoded = [(_hash_of(item), bytes(item["vector"]["B"])) for item in items if "vector" in item]
        close = rank_vectors(vector, sorted(encoded), self._related)
        by_vectors = dict(list(close.items())[:MAX_RANKED_MESSAGES])
        numbers = {key: n for n, key in enumerate(by_vectors)}
        shared = {numbers[key]: score for key, score in by_words.items() if key in numbers}
        ranked = _fuse_rankings(shared, {numbers[key]: score for key, score in by_vectors.items()})
        names = list(by_vectors)
        return [names[n] for n in ranked]

    def _read_best(
        self, room: str, best: Sequence[str], tokens: Sequence[str], limit: int
    ) -> list[StoredMessage]:
        """Returns the first messages that are still there."""
        wanted = list(dict.fromkeys(best))[:limit]
        keys = [_hashed_key(room, hashed) for hashed in wanted]
        items = batch_get(self._client, self._table, keys, 0.0, "sk, payload")
        found = {_hash_of(item): decode_stored(item) for item in items}
        return [found[hashed] for hashed in wanted if hashed in found]


def _find_older(
    by_words: Mapping[str, float],
    postings: Iterable[tuple[Mapping[str, float], Mapping[str, str]]],
    read: RoomSigns,
) -> list[str]:
    """Returns the messages that share a word and are older than those whose vectors were compared."""
    times = {hashed: time for _, some in postings for hashed, time in some.items()}
    return [
        hashed
        for hashed in by_words
        if read.compared_since and hashed not in read.signs and times[hashed] <= read.compared_since
    ]


def _fuse_rankings(word_scores: Mapping[int, float], vector_scores: Mapping[int, float]) -> list[int]:
    """Returns the keys of both rankings (higher is better), best first. Equals stay in their order."""
    words, vectors = _scale_scores(word_scores, 0.4), _scale_scores(vector_scores, 0.6)
    scores = {key: words.get(key, 0.0) + vectors.get(key, 0.0) for key in (*vectors, *words)}
    return sorted(scores, key=lambda key: scores[key], reverse=True)


def _scale_scores(scores: Mapping[int, float], weight: float) -> dict[int, float]:
    best = max(scores.values(), default=0.0)
    return {key: weight * score / best for key, score in scores.items()} if best > 0 else {}


def _places_of(messages: Sequence[StoredMessage]) -> list[Item]:
    """Returns the items of the messages' rooms and chats, each once."""
    rooms = {one.room: primary_key(rooms_pk(one.room), one.room) for one in messages}
    return [*rooms.values(), *(chat_item(one, one.chat) for one in messages if one.chat != one.room)]


def _key_of(item: Item) -> tuple[str, str]:
    return item["pk"]["S"], item["sk"]["S"]


def _hash_of(item: Item) -> str:
    return str(item["sk"]["S"].removeprefix(MESSAGE_SK_PREFIX))


def _hashed_key(room: str, hashed: str) -> Item:
    return primary_key(room, f"{MESSAGE_SK_PREFIX}{hashed}")
