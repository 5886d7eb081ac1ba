"""The chat for pages, `<repartee-chat>`: one script, made of the component and its libraries."""

from __future__ import annotations

import gzip
import hashlib
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

COMPONENT_FOLDER = Path(__file__).with_name("component")
SCRIPT_PATH = "/chat/repartee-chat.js"
LIBRARIES = {"marked": "marked.umd.js", "DOMPurify": "purify.min.js"}
"""The files of the libraries, by the names under which the component uses them."""

MAX_AGE_SECONDS = 3600
"""Seconds for which browsers keep the script before they ask for a newer one."""


@cache
def build_script() -> bytes:
    """Returns the script. Its libraries are its own: a page may have others of the same names."""
    parts = [f"const {name} = {_wrap_library(file)};" for name, file in LIBRARIES.items()]
    parts.append((COMPONENT_FOLDER / "repartee-chat.js").read_text())
    return "\n".join(("(() => {", *parts, "})();", "")).encode()


@cache
def compress_script() -> bytes:
    """Returns the script as it is sent to who can read it compressed."""
    return gzip.compress(build_script(), mtime=0)


async def serve_script(request: Request) -> Response:
    """`GET /chat/repartee-chat.js`, which any page may load. Nothing before the function compresses it."""
    is_compressed = "gzip" in request.headers.get("accept-encoding", "")
    script = compress_script() if is_compressed else build_script()
    tag = f'"{hashlib.sha256(script).hexdigest()[:16]}"'
    headers = {"ETag": tag, "Cache-Control": f"public, max-age={MAX_AGE_SECONDS}", "Vary": "Accept-Encoding"}
    headers |= {"Content-Encoding": "gzip"} if is_compressed else {}
    headers |= {"Cross-Origin-Resource-Policy": "cross-origin", "X-Content-Type-Options": "nosniff"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(script, headers=headers, media_type="text/javascript")


def _wrap_library(file: str) -> str:
    """Returns an expression that has what a library exports."""
    code = (COMPONENT_FOLDER / "vendor" / file).read_text()
    lines = [line for line in code.splitlines() if not line.startswith("//# sourceMappingURL")]
    body = "\n".join(lines)
    head = "(() => { const module = { exports: {} }, exports = module.exports;"
    return f"{head}\n{body}\nreturn module.exports; }})()"
