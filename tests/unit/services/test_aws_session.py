"""Clients that are ready sooner are the same clients."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import BotoCoreError, NoCredentialsError

from repartee.aws.session import make_session

SERVICES = ["dynamodb", "sqs", "secretsmanager", "s3", "sesv2", "appconfigdata"]


def described(client: Any) -> dict[str, Any]:
    """What a client knows of its service."""
    model = client.meta.service_model
    operations = {name: model.operation_model(name) for name in model.operation_names}
    return {
        "endpoint": client.meta.endpoint_url,
        "region": client.meta.region_name,
        "metadata": dict(model.metadata),
        "inputs": {
            name: one.input_shape and list(one.input_shape.members) for name, one in operations.items()
        },
        "pages": {name: client.can_paginate(name) for name in client.meta.method_to_api_mapping},
        "waiters": client.waiter_names,
    }


@pytest.mark.parametrize("service", SERVICES)
def test_a_client_is_the_one_that_boto3_makes(service: str) -> None:
    """The same operations, arguments, endpoint, paginators and waiters."""
    ours: Any = make_session()
    theirs: Any = boto3.Session()

    assert described(ours.client(service)) == described(theirs.client(service))


def test_credentials_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on Lambda, the session token included."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIA")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "token")

    found: Any = make_session().get_credentials()

    assert (found.access_key, found.secret_key, found.token) == ("AKIA", "secret", "token")


def test_where_the_environment_has_none_they_are_found_as_ever(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """On a developer's machine they are in a file."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name)
    file = tmp_path / "credentials"
    file.write_text("[default]\naws_access_key_id = AKIAFILE\naws_secret_access_key = secret\n")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(file))

    found: Any = make_session().get_credentials()

    assert found.access_key == "AKIAFILE"


def test_credentials_that_expire_are_not_kept_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever says when they end wants them read again then."""
    monkeypatch.setenv("AWS_CREDENTIAL_EXPIRATION", "2999-01-01T00:00:00Z")

    assert type(make_session().get_credentials()).__name__ == "RefreshableCredentials"


def test_a_service_that_does_not_exist_is_an_error_of_botocores() -> None:
    """A misspelt name is told when the client is made."""
    session: Any = make_session()

    with pytest.raises(BotoCoreError):
        session.client("dinamodb")


def test_without_credentials_the_call_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """And not the making of the client."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name)
    client: Any = make_session().client("sqs", endpoint_url="http://127.0.0.1:9")

    with pytest.raises(NoCredentialsError):
        client.list_queues()
