"""Starts one function, takes a snapshot of it, and restores a copy for each connection, as SnapStart does.

    python function_snapshot.py FOLDER SOCKET

FOLDER has the function's app.py, SOCKET is the path of a socket on this machine. The snapshot is this
process when the function has started and its hooks before a snapshot have run; a copy is a fork of it that
runs the hooks after a restore, and then answers events over its connection like `function_host.py`. It ends
with standard input, the copies with their connections.
"""

import gc
import json
import os
import select
import signal
import socket
import sys
import time

import botocore.client
import snapshot_restore_py
from function_host import measure_call, record_call

BACKLOG = 128


def main():
    """Serve until standard input ends."""
    folder, path = sys.argv[1:]
    sys.path.insert(0, folder)
    botocore.client.BaseClient._make_api_call = record_call  # noqa: SLF001
    import app

    for hook, arguments, named in snapshot_restore_py.get_before_snapshot():
        hook(*arguments, **named)
    gc.freeze()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen(BACKLOG)
        print(json.dumps({"ready": time.time(), "cpu_ms": time.process_time() * 1000}), flush=True)
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # so that copies that end leave nothing behind
        while listener in select.select([listener, sys.stdin], [], [])[0]:
            connection, _ = listener.accept()
            if os.fork() == 0:
                listener.close()
                serve_copy(connection, app.handler, folder)
            connection.close()


def serve_copy(connection, handler, folder):
    """Answers the connection's events in a copy, which ends then."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    began = time.process_time()
    os.dup2(2, 1)
    for hook, arguments, named in snapshot_restore_py.get_after_restore():
        hook(*arguments, **named)
    with connection.makefile("rw", buffering=1) as events:
        spent = time.process_time() - began
        print(json.dumps({"pid": os.getpid(), "ready": time.time(), "cpu_ms": spent * 1000}), file=events)
        for line in events:
            print(json.dumps(measure_call(handler, json.loads(line), folder)), file=events, flush=True)
    os._exit(0)


if __name__ == "__main__":
    main()
