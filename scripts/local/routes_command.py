"""The command scripts/routes: trains the classifiers of messages when their examples or the embedding model
changed."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from local.vector_folder import SHIPPED_ROUTES_FOLDER, FolderVectors
from repartee.assistants.desk.escalation_signs import EscalationDetector
from repartee.assistants.office.routes import Router, load_routes
from repartee.errors import BackendError, SettingError
from repartee.ports import Vector, VectorCache
from repartee.wiring import Wiring, process, services, stores
from support.suggestions import CommandParser

DESCRIPTION = """\
Trains the classifiers of messages (the office's routes, the desk's reasons for calling a person), when
routes.toml, escalation.toml or the embedding model changed. `ship` does it for the packaged model of the
local stack, and writes what the repository carries. `train` does it for a deployment, with the operator's
key, and keeps it in the records' table: RECORDS_TABLE, AWS's settings, OPENAI_API_KEY (or SECRETS_ID) and
EMBEDDING_MODEL must be those of the deployed functions. It takes a minute, and nothing if it was done
already."""


class PackagedEmbedder:
    """`ports.Embedder` with the packaged model, in this process."""

    def embed(self, texts: Sequence[str]) -> Sequence[Vector]:
        from standins.openai.local_embeddings import load_local_model

        return [vector.tolist() for vector in load_local_model().embed_all(texts)]


def main(
    arguments: list[str] | None = None,
    environment: Mapping[str, str] = os.environ,
    make: Callable[[Mapping[str, str]], Wiring] = Wiring,
) -> int:
    """Runs the command. Returns the exit code."""
    parser = CommandParser(prog="scripts/routes", description=DESCRIPTION)
    parser.add_argument("act", choices=("ship", "train"))
    try:
        if parser.parse_args(arguments).act == "ship":
            print(ship_classifier())
        else:
            print(train_for_deployment(make(environment)))
    except (BackendError, SettingError) as failure:
        print(f"scripts/routes: {failure}", file=sys.stderr)
        return 1
    return 0


def make_packaged_router(folder: Path = SHIPPED_ROUTES_FOLDER) -> Router:
    """Returns the router with the packaged model, which reads what ships."""
    from standins.openai.arguments import EMBEDDING_MODEL

    return Router(load_routes(), PackagedEmbedder(), FolderVectors(folder), EMBEDDING_MODEL)


def make_packaged_detector(folder: Path = SHIPPED_ROUTES_FOLDER) -> EscalationDetector:
    """Returns the desk's detector with the packaged model, which reads what ships."""
    from standins.openai.arguments import EMBEDDING_MODEL

    return EscalationDetector(PackagedEmbedder(), FolderVectors(folder), EMBEDDING_MODEL)


def ship_classifier(folder: Path = SHIPPED_ROUTES_FOLDER) -> str:
    """Writes the classifiers for the packaged model, the office's and the desk's, and removes what else is in
    the folder. Returns what was done."""
    routers = (make_packaged_router(folder), make_packaged_detector(folder))
    for router in routers:
        router.prepare_classifier()
    keys = [router.classifier_key for router in routers]
    for file in folder.iterdir():
        if file.name not in keys:
            file.unlink()
    return "\n".join(f"{folder.name}/{key} is a classifier that ships" for key in keys)


def train_for_deployment(wiring: Wiring) -> str:
    """Makes and keeps a deployment's classifier, if it is not kept yet. Returns what was done. Raises
    `BackendError` if it could not be kept."""
    settings, vectors = wiring.get(process.settings), wiring.get(stores.vectors)
    embedder, model = wiring.get(services.embedder), settings.embedding_model
    routers: dict[str, Router | EscalationDetector] = {
        "the routes": Router(load_routes(), embedder, vectors, model),
        "the desk": EscalationDetector(embedder, vectors, model),
    }
    return "\n".join(_train_once(name, router, vectors, model) for name, router in routers.items())


def _train_once(name: str, router: Router | EscalationDetector, vectors: VectorCache, model: str) -> str:
    key = router.classifier_key
    if vectors.read([key]):
        return f"the classifier of {name} for {model} is kept already"
    router.prepare_classifier()
    if not vectors.read([key]):
        raise BackendError("records", "the classifier could not be kept")
    return f"the classifier of {name} for {model} is made and kept"


if __name__ == "__main__":
    sys.exit(main())
