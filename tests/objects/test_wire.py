"""Numbers of the API are of 64 bits; what is longer is as if it were not there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import get_args

import msgspec
import pytest

from kite_tui.objects import wire
from kite_tui.objects.decode import decoder
from kite_tui.objects.kinds import PODS

LONGEST = 10**4300 - 1
"""What Python reads and prints at most; one more has a digit too many to be printed."""


def structs(base: type[wire.Wire] = wire.Wire) -> Iterator[type[wire.Wire]]:
    for each in base.__subclasses__():
        yield each
        yield from structs(each)


def test_numbers_that_are_too_long_cost_only_themselves() -> None:
    statuses = [{"name": name, "ready": True, "restartCount": LONGEST} for name in "ab"]
    spec = {"containers": [{"name": name} for name in "ab"], "nodeName": "n"}
    manifest = {"metadata": {"name": "x"}, "spec": spec, "status": {"containerStatuses": statuses, "phase": "Running"}}
    pod = decoder(PODS)(json.dumps(manifest).encode())
    assert (pod.restarts, pod.node_name, pod.phase) == (0, "n", "Running")


@pytest.mark.parametrize("number", [2**63 - 1, -(2**63), 0])
def test_all_others_are_read(number: int) -> None:
    manifest = {"metadata": {"name": "x"}, "status": {"containerStatuses": [{"name": "a", "restartCount": number}]}}
    assert decoder(PODS)(json.dumps(manifest).encode()).restarts == number


def test_no_number_of_the_wire_is_without_bounds() -> None:
    fields = [(each.__name__, field) for each in structs() for field in msgspec.structs.fields(each)]
    assert len(fields) > 100
    assert [(name, field.name) for name, field in fields if int in get_args(field.type)] == []
