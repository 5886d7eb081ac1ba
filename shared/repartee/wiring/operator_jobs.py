"""The function of what operators have done in the background, on the stores of the process."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec

from repartee.wiring import operations, personal_data, process, stores
from repartee.wiring.container import Wiring, part

if TYPE_CHECKING:
    from repartee.domain.finding import Finding
    from repartee.operations.job_runner import JobRunner
    from repartee.operations.personal_export import Stores
    from repartee.ports.personal_data import Footprint


class StoredPersonalData:
    """`operations.PersonalDataAccess` on every store of the deployment."""

    def __init__(self, wiring: Wiring) -> None:
        self._wiring = wiring

    def trace_person(self, id: str) -> Footprint:
        subject = personal_data.make_subject(self._wiring, "person", id)
        return self._wiring.get(personal_data.personal_records).trace(subject)

    def list_stores(self) -> Stores:
        return personal_data.make_stores(self._wiring)


@part
def job_runner(wiring: Wiring) -> JobRunner:
    from repartee.operations.job_runner import JobRunner

    return JobRunner(
        wiring.get(operations.operator_jobs),
        lambda: check_services(wiring),
        lambda: StoredPersonalData(wiring),
        lambda: wiring.get(operations.export_files),
        wiring.get(process.clock),
        wiring.get(process.logger),
    )


def check_services(wiring: Wiring) -> Iterator[Finding]:
    """Yields what is found of each service, with the secrets and the rights of this function."""
    from repartee.operations.service_checks import examine_services

    host = urlsplit(wiring.get(process.settings).api_url).netloc
    return examine_services(
        read_known_settings(wiring),
        host,
        lambda: wiring.get(stores.desk_records).list_configs(),
        wiring.get(process.aws_clients).get_client,
    )


def read_known_settings(wiring: Wiring) -> dict[str, str]:
    """Returns the settings of the environment, and besides those of the secrets document."""
    own = {name: value for name, value in wiring.environment.items() if value.strip()}
    if not (id := wiring.get(process.settings).secrets_id):
        return own
    client = wiring.get(process.aws_clients).get_client("secretsmanager")
    document = msgspec.json.decode(client.get_secret_value(SecretId=id)["SecretString"], type=dict[str, str])
    return {name: value for name, value in document.items() if value} | own
