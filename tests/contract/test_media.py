"""The contract of `ports.Media`, on moto's S3."""

from __future__ import annotations

import io
import urllib.error
import urllib.request
import uuid
import zipfile

import pytest

from repartee.errors import Late, Malformed, NotFound, TooLarge
from repartee.plan import deadline
from repartee.ports import Medium
from repartee.stores.s3 import LARGEST, S3Media
from tests.support import aws

PNG = b"\x89PNG\r\n\x1a\n" + bytes(32)


def office(part: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("[Content_Types].xml", "")
        archive.writestr(part, "")
    return made.getvalue()


@pytest.fixture
def bucket(moto: str) -> str:
    name = f"media-{uuid.uuid4().hex}"
    aws.client("s3", moto).create_bucket(
        Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    return name


@pytest.fixture
def media(moto: str, bucket: str) -> S3Media:
    return S3Media(aws.client("s3", moto), bucket)


def test_what_is_read_is_what_was_put(media: S3Media) -> None:
    """Content is read as it was put, and said to be what it is."""
    medium = media.put("slack:T1", PNG)

    assert (medium.type, medium.size) == ("image/png", len(PNG))
    assert media.read(medium) == PNG


def test_the_same_content_is_kept_once(media: S3Media) -> None:
    """The same content put again is one; in another workspace it is another's."""
    one, again, elsewhere = (media.put(workspace, PNG) for workspace in ("slack:T1", "slack:T1", "slack:T2"))

    assert one == again
    assert elsewhere.key != one.key
    assert media.forget("slack:T1") == 1
    assert media.read(elsewhere) == PNG


def test_a_link_lets_the_model_read(media: S3Media) -> None:
    """A link gives the content, as the type that it has."""
    link = media.link(media.put("slack:T1", b"<html><script>alert(1)</script>"))

    with urllib.request.urlopen(link) as answer:
        assert answer.read() == b"<html><script>alert(1)</script>"
        assert answer.headers["Content-Type"] == "text/plain"
    assert "X-Amz-Expires=600" in link


@pytest.mark.parametrize(
    "content, kind",
    [
        (b"\xff\xd8\xff\xe0" + bytes(9), "image/jpeg"),
        (b"GIF89a" + bytes(9), "image/gif"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"%PDF-1.7\n", "application/pdf"),
        (b"OggS" + bytes(9), "audio/ogg"),
        (b"\x00\x00\x00\x20ftypM4A " + bytes(9), "audio/mp4"),
        ("Grüße\n".encode(), "text/plain"),
        (
            office("word/document.xml"),
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
    ],
)
def test_types_are_sniffed(media: S3Media, content: bytes, kind: str) -> None:
    """What something is, is read from its bytes."""
    assert media.put("slack:T1", content).type == kind


@pytest.mark.parametrize(
    "content",
    [b"", b"MZ\x90\x00\x03", b"\x7fELF\x02", office("evil.exe"), b"PK\x03\x04broken", b"\xff\xfe\x00"],
)
def test_what_is_nothing_that_we_know_is_refused(media: S3Media, content: bytes) -> None:
    """Programs, strange archives and broken bytes are refused, and not kept."""
    with pytest.raises(Malformed):
        media.put("slack:T1", content)
    assert media.forget("slack:T1") == 0


def test_what_is_too_large_is_refused(media: S3Media) -> None:
    """More bytes than allowed are refused before they travel."""
    with pytest.raises(TooLarge):
        media.put("slack:T1", bytes(LARGEST + 1))


def test_a_workspace_is_forgotten(media: S3Media) -> None:
    """All of a workspace is deleted, nothing of one whose name only begins alike, and again is no error."""
    medium, other = media.put("slack:T1", PNG), media.put("slack:T11", PNG)

    assert media.forget("slack:T1") == 1

    with pytest.raises(NotFound):
        media.read(medium)
    assert media.read(other) == PNG
    assert media.forget("slack:T1") == 0


def test_nothing_is_public(media: S3Media, moto: str, bucket: str) -> None:
    """What is kept is granted to nobody but its owner."""
    medium = media.put("slack:T1", PNG)

    grants = aws.client("s3", moto).get_object_acl(Bucket=bucket, Key=medium.key)["Grants"]

    assert {grant["Grantee"]["Type"] for grant in grants} == {"CanonicalUser"}


def test_a_bucket_that_is_not_there_says_so(moto: str) -> None:
    """A bucket that does not exist is not found."""
    with pytest.raises(NotFound):
        S3Media(aws.client("s3", moto), "none").put("slack:T1", PNG)


def test_no_call_is_made_when_no_time_is_left(media: S3Media) -> None:
    """At and past the deadline every call is late at once, and keeps nothing."""
    with deadline.within(0):
        with pytest.raises(Late):
            media.put("slack:T1", PNG)
        with pytest.raises(Late):
            media.read(Medium(key="slack:T1/x", type="image/png", size=1))

    assert media.forget("slack:T1") == 0
