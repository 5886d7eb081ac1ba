"""The candidates for a question in the messages table: by vectors, by words, and what stands beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor, Future
from contextvars import copy_context
from typing import TYPE_CHECKING, Any, TypeVar

from repartee.aws.calls import translate_errors
from repartee.domain.message import Side, StoredMessage
from repartee.ports import Vector
from repartee.stores.dynamodb.items import (
    BACKEND_NAME,
    Item,
    batch_get,
    has_time_for,
    primary_key,
    sortable_time,
    text_attribute,
)
from repartee.stores.dynamodb.message_items import (
    MESSAGE_SK_PREFIX,
    NEWEST_INDEX_NAME,
    decode_stored,
    encode_key,
    words_pk,
)
from repartee.stores.dynamodb.message_words import (
    MAX_POSTINGS,
    choose_searched_tokens,
    hash_token,
    rank_by_rarity,
)
from repartee.stores.dynamodb.sign_pages import read_room_signs
from repartee.stores.dynamodb.vector_codes import find_closest_signs, rank_vectors
from repartee.stores.relevance import (
    MAX_NEIGHBOUR_SECONDS,
    MIN_CANDIDATE_SIMILARITY,
    Candidate,
    Neighbours,
)
from repartee.stores.search_tokens import AskedTokens

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MAX_WORD_CANDIDATES = 60
"""Messages that words find, the best: each that the vector did not find too is read whole."""

MAX_HITS_LOOKED_BESIDE = 5
"""The best hits, whose neighbours are read: two Queries each."""

NEIGHBOUR_PAGE_MESSAGES = 12
"""Messages that a Query for a neighbour reads, about one read unit: the hit itself, others of the same
moment, and those of other chats where the hit is in the room's own."""

NEIGHBOURS_SECONDS = 0.15
"""Seconds that the deadline must leave for neighbours to be read."""

ResultT = TypeVar("ResultT")


class DynamoCandidates:
    """`CandidateSource` of one side of one room. `threads` run the Queries of words and of neighbours;
    `max_sign_bytes` is how much of the room's vectors is read."""

    def __init__(
        self,
        client: DynamoDBClient,
        table: str,
        room: str,
        side: Side,
        threads: Executor,
        max_sign_bytes: int,
    ) -> None:
        self._client, self._table, self._room, self._side = client, table, room, side
        self._threads, self._max_sign_bytes = threads, max_sign_bytes
        self._postings: dict[str, Future[Mapping[str, float]]] = {}
        self._messages: dict[str, StoredMessage] = {}

    def begin_matching(self, asked: AskedTokens) -> None:
        """Begins to look for the words, while vectors are compared."""
        for token in choose_searched_tokens(asked):
            self._begin_query(token)

    def find_closest(self, vector: Vector, limit: int) -> Sequence[Candidate]:
        read = read_room_signs(self._client, self._table, self._room, self._side, self._max_sign_bytes)
        items = self._read_items(find_closest_signs(vector, read.signs), "sk, payload, vector")
        encoded = [(hashed, bytes(item["vector"]["B"])) for hashed, item in items.items() if "vector" in item]
        close = rank_vectors(vector, sorted(encoded), MIN_CANDIDATE_SIMILARITY)
        return [Candidate(self._messages[hashed], close[hashed]) for hashed in list(close)[:limit]]

    def find_matching(self, asked: AskedTokens, limit: int) -> Sequence[Candidate]:
        postings = [self._begin_query(token) for token in choose_searched_tokens(asked)]
        scores = rank_by_rarity([one.result() for one in postings])
        best = list(scores)[: min(limit, MAX_WORD_CANDIDATES)]
        self._read_items([hashed for hashed in best if hashed not in self._messages], "sk, payload")
        return [
            Candidate(self._messages[hashed], scores[hashed]) for hashed in best if hashed in self._messages
        ]

    def find_neighbours(self, hits: Sequence[StoredMessage]) -> Mapping[str, Neighbours]:
        if not has_time_for(NEIGHBOURS_SECONDS):
            return {}
        pages = {
            hit.id: (self._submit(self._query_before, hit), self._submit(self._query_after, hit))
            for hit in hits[:MAX_HITS_LOOKED_BESIDE]
        }
        return {
            hit.id: _choose_neighbours(hit, [one for page in pages[hit.id] for one in page.result()])
            for hit in hits[:MAX_HITS_LOOKED_BESIDE]
        }

    def _read_items(self, hashes: Iterable[str], projection: str) -> dict[str, Item]:
        """Returns the items of the messages that are still there, and keeps the messages."""
        keys = [primary_key(self._room, f"{MESSAGE_SK_PREFIX}{hashed}") for hashed in hashes]
        found = batch_get(self._client, self._table, keys, 0.0, projection)
        items = {str(item["sk"]["S"].removeprefix(MESSAGE_SK_PREFIX)): item for item in found}
        self._messages |= {hashed: decode_stored(item) for hashed, item in items.items()}
        return items

    def _submit(self, call: Callable[..., ResultT], *arguments: Any) -> Future[ResultT]:
        """Runs a call in a thread, with the deadline of this step."""
        return self._threads.submit(copy_context().run, call, *arguments)

    def _begin_query(self, token: str) -> Future[Mapping[str, float]]:
        """Returns the messages that have a word. Each is asked for once."""
        if token not in self._postings:
            self._postings[token] = self._submit(self._query_word, token)
        return self._postings[token]

    def _query_word(self, token: str) -> Mapping[str, float]:
        """Returns the newest messages that have the word, with its weight in each."""
        page = self._query(
            KeyConditionExpression="pk = :words AND begins_with(sk, :token)",
            ProjectionExpression="sk, weight",
            ExpressionAttributeValues={
                ":words": text_attribute(words_pk(self._room, self._side)),
                ":token": text_attribute(f"{encode_key(hash_token(self._room, token))}#"),
            },
            ScanIndexForward=False,
            Limit=MAX_POSTINGS,
        )
        return {item["sk"]["S"].rpartition("#")[2]: float(item["weight"]["N"]) for item in page}

    def _query_before(self, hit: StoredMessage) -> list[StoredMessage]:
        earliest = max(0.0, hit.sent - MAX_NEIGHBOUR_SECONDS)
        return self._query_beside(hit, earliest, hit.sent, is_forward=False)

    def _query_after(self, hit: StoredMessage) -> list[StoredMessage]:
        return self._query_beside(hit, hit.sent, hit.sent + MAX_NEIGHBOUR_SECONDS, is_forward=True)

    def _query_beside(
        self, hit: StoredMessage, earliest: float, latest: float, *, is_forward: bool
    ) -> list[StoredMessage]:
        """Returns the first messages of the hit's chat in that time, from the hit on."""
        page = self._query(
            IndexName=NEWEST_INDEX_NAME,
            KeyConditionExpression="pk = :chat AND newest BETWEEN :earliest AND :latest",
            Select="ALL_PROJECTED_ATTRIBUTES",
            ExpressionAttributeValues={
                ":chat": text_attribute(hit.chat),
                ":earliest": text_attribute(f"{hit.side}#{sortable_time(max(0.0, earliest))}"),
                ":latest": text_attribute(f"{hit.side}#{sortable_time(max(0.0, latest))}"),
            },
            ScanIndexForward=is_forward,
            Limit=NEIGHBOUR_PAGE_MESSAGES,
        )
        return [decode_stored(item) for item in page]

    def _query(self, **arguments: Any) -> Sequence[Item]:
        with translate_errors(BACKEND_NAME):
            return self._client.query(TableName=self._table, ConsistentRead=True, **arguments)["Items"]


def _choose_neighbours(hit: StoredMessage, beside: Sequence[StoredMessage]) -> Neighbours:
    """Returns the message before the hit and the one after it, in the order of time and id."""

    def place(one: StoredMessage) -> tuple[float, str]:
        return one.sent, one.id

    of_chat = [one for one in beside if one.chat == hit.chat]
    before = [one for one in of_chat if place(one) < place(hit)]
    after = [one for one in of_chat if place(one) > place(hit)]
    return Neighbours(max(before, key=place, default=None), min(after, key=place, default=None))
