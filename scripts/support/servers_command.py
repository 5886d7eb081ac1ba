"""The command scripts/servers: install, start, stop and show the real servers that tests talk to."""

from __future__ import annotations

import argparse
import json
import sys
from concurrent.futures import ThreadPoolExecutor

from . import servers
from .server_kinds import KINDS, ServerMissing

ABOUT = """The real servers that the tests talk to, all on 127.0.0.1 and on free ports.

  install   put them into ~/.cache/repartee (Weaviate is compiled: about four minutes, once)
  start     start them and keep them up; prints the variables that point clients at them
  stop      stop those that are kept up
  status    what is installed, what runs, and what is missing

  eval "$(scripts/servers start dynamodb elasticmq)"     use them in a shell
  rm -r ~/.cache/repartee                                remove all that was installed
"""


def main(arguments: list[str] | None = None) -> int:
    """Run the command; the exit code."""
    asked = _parser().parse_args(arguments)
    names = asked.names or list(KINDS)
    if unknown := [name for name in names if name not in KINDS]:
        print(f"no such server: {', '.join(unknown)}; there are {', '.join(KINDS)}", file=sys.stderr)
        return 2
    try:
        return ACTS[asked.act](names, asked.json)
    except ServerMissing as lack:
        print(lack, file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "scripts/servers", description=ABOUT, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("act", choices=("install", "start", "stop", "status"))
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"{', '.join(KINDS)}; all when none is named"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")
    return parser


def _install(names: list[str], _json: bool) -> int:
    code = 0
    for name in names:
        try:
            print(f"{name:10} {KINDS[name].install()}", file=sys.stderr)
        except ServerMissing as lack:
            code = 1
            print(f"{name:10} {lack}", file=sys.stderr)
    return code


def _start(names: list[str], as_json: bool) -> int:
    with ThreadPoolExecutor(len(names)) as starters:
        started = list(starters.map(servers.start_kept, names))
    _show_exports(started, as_json)
    return 0


def _show_exports(started: list[servers.Server], as_json: bool) -> None:
    variables = {variable: value for server in started for variable, value in server.exports.items()}
    if as_json:
        print(json.dumps(variables))
        return
    for variable, value in variables.items():
        print(f"export {variable}={value}")


def _stop(names: list[str], _json: bool) -> int:
    for name in names:
        if servers.stop_kept(name):
            print(f"{name} stopped", file=sys.stderr)
    return 0


def _status(names: list[str], as_json: bool) -> int:
    up = servers.running()
    rows = {
        name: {
            "version": KINDS[name].version,
            "missing": KINDS[name].missing(),
            "url": up[name].url if name in up else None,
        }
        for name in names
    }
    if as_json:
        print(json.dumps(rows))
        return 0
    for name, row in rows.items():
        print(f"{name:10} {row['version']:8} {row['url'] or row['missing'] or 'installed, not started'}")
    return 0


ACTS = {"install": _install, "start": _start, "stop": _stop, "status": _status}

if __name__ == "__main__":
    sys.exit(main())
