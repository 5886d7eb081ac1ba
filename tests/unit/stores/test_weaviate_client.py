"""The connection to Weaviate costs no more than it must."""

from __future__ import annotations

import ssl
from contextlib import closing, suppress

import pytest

from repartee.errors import Unavailable
from repartee.stores.weaviate import WeaviateConnection
from repartee.tls import system_ssl_context


def test_connecting_reads_no_certificates_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process has read them, and a restored one connects while its first message waits."""
    system_ssl_context()
    with closing(WeaviateConnection("http://127.0.0.1:1", 2)) as connection:

        def refuse(*_: object, **__: object) -> None:
            raise AssertionError("the authorities were read again")

        monkeypatch.setattr(ssl, "create_default_context", refuse)
        with suppress(Unavailable):  # nobody listens there
            connection.connect()
