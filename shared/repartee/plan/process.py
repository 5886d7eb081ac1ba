"""Ends a command although threads may still be at work."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import NoReturn

from repartee.plan.pool import open_pools


def run_main(main: Callable[[], int | None]) -> NoReturn:
    """Run a command's main function and end the process with its exit code, waiting for no thread.

    The interpreter waits at its exit for the threads of every ``ThreadPoolExecutor``. If a thread of a
    ``Pool`` is still at work, the process ends here instead, after the output is flushed and without
    ``atexit`` handlers. Otherwise it ends like any other.
    """
    try:
        code: int | str | None = main()
    except SystemExit as asked:
        code = asked.code
    except BaseException:
        if not _at_work():
            raise
        sys.excepthook(*sys.exc_info())
        code = 1
    if _at_work():
        _end_now(code)
    sys.exit(code)


def _at_work() -> bool:
    return any(pool.busy for pool in open_pools)


def _end_now(code: int | str | None) -> NoReturn:
    if isinstance(code, str):
        sys.stderr.write(f"{code}\n")
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else int(code is not None))
