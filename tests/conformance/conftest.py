"""One real server for the whole run, where the programs are there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conformance.processes import ServerUnavailable
from tests.conformance.realserver import RealServer, find_programs


@pytest.fixture(scope="session")
def real_server() -> Iterator[RealServer]:
    """A real API server, shared: a test makes its objects under names of its own and leaves the server running."""
    try:
        find_programs()
    except ServerUnavailable as reason:
        pytest.skip(f"NOT TESTED AGAINST A REAL API SERVER: {reason}")
    with RealServer() as server:
        yield server
