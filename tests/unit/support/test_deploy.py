"""scripts/deploy --guided asks little, and the Enter key alone deploys the assistant for Slack and OpenAI."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from moto.server import ThreadedMotoServer

from repartee.wiring.assistants import ASSISTANTS
from support import caches, environments
from support.deploy_questions import PARAMETERS, ask_questions
from support.deploy_settings import DeploySettings, read_settings, write_settings
from support.layers import PYTHON_VERSION
from tests.support import aws, sam_standin

ROOT = Path(__file__).parents[3]
ENTER_ONLY = "\n" * 60


@pytest.fixture(scope="module")
def aws_endpoint() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


class Checkout:
    """A copy of what scripts/deploy writes to, beside the stand-in for SAM."""

    def __init__(self, folder: Path, aws_endpoint: str) -> None:
        self.config, self._journal, self._root = folder / "samconfig.toml", folder / "calls.jsonl", folder
        for name in ("scripts", "requirements", "events"):
            (folder / name).symlink_to(ROOT / name)
        for name in ("samconfig.toml", "template.yaml"):
            shutil.copy(ROOT / name, folder)
        write_standins(folder, f"python{PYTHON_VERSION}")  # SAM would build the layers with it
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
            "PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(folder / "scripts"),
            "AWS_ENDPOINT_URL": aws_endpoint,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_ACCESS_KEY_ID": "none",
            "AWS_SECRET_ACCESS_KEY": "none",
            "API_URL": "http://127.0.0.1:9",
            "SECRETS_ID": "repartee/secrets",
            "RECORDS_TABLE": "no-table",
            "SAM_STANDIN_JOURNAL": str(self._journal),
        }

    def deploy(self, *options: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "support.deploy", *options]
        return subprocess.run(
            command,
            cwd=self._root,
            env=self._environment,
            input=stdin,
            text=True,
            capture_output=True,
            check=False,
        )

    def calls(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self._journal.read_text().splitlines()]


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, aws_endpoint: str) -> Checkout:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    caches.make_once(
        environments.environment_name("sam"), lambda made: write_standins(made, "sam", "cfn-lint")
    )
    caches.make_once(environments.environment_name("checkov"), lambda made: write_standins(made, "checkov"))
    client: Any = aws.botocore_session().create_client(
        "secretsmanager", region_name="eu-central-1", endpoint_url=aws_endpoint
    )
    if not client.list_secrets()["SecretList"]:
        client.create_secret(Name="repartee/secrets", SecretString="{}")
    return Checkout(tmp_path, aws_endpoint)


def write_standins(folder: Path, *names: str) -> None:
    """Commands of these names that run the stand-in."""
    (folder / "bin").mkdir()
    for name in names:
        command = folder / "bin" / name
        command.write_text(f"#!{sys.executable}\n{Path(str(sam_standin.__file__)).read_text()}")
        command.chmod(0o755)


@pytest.mark.skipif(shutil.which("make") is None, reason="scripts/deploy needs make")
def test_the_enter_key_alone_deploys(checkout: Checkout) -> None:
    """Each default is taken, SAM is left nothing to ask, and the parameters are in samconfig.toml."""
    done = checkout.deploy("--guided", stdin=ENTER_ONLY)

    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
    deployed = next(call for call in checkout.calls() if call["command"][1:2] == ["deploy"])
    assert deployed["command"] == ["sam", "deploy", "--no-confirm-changeset"]
    written = tomllib.loads(deployed["config"])["default"]
    assert written["global"]["parameters"] == {"stack_name": "repartee", "region": "eu-central-1"}
    assert written["deploy"]["parameters"] == {
        "capabilities": "CAPABILITY_IAM",
        "confirm_changeset": False,
        "fail_on_empty_changeset": False,
        "resolve_s3": True,
        "parameter_overrides": 'Assistant="office" OpenaiBaseUrl="" WeaviateUrl="" OdooUrl=""'
        ' AlarmTopicArn="" Architecture="arm64"',
    }
    assert "repartee/secrets" in done.stderr


@pytest.mark.skipif(shutil.which("make") is None, reason="scripts/deploy needs make")
def test_another_architecture_keeps_the_answers(checkout: Checkout) -> None:
    """Parameters on the command line replace those of samconfig.toml, so the answers come along."""
    write_settings(checkout.config, DeploySettings("mine", "eu-west-1", {"OpenaiBaseUrl": "https://w"}))

    checkout.deploy("--architecture", "x86_64")

    deployed = next(call for call in checkout.calls() if call["command"][1:2] == ["deploy"])
    overrides = 'OpenaiBaseUrl="https://w" Architecture="x86_64"'
    assert deployed["command"][2:] == ["--parameter-overrides", overrides]


def test_a_weaviate_that_cannot_be_reached_stops_the_deployment(checkout: Checkout) -> None:
    """No version is deployed that would search collections that are not there; an option leaves that out."""
    given = {"WeaviateUrl": "http://127.0.0.1:9", "WeaviateGrpcPort": "11"}
    write_settings(checkout.config, DeploySettings("mine", "eu-west-1", given))

    stopped = checkout.deploy()
    before = [call["command"][1:2] for call in checkout.calls()]
    checkout.deploy("--skip-schema")

    assert (stopped.returncode, "Traceback" in stopped.stderr) == (1, False), stopped.stderr
    assert "Nothing was deployed" in stopped.stderr
    assert ["deploy"] not in before
    assert ["deploy"] in [call["command"][1:2] for call in checkout.calls()]


def test_unanswered_questions_change_nothing(checkout: Checkout) -> None:
    """Where there is no terminal, the command says so and neither writes nor deploys."""
    before = checkout.config.read_text()

    done = checkout.deploy("--guided")

    assert (done.returncode, checkout.config.read_text()) == (1, before)
    assert "not answered" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_wrong_answer_is_asked_again() -> None:
    """What cannot be used is refused with an example, and the next answer counts."""
    answers = iter(["", "", "ofice", "office", "", "weaviate.example.com", "https://w.example.com", "", ""])
    told: list[str] = []

    settings = ask_questions(DeploySettings(), lambda _: next(answers), told.append)

    assert settings.parameters["WeaviateUrl"] == "https://w.example.com"
    refused = [line for line in told if "cannot be used" in line]
    assert [line.partition(" ")[0] for line in refused] == ["ofice", "weaviate.example.com"]
    assert f"one of {', '.join(ASSISTANTS)}" in refused[0]
    assert "such as https://weaviate.example.com" in refused[1]


def test_who_may_read_odoo_is_asked_where_its_login_is_set() -> None:
    """With Odoo's address two more questions come, which say that nobody is the default, and why."""
    answers = iter(["", "", "", "", "", "https://odoo.example.com", "", "reader@example.com", "slack:T0123"])
    told: list[str] = []

    settings = ask_questions(DeploySettings(), lambda _: next(answers), told.append)

    assert settings.parameters["OdooUser"] == "reader@example.com"
    assert settings.parameters["ErpReaders"] == "slack:T0123"
    assert any("nobody is the default" in line and "strangers" in line for line in told)


def test_earlier_answers_are_the_defaults(tmp_path: Path) -> None:
    """A second time Enter keeps what was answered, and parameters that are not asked for stay."""
    path = tmp_path / "samconfig.toml"
    shutil.copy(ROOT / "samconfig.toml", path)
    kept = DeploySettings("mine", "eu-west-1", {"WeaviateUrl": "https://w", "TurnConcurrency": "5"})
    write_settings(path, kept)

    again = ask_questions(read_settings(path), lambda _: "", lambda _: None)

    assert (again.stack_name, again.region) == ("mine", "eu-west-1")
    assert again.parameters.items() >= kept.parameters.items()
    assert "# the layers' sources lie outside" in path.read_text()


def test_each_other_parameter_has_a_default() -> None:
    """What is not asked for is not needed: the template has a default for each parameter."""
    section = (ROOT / "template.yaml").read_text().partition("\nConditions:")[0]
    parameters = yaml.safe_load(section)["Parameters"]

    assert [name for name, one in parameters.items() if "Default" not in one] == []
    assert {question.name for question in PARAMETERS} <= set(parameters)
