"""The web's app, over real connections: what a client sees, and what becomes of a reply that it leaves."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from repartee.errors import ReplyBroken, Unreachable
from tests.support.streaming import Instances, Killed, Web

QUESTION = "how far is it to the moon?"


@pytest.fixture
def instances() -> Iterator[Instances]:
    with ExitStack() as opened:
        yield Instances(opened)


@pytest.fixture
def web(instances: Instances) -> Web:
    return instances.another()


def test_a_reply_streams(instances: Instances, web: Web) -> None:
    """A message is followed by a status, the reply as it is written, and its end; then it is remembered."""
    model = instances.shared.model
    with web.says(id="m-1", text=QUESTION) as reading:
        assert reading.until("status") == {"text": "is thinking…"}
        model.says("It is ")
        reading.until_text("It is ")
        model.says("384,400 km.")
        reading.until_text("It is 384,400 km.")
        model.ends()
        assert reading.until("done") == {"turn": "main.m-1", "withheld": False}

        assert reading.response.headers["content-type"].startswith("text/event-stream")
        assert reading.response.headers["cache-control"] == "no-cache, no-transform"
        assert reading.response.headers["content-location"] == "/chat/main.m-1/events"
        assert reading.names == ["status", "delta", "delta", "done"]
        ids = [event.id for event in reading.events if event.id]
        assert ids == sorted(ids)
    instances.shared.memory.wait_for("It is 384,400 km.")


def test_reading_on_elsewhere(instances: Instances, web: Web) -> None:
    """Who lost the connection in the middle reads on from another instance: no word is missing or doubled."""
    model = instances.shared.model
    with web.says(id="m-1", text=QUESTION) as reading:
        model.says("one ", "two ")
        reading.until_text("one two ")
        seen, last = reading.text, reading.last

    with instances.another().reads_on("main.m-1", last) as again:
        for piece in ("three ", "four "):
            instances.shared.now += 1  # a chunk is kept
            model.says(piece)
            again.until("delta")
        model.says("five")
        model.ends()
        again.until("done")

    assert seen + again.text == "one two three four five"
    assert model.asked == [QUESTION]


@pytest.mark.parametrize("elsewhere", [False, True])
def test_reading_after_the_end(instances: Instances, web: Web, elsewhere: bool) -> None:
    """After its end a reply can be read again, whole or from any event on."""
    instances.shared.model.says("one ", "two ", "three")
    instances.shared.model.ends()
    with web.says(id="m-1", text=QUESTION) as reading:
        reading.until("done")
    reader = instances.another() if elsewhere else web

    with reader.reads_on("main.m-1") as whole:
        whole.until("done")
    middle = next(event.id for event in reading.events if event.event == "delta")
    with reader.reads_on("main.m-1", middle or "") as rest:
        rest.until("done")
    with reader.reads_on("main.m-1", reading.last) as nothing:
        nothing.until("done")

    assert whole.text == "one two three"
    assert rest.text == "two three"
    assert nothing.names == ["done"]


def test_a_reply_outlives_its_events(instances: Instances, web: Web) -> None:
    """Hours later the events are gone, and whoever asks gets the reply at once."""
    instances.shared.model.says("one ", "two")
    instances.shared.model.ends()
    with web.says(id="m-1", text=QUESTION) as reading:
        reading.until("done")
    _rest()
    instances.shared.now += 7200

    with web.reads_on("main.m-1", reading.last) as again:
        again.until("done")

    assert again.text == "one two"
    assert again.names == ["replaced", "done"]


def test_a_client_that_goes_away(instances: Instances, web: Web) -> None:
    """A reply whose reader has left is finished and remembered."""
    model = instances.shared.model
    with web.says(id="m-1", text=QUESTION) as reading:
        model.says("one ")
        reading.until_text("one ")

    model.says("two")
    model.ends()

    instances.shared.memory.wait_for("one two")


def test_the_same_message_twice(instances: Instances, web: Web) -> None:
    """Who sends a message again, not knowing whether it arrived, gets the same reply, and the model is asked
    once. With the id of the last event that was seen it goes on from there."""
    model = instances.shared.model
    with web.says(id="m-1", text=QUESTION) as first:
        model.says("one ")
        first.until_text("one ")
        with web.says(id="m-1", text=QUESTION, last=first.last) as second:
            model.says("two")
            model.ends()
            second.until("done")
        first.until("done")
    with web.says(id="m-1", text=QUESTION) as third:
        third.until("done")

    assert (first.text, second.text, third.text) == ("one two", "two", "one two")
    assert model.asked == [QUESTION]


def test_two_requests_in_one_conversation(instances: Instances, web: Web) -> None:
    """What is said while a reply is written is answered afterwards, together, and each stream ends with its
    own answer, on whatever instance it is."""
    model, elsewhere = instances.shared.model, instances.another()
    with ExitStack() as opened:
        first = opened.enter_context(web.says(id="m-1", text="one?"))
        model.says("One.")
        first.until_text("One.")
        instances.shared.now += 0.001
        second = opened.enter_context(web.says(id="m-2", text="two?"))
        instances.shared.now += 0.001
        third = opened.enter_context(elsewhere.says(id="m-3", text="three?"))
        model.ends()
        first.until("done")
        model.says("Two and three.")
        model.ends()
        second.until("done")
        third.until("done")

    assert first.text == "One."
    assert second.text == third.text == "Two and three."
    assert model.asked == ["one?", "two? / three?"]


def test_conversations_are_apart(instances: Instances, web: Web) -> None:
    """A person's conversations do not wait for each other."""
    model = instances.shared.model
    with web.says(id="m-1", text="one?", conversation="a") as first:
        model.says("A.")
        first.until_text("A.")
        with web.says(id="m-1", text="two?", conversation="b") as second:
            second.until("status")
            model.says("B.")
            model.ends()
            model.ends()
            first.until("done")
            assert second.until("done")["turn"] == "b.m-1"

    assert sorted((first.text, second.text)) in (["A.", "B."], ["", "A.B."], ["A.B.", ""])


def test_nobody_reads_anothers_events(instances: Instances, web: Web) -> None:
    """A turn is its person's: to others there is none of that name."""
    instances.shared.model.says("secret")
    instances.shared.model.ends()
    with web.says(id="m-1", text=QUESTION) as reading:
        reading.until("done")
    ben = Web(web.url, web.shared, "ben")

    answer = ben.http.get("/chat/main.m-1/events", headers=ben.headers)

    assert (answer.status_code, answer.json()) == (404, {"error": "there is no such turn"})


def test_a_muted_person_gets_no_reply(instances: Instances, web: Web) -> None:
    """Where the assistant must be quiet the stream ends at once, and says that the reply is withheld."""
    with web.says(id="m-1", text="mute for 2 hours") as order:
        order.until("done")
    instances.shared.now += 1

    with web.says(id="m-2", text=QUESTION) as reading:
        done = reading.until("done")

    assert order.text.startswith("I will be quiet here.")
    assert done == {"turn": "main.m-2", "withheld": True}
    assert reading.names == ["done"]
    assert instances.shared.model.asked == []


def test_a_reply_that_is_stopped(instances: Instances, web: Web) -> None:
    """A stop ends the reply with what is there; it has no answer of its own."""
    model = instances.shared.model
    with web.says(id="m-1", text=QUESTION) as reading:
        model.says("one ")
        reading.until_text("one ")
        instances.shared.now += 1
        with web.says(id="m-2", text="stop") as stop:
            instances.shared.now += 1
            feeding = threading.Event()
            feeder = threading.Thread(target=_feed, args=(model, feeding), daemon=True)
            feeder.start()
            reading.until("done")
            feeding.set()
            assert stop.until("done")["withheld"]

    assert reading.text.endswith("_(Stopped.)_")


def _feed(model, over: threading.Event) -> None:
    """Says more and more, until it is enough."""
    while not over.wait(0.05):
        model.says("more ")


def test_a_turn_that_fails_is_taken_up_elsewhere(instances: Instances, web: Web) -> None:
    """When a turn fails, another worker takes it up, and the connection that waits shows what it writes."""
    model, shared = instances.shared.model, instances.shared
    with web.says(id="m-1", text=QUESTION) as reading:
        model.says("This is ")
        reading.until_text("This is ")
        model.breaks(ReplyBroken("as ordered"))
        _wait_for(lambda: _woken_again(shared))
        shared.now += 3
        model.says("A better ", "answer.")
        model.ends()
        instances.worker().work()
        reading.until("done")

    assert reading.text == "A better answer."
    assert "replaced" in reading.names


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_an_instance_that_dies(instances: Instances, web: Web) -> None:
    """When the instance dies in the middle, its late wake brings another worker, and whoever reads on from
    what the dead one has shown ends up with the whole reply."""
    model, shared = instances.shared.model, instances.shared
    with web.says(id="m-1", text=QUESTION) as reading:
        model.says("one ", "two ")
        reading.until_text("one two ")
        model.breaks(Killed())
        last = reading.last
    _rest()

    shared.now += 21
    model.says("Uno ", "due.")
    model.ends()
    worker = threading.Thread(target=instances.worker().work, daemon=True)
    worker.start()
    with instances.another().reads_on("main.m-1", last) as again:
        again.until("done")
    worker.join()

    assert again.text == "Uno due."
    assert again.names[0] == "replaced" or again.names[:2] == ["status", "replaced"]


def test_a_reply_that_never_comes(instances: Instances, web: Web) -> None:
    """After the last attempt the stream ends with the apology, and with an error."""
    model, shared = instances.shared.model, instances.shared
    for _ in range(3):
        model.breaks(Unreachable("model", "as ordered"))
    with web.says(id="m-1", text=QUESTION) as reading:
        _wait_for(lambda: model.asked and _free(shared) and _woken_again(shared))
        for _ in range(2):
            shared.now += 31
            instances.worker().work()
        error = reading.until("error")

    assert error["turn"] == "main.m-1"
    assert reading.text.startswith("Sorry, I could not answer this.")


def _woken_again(shared) -> bool:
    """Whether the turn that failed has left its wake, which is due long before the safety net's."""
    return any(letter.visible < shared.now + 10 for letter in shared.wakes.letters.values())


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


def test_the_store_fails_for_a_while(instances: Instances, web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    """While events cannot be kept they are shown all the same, and in the end all of them are kept."""
    model, events = instances.shared.model, instances.shared.events
    append, broken = events.append, threading.Event()

    def failing(*arguments) -> None:
        if broken.is_set():
            raise Unreachable("dynamodb", "as ordered")
        append(*arguments)

    monkeypatch.setattr(events, "append", failing)
    with web.says(id="m-1", text=QUESTION) as reading:
        reading.until("status")
        broken.set()
        for piece in ("one ", "two ", "three"):
            instances.shared.now += 1
            model.says(piece)
            reading.until("delta")
        broken.clear()
        model.ends()
        reading.until("done")
    with instances.another().reads_on("main.m-1") as again:
        again.until("done")

    assert reading.text == again.text == "one two three"
