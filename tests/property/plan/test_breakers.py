"""A breaker against its definition, under any sequence of calls."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from repartee.plan import Breakers
from repartee.plan.breaker import Breaker

FAILURES, COOLDOWN = 3, 10.0


class ABreaker(RuleBasedStateMachine):
    """What is said of it here in other words: consecutive failures, the time it opened, the one probe."""

    def __init__(self) -> None:
        super().__init__()
        self.breaker: Breaker = Breakers(FAILURES, COOLDOWN).of("backend")
        self.now = 0.0
        self.in_a_row = 0
        self.opened: float | None = None
        self.calls = 0
        self.probing = False

    @rule(seconds=st.sampled_from([0.5, 4.0, COOLDOWN]))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @rule()
    def somebody_asks(self) -> None:
        admitted = self.breaker.admit(self.now)

        if self.opened is None:
            assert admitted == "call"
            self.calls += 1
        elif not self.probing and self.now >= self.opened + COOLDOWN:
            assert admitted == "probe"
            self.probing = True
        else:
            assert admitted is None

    @rule()
    def a_call_succeeds(self) -> None:
        if self.calls:
            self.calls -= 1
            self.breaker.succeeded(probe=False)
            if self.opened is None:
                self.in_a_row = 0

    @rule()
    def a_call_fails(self) -> None:
        if self.calls:
            self.calls -= 1
            self.breaker.failed(self.now, probe=False)
            if self.opened is None:
                self.in_a_row += 1
                if self.in_a_row == FAILURES:
                    self.opened = self.now

    @rule(well=st.sampled_from([True, False, None]))
    def the_probe_ends(self, well: bool | None) -> None:
        if self.probing:
            self.probing = False
            if well is None:
                self.breaker.probe_abandoned()
            elif well:
                self.breaker.succeeded(probe=True)
                self.opened, self.in_a_row = None, 0
            else:
                self.breaker.failed(self.now, probe=True)
                self.opened = self.now

    @invariant()
    def it_is_closed_as_long_as_it_has_not_opened(self) -> None:
        assert self.breaker.closed == (self.opened is None)


TestABreaker = ABreaker.TestCase
TestABreaker.settings = settings(stateful_step_count=40)
