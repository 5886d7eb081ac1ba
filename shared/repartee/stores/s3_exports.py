"""Files with what was exported about people, on S3: private, encrypted, gone after a day."""

from __future__ import annotations

import hashlib
from typing import IO, TYPE_CHECKING

from boto3.s3.transfer import TransferConfig

from repartee.domain.message import workspace_of
from repartee.stores.s3 import delete_objects, translate_s3_errors

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

EXPORT_LINK_SECONDS = 300
"""Seconds for which a link works: it is followed at once."""

PERSON_HASH_CHARS = 32


class S3ExportFiles:
    """`ports.ExportFiles` in a bucket of its own. A key tells the workspace, and nobody."""

    def __init__(self, client: S3Client, bucket: str) -> None:
        self._client, self._bucket = client, bucket

    def save(self, person: str, id: str, content: IO[bytes]) -> str:
        key = f"{_folder_of(person)}{id}.zip"
        with translate_s3_errors():
            self._client.upload_fileobj(
                content,
                self._bucket,
                key,
                ExtraArgs={"ContentType": "application/zip"},
                Config=TransferConfig(use_threads=False),
            )
        return key

    def presign_url(self, key: str, name: str) -> str:
        wanted = {
            "Bucket": self._bucket,
            "Key": key,
            "ResponseContentType": "application/zip",
            "ResponseContentDisposition": f'attachment; filename="{name}"',
            "ResponseCacheControl": "no-store",
        }
        return self._client.generate_presigned_url("get_object", wanted, EXPORT_LINK_SECONDS)

    def list_keys(self, person: str) -> list[str]:
        return self._list(_folder_of(person))

    def list_workspace_keys(self, workspace: str) -> list[str]:
        return self._list(f"{workspace}/")

    def delete(self, keys: list[str]) -> int:
        with translate_s3_errors():
            delete_objects(self._client, self._bucket, keys)
        return len(keys)

    def _list(self, prefix: str) -> list[str]:
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix)
        with translate_s3_errors():
            return [one["Key"] for page in pages for one in page.get("Contents", ())]


def _folder_of(person: str) -> str:
    hashed = hashlib.sha256(person.encode()).hexdigest()[:PERSON_HASH_CHARS]
    return f"{workspace_of(person)}/{hashed}/"
