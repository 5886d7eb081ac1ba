"""boto3's session, ready sooner: what it reads to make a client is read once and quickly.

A client is made of JSON models of some 100 kB each. botocore decodes them into ordered dictionaries, looks
into the folders of all of AWS's services to see whether the one that it is asked for is among them, and
connects what would fetch credentials from elsewhere although they are in the environment. That is more than
half of the time until two clients are ready.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import boto3
import botocore.session
import msgspec
from botocore.credentials import Credentials, EnvProvider
from botocore.loaders import JSONFileLoader, Loader, instance_cache


def make_session() -> boto3.Session:
    """Returns a session that finds its region, endpoint and credentials as every AWS SDK does."""
    return boto3.Session(botocore_session=_make_botocore_session())


def _make_botocore_session() -> botocore.session.Session:
    made = botocore.session.get_session()
    made.register_component("data_loader", FastModelLoader())
    own = EnvProvider().load()
    if type(own) is Credentials:  # others expire, and are the whole chain's business
        made.set_credentials(own.access_key, own.secret_key, own.token)
    return made


class FastJsonLoader(JSONFileLoader):
    """Reads a model."""

    def _load_file(self, full_path: str, open_method: Callable[..., Any]) -> Any:
        with suppress(FileNotFoundError), open_method(full_path, "rb") as file:
            return msgspec.json.decode(file.read())
        return None


class FastModelLoader(Loader):
    """Finds the models."""

    FILE_LOADER_CLASS = FastJsonLoader

    @instance_cache
    def list_available_services(self, type_name: str) -> list[str]:
        """Every folder. Whether there is a model in it is seen when it is opened."""
        return sorted({service for folder in self.search_paths for service in _list_names(folder)})


def _list_names(folder: str) -> list[str]:
    """Returns the names in a folder, none if there is no such folder. No `Path` is made of each: there are
    hundreds."""
    with suppress(FileNotFoundError), os.scandir(folder) as entries:
        return [entry.name for entry in entries]
    return []
