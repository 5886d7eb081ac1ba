"""scripts/deploy --guided with the Enter key alone, by the real SAM, against moto's S3 and CloudFormation."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from support import environments, sam
from tests.support import aws
from tests.support.cloudformation import expanding_templates, stub_openapi_validator
from tests.support.memory_handlers import SIGNING_SECRET, WebhookFunction
from tests.support.web_instances import serve_app

ROOT = Path(__file__).parents[2]
SECRETS_ID = "repartee/secrets"
ENTER_ONLY = "\n" * 60

SAM_BUCKET_TEMPLATE = {
    "Resources": {"SamCliSourceBucket": {"Type": "AWS::S3::Bucket", "Properties": {}}},
    "Outputs": {"SourceBucket": {"Value": {"Ref": "SamCliSourceBucket"}}},
}
"""The bucket that SAM makes for itself where there is none, with a tag that moto would lose."""

BUILDER = """#!{python}
import os, pathlib, re, sys
if sys.argv[1] != "build":
    os.execv({sam!r}, [{sam!r}, *sys.argv[1:]])
built = pathlib.Path(sys.argv[sys.argv.index("--build-dir") + 1])
code = built / "Code"
code.mkdir(parents=True, exist_ok=True)
(code / "app.py").write_text("handler = print")
template = re.sub(r"(CodeUri|ContentUri): .*", r"\\1: Code", pathlib.Path("template.yaml").read_text())
(built / "template.yaml").write_text(template)
"""
"""SAM, whose build gives each function and layer a small file: what is built is tested beside."""


@pytest.fixture
def change_sets() -> Iterator[list[dict[str, Any]]]:
    seen: list[dict[str, Any]] = []
    with serve_webhook() as url, expanding_templates(seen, {"ApiUrl": url, "SecretsId": SECRETS_ID}):
        yield seen


@pytest.fixture
def aws_endpoint(change_sets: list[dict[str, Any]]) -> Iterator[str]:
    stub_openapi_validator()
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    url = f"http://localhost:{server.get_host_and_port()[1]}"
    aws.make_client("cloudformation", url).create_stack(
        StackName="aws-sam-cli-managed-default",
        TemplateBody=json.dumps(SAM_BUCKET_TEMPLATE),
        Tags=[{"Key": "ManagedStackSource", "Value": "AwsSamCli"}],
    )
    secrets = aws.make_client("secretsmanager", url)
    with suppress(
        secrets.exceptions.ResourceExistsException
    ):  # the servers of a process share what they keep
        secrets.create_secret(Name=SECRETS_ID)
    secrets.put_secret_value(SecretId=SECRETS_ID, SecretString="{}")
    yield url
    server.stop()


@contextmanager
def serve_webhook() -> Iterator[str]:
    """The webhook function over HTTP, with the secrets that are given to the deployment."""

    async def answer(request: Request) -> Response:
        webhook = WebhookFunction()
        webhook.parts.now = int(request.headers["x-slack-request-timestamp"])
        found = webhook.post_body(await request.body(), dict(request.headers), path=request.url.path)
        return Response(found["body"], found["statusCode"])

    with serve_app(Starlette(routes=[Route("/{path:path}", answer, methods=["POST"])])) as url:
        yield url


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for name in ("scripts", "requirements", "events", "shared", "docs", "functions", "layers"):
        (tmp_path / name).symlink_to(ROOT / name)
    for name in ("samconfig.toml", "template.yaml"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


@pytest.mark.skipif(sam.why_unavailable() is not None, reason=str(sam.why_unavailable()))
def test_the_enter_key_alone_deploys_a_stack(
    checkout: Path, aws_endpoint: str, change_sets: list[dict[str, Any]]
) -> None:
    """SAM asks nothing, uploads the code, and one change set is executed with the default parameters."""
    done = run_deploy(checkout, aws_endpoint)

    output = done.stdout + done.stderr
    assert "Traceback" not in output, output
    assert "authentication" not in output.lower(), output
    (change_set,) = (one for one in change_sets if one["name"] != "aws-sam-cli-managed-default")
    given = change_set["parameters"]
    assert done.returncode == 0, output
    assert change_set["name"] == "repartee"
    assert {name: given[name] for name in ("Assistant", "WeaviateUrl", "Architecture")} == {
        "Assistant": "office", "WeaviateUrl": "", "Architecture": "arm64",
    }  # fmt: skip
    functions = {
        name: one["Properties"]
        for name, one in change_set["template"]["Resources"].items()
        if one["Type"] == "AWS::Lambda::Function"
    }
    assert set(functions) == {
        *("Webhook", "Turn", "Sweep", "Stream", "Console"),
        *("BriefSchedule", "BriefWrite", "BriefEmail", "Remind", "DeskEventSend", "OperatorJob"),
    }
    s3 = aws.make_client("s3", aws_endpoint)
    for properties in functions.values():
        code = properties["Code"]
        assert s3.head_object(Bucket=code["S3Bucket"], Key=code["S3Key"])["ContentLength"] > 0
    stack = aws.make_client("cloudformation", aws_endpoint).describe_stacks(StackName="repartee")["Stacks"][0]
    outputs = {one["OutputKey"]: one["OutputValue"] for one in stack["Outputs"]}
    assert stack["StackStatus"] in ("CREATE_COMPLETE", "UPDATE_COMPLETE")
    assert outputs["MessagesTable"]
    secrets = aws.make_client("secretsmanager", aws_endpoint)
    document = json.loads(secrets.get_secret_value(SecretId=outputs["SecretsId"])["SecretString"])
    assert set(document) == {
        "PII_KEY",
        "RECORDINGS_KEY",
        "SLACK_SIGNING_SECRET",
        "SLACK_BOT_TOKEN",
        "OPENAI_API_KEY",
    }
    assert document["SLACK_BOT_TOKEN"] == "xoxb-1"
    assert "answers what is signed, and refuses what is not" in output
    assert "/invite @repartee" in output
    assert "xoxb-1" not in output + (checkout / "samconfig.toml").read_text()


def run_deploy(checkout: Path, endpoint: str) -> subprocess.CompletedProcess[str]:
    """The command with nothing but Enter, in an environment that has Slack's and the model's secrets."""
    commands = checkout / "bin"
    commands.mkdir()
    real = environments.commands_folder("sam") / "sam"
    (commands / "sam").write_text(BUILDER.format(python=sys.executable, sam=str(real)))
    (commands / "sam").chmod(0o755)
    program = (
        "import sys; from pathlib import Path; from support import deploy, environments, sam;"
        "sam.validate_template = lambda: None; real = environments.commands_folder;"
        f"ours = Path({str(commands)!r});"
        "environments.commands_folder = lambda name: ours if name == 'sam' else real(name);"
        f"root = Path({str(checkout)!r});"
        "deploy.ROOT = sam.ROOT = root; deploy.CONFIG_FILE = root / 'samconfig.toml';"
        "sam.BUILD_FOLDER = root / '.aws-sam' / 'build'; deploy.layers.layer_megabytes = lambda folder: '';"
        "sys.exit(deploy.main(['--guided']))"
    )
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    secrets = {"SLACK_SIGNING_SECRET": SIGNING_SECRET, "SLACK_BOT_TOKEN": "xoxb-1", "OPENAI_API_KEY": "k1"}
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=checkout, input=ENTER_ONLY, text=True, capture_output=True, check=False,
        env={
            **kept, **secrets, "PYTHONPATH": f"{ROOT / 'scripts'}{os.pathsep}{ROOT / 'shared'}",
            "AWS_ENDPOINT_URL": endpoint, "AWS_CONFIG_FILE": os.devnull,
            "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_EC2_METADATA_DISABLED": "true",
        },
    )  # fmt: skip
