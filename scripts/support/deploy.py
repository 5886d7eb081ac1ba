"""The command scripts/deploy: checks the template, builds without Docker, deploys, and tries the result."""

from __future__ import annotations

import argparse
import os
import sys

from operations.deployed_stack import AWS_ERRORS, DeployedStack, MissingPart
from operations.smoke_test import SmokeTestFailed, run_smoke_test

from . import layers, sam
from .environments import SetupFailed

DESCRIPTION = """Checks the template, builds functions and layers without Docker, and deploys them.

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
        return _run_smoke_test(options)
    try:
        _print_step("checking the template")
        sam.validate_template()
        _print_step(f"building for {asked.architecture}")
        sam.run_build(sam.BUILD_FOLDER, asked.architecture)
        _print_step(layers.layer_megabytes(sam.BUILD_FOLDER))
    except SetupFailed as failure:
        print(f"scripts/deploy: {failure}", file=sys.stderr)
        return 1
    if asked.build:
        return 0
    return sam.run_deploy(_with_architecture(asked.architecture, options)) or _run_smoke_test(options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "scripts/deploy",
        description=DESCRIPTION,
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


def _with_architecture(architecture: str, options: list[str]) -> list[str]:
    """Returns the options, with the parameter that says what was built, unless they set parameters
    themselves."""
    if architecture == "arm64" or "--parameter-overrides" in options:
        return options
    return [*options, "--parameter-overrides", f"Architecture={architecture}"]


def _run_smoke_test(options: list[str]) -> int:
    """Try what is deployed; the exit code."""
    named = options.index("--stack-name") + 1 if "--stack-name" in options else 0
    stack = DeployedStack(options[named] if named else "repartee", os.environ)
    try:
        _print_step(run_smoke_test(stack))
    except (SmokeTestFailed, MissingPart, OSError, *AWS_ERRORS) as problem:
        print(f"scripts/deploy: {problem}", file=sys.stderr)
        return 1
    return 0


def _print_step(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
