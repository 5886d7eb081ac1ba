"""The command scripts/deploy: checks the template, builds without Docker, deploys, and tries the result."""

from __future__ import annotations

import argparse
import os
import sys

from operations.deployed_stack import AWS_ERRORS, DeployedStack, MissingPart
from operations.smoke_test import SmokeTestFailed, run_smoke_test

from . import layers, sam
from .deploy_questions import ask_questions
from .deploy_settings import DeploySettings, read_settings, write_settings
from .environments import ROOT, SetupFailed

CONFIG_FILE = ROOT / "samconfig.toml"

DESCRIPTION = """Checks the template, builds functions and layers without Docker, and deploys them.

  scripts/deploy --guided     the first time: asks a few questions, keeps the answers in samconfig.toml
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
    try:
        return _carry_out(asked, options)
    except EOFError:
        print("\nscripts/deploy: the questions were not answered; nothing is changed", file=sys.stderr)
        return 1
    except SetupFailed as failure:
        print(f"scripts/deploy: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _carry_out(asked: argparse.Namespace, options: list[str]) -> int:
    """Do what was asked; the exit code."""
    settings = read_settings(CONFIG_FILE)
    if asked.guided:
        settings = ask_questions(settings, input, _print_step)
        architecture = asked.architecture or settings.parameters.get("Architecture", "arm64")
        settings = DeploySettings(
            settings.stack_name, settings.region, {**settings.parameters, "Architecture": architecture}
        )
        write_settings(CONFIG_FILE, settings)
        _print_step(f"The answers are in {CONFIG_FILE.name}; its parameter_overrides takes the others too.")
        options = [*options, "--no-confirm-changeset"]
    if settings.region:
        os.environ["AWS_DEFAULT_REGION"] = settings.region
    if asked.smoke:
        return _run_smoke_test(settings, options)
    architecture = asked.architecture or settings.parameters.get("Architecture", "arm64")
    _build(architecture)
    if asked.build:
        return 0
    return sam.run_deploy(_with_architecture(architecture, settings, options)) or _run_smoke_test(
        settings, options
    )


def _build(architecture: str) -> None:
    """Check the template and build what it names. Raises SetupFailed."""
    _print_step("checking the template")
    sam.validate_template()
    _print_step(f"building for {architecture}")
    sam.run_build(sam.BUILD_FOLDER, architecture)
    _print_step(layers.layer_megabytes(sam.BUILD_FOLDER))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "scripts/deploy",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "--guided", action="store_true", help="ask what is to be deployed, and keep the answers"
    )
    parser.add_argument("--build", action="store_true", help="build and go no further")
    parser.add_argument("--smoke", action="store_true", help="try what is deployed, and deploy nothing")
    parser.add_argument(
        "--architecture",
        choices=sam.ARCHITECTURES,
        help="what the template's parameter Architecture says (arm64, or what was deployed before)",
    )
    return parser


def _with_architecture(architecture: str, settings: DeploySettings, options: list[str]) -> list[str]:
    """Returns the options, with the parameter that says what was built, unless they set parameters
    themselves. Parameters on the command line replace all in samconfig.toml, so those come along."""
    if architecture == settings.parameters.get("Architecture", "arm64") or "--parameter-overrides" in options:
        return options
    changed = DeploySettings(parameters={**settings.parameters, "Architecture": architecture})
    return [*options, "--parameter-overrides", changed.format_overrides()]


def _run_smoke_test(settings: DeploySettings, options: list[str]) -> int:
    """Try what is deployed; the exit code."""
    named = options.index("--stack-name") + 1 if "--stack-name" in options else 0
    stack = DeployedStack(options[named] if named else settings.stack_name or "repartee", os.environ)
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
