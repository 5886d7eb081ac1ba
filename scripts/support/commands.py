"""Runs a command's main function, and ends the process as a shell expects it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import NoReturn

INTERRUPTED_EXIT_CODE = 130
BROKEN_PIPE_EXIT_CODE = 141


def run_command(main: Callable[[], int]) -> NoReturn:
    """Ends the process with the command's exit code. Ctrl-C, and a reader that has gone, end it quietly."""
    try:
        code = main()
        sys.stdout.flush()
    except KeyboardInterrupt:
        code = INTERRUPTED_EXIT_CODE
    except BrokenPipeError:
        sys.stdout = None  # the interpreter would flush it once more
        code = BROKEN_PIPE_EXIT_CODE
    sys.exit(code)
