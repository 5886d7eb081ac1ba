"""The command scripts/servers: install, start, stop and show the real servers that tests talk to."""

from __future__ import annotations

import argparse
import json
import sys
from concurrent.futures import ThreadPoolExecutor

from . import servers
from .server_kinds import SERVER_KINDS, ServerMissing
from .suggestions import CommandParser

DESCRIPTION = """The real servers that the tests talk to, all on 127.0.0.1 and on free ports.

  install   put them into ~/.cache/repartee (Weaviate is compiled: about four minutes, once)
  start     start them and keep them up; prints the variables that point clients at them
  stop      stop those that are kept up
  status    what is installed, what runs, and what is missing

  eval "$(scripts/servers start dynamodb elasticmq)"     use them in a shell
  rm -r ~/.cache/repartee                                remove all that was installed
"""


def main(arguments: list[str] | None = None) -> int:
    """Run the command; the exit code."""
    options = _parser().parse_args(arguments)
    names = options.names or list(SERVER_KINDS)
    if unknown := [name for name in names if name not in SERVER_KINDS]:
        print(f"no such server: {', '.join(unknown)}; there are {', '.join(SERVER_KINDS)}", file=sys.stderr)
        return 2
    try:
        return ACTIONS[options.act](names, options.json)
    except ServerMissing as lack:
        print(lack, file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = CommandParser(
        "scripts/servers", description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("act", choices=("install", "start", "stop", "status"))
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"{', '.join(SERVER_KINDS)}; all when none is named"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")
    return parser


def _install_servers(names: list[str], _json: bool) -> int:
    code = 0
    for name in names:
        try:
            print(f"{name:10} {SERVER_KINDS[name].install_server()}", file=sys.stderr)
        except ServerMissing as lack:
            code = 1
            print(f"{name:10} {lack}", file=sys.stderr)
    return code


def _start_servers(names: list[str], as_json: bool) -> int:
    with ThreadPoolExecutor(len(names)) as starters:
        started = list(starters.map(servers.start_kept_server, names))
    _show_exports(started, as_json)
    return 0


def _show_exports(started: list[servers.RunningServer], as_json: bool) -> None:
    variables = {
        variable: value for server in started for variable, value in server.exported_settings.items()
    }
    if as_json:
        print(json.dumps(variables))
        return
    for variable, value in variables.items():
        print(f"export {variable}={value}")


def _stop_servers(names: list[str], _json: bool) -> int:
    for name in names:
        if servers.stop_kept_server(name):
            print(f"{name} stopped", file=sys.stderr)
    return 0


def _show_status(names: list[str], as_json: bool) -> int:
    up = servers.running_servers()
    rows = {
        name: {
            "version": SERVER_KINDS[name].version,
            "missing": SERVER_KINDS[name].why_unavailable(),
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


ACTIONS = {
    "install": _install_servers,
    "start": _start_servers,
    "stop": _stop_servers,
    "status": _show_status,
}

if __name__ == "__main__":
    sys.exit(main())
