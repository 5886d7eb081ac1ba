"""The sections of the console that are made of many stores."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repartee.wiring import assistants, operations, process, stores

if TYPE_CHECKING:
    from repartee.console.app import ConsoleApp, ConsoleSection
    from repartee.wiring.container import Wiring


def conversation_section(wiring: Wiring, app: ConsoleApp) -> ConsoleSection:
    """Returns *Conversations*."""
    from repartee.console.chat_acts import ChatActs
    from repartee.console.chat_list import ChatFinder
    from repartee.console.chat_pictures import ChatPictures
    from repartee.console.chat_search import ChatSearch
    from repartee.console.conversations import ConversationSection
    from repartee.console.operator_relay import OperatorRelay
    from repartee.console.setup_jobs import SetupJobs
    from repartee.console.turn_pages import TurnPages
    from repartee.console.turn_recordings import TurnRecordings

    get = wiring.get
    clock, conversations = get(process.clock), get(operations.conversations)
    notes, audit, handovers = get(operations.operator_notes), get(operations.audit_log), get(stores.handovers)
    relay = OperatorRelay(handovers, get(stores.inbox), get(stores.wakes), clock, get(process.new_id))
    finder = ChatFinder(
        get(operations.turn_statistics),
        conversations,
        handovers,
        ChatSearch(lambda: get(stores.messages)),
        clock,
    )
    recordings, starter = (
        TurnRecordings(lambda: assistants.find_recordings(wiring)),
        get(operations.job_starter),
    )
    jobs = SetupJobs(get(operations.operator_jobs), starter, clock, get(process.new_id)) if starter else None
    turns = TurnPages(app, conversations, recordings, jobs, audit, clock)
    return ConversationSection(
        app,
        finder,
        conversations,
        get(stores.records),
        notes,
        ChatPictures(lambda: get(stores.earlier_image_store), lambda: get(stores.media)),
        ChatActs(conversations, get(stores.records), relay, notes, audit, clock),
        audit,
        clock,
        turns,
    ).section()
