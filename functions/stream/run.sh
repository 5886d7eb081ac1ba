#!/bin/sh
# What the Web Adapter starts: uvicorn with the app, on the layers' packages.
export PYTHONPATH="${PYTHONPATH:+$PYTHONPATH:}/opt/python:$LAMBDA_RUNTIME_DIR"
exec python -m uvicorn app:app --port "$PORT" --no-access-log --lifespan off --log-level warning
