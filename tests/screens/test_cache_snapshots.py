"""Cache in every state, as a picture; `--snapshot-update` draws them anew."""

from __future__ import annotations

import sys

import pytest

from tests.screens.loads import ALL_LIVE, cache_app
from tests.screens.test_snapshots import SIZES, Snap, keys

pytestmark = pytest.mark.skipif(
    sys.version_info[:2] != (3, 11), reason="pictures are drawn on one Python version: Unicode widths follow it"
)


@pytest.fixture(params=SIZES)
def size(request: pytest.FixtureRequest) -> tuple[int, int]:
    return SIZES[request.param]


def test_cache(snap_compare: Snap, size: tuple[int, int]) -> None:
    assert snap_compare(cache_app(ALL_LIVE), terminal_size=size, run_before=keys("8"))


def test_cache_with_each_kind_in_another_state(snap_compare: Snap, size: tuple[int, int]) -> None:
    assert snap_compare(cache_app(), terminal_size=size, run_before=keys("8"))


def test_cache_before_anything_was_asked(snap_compare: Snap, size: tuple[int, int]) -> None:
    assert snap_compare(cache_app(quiet=True), terminal_size=size, run_before=keys("8"))


def test_page_of_a_kind(snap_compare: Snap, size: tuple[int, int]) -> None:
    app = cache_app()
    assert snap_compare(app, terminal_size=size, run_before=keys("8", do=lambda app: app.open_cached("pods")))
