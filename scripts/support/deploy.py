"""The command scripts/deploy: checks the template, builds without Docker, deploys, and tries the result."""

from __future__ import annotations

import argparse
import os
import sys

from operations.deployed import FAILURES, Deployed, Missing
from operations.smoke import Broken, smoke

from . import layers, sam
from .environments import SetupFailed

ABOUT = """Checks the template, builds functions and layers without Docker, and deploys them.

  scripts/deploy --guided     the first time: asks for the parameters and keeps the answers in samconfig.toml
  scripts/deploy              from then on
  scripts/deploy --build      only builds, into .aws-sam/build
  scripts/deploy --smoke      only tries what is deployed

What it does not know goes to `sam deploy`. In the end a signed event goes to the webhook, and one that nobody
signed. After the first deployment put the secrets into the document that the output SecretsId names:

  aws secretsmanager put-secret-value --secret-id ID --secret-string file://secrets.json
  scripts/deploy --smoke
"""


def main(arguments: list[str] | None = None) -> int:
    """Run the command; the exit code."""
    asked, options = _parser().parse_known_args(arguments)
    if asked.smoke:
        return _smoke(options)
    try:
        _say("checking the template")
        sam.validate()
        _say(f"building for {asked.architecture}")
        sam.build(sam.BUILT, asked.architecture)
        _say(layers.weights(sam.BUILT))
    except SetupFailed as failure:
        print(f"scripts/deploy: {failure}", file=sys.stderr)
        return 1
    if asked.build:
        return 0
    return sam.deploy(_matching(asked.architecture, options)) or _smoke(options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "scripts/deploy",
        description=ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--build", action="store_true", help="build and go no further")
    parser.add_argument("--smoke", action="store_true", help="try what is deployed, and deploy nothing")
    parser.add_argument(
        "--architecture",
        choices=sam.ARCHITECTURES,
        default="arm64",
        help="what the template's parameter Architecture says (%(default)s)",
    )
    return parser


def _matching(architecture: str, options: list[str]) -> list[str]:
    """The options, with the parameter that says what was built, unless they set parameters themselves."""
    if architecture == "arm64" or "--parameter-overrides" in options:
        return options
    return [*options, "--parameter-overrides", f"Architecture={architecture}"]


def _smoke(options: list[str]) -> int:
    """Try what is deployed; the exit code."""
    named = options.index("--stack-name") + 1 if "--stack-name" in options else 0
    stack = Deployed(options[named] if named else "repartee", os.environ)
    try:
        _say(smoke(stack))
    except (Broken, Missing, OSError, *FAILURES) as problem:
        print(f"scripts/deploy: {problem}", file=sys.stderr)
        return 1
    return 0


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
