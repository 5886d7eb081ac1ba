"""The contract of `ports.Media`, on moto's S3 and in an SQLite file."""

from __future__ import annotations

import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from repartee.errors import DeadlineExceeded, InvalidPayload, NotFound, PayloadTooLarge
from repartee.plan import deadline
from repartee.ports import MediaStore, StoredMedia
from repartee.stores.s3 import MAX_MEDIUM_BYTES, S3Media
from repartee.stores.sqlite.media import MAX_LINKED_MEDIUM_BYTES, SqliteMedia
from tests.support import aws

PNG = b"\x89PNG\r\n\x1a\n" + bytes(32)


@pytest.fixture
def bucket(moto: str) -> str:
    name = f"media-{uuid.uuid4().hex}"
    aws.make_client("s3", moto).create_bucket(
        Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    return name


@pytest.fixture
def s3(moto: str, bucket: str) -> S3Media:
    return S3Media(aws.make_client("s3", moto), bucket)


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[SqliteMedia]:
    store = SqliteMedia(str(tmp_path / "media.db"))
    yield store
    store.close()


@pytest.fixture(params=["sqlite", "s3"])
def media(request: pytest.FixtureRequest) -> MediaStore:
    store: MediaStore = request.getfixturevalue(request.param)
    return store


def test_what_is_read_is_what_was_put(media: MediaStore) -> None:
    """Content is read as it was put, and said to be what it is."""
    medium = media.put("slack:T1", PNG)

    assert (medium.content_type, medium.size) == ("image/png", len(PNG))
    assert media.read(medium) == PNG


def test_the_same_content_is_kept_once(media: MediaStore) -> None:
    """The same content put again is one; in another workspace it is another's."""
    one, again, elsewhere = (media.put(workspace, PNG) for workspace in ("slack:T1", "slack:T1", "slack:T2"))

    assert one == again
    assert elsewhere.key != one.key
    assert media.delete_all("slack:T1") == 1
    assert media.read(elsewhere) == PNG


def test_a_link_lets_the_model_read(media: MediaStore) -> None:
    """A link gives the content, as the type that it has."""
    link = media.presign_url(media.put("slack:T1", b"<html><script>alert(1)</script>"))

    with urllib.request.urlopen(link) as answer:
        assert answer.read() == b"<html><script>alert(1)</script>"
        assert answer.headers["Content-Type"] == "text/plain"


def test_a_link_on_s3_is_short_lived(s3: S3Media) -> None:
    """A link works for ten minutes."""
    assert "X-Amz-Expires=600" in s3.presign_url(s3.put("slack:T1", PNG))


def test_a_link_that_holds_its_content_has_a_bound(sqlite: SqliteMedia) -> None:
    """What is kept but too large for a request is not linked; what is gone is not found."""
    large = sqlite.put("slack:T1", PNG + bytes(MAX_LINKED_MEDIUM_BYTES))

    with pytest.raises(PayloadTooLarge):
        sqlite.presign_url(large)
    with pytest.raises(NotFound):
        sqlite.presign_url(StoredMedia(key="slack:T1/x", content_type="image/png", size=1))


def test_what_something_is_is_read_from_its_bytes(media: MediaStore) -> None:
    """Nobody says what is put: its bytes do."""
    assert media.put("slack:T1", b"%PDF-1.7\n").content_type == "application/pdf"


def test_what_is_nothing_that_we_know_is_refused(media: MediaStore) -> None:
    """A program is refused, and not kept."""
    with pytest.raises(InvalidPayload):
        media.put("slack:T1", b"MZ\x90\x00\x03")
    assert media.delete_all("slack:T1") == 0


def test_what_is_too_large_is_refused(media: MediaStore) -> None:
    """More bytes than allowed are refused before they travel."""
    with pytest.raises(PayloadTooLarge):
        media.put("slack:T1", bytes(MAX_MEDIUM_BYTES + 1))


def test_a_workspace_is_forgotten(media: MediaStore) -> None:
    """All of a workspace is deleted, nothing of one whose name only begins alike, and again is no error."""
    medium, other = media.put("slack:T1", PNG), media.put("slack:T11", PNG)

    assert media.delete_all("slack:T1") == 1

    with pytest.raises(NotFound):
        media.read(medium)
    assert media.read(other) == PNG
    assert media.delete_all("slack:T1") == 0


def test_nothing_is_public(s3: S3Media, moto: str, bucket: str) -> None:
    """What is kept is granted to nobody but its owner."""
    medium = s3.put("slack:T1", PNG)

    grants = aws.make_client("s3", moto).get_object_acl(Bucket=bucket, Key=medium.key)["Grants"]

    assert {grant["Grantee"]["Type"] for grant in grants} == {"CanonicalUser"}


def test_a_bucket_that_is_not_there_says_so(moto: str) -> None:
    """A bucket that does not exist is not found."""
    with pytest.raises(NotFound):
        S3Media(aws.make_client("s3", moto), "none").put("slack:T1", PNG)


def test_no_call_is_made_when_no_time_is_left(media: MediaStore) -> None:
    """At and past the deadline every call is late at once, and keeps nothing."""
    with deadline.limited_to(0):
        with pytest.raises(DeadlineExceeded):
            media.put("slack:T1", PNG)
        with pytest.raises(DeadlineExceeded):
            media.read(StoredMedia(key="slack:T1/x", content_type="image/png", size=1))

    assert media.delete_all("slack:T1") == 0
