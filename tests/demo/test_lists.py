"""How long the pages of a list can be had."""

from __future__ import annotations

import pytest

from kite_tui.demo.answers import Answer, Form, Refused
from kite_tui.demo.lists import Lists
from kite_tui.demo.world import Manifest, World
from kite_tui.objects.kinds import PODS

KEEP_S = 300.0


class Listed:
    """Three pods, listed one by one by a clock of its own."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.world = World()
        for name in "abc":
            self.put(name)
        target = self.world.served.locate("/api/v1/pods")
        assert target is not None
        self._target = target
        self._lists = Lists(self.world, KEEP_S, lambda: self.now_s)

    def put(self, name: str) -> None:
        self.world.put(PODS, Manifest(PODS, {"metadata": {"name": name, "namespace": "default"}}))

    def page(self, token: str = "") -> str:
        """The token for the next page."""
        query = {"limit": "1"} | ({"continue": token} if token else {})
        answer = self._lists.list(self._target, query, Form.OBJECT)
        assert isinstance(answer, Answer)
        return answer.body.partition(b'"continue": "')[2].partition(b'"')[0].decode()


def test_a_list_of_a_cluster_where_nothing_happens_has_its_time_whenever_it_begins() -> None:
    listed = Listed()
    listed.page()
    listed.now_s = KEEP_S + 1
    token = listed.page()
    listed.now_s += KEEP_S - 1
    assert listed.page(token)


def test_a_list_of_what_has_changed_since_has_no_more_time_than_it_began_with() -> None:
    listed = Listed()
    token = listed.page()
    listed.put("d")
    listed.now_s = KEEP_S - 1
    token = listed.page(token)
    listed.now_s = KEEP_S + 1
    with pytest.raises(Refused) as raised:
        listed.page(token)
    assert raised.value.answer.status == 410
