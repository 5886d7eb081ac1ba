"""The office assistant, made of its ports."""

from __future__ import annotations

from repartee.assistants.office.erp import ErpToolset
from repartee.assistants.office.erp_readers import ErpReaders
from repartee.assistants.office.inputs import OfficeInputs
from repartee.assistants.office.plan import build_graph
from repartee.assistants.office.routes import Router, load_routes
from repartee.assistants.office.summarising import OfficeExchangeRecorder
from repartee.assistants.ports import AssistantPorts
from repartee.turn.approvals import ApprovalResolver
from repartee.turn.assistant import Assistant


def make_assistant(ports: AssistantPorts) -> Assistant:
    """Makes the assistant."""
    router = Router(load_routes(), ports.embedder, ports.vectors, ports.embedding_model)
    erp_toolset = _make_toolset(ports)
    handlers = {"erp": erp_toolset} if erp_toolset else {}
    recorder = OfficeExchangeRecorder(
        ports.records, ports.messages, ports.meetings, ports.small_model, ports.redact_stored
    )
    return Assistant(
        "office",
        build_graph(),
        _make_inputs(ports, router, erp_toolset),
        resolve_press=ApprovalResolver(ports.proposals, handlers, ports.reply_senders).resolve,
        on_exchange=recorder.record_exchange,
        warm_up=router.prepare_classifier,
    )


def _make_toolset(ports: AssistantPorts) -> ErpToolset | None:
    if ports.erp is None:
        return None
    return ErpToolset(ports.erp, ports.proposals, ports.clock, ErpReaders(ports.erp_readers))


def _make_inputs(ports: AssistantPorts, router: Router, erp_toolset: ErpToolset | None) -> OfficeInputs:
    return OfficeInputs(
        attachments=ports.attachments,
        transcriber=ports.transcriber,
        documents=ports.documents,
        media=ports.media,
        pool=ports.pool,
        records=ports.records,
        messages=ports.messages,
        meetings=ports.meetings,
        embedder=ports.embedder,
        small_model=ports.small_model,
        router=router,
        redactor_for=ports.redactor_for,
        erp_toolset=erp_toolset,
        earlier_image_store=ports.earlier_image_store,
        thread_reader=ports.thread_reader,
        name_directory=ports.name_directory,
        store_messages=ports.store_messages,
        notice_book=ports.notice_book,
    )
