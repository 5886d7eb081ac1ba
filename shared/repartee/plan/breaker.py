"""Breakers: what a process remembers about backends that fail."""

from threading import Lock


class Breaker:
    """Opens after consecutive failures, and lets one probe through when it has cooled down.

    Its lock is held for the bookkeeping alone, never during a call.
    """

    def __init__(self, failures: int, cooldown: float) -> None:
        self._failures = failures
        self._cooldown = cooldown
        self._lock = Lock()
        self._count = 0
        self._opened: float | None = None
        self._probing = False

    @property
    def closed(self) -> bool:
        """Whether calls pass freely."""
        return self._opened is None

    def admit(self, now: float) -> str | None:
        """``"call"``, ``"probe"`` (the one call that tries an open breaker), or ``None``: do not call."""
        with self._lock:
            if self._opened is None:
                return "call"
            if self._probing or now < self._opened + self._cooldown:
                return None
            self._probing = True
            return "probe"

    def succeeded(self, *, probe: bool) -> None:
        """A call came back. While the breaker is open only the probe's word counts."""
        with self._lock:
            if probe or self._opened is None:
                self._count, self._opened = 0, None

    def failed(self, now: float, *, probe: bool) -> None:
        """A call failed or was late. While the breaker is open only the probe's word counts."""
        with self._lock:
            self._count += 1
            if probe or (self._opened is None and self._count >= self._failures):
                self._opened, self._probing = now, False

    def gave_up(self) -> None:
        """The probe was abandoned without a verdict: the next call may be the probe."""
        with self._lock:
            self._probing = False


class Breakers:
    """The breakers of a process, one a backend; ``cooldown`` in seconds."""

    def __init__(self, failures: int = 5, cooldown: float = 10.0) -> None:
        self._failures = failures
        self._cooldown = cooldown
        self._known: dict[str, Breaker] = {}

    def of(self, backend: str) -> Breaker:
        """The backend's breaker, made when it is first asked for."""
        breaker = self._known.get(backend)
        if breaker is None:
            breaker = self._known.setdefault(backend, Breaker(self._failures, self._cooldown))
        return breaker
