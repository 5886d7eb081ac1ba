"""Runs one function's handler in this process, call after call, and tells what each call took.

    python function_host.py FOLDER

FOLDER has the function's app.py. A line of JSON on standard input is an event; the line on standard output
tells when the handler began and ended (epoch seconds), the processor time of all threads, and each call of
AWS: its operation, begin, seconds and capacity units. It knows boto3 and nothing of the function, so that
functions of different projects and versions are measured alike.
"""

import json
import os
import sys
import threading
import time
import uuid

import botocore.client

CAPACITY_OPERATIONS = {
    "BatchGetItem",
    "BatchWriteItem",
    "DeleteItem",
    "GetItem",
    "PutItem",
    "Query",
    "Scan",
    "TransactGetItems",
    "TransactWriteItems",
    "UpdateItem",
}
FUNCTION_SECONDS = 270.0

calls = []
lock = threading.Lock()
make_call = botocore.client.BaseClient._make_api_call  # noqa: SLF001


def record_call(client, operation, parameters):
    """Makes the call, and notes it with the capacity that it consumed."""
    if operation in CAPACITY_OPERATIONS:
        parameters = {**parameters, "ReturnConsumedCapacity": "TOTAL"}
    began, answer = time.time(), {}
    try:
        answer = make_call(client, operation, parameters)
        return answer
    finally:
        told = answer.pop("ConsumedCapacity", [])
        units = sum(one["CapacityUnits"] for one in (told if isinstance(told, list) else [told]))
        with lock:
            calls.append(
                {"operation": operation, "at": began, "seconds": time.time() - began, "units": units}
            )


class Context:
    """The context that Lambda gives a handler."""

    function_version = "$LATEST"
    memory_limit_in_mb = "1769"

    def __init__(self, name):
        self.function_name = name
        self.invoked_function_arn = f"arn:aws:lambda:eu-central-1:123456789012:function:{name}"
        self.aws_request_id = str(uuid.uuid4())
        self._until = time.monotonic() + FUNCTION_SECONDS

    def get_remaining_time_in_millis(self):
        return int((self._until - time.monotonic()) * 1000)


def main():
    """Serve until standard input ends."""
    answers, folder = os.dup(1), sys.argv[1]
    os.dup2(2, 1)  # what the function prints is not an answer
    sys.path.insert(0, folder)
    botocore.client.BaseClient._make_api_call = record_call  # noqa: SLF001
    import app

    with os.fdopen(answers, "w", buffering=1) as out:
        print(json.dumps({"ready": time.time(), "cpu_ms": time.process_time() * 1000}), file=out)
        for line in sys.stdin:
            print(json.dumps(measure_call(app.handler, json.loads(line), folder)), file=out)


def measure_call(handler, event, folder):
    """Calls the handler. Returns what it took."""
    began, worked = time.time(), time.process_time()
    answer = handler(event, Context(folder.rstrip("/").rpartition("/")[2]))
    ended, spent = time.time(), time.process_time() - worked
    with lock:
        made = calls[:]
        calls.clear()
    return {"answer": answer, "began": began, "ended": ended, "cpu_ms": spent * 1000, "calls": made}


if __name__ == "__main__":
    main()
