"""Serves moto, which stands in for DynamoDB, SQS and the like: `python -m local.moto_server`."""

from __future__ import annotations

import argparse
import importlib
import logging
import threading

from local.server_processes import LOOPBACK, end_with_parent
from standins.comprehend import server

SERVICES = ("dynamodb", "sqs", "secretsmanager")


def main() -> None:
    parser = argparse.ArgumentParser(description="Serves moto on a listening socket that is handed over.")
    parser.add_argument("--fd", type=int, required=True)
    listener = parser.parse_args().fd
    end_with_parent()

    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
    from moto.server import MotoRequestHandler
    from werkzeug.serving import make_server

    server.install_in_moto()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # it would print a line a request
    threading.Thread(target=_load, daemon=True).start()
    app = DomainDispatcherApplication(create_backend_app)
    handler = MotoRequestHandler
    make_server(LOOPBACK, 0, app, threaded=True, fd=listener, request_handler=handler).serve_forever()


def _load() -> None:
    """Loads the services, which moto would otherwise do at their first calls."""
    for service in SERVICES:
        importlib.import_module(f"moto.{service}.responses")


if __name__ == "__main__":
    main()
