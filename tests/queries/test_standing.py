"""How an object among others is, in a word or two, and how many are."""

from __future__ import annotations

from typing import Any

import pytest

from kite_tui.demo.resources import CONFIG_MAPS, ENDPOINT_SLICES, JOBS
from kite_tui.objects.kinds import (
    CLAIMS,
    DEPLOYMENTS,
    EVENTS,
    NAMESPACES,
    NODES,
    PODS,
    SERVICES,
    STATEFULSETS,
    Kind,
)
from kite_tui.objects.linked import NO_STATUS, Status
from kite_tui.objects.links.network import SERVICE_NAME
from kite_tui.queries.relations import Relations
from kite_tui.queries.standing import MOST_KINDS_OF_STATUS, standing, summary
from kite_tui.queries.vertices import Group, Hop, Vertex
from tests.queries.making import ago
from tests.queries.things import Thing, reading, running, thing

Json = dict[str, Any]
NO_QUESTION = Relations(reading())
GOING = {"deletionTimestamp": ago(5)}


def waiting(reason: str) -> Json:
    return {"containerStatuses": [{"name": "app", "state": {"waiting": {"reason": reason}}}]}


def of(found: Thing, relations: Relations = NO_QUESTION) -> Status:
    return standing(relations, relations.vertex(*found))


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (running(), Status("Running", "good")),
        ({"status": {"phase": "Running"}}, Status("Running, not ready", "warn")),
        ({"status": {"phase": "Pending"}}, Status("Pending", "warn")),
        ({"status": {"phase": "Succeeded"}}, Status("Succeeded")),
        ({"status": {"phase": "Failed"}}, Status("Failed", "bad")),
        ({"status": {"phase": "Failed", "reason": "Evicted"}}, Status("Evicted", "bad")),
        ({"status": {"phase": "Running", **waiting("CrashLoopBackOff")}}, Status("CrashLoopBackOff", "bad")),
        ({"status": {"phase": "Pending", **waiting("ImagePullBackOff")}}, Status("ImagePullBackOff", "bad")),
        ({"status": {"phase": "Pending", **waiting("ContainerCreating")}}, Status("ContainerCreating", "warn")),
        ({"status": {"phase": "Odd"}}, Status("Odd", "bad")),
        ({}, Status("", "bad")),
    ],
)
def test_a_pod_is_what_kubectl_says_and_whether_that_is_well(body: Json, said: Status) -> None:
    assert of(thing(PODS, "p", **body)) == said


@pytest.mark.parametrize(
    ("kind", "body", "said"),
    [
        (DEPLOYMENTS, {"spec": {"replicas": 2}, "status": {"availableReplicas": 2}}, Status("2/2 ready", "good")),
        (DEPLOYMENTS, {"spec": {"replicas": 2}, "status": {"availableReplicas": 1}}, Status("1/2 ready", "warn")),
        (STATEFULSETS, {"spec": {"replicas": 2}}, Status("0/2 ready", "bad")),
        (STATEFULSETS, {"spec": {"replicas": 0}}, Status("scaled to 0")),
        (DEPLOYMENTS, {"meta": GOING}, Status("Terminating", "warn")),
        (CLAIMS, {"status": {"phase": "Bound"}}, Status("Bound", "good")),
        (CLAIMS, {"status": {"phase": "Pending"}}, Status("Pending", "warn")),
        (CLAIMS, {"status": {"phase": "Lost"}}, Status("Lost", "bad")),
        (CLAIMS, {"status": {"phase": "Bound"}, "meta": GOING}, Status("Terminating", "warn")),
        (NAMESPACES, {"status": {"phase": "Active"}}, Status("Active")),
        (NAMESPACES, {"status": {"phase": "Terminating"}}, Status("Terminating", "warn")),
        (NODES, {"status": {"conditions": [{"type": "Ready", "status": "True"}]}}, Status("Ready", "good")),
        (NODES, {"status": {"conditions": [{"type": "Ready", "status": "False"}]}}, Status("NotReady", "bad")),
        (
            NODES,
            {"spec": {"unschedulable": True}, "status": {"conditions": [{"type": "Ready", "status": "True"}]}},
            Status("Ready,SchedulingDisabled", "warn"),
        ),
        (EVENTS, {"type": "Warning", "count": 7}, Status("×7", "warn")),
        (EVENTS, {"type": "Normal"}, NO_STATUS),
        (JOBS, {"status": {"active": 1}}, Status("1 active")),
        (JOBS, {"meta": GOING}, Status("Terminating", "warn")),
        (CONFIG_MAPS, {}, NO_STATUS),
        (CONFIG_MAPS, {"meta": GOING}, Status("Terminating", "warn")),
    ],
)
def test_every_other_kind_says_what_matters_of_it(kind: Kind[Any], body: Json, said: Status) -> None:
    assert of(thing(kind, "a", **body)) == said


# -- services -------------------------------------------------------------------------------------------------------


def service(*things: Thing, spec: Json | None = None) -> Status:
    found = thing(SERVICES, "web", spec={"selector": {"app": "web"}} if spec is None else spec)
    return of(found, Relations(reading(found, *things)))


def web(name: str, body: Json) -> Thing:
    return thing(PODS, name, labels={"app": "web"}, **body)


def test_a_service_says_how_many_of_its_backends_are_ready() -> None:
    up, down, over = (web("up", running()), web("down", {"status": {"phase": "Pending"}}), {"phase": "Succeeded"})
    assert service(up) == Status("1 of 1 ready", "good")
    assert service(up, down) == Status("1 of 2 ready", "warn")
    assert service(down) == Status("0 of 1 ready", "bad")
    assert service(web("over", {"status": over})) == Status("no backends", "warn")
    assert service(up, spec={"type": "ExternalName", "selector": {"app": "web"}}) == Status("ExternalName")


def test_a_service_without_selector_counts_the_pods_that_its_slices_name() -> None:
    targets = [{"targetRef": {"kind": "Pod", "name": name}} for name in ("up", "gone")]
    slices = thing(ENDPOINT_SLICES, "web-1", labels={SERVICE_NAME: "web"}, endpoints=targets)
    assert service(slices, web("up", running()), spec={}) == Status("1 of 1 ready", "good")
    assert service(slices, spec={}) == Status("no backends", "warn")


# -- what isn't there -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("presence", "said"),
    [
        ("missing", Status("missing", "bad")),
        ("optional-absent", Status("optional, absent")),
        ("unknown", Status("not known", "warn")),
    ],
)
def test_what_is_not_there_says_why(presence: Any, said: Status) -> None:
    vertex = Vertex("", "Secret", "shop", "s", None, None, presence)
    assert standing(NO_QUESTION, vertex) == said
    many = Group(("", "Secret"), [Hop(vertex, ("tls",)), Hop(vertex, ("tls",))])
    assert summary(NO_QUESTION, many) == Status(f"2 {said.text}", said.tone)


# -- many -----------------------------------------------------------------------------------------------------------


def pods(*bodies: tuple[int, Json]) -> Group:
    records = [thing(PODS, f"p{at}-{n}", **body)[1] for at, (many, body) in enumerate(bodies) for n in range(many)]
    return Group(("", "Pod"), kind=PODS, records=records)


UP = running()
PENDING = {"status": {"phase": "Pending"}}
CRASHED = {"status": {"phase": "Running", **waiting("CrashLoopBackOff")}}
OVER = {"status": {"phase": "Succeeded"}}
EVICTED = {"status": {"phase": "Failed", "reason": "Evicted"}}


@pytest.mark.parametrize(
    ("group", "said"),
    [
        (pods((3, UP)), Status("3 Running", "good")),
        (pods((1, CRASHED), (3, UP)), Status("3 Running, 1 CrashLoopBackOff", "bad")),
        (pods((2, PENDING), (3, UP)), Status("3 Running, 2 Pending", "warn")),
        (pods((2, OVER)), Status("2 Succeeded")),
        (pods((1001, UP)), Status("1 001 Running", "good")),
        (
            pods((5, UP), (4, PENDING), (3, CRASHED), (2, OVER), (1, EVICTED)),
            Status("5 Running, 4 Pending, 3 CrashLoopBackOff, 3 more", "bad"),
        ),
        (pods(), NO_STATUS),
    ],
)
def test_of_many_the_most_frequent_come_first_and_the_worst_gives_the_tone(group: Group, said: Status) -> None:
    assert summary(NO_QUESTION, group) == said
    assert said.text.count(",") < MOST_KINDS_OF_STATUS


def test_what_has_nothing_to_say_is_not_counted() -> None:
    hops = [Hop(NO_QUESTION.vertex(*thing(CONFIG_MAPS, name)), ()) for name in "abc"]
    assert summary(NO_QUESTION, Group(("", "ConfigMap"), hops)) == NO_STATUS
    going = Hop(NO_QUESTION.vertex(*thing(CONFIG_MAPS, "d", meta=GOING)), ())
    assert summary(NO_QUESTION, Group(("", "ConfigMap"), [*hops, going])) == Status("1 Terminating", "warn")
