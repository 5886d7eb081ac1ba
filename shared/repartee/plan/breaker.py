"""Circuit breakers: a process stops calling a backend that keeps failing."""

from threading import Lock


class Breaker:
    """Opens after consecutive failures, and admits one probe after its cooldown.

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
        """Return ``"call"``, ``"probe"`` (a call that tests an open breaker), or ``None`` for no call."""
        with self._lock:
            if self._opened is None:
                return "call"
            if self._probing or now < self._opened + self._cooldown:
                return None
            self._probing = True
            return "probe"

    def succeeded(self, *, probe: bool) -> None:
        """Record a call that succeeded. While the breaker is open only the probe's result counts."""
        with self._lock:
            if probe or self._opened is None:
                self._count, self._opened = 0, None

    def failed(self, now: float, *, probe: bool) -> None:
        """Record a call that failed or was late. While the breaker is open only the probe's result counts."""
        with self._lock:
            self._count += 1
            if probe or (self._opened is None and self._count >= self._failures):
                self._opened, self._probing = now, False

    def probe_abandoned(self) -> None:
        """Record that the probe was abandoned without a result: the next call may be the probe."""
        with self._lock:
            self._probing = False


class Breakers:
    """The breakers of a process, one for each backend; ``cooldown`` in seconds."""

    def __init__(self, failures: int = 5, cooldown: float = 10.0) -> None:
        self._failures = failures
        self._cooldown = cooldown
        self._known: dict[str, Breaker] = {}

    def of(self, backend: str) -> Breaker:
        """Return the backend's breaker, made on first use."""
        breaker = self._known.get(backend)
        if breaker is None:
            breaker = self._known.setdefault(backend, Breaker(self._failures, self._cooldown))
        return breaker
