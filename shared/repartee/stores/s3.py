"""Images and files on S3, by the hash of their content. Nothing is public; links are signed and short."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from repartee.aws.calls import translate_errors
from repartee.errors import DeadlineExceeded, NotFound, PayloadTooLarge, Unavailable
from repartee.plan import deadline
from repartee.ports import StoredMedia
from repartee.services.content_type import detect_type

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

BACKEND_NAME = "s3"

MAX_MEDIUM_BYTES = 20 * 1024 * 1024
"""Bytes of one medium: what model providers take as one image."""

MAX_DELETED_KEYS = 1000
"""Keys of one call that deletes, by S3's limit."""

LINK_EXPIRY_SECONDS = 600
"""Seconds for which a link works: longer than a turn, in which the model fetches it."""


class S3Media:
    """`ports.Media` in a bucket that the template makes: private, encrypted, letting go of what is old."""

    def __init__(self, client: S3Client, bucket: str) -> None:
        self._client, self._bucket = client, bucket

    def put(self, workspace: str, content: bytes) -> StoredMedia:
        if len(content) > MAX_MEDIUM_BYTES:
            raise PayloadTooLarge(f"{len(content)} bytes, where {MAX_MEDIUM_BYTES} are allowed")
        hashed = hashlib.sha256(content)
        medium = StoredMedia(
            key=f"{workspace}/{hashed.hexdigest()}", content_type=detect_type(content), size=len(content)
        )
        with translate_s3_errors(), _ignore_existing_object():
            self._client.put_object(
                Bucket=self._bucket,
                Key=medium.key,
                Body=content,
                ContentType=medium.content_type,
                ChecksumSHA256=base64.b64encode(hashed.digest()).decode(),
                IfNoneMatch="*",
            )
        return medium

    def presign_url(self, media: StoredMedia) -> str:
        return self._client.generate_presigned_url(
            "get_object",
            Params={"Bucket": self._bucket, "Key": media.key, "ResponseContentType": media.content_type},
            ExpiresIn=LINK_EXPIRY_SECONDS,
        )

    def read(self, media: StoredMedia) -> bytes:
        with translate_s3_errors():
            return self._client.get_object(Bucket=self._bucket, Key=media.key)["Body"].read()

    def delete(self, keys: Iterable[str]) -> int:
        wanted = list(keys)
        with translate_s3_errors():
            delete_objects(self._client, self._bucket, wanted)
        return len(wanted)

    def delete_all(self, workspace: str) -> int:
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=f"{workspace}/"
        )
        forgotten = 0
        with translate_s3_errors():
            for page in pages:
                keys = [one["Key"] for one in page.get("Contents", ())]
                forgotten += len(keys)
                delete_objects(self._client, self._bucket, keys)
        return forgotten


def delete_objects(client: S3Client, bucket: str, keys: list[str]) -> None:
    """Deletes these objects. Raises `Unavailable` if one of them is left."""
    for first in range(0, len(keys), MAX_DELETED_KEYS):
        some = keys[first : first + MAX_DELETED_KEYS]
        answer = client.delete_objects(
            Bucket=bucket, Delete={"Objects": [{"Key": key} for key in some], "Quiet": True}
        )
        if errors := answer.get("Errors"):
            raise Unavailable(BACKEND_NAME, f"{len(errors)} of {len(some)} could not be deleted")


@contextmanager
def translate_s3_errors() -> Iterator[None]:
    """Turns errors of S3 into ours."""
    if deadline.remaining() == 0:
        raise DeadlineExceeded(BACKEND_NAME, "no time left")
    with translate_errors(BACKEND_NAME):
        try:
            yield
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") in ("NoSuchKey", "NoSuchBucket"):
                raise NotFound(BACKEND_NAME, "it is not there any more") from error
            raise


@contextmanager
def _ignore_existing_object() -> Iterator[None]:
    """Ignores that the same content is stored already."""
    try:
        yield
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") != "PreconditionFailed":
            raise
