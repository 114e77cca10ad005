"""One real server for the whole run; where a program isn't there, one loud line instead of its tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conformance import oracle
from tests.conformance.processes import ServerUnavailable
from tests.conformance.realserver import RealServer, find_programs


@pytest.fixture(scope="session")
def real_server() -> Iterator[RealServer]:
    """A real API server, shared: a test makes its objects under names of its own and leaves the server running.

    Tests that ask for it are marked `realserver`.
    """
    with RealServer() as server:
        yield server


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
