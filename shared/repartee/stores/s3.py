"""Images and files on S3, by the hash of their content. Nothing is public; links are signed and short."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from repartee.errors import Late, NotFound, TooLarge, Unreachable
from repartee.plan import deadline
from repartee.ports import Medium
from repartee.services.aws import translating
from repartee.services.sniffing import type_of

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

BACKEND = "s3"

LARGEST = 20 * 1024 * 1024
"""Bytes of one medium: what model providers take as one image."""

LINK_LIFE = 600
"""Seconds for which a link works: longer than a turn, in which the model fetches it."""


class S3Media:
    """`ports.Media` in a bucket that the template makes: private, encrypted, letting go of what is old."""

    def __init__(self, client: S3Client, bucket: str) -> None:
        self._client, self._bucket = client, bucket

    def put(self, workspace: str, content: bytes) -> Medium:
        if len(content) > LARGEST:
            raise TooLarge(f"{len(content)} bytes, where {LARGEST} are allowed")
        hashed = hashlib.sha256(content)
        medium = Medium(key=f"{workspace}/{hashed.hexdigest()}", type=type_of(content), size=len(content))
        with _calling(), _there_already():
            self._client.put_object(
                Bucket=self._bucket,
                Key=medium.key,
                Body=content,
                ContentType=medium.type,
                ChecksumSHA256=base64.b64encode(hashed.digest()).decode(),
                IfNoneMatch="*",
            )
        return medium

    def link(self, medium: Medium) -> str:
        return self._client.generate_presigned_url(
            "get_object",
            Params={"Bucket": self._bucket, "Key": medium.key, "ResponseContentType": medium.type},
            ExpiresIn=LINK_LIFE,
        )

    def read(self, medium: Medium) -> bytes:
        with _calling():
            return self._client.get_object(Bucket=self._bucket, Key=medium.key)["Body"].read()

    def forget(self, workspace: str) -> int:
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=f"{workspace}/"
        )
        forgotten = 0
        with _calling():
            for page in pages:
                keys = [one["Key"] for one in page.get("Contents", ())]
                forgotten += len(keys)
                if keys:
                    self._delete(keys)
        return forgotten

    def _delete(self, keys: list[str]) -> None:
        answer = self._client.delete_objects(
            Bucket=self._bucket, Delete={"Objects": [{"Key": key} for key in keys], "Quiet": True}
        )
        if errors := answer.get("Errors"):
            raise Unreachable(BACKEND, f"{len(errors)} of {len(keys)} could not be deleted")


@contextmanager
def _calling() -> Iterator[None]:
    if deadline.remaining() == 0:
        raise Late(BACKEND, "no time left")
    with translating(BACKEND):
        try:
            yield
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") in ("NoSuchKey", "NoSuchBucket"):
                raise NotFound(BACKEND, "it is not there any more") from error
            raise


@contextmanager
def _there_already() -> Iterator[None]:
    """The same content was kept before: that is no failure."""
    try:
        yield
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") != "PreconditionFailed":
            raise
