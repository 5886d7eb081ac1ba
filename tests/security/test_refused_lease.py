"""A store that refuses the lease's writes for good leaves no reply without its exchange."""

from __future__ import annotations

import pytest

from tests.property.test_way_of_a_message import AmongTools, WayOfAMessage


@pytest.mark.parametrize("machine", [WayOfAMessage, AmongTools])
def test_a_reply_that_was_begun_ends_when_its_lease_is_refused_for_good(
    machine: type[WayOfAMessage],
) -> None:
    """The model failed once; at the second try the reply is begun, and then no lease can be written."""
    way = machine()
    way.begin()
    way.the_model_fails(times=1)
    way.somebody_speaks(thread="1788999999.000001", kind="question", wake_is_lost=False)
    way.a_worker_works()
    way.a_write_is_refused_for_good(write="inbox.write_lease")
    way.time_passes(3.0)
    way.a_worker_works()
    way.teardown()
