"""The command scripts/deploy: checks the template, builds without Docker, deploys, and tries the result."""

from __future__ import annotations

import argparse
import os
import sys

from operations.deployed_stack import AWS_ERRORS, DeployedStack, MissingPart
from operations.smoke_test import SmokeTestFailed

from . import layers, sam
from .deploy_finish import finish_deployment, prepare_weaviate
from .deploy_questions import ask_questions
from .deploy_secrets import ask_secrets, read_hidden
from .deploy_settings import DeploySettings, read_settings, write_settings
from .environments import ROOT, SetupFailed

CONFIG_FILE = ROOT / "samconfig.toml"

DESCRIPTION = """Checks the template, builds functions and layers without Docker, and deploys them.

  scripts/deploy --guided     the first time: asks a few questions, keeps the answers in samconfig.toml
  scripts/deploy              from then on
  scripts/deploy --build      only builds, into .aws-sam/build
  scripts/deploy --smoke      only tries what is deployed

What it does not know goes to `sam deploy`. With --guided it also puts the secrets that you give into Secrets
Manager, registers Telegram's webhook, and ends with what is left to do at the platforms. With Weaviate, the
collections are made before. In the end each channel's webhook is tried: what is signed is answered, what is
not is refused.
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
    settings, given = read_settings(CONFIG_FILE), dict[str, str]()
    if asked.guided:
        settings, given = _ask(settings, asked)
        options = [*options, "--no-confirm-changeset"]
    if settings.region:
        os.environ["AWS_DEFAULT_REGION"] = settings.region
    stack = _find_stack(settings, options)
    if asked.smoke:
        return _finish(stack, settings, given, guided=False)
    architecture = asked.architecture or settings.parameters.get("Architecture", "arm64")
    _build(architecture)
    if asked.build:
        return 0
    if not asked.skip_schema:
        prepare_weaviate(settings, stack, given, _print_step)
    code = sam.run_deploy(_with_architecture(architecture, settings, options))
    return code or _finish(stack, settings, given, asked.guided)


def _ask(settings: DeploySettings, asked: argparse.Namespace) -> tuple[DeploySettings, dict[str, str]]:
    """Returns the answers and the secrets; the answers are kept in the configuration."""
    settings = ask_questions(settings, input, _print_step)
    given = ask_secrets(settings, os.environ, read_hidden, _print_step)
    architecture = asked.architecture or settings.parameters.get("Architecture", "arm64")
    settings = DeploySettings(
        settings.stack_name, settings.region, {**settings.parameters, "Architecture": architecture}
    )
    write_settings(CONFIG_FILE, settings)
    _print_step(f"The answers are in {CONFIG_FILE.name}; its parameter_overrides takes the others too.")
    return settings, given


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
        "--skip-schema", action="store_true", help="leave Weaviate alone, where it is not reached from here"
    )
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


def _find_stack(settings: DeploySettings, options: list[str]) -> DeployedStack:
    named = options.index("--stack-name") + 1 if "--stack-name" in options else 0
    return DeployedStack(options[named] if named else settings.stack_name or "repartee", os.environ)


def _finish(stack: DeployedStack, settings: DeploySettings, given: dict[str, str], guided: bool) -> int:
    """Do what follows a deployment; the exit code."""
    try:
        finish_deployment(stack, settings, given, guided, _print_step)
    except (SmokeTestFailed, MissingPart, OSError, *AWS_ERRORS) as problem:
        print(f"scripts/deploy: {problem}", file=sys.stderr)
        return 1
    return 0


def _print_step(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
