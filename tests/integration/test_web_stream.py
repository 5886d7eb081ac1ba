"""The web's app, over real connections: what a client sees, and what becomes of a reply that it leaves."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from repartee.errors import IncompleteReply, Unavailable
from tests.support.web_instances import InstanceKilled, WebClient, WebInstances

QUESTION = "how far is it to the moon?"

MAX_FED_PIECES = 1200
"""Pieces after which a model that nobody stops ends by itself: a minute."""


@pytest.fixture
def instances() -> Iterator[WebInstances]:
    with ExitStack() as opened:
        yield WebInstances(opened)


@pytest.fixture
def web(instances: WebInstances) -> WebClient:
    return instances.start_instance()


def test_a_reply_streams(instances: WebInstances, web: WebClient) -> None:
    """A message is followed by a status, the reply as it is written, and its end; then it is remembered."""
    model = instances.shared.model
    with web.stream_message(id="m-1", text=QUESTION) as reading:
        assert reading.read_until_event("status") == {"text": "is thinking…"}
        model.add_pieces("It is ")
        reading.read_until_text("It is ")
        model.add_pieces("384,400 km.")
        reading.read_until_text("It is 384,400 km.")
        model.end_reply()
        assert reading.read_until_event("done") == {"turn": "main.m-1", "withheld": False}

        assert reading.response.headers["content-type"].startswith("text/event-stream")
        assert reading.response.headers["cache-control"] == "no-cache, no-transform"
        assert reading.response.headers["content-location"] == "/chat/main.m-1/events"
        assert reading.event_names == ["status", "delta", "delta", "done"]
        ids = [event.id for event in reading.events if event.id]
        assert ids == sorted(ids)
    instances.shared.memory.wait_for_text("It is 384,400 km.")


def test_reading_on_elsewhere(instances: WebInstances, web: WebClient) -> None:
    """Who lost the connection in the middle reads on from another instance: no word is missing or doubled."""
    model = instances.shared.model
    with web.stream_message(id="m-1", text=QUESTION) as reading:
        model.add_pieces("one ", "two ")
        reading.read_until_text("one two ")
        seen, last = reading.text, reading.last

    with instances.start_instance().resume_stream("main.m-1", last) as again:
        for piece in ("three ", "four "):
            instances.shared.now += 1  # a chunk is kept
            model.add_pieces(piece)
            again.read_until_event("delta")
        model.add_pieces("five")
        model.end_reply()
        again.read_until_event("done")

    assert seen + again.text == "one two three four five"
    assert model.asked == [QUESTION]


@pytest.mark.parametrize("elsewhere", [False, True])
def test_reading_after_the_end(instances: WebInstances, web: WebClient, elsewhere: bool) -> None:
    """After its end a reply can be read again, whole or from any event on."""
    instances.shared.model.add_pieces("one ", "two ", "three")
    instances.shared.model.end_reply()
    with web.stream_message(id="m-1", text=QUESTION) as reading:
        reading.read_until_event("done")
    reader = instances.start_instance() if elsewhere else web

    with reader.resume_stream("main.m-1") as whole:
        whole.read_until_event("done")
    middle = next(event.id for event in reading.events if event.event == "delta")
    with reader.resume_stream("main.m-1", middle or "") as rest:
        rest.read_until_event("done")
    with reader.resume_stream("main.m-1", reading.last) as nothing:
        nothing.read_until_event("done")

    assert whole.text == "one two three"
    assert rest.text == "two three"
    assert nothing.event_names == ["done"]


def test_a_reply_outlives_its_events(instances: WebInstances, web: WebClient) -> None:
    """Hours later the events are gone, and whoever asks gets the reply at once."""
    instances.shared.model.add_pieces("one ", "two")
    instances.shared.model.end_reply()
    with web.stream_message(id="m-1", text=QUESTION) as reading:
        reading.read_until_event("done")
    _rest()
    instances.shared.now += 7200

    with web.resume_stream("main.m-1", reading.last) as again:
        again.read_until_event("done")

    assert again.text == "one two"
    assert again.event_names == ["replaced", "done"]


def test_a_client_that_goes_away(instances: WebInstances, web: WebClient) -> None:
    """A reply whose reader has left is finished and remembered."""
    model = instances.shared.model
    with web.stream_message(id="m-1", text=QUESTION) as reading:
        model.add_pieces("one ")
        reading.read_until_text("one ")

    model.add_pieces("two")
    model.end_reply()

    instances.shared.memory.wait_for_text("one two")


def test_the_same_message_twice(instances: WebInstances, web: WebClient) -> None:
    """Who sends a message again, not knowing whether it arrived, gets the same reply, and the model is asked
    once. With the id of the last event that was seen it goes on from there."""
    model = instances.shared.model
    with web.stream_message(id="m-1", text=QUESTION) as first:
        model.add_pieces("one ")
        first.read_until_text("one ")
        with web.stream_message(id="m-1", text=QUESTION, last=first.last) as second:
            model.add_pieces("two")
            model.end_reply()
            second.read_until_event("done")
        first.read_until_event("done")
    with web.stream_message(id="m-1", text=QUESTION) as third:
        third.read_until_event("done")

    assert (first.text, second.text, third.text) == ("one two", "two", "one two")
    assert model.asked == [QUESTION]


def test_two_requests_in_one_conversation(instances: WebInstances, web: WebClient) -> None:
    """What is said while a reply is written is answered afterwards, together, and each stream ends with its
    own answer, on whatever instance it is."""
    model, elsewhere = instances.shared.model, instances.start_instance()
    with ExitStack() as opened:
        first = opened.enter_context(web.stream_message(id="m-1", text="one?"))
        model.add_pieces("One.")
        first.read_until_text("One.")
        instances.shared.now += 0.001
        second = opened.enter_context(web.stream_message(id="m-2", text="two?"))
        instances.shared.now += 0.001
        third = opened.enter_context(elsewhere.stream_message(id="m-3", text="three?"))
        model.end_reply()
        first.read_until_event("done")
        model.add_pieces("Two and three.")
        model.end_reply()
        second.read_until_event("done")
        third.read_until_event("done")

    assert first.text == "One."
    assert second.text == third.text == "Two and three."
    assert model.asked == ["one?", "two? / three?"]


def test_conversations_are_apart(instances: WebInstances, web: WebClient) -> None:
    """A person's conversations do not wait for each other."""
    model = instances.shared.model
    with web.stream_message(id="m-1", text="one?", conversation="a") as first:
        model.add_pieces("A.")
        first.read_until_text("A.")
        with web.stream_message(id="m-1", text="two?", conversation="b") as second:
            second.read_until_event("status")
            model.add_pieces("B.")
            model.end_reply()
            model.end_reply()
            first.read_until_event("done")
            assert second.read_until_event("done")["turn"] == "b.m-1"

    assert sorted((first.text, second.text)) in (["A.", "B."], ["", "A.B."], ["A.B.", ""])


def test_nobody_reads_anothers_events(instances: WebInstances, web: WebClient) -> None:
    """A turn is its person's: to others there is none of that name."""
    instances.shared.model.add_pieces("secret")
    instances.shared.model.end_reply()
    with web.stream_message(id="m-1", text=QUESTION) as reading:
        reading.read_until_event("done")
    ben = WebClient(web.url, web.shared, "ben")

    answer = ben.http.get("/chat/main.m-1/events", headers=ben.request_headers)

    assert (answer.status_code, answer.json()) == (404, {"error": "there is no such turn"})


def test_a_muted_person_gets_no_reply(instances: WebInstances, web: WebClient) -> None:
    """Where the assistant must be quiet the stream ends at once, and says that the reply is withheld."""
    with web.stream_message(id="m-1", text="mute for 2 hours") as order:
        order.read_until_event("done")
    instances.shared.now += 1

    with web.stream_message(id="m-2", text=QUESTION) as reading:
        done = reading.read_until_event("done")

    assert order.text.startswith("I will be quiet here until")
    assert done == {"turn": "main.m-2", "withheld": True}
    assert reading.event_names == ["done"]
    assert instances.shared.model.asked == []


def test_a_reply_that_is_stopped(instances: WebInstances, web: WebClient) -> None:
    """A stop ends the reply with what is there; it has no answer of its own."""
    model = instances.shared.model
    with web.stream_message(id="m-1", text=QUESTION) as reading:
        model.add_pieces("one ")
        reading.read_until_text("one ")
        instances.shared.now += 1
        with web.stream_message(id="m-2", text="stop") as stop:
            instances.shared.now += 1
            feeding = threading.Event()
            feeder = threading.Thread(target=_feed, args=(instances, feeding), daemon=True)
            feeder.start()
            reading.read_until_event("done")
            feeding.set()
            assert stop.read_until_event("done")["withheld"]

    assert reading.text.endswith("_(Stopped.)_")


def _feed(instances: WebInstances, over: threading.Event) -> None:
    """Says more and more while time goes on, until it is enough. A worker looks once a second for a stop."""
    for _ in range(MAX_FED_PIECES):
        if over.wait(0.05):
            return
        instances.shared.now += 0.05
        instances.shared.model.add_pieces("more ")
    instances.shared.model.end_reply()


def test_a_turn_that_fails_is_taken_up_elsewhere(instances: WebInstances, web: WebClient) -> None:
    """When a turn fails, another worker takes it up, and the connection that waits shows what it writes."""
    model, shared = instances.shared.model, instances.shared
    with web.stream_message(id="m-1", text=QUESTION) as reading:
        model.add_pieces("This is ")
        reading.read_until_text("This is ")
        model.fail_reply(IncompleteReply("as ordered"))
        _wait_for(lambda: _woken_again(shared))
        shared.now += 3
        model.add_pieces("A better ", "answer.")
        model.end_reply()
        instances.start_worker().answer_all_wakes()
        reading.read_until_event("done")

    assert reading.text == "A better answer."
    assert "replaced" in reading.event_names


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_an_instance_that_dies(instances: WebInstances, web: WebClient) -> None:
    """When the instance dies in the middle, its late wake brings another worker, and whoever reads on from
    what the dead one has shown ends up with the whole reply."""
    model, shared = instances.shared.model, instances.shared
    with web.stream_message(id="m-1", text=QUESTION) as reading:
        model.add_pieces("one ", "two ")
        reading.read_until_text("one two ")
        model.fail_reply(InstanceKilled())
        last = reading.last
    _rest()

    shared.now += 21
    model.add_pieces("Uno ", "due.")
    model.end_reply()
    worker = threading.Thread(target=instances.start_worker().answer_all_wakes, daemon=True)
    worker.start()
    with instances.start_instance().resume_stream("main.m-1", last) as again:
        again.read_until_event("done")
    worker.join()

    assert again.text == "Uno due."
    assert again.event_names[0] == "replaced" or again.event_names[:2] == ["status", "replaced"]


def test_a_reply_that_never_comes(instances: WebInstances, web: WebClient) -> None:
    """After the last attempt the stream ends with the apology, and with an error."""
    model, shared = instances.shared.model, instances.shared
    for _ in range(3):
        model.fail_reply(IncompleteReply("as ordered"))
    with web.stream_message(id="m-1", text=QUESTION) as reading:
        _wait_for(lambda: model.asked and _free(shared) and _woken_again(shared))
        for _ in range(2):
            shared.now += 31
            instances.start_worker().answer_all_wakes()
        error = reading.read_until_event("error")

    assert error["turn"] == "main.m-1"
    assert reading.text.startswith("Sorry, I could not answer this.")


def _woken_again(shared) -> bool:
    """Whether the turn that failed has left its wake, which is due long before the safety net's."""
    return any(letter.visible_at < shared.now + 10 for letter in shared.wakes.queued.values())


def _free(shared) -> bool:
    return all(lease.until <= shared.now for lease in shared.inbox.leases.values())


def _rest() -> None:
    """Waits until no turn is watched over: whoever lives on would renew its lease when time jumps."""
    _wait_for(lambda: not any(thread.name == "watch" for thread in threading.enumerate()))


def _wait_for(happened) -> None:
    """Waits until something has happened in another thread."""
    for _ in range(2000):
        if happened():
            return
        threading.Event().wait(0.01)
    raise AssertionError("it did not happen")


def test_the_store_fails_for_a_while(
    instances: WebInstances, web: WebClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While events cannot be kept they are shown all the same, and in the end all of them are kept."""
    model, events = instances.shared.model, instances.shared.events
    append, broken = events.append, threading.Event()

    def failing(*arguments) -> None:
        if broken.is_set():
            raise Unavailable("dynamodb", "as ordered")
        append(*arguments)

    monkeypatch.setattr(events, "append", failing)
    with web.stream_message(id="m-1", text=QUESTION) as reading:
        reading.read_until_event("status")
        broken.set()
        for piece in ("one ", "two ", "three"):
            instances.shared.now += 1
            model.add_pieces(piece)
            reading.read_until_event("delta")
        broken.clear()
        model.end_reply()
        reading.read_until_event("done")
    with instances.start_instance().resume_stream("main.m-1") as again:
        again.read_until_event("done")

    assert reading.text == again.text == "one two three"
