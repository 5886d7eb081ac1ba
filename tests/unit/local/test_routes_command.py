"""scripts/routes: what ships fits the model in use, and a deployment's classifier is kept before its first
turn."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from local import routes_command
from local.vector_folder import SHIPPED_ROUTES_FOLDER
from repartee.errors import BackendError
from repartee.ports import Vector
from repartee.wiring import Wiring, services, stores
from tests.support.memory_stores import MemoryVectors


class LengthEmbedder:
    """An embedder by the lengths of texts. `asked` counts the texts."""

    def __init__(self) -> None:
        self.asked = 0

    def embed(self, texts: Sequence[str]) -> Sequence[Vector]:
        self.asked += len(texts)
        return [[float(len(text)), float(text.count("e"))] for text in texts]


class ForgettingVectors(MemoryVectors):
    """A store that keeps nothing."""

    def write(self, name: str, vectors: Sequence[Vector]) -> None:
        pass


def make_wiring(embedder: LengthEmbedder, vectors: MemoryVectors) -> Wiring:
    wiring = Wiring({"EMBEDDING_MODEL": "lengths"})
    wiring.put(services.embedder, embedder)
    wiring.put(stores.vectors, vectors)
    return wiring


def test_what_ships_fits_the_routes_and_the_packaged_model() -> None:
    """The repository carries the classifiers of today's examples and embedding model, and no others."""
    router = routes_command.make_packaged_router()
    desk = routes_command.make_packaged_detector()

    shipped = {file.name for file in SHIPPED_ROUTES_FOLDER.iterdir()}
    assert shipped == {router.classifier_key, desk.classifier_key}, "run scripts/routes ship"
    classifier = router.load_classifier()
    assert classifier is not None
    vector = routes_command.PackagedEmbedder().embed(["Which invoices are unpaid?"])[0]
    assert classifier.fits(vector)
    assert router.choose_route("Which invoices are unpaid?", vector, classifier).route.name == "erp"


def test_shipping_leaves_the_classifier_alone_in_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Vectors that it was made of, and classifiers of earlier routes, are gone."""
    monkeypatch.setattr(routes_command, "PackagedEmbedder", LengthEmbedder)
    (tmp_path / "earlier").write_bytes(b"")

    routes_command.ship_classifier(tmp_path)

    assert len(list(tmp_path.iterdir())) == 2
    assert routes_command.make_packaged_router(tmp_path).load_classifier() is not None


def test_a_deployments_classifier_is_made_once() -> None:
    """With the embedder of the deployment; the second time nothing is embedded."""
    embedder, vectors = LengthEmbedder(), MemoryVectors()

    first = routes_command.train_for_deployment(make_wiring(embedder, vectors))
    asked = embedder.asked
    second = routes_command.train_for_deployment(make_wiring(embedder, vectors))

    assert "lengths is made and kept" in first
    assert "kept already" in second
    assert embedder.asked == asked > 700


def test_what_cannot_be_kept_is_told() -> None:
    """The operator is not told that it was kept."""
    with pytest.raises(BackendError, match="could not be kept"):
        routes_command.train_for_deployment(make_wiring(LengthEmbedder(), ForgettingVectors()))
