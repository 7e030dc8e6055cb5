"""A cold start loads what serves one resource; taken together, the parts serve what all do."""

import subprocess
import sys

import pytest
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver

from functions.api.native import PARTS, native_part, native_resolver

LOADED = """
import gc, sys
from pydantic import BaseModel
import functions.api.app as app
at_import = [name for name in sys.modules if name.startswith("functions.api.routes.")]
app.surface_of("/api/jobs")
print(len(at_import), *sorted(name for name in sys.modules if name.startswith("functions.api.r")))
heavy = {"tenacity", "jinja2", "tokenizers", "functions.api.openai", "pydantic_settings"}
print(*sorted(heavy & {*sys.modules}))
ours = [kind for kind in gc.get_objects() if isinstance(kind, type) and issubclass(kind, BaseModel)
        and kind.__module__.startswith(("brightrun", "functions"))]
print(len(ours), *sorted(kind.__name__ for kind in ours if kind.__pydantic_complete__))
"""


def routes_of(resolver: APIGatewayHttpResolver) -> set[tuple[str, str]]:
    routes = resolver._static_routes + resolver._dynamic_routes
    return {(route.method, route.path) for route in routes}


def test_every_route_is_served_by_the_part_of_its_path() -> None:
    every = routes_of(native_resolver())
    served = {route for route in every if route in routes_of(native_part(route[1]))}

    assert len(every) >= 70
    assert every - served == set()


@pytest.mark.parametrize("prefix", sorted(PARTS))
def test_a_part_has_all_methods_of_its_paths(prefix: str) -> None:
    """Else a wrong method were an unknown path in one process and a 405 in another."""
    under = {
        route for route in routes_of(native_resolver()) if f"{route[1]}/".startswith(f"{prefix}/")
    }

    assert under
    assert under <= routes_of(native_part(prefix))


def test_what_nobody_serves_is_served_by_nobody() -> None:
    assert routes_of(native_part("/api/jobsx")) == routes_of(native_part("/elsewhere")) == set()


def test_a_cold_start_loads_no_route_and_a_request_those_of_its_resource() -> None:
    run = subprocess.run(  # noqa: S603 - this very interpreter
        [sys.executable, "-c", LOADED], capture_output=True, text=True, check=True
    )
    loaded, heavy, built = run.stdout.splitlines()

    assert loaded.split() == [
        "0",
        "functions.api.request_bodies",
        "functions.api.routes",
        "functions.api.routes.jobs",
        "functions.api.routes.pausing",
    ]
    assert heavy == ""
    assert int(built.split()[0]) > 100
    assert len(built.split()) < 10  # those of which a module makes one
    assert "JobView" not in built
