"""A route asks, calls one use case and answers; what it takes to decide stands elsewhere."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROUTES = Path("functions/api/routes")
LONGEST = 10


def routes() -> Iterator[tuple[str, ast.FunctionDef]]:
    for file in sorted(ROUTES.glob("*.py")):
        for node in ast.parse(file.read_text()).body:
            if isinstance(node, ast.FunctionDef) and node.decorator_list:
                yield f"{file.stem}.{node.name}", node


def lines_of(route: ast.FunctionDef) -> int:
    """How many lines a route has below its docstring."""
    _, *body = route.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1


@pytest.mark.parametrize(("name", "route"), [pytest.param(*r, id=r[0]) for r in routes()])
def test_a_route_has_ten_lines_and_says_what_it_does(name: str, route: ast.FunctionDef) -> None:
    assert ast.get_docstring(route), name
    assert lines_of(route) <= LONGEST


def test_the_walk_finds_every_route() -> None:
    assert len(list(routes())) >= 50
