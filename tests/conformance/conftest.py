"""One real server for the whole run; where a program isn't there, one loud line instead of its tests."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import cast

import pytest

from kite_tui.demo.server import DemoServer
from kite_tui.demo.world import World
from tests.conformance import oracle
from tests.conformance.processes import ServerUnavailable
from tests.conformance.realserver import RealServer, find_programs
from tests.conformance.subject import Real, Simulated, Subject


@pytest.fixture(scope="session")
def real_server() -> Iterator[RealServer]:
    """A real API server, shared: a test makes its objects under names of its own and leaves the server running.

    Tests that ask for it are marked `realserver`.
    """
    with RealServer() as server:
        yield server


BOTH = [pytest.param("simulated", id="simulated"), pytest.param("real", id="real", marks=pytest.mark.realserver)]


@pytest.fixture(params=BOTH)
def subject(request: pytest.FixtureRequest) -> Iterator[Subject]:
    """A server that is shared between tests where it is the real one."""
    with contextlib.ExitStack() as stack:
        if request.param == "real":
            yield Real(cast(RealServer, request.getfixturevalue("real_server")), stack)
        else:
            yield Simulated(stack.enter_context(DemoServer(World(), bookmark_s=0.5)), stack)


@pytest.fixture(params=BOTH)
def own_subject(request: pytest.FixtureRequest) -> Iterator[Subject]:
    """A server of the test's own, which may lose its history."""
    with contextlib.ExitStack() as stack:
        if request.param == "real":
            yield Real(stack.enter_context(RealServer()), stack)
        else:
            yield Simulated(stack.enter_context(DemoServer(World(), bookmark_s=0.5)), stack)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests whose program isn't there, but one of them, which is skipped and says why."""
    reasons = {"realserver": _no_server(), "oracle": oracle.missing()}
    loud = {
        "realserver": "NOT TESTED AGAINST A REAL API SERVER",
        "oracle": "NOT COMPARED WITH KUBERNETES' OWN ARITHMETIC",
    }
    for marker, reason in reasons.items():
        concerned = [item for item in items if item.get_closest_marker(marker)] if reason else []
        if concerned:
            first, *others = concerned
            first.add_marker(pytest.mark.skip(reason=f"{loud[marker]} ({len(concerned)} tests left out): {reason}"))
            items[:] = [item for item in items if item not in others]
            config.hook.pytest_deselected(items=others)


def _no_server() -> str:
    try:
        find_programs()
    except ServerUnavailable as reason:
        return str(reason)
    return ""
