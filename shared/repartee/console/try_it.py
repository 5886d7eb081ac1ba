"""*Try it*: a person talks to an assistant in a channel of the local stack, and watches the turn."""

from __future__ import annotations

import asyncio
import mimetypes
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import PurePosixPath
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response, StreamingResponse

from repartee.console.access import Role
from repartee.console.app import ConsoleApp, ConsoleRequest, ConsoleRoute, ConsoleSection
from repartee.console.pages import PREFIX, NavigationItem
from repartee.console.try_it_stage import (
    REACTIONS,
    ActResult,
    RerunChange,
    SaidFile,
    TryChoice,
    TryItStage,
)
from repartee.console.turn_view import TurnView
from repartee.console.word_difference import compare_words

MAX_SAID_CHARS = 20_000
"""Characters that may be said at once."""

MAX_FILE_BYTES = 16 * 1024 * 1024
"""Bytes of a file that is sent: what WhatsApp takes of a recording."""

MAX_NAME_CHARS = 120
"""Characters of a file's name."""

REFRESH_SECONDS = 0.12
"""Seconds between two looks at the room and at the turn."""

HEARTBEAT_SECONDS = 15.0
"""Seconds after which a stream without news says that it lives."""


class TryIt:
    """The section of the console that exists on the local stack alone."""

    def __init__(self, app: ConsoleApp, stage: TryItStage) -> None:
        self._app, self._stage = app, stage

    def section(self) -> ConsoleSection:
        """Returns the entry and the routes."""
        post = ("POST",)
        return ConsoleSection(
            NavigationItem("/try", "Try it"),
            (
                ConsoleRoute("/try", self.show_page, Role.VIEWER),
                ConsoleRoute("/try/events", self.stream_events, Role.VIEWER, streams=True),
                ConsoleRoute("/try/say", self.say, Role.VIEWER, methods=post),
                ConsoleRoute("/try/press", self.press_button, Role.VIEWER, methods=post),
                ConsoleRoute("/try/delete", self.delete_message, Role.VIEWER, methods=post),
                ConsoleRoute("/try/react", self.react, Role.VIEWER, methods=post),
                ConsoleRoute("/try/stop", self.stop_reply, Role.VIEWER, methods=post),
                ConsoleRoute("/try/new", self.start_thread, Role.VIEWER, methods=post),
                ConsoleRoute("/try/turns/{turn}", self.show_turn, Role.VIEWER),
                ConsoleRoute("/try/turns/{turn}/steps/{step}", self.show_step, Role.VIEWER),
                ConsoleRoute("/try/turns/{turn}/again", self.run_again, Role.VIEWER, methods=post),
            ),
        )

    def show_page(self, request: ConsoleRequest) -> Response:
        """The page: the room at the left, the newest turn at the right."""
        choice = self._read_choice(request.query)
        places = self._stage.list_places()
        place = next(one for one in places if one.key == choice.place)
        turns = self._stage.list_turns(choice)
        return self._app.render(
            "try.html",
            request,
            choice=choice,
            place=place,
            places=places,
            assistants=self._stage.list_assistants(),
            samples=self._stage.list_samples(choice),
            room=self._stage.read_room(choice),
            reactions=REACTIONS,
            turns=turns,
            turn=self._stage.find_turn(turns[0].id) if turns else None,
        )

    async def stream_events(self, request: ConsoleRequest) -> Response:
        """The room and its newest turn, each time that they change."""
        choice = await run_in_threadpool(self._read_choice, request.query)
        lines = self._event_lines(request, choice)
        headers = {"Cache-Control": "no-cache, no-transform", "X-Accel-Buffering": "no"}
        return StreamingResponse(lines, headers=headers, media_type="text/event-stream")

    def say(self, request: ConsoleRequest) -> Response:
        """Says what was typed, with a file or a recording; or changes what was said before."""
        choice, text = self._read_choice(request.field), request.field("text").strip()[:MAX_SAID_CHARS]
        earlier = request.field("editing")
        if earlier:
            edited = self._stage.edit_message(choice, earlier, text) if text else ActResult()
            return self._answer(request, choice, edited)
        recording = self._stage.read_recording() if request.field("recording") else None
        file = recording or _read_file(request)
        if file and len(file.content) > MAX_FILE_BYTES:
            problem = f"{file.name} is larger than {MAX_FILE_BYTES // 1024 // 1024} MB."
            return self._answer(request, choice, ActResult(problem))
        said = self._stage.say(choice, text, file) if text or file else ActResult()
        return self._answer(request, choice, said)

    def press_button(self, request: ConsoleRequest) -> Response:
        """Presses a button of the newest message that has it."""
        choice = self._read_choice(request.field)
        pressed = self._stage.press_button(choice, request.field("button"), request.field("message"))
        return self._answer(request, choice, pressed)

    def delete_message(self, request: ConsoleRequest) -> Response:
        """Takes back what the person said."""
        choice = self._read_choice(request.field)
        return self._answer(request, choice, self._stage.delete_message(choice, request.field("message")))

    def react(self, request: ConsoleRequest) -> Response:
        """Reacts to a message with an emoji."""
        choice = self._read_choice(request.field)
        message, emoji = request.field("message"), request.field("emoji")
        return self._answer(request, choice, self._stage.react(choice, message, emoji))

    def stop_reply(self, request: ConsoleRequest) -> Response:
        """Stops the reply that is being written."""
        choice = self._read_choice(request.field)
        return self._answer(request, choice, self._stage.stop_reply(choice))

    def start_thread(self, request: ConsoleRequest) -> Response:
        """Begins another conversation."""
        choice = self._read_choice(request.field)
        self._stage.start_thread(choice)
        return self._answer(request, choice, ActResult())

    def show_turn(self, request: ConsoleRequest) -> Response:
        """One turn: a part of the page for htmx, a page otherwise."""
        turn = self._require_turn(request.path["turn"])
        template = "turn_panel.html" if request.is_fragment else "try_turn.html"
        return self._app.render(template, request, turn=turn)

    def show_step(self, request: ConsoleRequest) -> Response:
        """One step of a turn: what it returned, its policy, its history."""
        turn = self._require_turn(request.path["turn"])
        step = turn.step(request.path["step"])
        if step is None:
            raise HTTPException(404, "the plan of this turn has no such step")
        template = "step_panel.html" if request.is_fragment else "try_step.html"
        return self._app.render(template, request, turn=turn, step=step)

    def run_again(self, request: ConsoleRequest) -> Response:
        """The turn and its repetition, side by side."""
        turn = self._require_turn(request.path["turn"])
        if turn.is_running:
            raise HTTPException(409, "the turn goes on: run it again when it has ended")
        change = RerunChange(
            bool(request.field("serial")),
            tuple(dict.fromkeys(request.fields("without"))),
            request.field("instructions").strip(),
            request.field("model").strip(),
            request.field("question").strip()[:MAX_SAID_CHARS],
        )
        repeated = self._stage.run_again(turn.id, change)
        difference = compare_words(turn.reply, repeated.reply)
        template = "comparison.html" if request.is_fragment else "try_comparison.html"
        return self._app.render(
            template, request, turn=turn, again=repeated, change=change, difference=difference
        )

    def _answer(self, request: ConsoleRequest, choice: TryChoice, result: ActResult) -> Response:
        if request.is_fragment:
            return self._app.render("said.html", request, result=result)
        return RedirectResponse(f"{PREFIX}/try?{choice.address}", 303)

    def _require_turn(self, id: str) -> TurnView:
        turn = self._stage.find_turn(id)
        if turn is None:
            raise HTTPException(404, "there is no such turn in this process")
        return turn

    def _read_choice(self, read: Callable[[str], str]) -> TryChoice:
        """Returns what was chosen; what is missing or unknown is the first there is."""
        places = {one.key: one for one in self._stage.list_places()}
        place = places.get(read("place")) or next(iter(places.values()))
        assistants, people = self._stage.list_assistants(), [id for id, _ in place.people]
        assistant = read("assistant") if read("assistant") in assistants else assistants[0]
        person = read("person") if read("person") in people else people[0]
        return TryChoice(place.key, assistant, person)

    async def _event_lines(self, request: ConsoleRequest, choice: TryChoice) -> AsyncIterator[str]:
        """Looks at the stack often, and sends what differs from what was sent."""
        shown: dict[str, str] = {}
        quiet_seconds = 0.0
        yield "retry: 1000\n\n"
        while True:
            fragments = await run_in_threadpool(self._render_fragments, request, choice)
            for name, fragment in fragments.items():
                if shown.get(name) != fragment:
                    shown[name], quiet_seconds = fragment, 0.0
                    yield _format_event(name, fragment)
            quiet_seconds += REFRESH_SECONDS
            if quiet_seconds > HEARTBEAT_SECONDS:
                quiet_seconds = 0.0
                yield ": still here\n\n"
            await asyncio.sleep(REFRESH_SECONDS)

    def _room_context(self, choice: TryChoice) -> dict[str, Any]:
        return {"room": self._stage.read_room(choice), "choice": choice, "reactions": REACTIONS}

    def _render_fragments(self, request: ConsoleRequest, choice: TryChoice) -> Mapping[str, str]:
        turns = self._stage.list_turns(choice)
        turn = self._stage.find_turn(turns[0].id) if turns else None
        contexts: dict[str, tuple[str, dict[str, Any]]] = {
            "room": ("room.html", self._room_context(choice)),
            "turns": ("turn_chips.html", {"turns": turns}),
        }
        if turn:
            contexts["turn"] = ("turn_panel.html", {"turn": turn})
        return {
            name: bytes(self._app.render(template, request, **context).body).decode()
            for name, (template, context) in contexts.items()
        }


def _read_file(request: ConsoleRequest) -> SaidFile | None:
    """Returns the file of the form; None if none was chosen."""
    upload = request.upload("file")
    if upload is None or not upload.filename:
        return None
    name = PurePosixPath(upload.filename.replace("\\", "/")).name[:MAX_NAME_CHARS]
    mime = upload.content_type or mimetypes.guess_type(name)[0] or "application/octet-stream"
    return SaidFile(name, mime.partition(";")[0], upload.file.read(MAX_FILE_BYTES + 1))


def _format_event(name: str, fragment: str) -> str:
    lines = "\n".join(f"data: {line}" for line in fragment.replace("\r", "").split("\n"))
    return f"event: {name}\n{lines}\n\n"
