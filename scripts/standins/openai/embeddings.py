"""OpenAI's embeddings endpoint, answered with real embeddings."""

from __future__ import annotations

import base64
from typing import Any

from standins.openai.arguments import Request, embeddable


def embeddings(request: Request) -> dict[str, Any]:
    """Returns the answer of the embeddings endpoint."""
    texts = embeddable(request)
    from standins.openai.local_embeddings import load_local_model

    model = load_local_model()
    as_base64 = request.get("encoding_format") == "base64"
    rows = [
        {"object": "embedding", "index": index, "embedding": _encoded(vector, as_base64)}
        for index, vector in enumerate(model.embed_all(texts))
    ]
    tokens = sum(model.tokenize(text) for text in texts)
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return {"object": "list", "data": rows, "model": request["model"], "usage": usage}


def _encoded(vector: Any, as_base64: bool) -> Any:
    return base64.b64encode(vector.astype("<f4").tobytes()).decode() if as_base64 else vector.tolist()
