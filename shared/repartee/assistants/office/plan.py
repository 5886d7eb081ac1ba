"""What the office assistant gathers for a reply, as one dependency graph."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain

from repartee.assistants import quoted
from repartee.assistants.attached import (
    AUDIO_WITHIN,
    FILES_WITHIN,
    IMAGES_WITHIN,
    Read,
    audio_texts,
    file_texts,
    image_links,
)
from repartee.assistants.looking_back import earlier_images, picture_duties
from repartee.assistants.office import meetings as minutes
from repartee.assistants.office import orders
from repartee.assistants.office.erp import Clerk, Overview
from repartee.assistants.office.masking import safe_text, veil
from repartee.assistants.office.orders import Wish
from repartee.assistants.office.prompts import Gathered, compose
from repartee.assistants.office.routes import ERP, MEETING, ORDERS, Choice, Learnt, Route, Router
from repartee.conversation.means import Duty
from repartee.conversation.message import Exchange, Message, Said, Side
from repartee.conversation.prompt import Prompt, Tool
from repartee.conversation.proposal import Proposal
from repartee.plan import Graph, Plan, Pool
from repartee.ports import (
    Embedder,
    Meetings,
    Messages,
    Pictures,
    Records,
    SmallModel,
    Standing,
    Vector,
)

NO_ERP = (
    "The company's records cannot be looked up now, and nothing in them changed: say so where it matters."
)
SEVERAL_ASK = (
    "Several people ask at once, who may not see the same of the company's records, so they cannot be looked "
    "up now: answer what you can, and ask whoever wants to know of them to ask again alone."
)

MASKED_WITHIN = 3.0
"""Seconds in which a question is masked, where a service does that."""

office = Plan(
    "office",
    inputs=(
        *("turn", "asked", "recent", "sign", "tell"),
        *("propose", "records", "messages", "meetings", "embedder", "small", "router", "veils", "clerk"),
        *("attachments", "transcriber", "documents", "media", "pictures", "pool"),
    ),
)

# Who asks, and whether anything may be said


@office.step(timeout=2.0)
def standing(asked: tuple[Message, ...], records: Records) -> Standing:
    """Who asks, and whether the assistant must be quiet here. Without knowing that, nothing is said."""
    newest = asked[-1]
    return records.standing(newest.room, newest.chat, newest.sender)


@office.step(timeout=2.0, status="prompt")
def first_sign(standing: Standing, sign: Callable[[Standing], None]) -> None:
    """Something is visible as soon as it is known that the room may hear it."""
    sign(standing)


# What is asked, and what came along

office.step(timeout=AUDIO_WITHIN + 1, fallback=())(audio_texts)
office.step(timeout=IMAGES_WITHIN + 1, fallback=())(image_links)
office.step(timeout=FILES_WITHIN + 1, fallback=())(file_texts)
office.step(timeout=2.0, fallback=())(earlier_images)


@office.step()
def heard(asked: tuple[Message, ...], audio_texts: Sequence[Read]) -> tuple[Message, ...]:
    """The messages as they are to be understood: with what is said in a recording."""
    return quoted.heard(asked, audio_texts)


@office.step()
def question(heard: tuple[Message, ...]) -> str:
    """What is asked, as one text."""
    return "\n".join(message.text for message in heard)


office.step()(veil)
office.step(timeout=MASKED_WITHIN)(safe_text)

# Which kind of message it is


@office.step(timeout=2.0, fallback=None)
def embedding(safe_text: str, embedder: Embedder) -> Vector:
    """The question's vector, made once for all that need it. Without it, words alone decide."""
    return embedder.embed([safe_text])[0]


@office.step(timeout=5.0, fallback=None)
def examples(router: Router) -> Learnt:
    """The vectors of the routes' examples: at hand, but for the first turn of a process."""
    return router.learn()


@office.step()
def route(safe_text: str, embedding: Vector | None, examples: Learnt | None, router: Router) -> Choice:
    """What kind of message it is, and hence what its prompt is given."""
    if embedding is None or examples is None:
        return router.guess(safe_text)
    return router.choose(safe_text, embedding, examples)


# What was said


@office.step(timeout=1.5, fallback=())
def user_history(asked: tuple[Message, ...], router: Router, messages: Messages) -> Sequence[Said]:
    """What people said of late: in this thread, or in the room where no thread was there before."""
    return messages.newest(asked[-1].place, "user", router.history)


@office.step(timeout=1.5, fallback=())
def assistant_history(asked: tuple[Message, ...], router: Router, messages: Messages) -> Sequence[Said]:
    """What the assistant answered there."""
    return messages.newest(asked[-1].place, "assistant", router.history)


@office.step(timeout=1.5, fallback=())
def user_room_history(asked: tuple[Message, ...], router: Router, messages: Messages) -> Sequence[Said]:
    """What people said in the room, where a thread has just begun."""
    return _around(asked[-1], "user", router, messages)


@office.step(timeout=1.5, fallback=())
def assistant_room_history(asked: tuple[Message, ...], router: Router, messages: Messages) -> Sequence[Said]:
    """What the assistant answered in the room, where a thread has just begun."""
    return _around(asked[-1], "assistant", router, messages)


@office.step(timeout=1.5, fallback=())
def relevant_user_messages(
    asked: tuple[Message, ...], question: str, embedding: Vector | None, router: Router, messages: Messages
) -> Sequence[Said]:
    """What people said in this room about this, however long ago, best first."""
    return messages.relevant(asked[-1].room, "user", question, embedding, router.relevant)


@office.step(timeout=1.5, fallback=())
def relevant_assistant_messages(
    asked: tuple[Message, ...], question: str, embedding: Vector | None, router: Router, messages: Messages
) -> Sequence[Said]:
    """What the assistant answered in this room about this, best first."""
    return messages.relevant(asked[-1].room, "assistant", question, embedding, router.relevant)


# Orders and meetings


@office.step(timeout=4.0, fallback=None, when=lambda route: route.route.wants(ORDERS))
def wish(asked: tuple[Message, ...], standing: Standing, question: str, small: SmallModel) -> Wish:
    """What is ordered in plain words. The webhook has carried out plain commands already."""
    situation = orders.situation(asked[-1], standing.profile, question)
    return small.analyse(orders.UNDERSTAND, situation, Wish)


@office.step(timeout=2.0, fallback=orders.NOT_DONE, writes=True)
def done(
    asked: tuple[Message, ...], route: Choice, wish: Wish | None, standing: Standing, records: Records
) -> str:
    """The order carried out, and told in words for the model."""
    return orders.carry_out(wish, asked[-1], standing, records) if route.route.wants(ORDERS) else ""


@office.step(timeout=2.0, fallback=None, when=lambda route: route.route.wants(MEETING))
def filed(asked: tuple[Message, ...], standing: Standing, meetings: Meetings) -> Sequence[Said]:
    """What was said in the room's newest meeting."""
    meeting = standing.control.meeting
    return meetings.of(meeting.id, asked[-1].room, minutes.MOST) if meeting else ()


@office.step()
def taken(route: Choice, wish: Wish | None, router: Router) -> Route:
    """The route whose prompt is given: what looked like an order and is none is answered like all else."""
    no_order = wish is None or wish.act == "none"
    orders_alone = route.route.sources == {ORDERS}
    return router.otherwise if orders_alone and no_order else route.route


# The company's ERP


@office.step(
    timeout=2.0,
    fallback=None,
    breaker="erp",
    when=lambda route: route.route.wants(ERP),
    speculate=lambda clerk: clerk is not None,
)
def odoo_models(asked: tuple[Message, ...], clerk: Clerk | None, pool: Pool) -> Overview | None:
    """What the person may read in the company's ERP. Nothing where there is none, and where several people
    ask at once: one would be answered with another's rights."""
    return clerk.overview(asked[-1].sender, pool) if clerk and not _several(asked) else None


@office.step()
def tools(
    turn: str,
    asked: tuple[Message, ...],
    odoo_models: Overview | None,
    clerk: Clerk | None,
    propose: Callable[[Proposal], None],
) -> tuple[Tool, ...]:
    """What the model may do. Whatever would change something is only proposed."""
    return clerk.tools(asked[-1], turn, odoo_models, propose) if clerk and odoo_models else ()


# What comes of it


@office.step()
def afterwards(
    asked: tuple[Message, ...], image_links: Sequence[Read], pictures: Pictures
) -> tuple[Duty, ...]:
    """What is left to do once the reply has begun."""
    return picture_duties(asked, image_links, pictures)


@office.step()
def said(
    recent: tuple[Exchange, ...],
    user_history: Sequence[Said],
    assistant_history: Sequence[Said],
    user_room_history: Sequence[Said],
    assistant_room_history: Sequence[Said],
) -> Sequence[Said]:
    """All that was said of late, by both sides, in no order."""
    kept = chain(user_history, assistant_history, user_room_history, assistant_room_history)
    return [*kept, *(one for exchange in recent for one in exchange.said())]


@office.step()
def prompt(
    heard: tuple[Message, ...],
    asked: tuple[Message, ...],
    audio_texts: Sequence[Read],
    image_links: Sequence[Read],
    file_texts: Sequence[Read],
    earlier_images: Sequence[Read],
    taken: Route,
    standing: Standing,
    said: Sequence[Said],
    relevant_user_messages: Sequence[Said],
    relevant_assistant_messages: Sequence[Said],
    filed: Sequence[Said] | None,
    odoo_models: Overview | None,
    tools: tuple[Tool, ...],
    done: str,
) -> Prompt:
    """What the model is given."""
    gathered = Gathered(
        asked=heard,
        lines=quoted.lines(asked, audio_texts, image_links, file_texts),
        route=taken,
        standing=standing,
        history=said,
        relevant=_in_turns(relevant_user_messages, relevant_assistant_messages),
        filed=filed,
        done=done,
        more=_about_erp(taken, odoo_models, asked),
        tools=tools,
        ahead=quoted.shown_before(earlier_images),
    )
    return compose(gathered)


def build() -> Graph:
    """The plan, checked."""
    return office.build(targets=("standing", "prompt", "heard", "afterwards"))


def _about_erp(route: Route, overview: Overview | None, asked: tuple[Message, ...]) -> Sequence[str]:
    if overview:
        return (overview.text,)
    if not route.wants(ERP):
        return ()
    return (SEVERAL_ASK if _several(asked) else NO_ERP,)


def _several(asked: tuple[Message, ...]) -> bool:
    return len({message.sender for message in asked}) > 1


def _around(message: Message, side: Side, router: Router, messages: Messages) -> Sequence[Said]:
    return messages.newest(message.room, side, router.history) if message.young else ()


def _in_turns(one: Sequence[Said], other: Sequence[Said]) -> Sequence[Said]:
    """Both, each still with its best first."""
    longest = max(len(one), len(other))
    return [said for at in range(longest) for said in (*one[at : at + 1], *other[at : at + 1])]
