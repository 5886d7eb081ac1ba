"""`sam local invoke` with an event of `scripts/event`: built function and layers in a container."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from local.stack import SIGNING_SECRET
from support import containers, environments, sam
from tests.support.stack_template import ROOT, build_stack

# A setting that the template leaves out cannot be given to a container.
SETTINGS = {
    "SLACK_SIGNING_SECRET": SIGNING_SECRET,
    "SECRETS_ID": "",
    "RECORDS_TABLE": "r",
    "WAKES_QUEUE_URL": "w",
}


@pytest.fixture(scope="module")
def template(shared_folder: Path) -> Path:
    """The built template, whose webhook finds its secret in its environment."""
    if lack := containers.why_unavailable():
        pytest.skip(reason=lack)
    built = build_stack(sam.machine_architecture(), shared_folder).folder
    text = (built / "template.yaml").read_text()
    changed = text.replace("SECRETS_ID:", "SLACK_SIGNING_SECRET: none\n          SECRETS_ID:", 1)
    (built / "settings.json").write_text(json.dumps({"Webhook": SETTINGS}))
    (built / "local.yaml").write_text(changed)
    return built / "local.yaml"


def invoked(template: Path, name: str) -> dict[str, object]:
    """What the webhook answers to a sample event."""
    event = subprocess.run([ROOT / "scripts" / "event", name], capture_output=True, text=True, check=True)
    command = [str(environments.commands_folder("sam") / "sam"), "local", "invoke", "Webhook"]
    command += ["--template", str(template)]
    command += ["--event", "-", "--skip-pull-image", "--env-vars", str(template.with_name("settings.json"))]
    command += [
        "--parameter-overrides",
        f"Architecture={sam.machine_architecture()} WeaviateUrl=https://unused",
    ]
    quiet = {"SAM_CLI_TELEMETRY": "0", "AWS_DEFAULT_REGION": "eu-central-1"}
    done = subprocess.run(
        command, input=event.stdout, capture_output=True, text=True, env=os.environ | quiet, check=False
    )
    answer: dict[str, object] = json.loads(done.stdout.strip().splitlines()[-1])
    return answer


def test_a_signed_event_is_answered_in_a_container(template: Path) -> None:
    """Slack's handshake, signed by `scripts/event`, is answered with its challenge."""
    answer = invoked(template, "slack/url_verification")

    sample = json.loads((ROOT / "events" / "slack" / "url_verification.json").read_text())
    assert answer["statusCode"] == 200
    assert sample["challenge"] in str(answer["body"])
