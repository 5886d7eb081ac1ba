"""Stands before a function's handler and tells on standard output what its start and each call took.

`ready_ms` runs from the start of the process, which the kernel counts in hundredths of a second, to the
moment when the function's module is loaded; `cpu_ms` is the processor time of a call, of all threads.
"""

import json
import os
import time
from pathlib import Path

import app

_loaded = time.clock_gettime(time.CLOCK_BOOTTIME)
_started = int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19]) / os.sysconf("SC_CLK_TCK")
_epoch = time.time() - (_loaded - _started)
print(
    json.dumps(
        {
            "timed": "start",
            "at": _epoch,
            "ready_ms": (_loaded - _started) * 1000,
            "cpu_ms": time.process_time() * 1000,
        }
    ),
    flush=True,
)


def handler(event, context):
    """Calls the function's own handler."""
    began = time.process_time()
    try:
        return app.handler(event, context)
    finally:
        print(json.dumps({"timed": "call", "cpu_ms": (time.process_time() - began) * 1000}), flush=True)
