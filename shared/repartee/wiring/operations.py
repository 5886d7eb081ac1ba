"""The stores that the people who run an assistant look into."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repartee.wiring import process, stores
from repartee.wiring.container import Wiring, part

if TYPE_CHECKING:
    from repartee.ports.operations import (
        AuditLog,
        Conversations,
        FailedAnswers,
        LiveState,
        OperatorNotes,
        OperatorSessions,
        TurnStatistics,
    )
    from repartee.ports.operator_jobs import ExportFiles, JobStarter, OperatorJobs
    from repartee.ports.switch import ParallelSwitch


@part
def turn_statistics(wiring: Wiring) -> TurnStatistics:
    from repartee.stores.dynamodb.turn_statistics import DynamoTurnStatistics

    table = wiring.get(process.settings).records_table
    return DynamoTurnStatistics(wiring.get(process.dynamodb_client), table)


@part
def live_state(wiring: Wiring) -> LiveState:
    from repartee.stores.dynamodb.live_state import DynamoLiveState

    table = wiring.get(process.settings).records_table
    return DynamoLiveState(wiring.get(process.dynamodb_client), table, wiring.get(process.clock))


@part
def conversations(wiring: Wiring) -> Conversations:
    from repartee.stores.dynamodb.conversations import DynamoConversations

    table = wiring.get(process.settings).records_table
    return DynamoConversations(wiring.get(process.dynamodb_client), table, wiring.get(process.clock))


@part
def operator_notes(wiring: Wiring) -> OperatorNotes:
    from repartee.stores.dynamodb.operator_notes import DynamoOperatorNotes

    return DynamoOperatorNotes(
        wiring.get(process.dynamodb_client),
        wiring.get(process.settings).records_table,
        wiring.get(process.clock),
        wiring.get(process.new_id),
    )


@part
def audit_log(wiring: Wiring) -> AuditLog:
    from repartee.stores.dynamodb.audit_log import DynamoAuditLog

    table = wiring.get(process.settings).records_table
    return DynamoAuditLog(wiring.get(process.dynamodb_client), table, wiring.get(process.new_id))


@part
def operator_sessions(wiring: Wiring) -> OperatorSessions:
    from repartee.stores.dynamodb.operator_sessions import DynamoOperatorSessions

    table = wiring.get(process.settings).records_table
    return DynamoOperatorSessions(wiring.get(process.dynamodb_client), table)


@part
def failed_answers(wiring: Wiring) -> FailedAnswers:
    from repartee.aws.dead_letters import DeadLetterQueue
    from repartee.aws.replayed_letters import SqsFailedAnswers

    sqs = wiring.get(process.aws_clients).get_client("sqs")
    queue = DeadLetterQueue(sqs, wiring.get(process.settings).dead_letters_queue_url)
    return SqsFailedAnswers(queue, wiring.get(stores.inbox), wiring.get(stores.wakes))


@part
def parallel_switch(wiring: Wiring) -> ParallelSwitch | None:
    """None where the deployment says of no flags, or not how they are deployed."""
    settings = wiring.get(process.settings)
    if not (settings.flags_address and settings.flags_strategy):
        return None
    from repartee.aws.flag_deployments import FlagDeployments

    client = wiring.get(process.aws_clients).get_client("appconfig")
    return FlagDeployments(client, settings.flags_address, settings.flags_strategy)


@part
def operator_jobs(wiring: Wiring) -> OperatorJobs:
    from repartee.stores.dynamodb.operator_jobs import DynamoOperatorJobs

    return DynamoOperatorJobs(wiring.get(process.dynamodb_client), wiring.get(process.settings).records_table)


@part
def job_starter(wiring: Wiring) -> JobStarter | None:
    """None where no function does what operators start."""
    function = wiring.get(process.settings).operator_job_function
    if not function:
        return None
    from repartee.aws.invocation import InvokedJobs

    return InvokedJobs(wiring.get(process.aws_clients).get_client("lambda"), function)


@part
def export_files(wiring: Wiring) -> ExportFiles:
    from repartee.stores.s3_exports import S3ExportFiles

    bucket = wiring.get(process.settings).exports_bucket
    return S3ExportFiles(wiring.get(process.aws_clients).get_client("s3"), bucket)
