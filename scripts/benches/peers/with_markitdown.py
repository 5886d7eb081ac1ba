"""Reads the documents whose paths come as JSON on standard input; writes texts, times and memory as JSON."""

from __future__ import annotations

import json
import resource
import sys
import time
from typing import Any


def main() -> None:
    """Convert each document, and say so of those that it cannot."""
    paths = json.load(sys.stdin)
    began = time.perf_counter()
    from markitdown import MarkItDown

    converter = MarkItDown()
    import_ms = (time.perf_counter() - began) * 1000
    read = [_read(converter, path) for path in paths]
    memory_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"import_ms": import_ms, "memory_mb": memory_mb, "read": read}), flush=True)


def _read(converter: Any, path: str) -> dict[str, Any]:
    began = time.perf_counter()
    try:
        text = converter.convert(path).markdown
    except Exception as error:
        return {"text": "", "ms": 0.0, "error": type(error).__name__}
    return {"text": text, "ms": (time.perf_counter() - began) * 1000, "error": ""}


main()
