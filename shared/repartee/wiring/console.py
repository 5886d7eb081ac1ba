"""The console on the stores of the process: its sections, and the app that is deployed, with its sign-in."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from repartee.settings import Settings
from repartee.wiring import operations, process, services, stores
from repartee.wiring.container import Wiring, part

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from repartee.console.app import ConsoleApp, ConsoleSection

MIN_SESSION_KEY_CHARS = 32
LambdaHandler = Callable[[dict[str, Any], Any], dict[str, Any]]


def console_sections(wiring: Wiring, app: ConsoleApp) -> list[ConsoleSection]:
    """Returns what the console shows wherever it runs."""
    from repartee.console.failed_answers import FailedAnswersPage
    from repartee.console.health import HealthSection
    from repartee.console.live_figures import LiveWatch
    from repartee.wiring.console_setup import setup_section
    from repartee.wiring.console_views import conversation_section

    get = wiring.get
    clock, statistics = get(process.clock), get(operations.turn_statistics)
    failed = FailedAnswersPage(app, get(operations.failed_answers), get(operations.audit_log), clock)
    live = LiveWatch(get(operations.live_state), lambda: get(services.budgets), clock)
    health = HealthSection(app, statistics, get(stores.wakes).count_waiting, live, clock, failed.routes())
    setup = setup_section(wiring, app)
    return [conversation_section(wiring, app), health.section(), setup]


@part
def console_handler(wiring: Wiring) -> LambdaHandler:
    """The console's app as Lambda calls it. The app's own answers are small: none is streamed."""
    from mangum import Mangum

    return Mangum(wiring.get(console_app), lifespan="off")


@part
def console_app(wiring: Wiring) -> Starlette:
    """The console for operators who sign in. Without all of its settings there is none."""
    from starlette.applications import Starlette
    from starlette.routing import Mount

    from repartee.console.access import SessionAccess
    from repartee.console.app import ConsoleApp
    from repartee.console.oidc import OidcClient
    from repartee.console.operator_roles import parse_roles
    from repartee.console.pages import PREFIX, Pages
    from repartee.console.sign_in import SignIn

    settings, clock = wiring.get(process.settings), wiring.get(process.clock)
    settings.require(Settings.console_issuer, Settings.console_client_id, Settings.console_client_secret)
    client = OidcClient(
        settings.console_issuer,
        settings.console_client_id,
        settings.console_client_secret,
        settings.console_scopes,
        clock,
    )
    pages, access = Pages(), SessionAccess(wiring.get(operations.operator_sessions), clock)
    roles = parse_roles(settings.console_roles)
    sign_in = SignIn(client, roles, access, pages, clock, wiring.get(process.logger), settings.console_url)
    app = ConsoleApp(access, _session_key(settings), pages, sign_in_routes=sign_in.routes())
    pages.load_templates()
    return Starlette(routes=[Mount(PREFIX, app.make_asgi_app(console_sections(wiring, app)))])


def _session_key(settings: Settings) -> str:
    key = settings.console_session_key
    if len(key) < MIN_SESSION_KEY_CHARS:
        raise ValueError(f"CONSOLE_SESSION_KEY has less than {MIN_SESSION_KEY_CHARS} characters")
    return key
