"""Paths on the API server."""

from __future__ import annotations

import pytest

from kite_tui.objects.kinds import DEPLOYMENTS, NODES, PODS


def test_a_path_names_group_version_namespace_and_object() -> None:
    assert PODS.path() == "/api/v1/pods"
    assert PODS.path("shop") == "/api/v1/namespaces/shop/pods"
    assert PODS.path("shop", "a") == "/api/v1/namespaces/shop/pods/a"
    assert DEPLOYMENTS.path("shop") == "/apis/apps/v1/namespaces/shop/deployments"
    assert NODES.path("shop", "n1.example:system") == "/api/v1/nodes/n1.example%3Asystem"


@pytest.mark.parametrize("name", ["x?y", "../../../version?x=", "a/b", "%2e", "a#b", "a b", "ü"])
def test_whatever_is_typed_as_a_name_is_one_segment_of_the_path(name: str) -> None:
    one, inside = NODES.path("", name), PODS.path(name)
    assert one.count("/") == 4
    assert inside.count("/") == 5
    assert not set("?# ") & set(one + inside)
    assert (one + inside).isascii()
