"""The function of what operators have done in the background, on the stores of the process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec

from repartee.wiring import assistants, operations, personal_data, process, services, stores
from repartee.wiring.container import Wiring, part

if TYPE_CHECKING:
    from repartee.domain.finding import Finding
    from repartee.operations.job_runner import JobRunner
    from repartee.operations.personal_export import Stores
    from repartee.operations.recorded_repetition import RecordedTurnRepeater
    from repartee.ports import LanguageModel
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
        lambda: wiring.get(turn_repeater),
        wiring.get(process.clock),
        wiring.get(process.logger),
    )


@part
def turn_repeater(wiring: Wiring) -> RecordedTurnRepeater:
    """Runs recorded turns again, by the models of the settings' provider."""
    return make_repeater(wiring, lambda name: make_model(wiring, name))


def make_repeater(wiring: Wiring, make_model: Callable[[str], LanguageModel]) -> RecordedTurnRepeater:
    """Returns what runs recorded turns again: it asks a model, and nothing else."""
    from repartee.operations.recorded_repetition import RecordedTurnRepeater

    return RecordedTurnRepeater(
        lambda: assistants.find_recordings(wiring),
        make_model,
        wiring.get(services.prices).price_usage,
        wiring.get(process.pool),
        wiring.get(process.clock),
    )


def make_model(wiring: Wiring, name: str) -> LanguageModel:
    """Returns the model of that name, and that of the settings for none."""
    if not name:
        return wiring.get(services.model)
    from repartee.services.openai.model import OpenAIModel

    effort = wiring.get(process.settings).reasoning_effort
    return OpenAIModel(wiring.get(services.openai_client), name, effort)


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
