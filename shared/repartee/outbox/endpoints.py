"""The receivers of events, from the desks' configurations and the secrets that these name."""

from __future__ import annotations

from collections.abc import Callable

from repartee.outbox.rendering import decode_signing_key
from repartee.ports.desk import DeskRecords
from repartee.ports.outbox import Endpoint, EventOutbox


class DeskEndpoints:
    """`ports.EndpointDirectory` on the configurations. `read_secrets` returns the values of a secret that are
    accepted now, the current one first."""

    def __init__(
        self, configs: DeskRecords, outbox: EventOutbox, read_secrets: Callable[[str], tuple[str, ...]]
    ) -> None:
        self._configs, self._outbox, self._read_secrets = configs, outbox, read_secrets

    def find_endpoint(self, number: str, endpoint: str) -> Endpoint | None:
        config = self._configs.find_config(number)
        webhooks = config.webhooks if config and config.number == number else ()
        webhook = next((one for one in webhooks if one.endpoint_id == endpoint), None)
        if webhook is None or self._outbox.has_ended(number, endpoint):
            return None
        keys = map(decode_signing_key, self._read_secrets(webhook.secret))
        return Endpoint(webhook.url, tuple(key for key in keys if key), webhook.texts)
