"""The servers that the tests talk to: where each comes from, how it starts, how one sees that it is ready."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from .caches import cache_folder, find_cached, make_once
from .processes import process_environment

HOST = "127.0.0.1"


class ServerMissing(RuntimeError):
    """The server cannot be had here; the text says what it lacks."""


@dataclass(frozen=True)
class StartCommand:
    """The command that starts one server, and the variables that it needs besides our environment."""

    command: list[str]
    environment: Mapping[str, str]


@dataclass(frozen=True)
class ServerKind:
    """One kind of server. `ports` names what it listens on; the first is its URL's."""

    name: str
    version: str
    ports: tuple[str, ...]
    ready: str
    exported_settings: Mapping[str, str]
    start: Callable[[Path, Path, Mapping[str, int]], StartCommand]
    make: Callable[[Path], None] | None = None
    tools: tuple[str, ...] = ()

    @property
    def folder(self) -> str:
        """Its name in the cache."""
        return f"{self.name}-{self.version}"

    def why_unavailable(self) -> str | None:
        """Returns why it cannot be started as things are, or None."""
        if self.make is None or find_cached(self.folder):
            return None
        return f"{self.name} {self.version} is not installed: scripts/servers install {self.name}"

    def install_server(self) -> Path:
        """Put it into the cache if it is not there; the folder."""
        if self.make is None:
            return cache_folder()
        if self.why_unavailable():
            _require_tools(self.name, self.tools)
        return make_once(self.folder, self.make)


def _require_tools(name: str, tools: tuple[str, ...]) -> None:
    absent = [tool for tool in tools if shutil.which(tool) is None]
    if absent:
        raise ServerMissing(f"{name} needs {' and '.join(absent)} on the PATH")


def _run_installer(name: str, command: list[str], folder: Path, **environment: str) -> None:
    """Run one installing command, quietly unless it fails."""
    done = subprocess.run(
        command, cwd=folder, env=process_environment(environment), capture_output=True, text=True, check=False
    )
    if done.returncode:
        last = "\n".join((done.stdout + done.stderr).splitlines()[-12:])
        raise ServerMissing(f"{name} could not be installed ({' '.join(command[:2])}):\n{last}")


def _install_weaviate(folder: Path) -> None:
    source = "github.com/weaviate/weaviate/cmd/weaviate-server@v1.39.0"
    _run_installer("weaviate", ["go", "install", source], folder, CGO_ENABLED="0", GOBIN=str(folder))


def _start_weaviate(installed: Path, state: Path, ports: Mapping[str, int]) -> StartCommand:
    command = [str(installed / "weaviate-server"), "--scheme", "http"]
    command += ["--host", HOST, "--port", str(ports["http"])]
    environment = {
        "DEFAULT_VECTORIZER_MODULE": "none",
        "PERSISTENCE_DATA_PATH": str(state),
        "CLUSTER_HOSTNAME": "node1",
        "CLUSTER_IN_LOCALHOST": "true",
        "CLUSTER_ADVERTISE_ADDR": HOST,
        "CLUSTER_BIND_ADDR": HOST,
        "CLUSTER_GOSSIP_BIND_PORT": str(ports["gossip"]),
        "CLUSTER_DATA_BIND_PORT": str(ports["data"]),
        "RAFT_PORT": str(ports["raft"]),
        "RAFT_INTERNAL_RPC_PORT": str(ports["raft_rpc"]),
        "RAFT_JOIN": f"node1:{ports['raft']}",
        "RAFT_BOOTSTRAP_EXPECT": "1",
        "RAFT_TIMEOUTS_MULTIPLIER": "1",
        "AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED": "true",
        "GRPC_PORT": str(ports["grpc"]),
        "GO_PROFILING_DISABLE": "true",
        "DISABLE_TELEMETRY": "true",
        "LOG_LEVEL": "warning",
    }
    return StartCommand(command, environment)


def _java_installer(group: str, artifact: str, version: str) -> Callable[[Path], None]:
    """Returns an installer that copies a Maven artifact and all that it depends on into `lib`."""

    def make(folder: Path) -> None:
        (folder / "pom.xml").write_text(
            "<project><modelVersion>4.0.0</modelVersion>"
            "<groupId>repartee</groupId><artifactId>server</artifactId><version>1</version>"
            f"<dependencies><dependency><groupId>{group}</groupId><artifactId>{artifact}</artifactId>"
            f"<version>{version}</version></dependency></dependencies></project>"
        )
        goal = ["dependency:copy-dependencies", "-DincludeScope=runtime", "-DoutputDirectory=lib"]
        _run_installer(artifact, ["mvn", "-q", "-B", *goal], folder)

    return make


def _java_command(installed: Path, *rest: str) -> list[str]:
    _require_tools("a server in Java", ("java",))
    said = subprocess.run(["java", "-version"], capture_output=True, text=True, check=True).stderr
    version = re.search(r'version "(\d+)', said)
    if version and int(version[1]) < 17:
        raise ServerMissing(f"a server in Java needs Java 17 or newer; here is {version[1]}")
    return [
        "java",
        "-Xmx512m",
        "-XX:TieredStopAtLevel=1",
        "-XX:+UseSerialGC",
        "-cp",
        f"{installed}/lib/*:{installed}/lib",
        *rest,
    ]


def _install_dynamodb(folder: Path) -> None:
    """The server, and in front of it our own start that keeps it to the loopback address."""
    _java_installer("software.amazon.dynamodb", "DynamoDBLocal", "3.1.0")(folder)
    source = Path(__file__).with_name("LoopbackDynamo.java")
    _run_installer("dynamodb", ["javac", "-cp", "lib/*", "-d", "lib", str(source)], folder)


def _start_dynamodb(installed: Path, state: Path, ports: Mapping[str, int]) -> StartCommand:
    options = ["-inMemory", "-disableTelemetry", "-port", str(ports["http"])]
    libraries = f"-Djava.library.path={installed}/lib"
    return StartCommand(_java_command(installed, libraries, "LoopbackDynamo", *options), {})


ELASTICMQ_CONFIG = """include classpath("application.conf")
node-address {{ protocol = http, host = {host}, port = {port}, context-path = "" }}
rest-sqs {{ enabled = true, bind-hostname = "{host}", bind-port = {port}, sqs-limits = strict }}
rest-stats {{ enabled = false }}
"""


def _start_elasticmq(installed: Path, state: Path, ports: Mapping[str, int]) -> StartCommand:
    settings = state / "elasticmq.conf"
    settings.write_text(ELASTICMQ_CONFIG.format(host=HOST, port=ports["http"]))
    return StartCommand(
        _java_command(installed, f"-Dconfig.file={settings}", "org.elasticmq.server.Main"), {}
    )


MOTO_START_SCRIPT = """import logging, sys
logging.getLogger("werkzeug").setLevel(logging.ERROR)
from moto.server import main
main(["-H", sys.argv[1], "-p", sys.argv[2]])
"""


def _start_moto(installed: Path, state: Path, ports: Mapping[str, int]) -> StartCommand:
    return StartCommand([sys.executable, "-c", MOTO_START_SCRIPT, HOST, str(ports["http"])], {})


def _install_oidc(folder: Path) -> None:
    """The OpenID provider of npm: certified, and what others build login services of."""
    command = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "oidc-provider@9.13.3"]
    _run_installer("oidc", command, folder)


def _start_oidc(installed: Path, state: Path, ports: Mapping[str, int]) -> StartCommand:
    _require_tools("the login service", ("node",))
    script = Path(__file__).with_name("oidc-server.mjs")
    return StartCommand(["node", str(script), str(installed), str(ports["http"])], {})


SERVER_KINDS = {
    kind.name: kind
    for kind in (
        ServerKind(
            name="weaviate",
            version="1.39.0",
            ports=(
                "http",
                "grpc",
                "gossip",
                "data",
                "raft",
                "next+raft_rpc",
            ),  # Weaviate looks for its RPC beside raft
            ready="/v1/.well-known/ready",
            exported_settings={"WEAVIATE_URL": "http", "WEAVIATE_GRPC_PORT": "grpc"},
            start=_start_weaviate,
            make=_install_weaviate,
            tools=("go",),
        ),
        ServerKind(
            name="dynamodb",
            version="3.1.0",
            ports=("http",),
            ready="/",
            exported_settings={"AWS_ENDPOINT_URL_DYNAMODB": "http"},
            start=_start_dynamodb,
            make=_install_dynamodb,
            tools=("java", "javac", "mvn"),
        ),
        ServerKind(
            name="elasticmq",
            version="1.6.14",
            ports=("http",),
            ready="/?Action=ListQueues",
            exported_settings={"AWS_ENDPOINT_URL_SQS": "http"},
            start=_start_elasticmq,
            make=_java_installer("org.elasticmq", "elasticmq-server_2.13", "1.6.14"),
            tools=("java", "mvn"),
        ),
        ServerKind(
            name="oidc",
            version="9.13.3",
            ports=("http",),
            ready="/.well-known/openid-configuration",
            exported_settings={"CONSOLE_ISSUER": "http"},
            start=_start_oidc,
            make=_install_oidc,
            tools=("node", "npm"),
        ),
        ServerKind(
            name="moto",
            version="locked",
            ports=("http",),
            ready="/moto-api/",
            exported_settings={"AWS_ENDPOINT_URL": "http"},
            start=_start_moto,
        ),
    )
}
