"""Ready, Status and Restarts of pods, Status and Roles of nodes, as kubectl prints them."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from kite_tui.objects import wire
from kite_tui.objects.printers import PodRow, node_roles, node_status, print_pod

Json = dict[str, Any]
EARLIER, LATER = "2026-02-28T10:00:00Z", "2026-02-28T11:00:00Z"
EARLIER_S, LATER_S = 1772272800, 1772276400
RUNNING: Json = {"running": {"startedAt": EARLIER}}
DONE: Json = {"terminated": {"exitCode": 0, "reason": "Completed"}}
READY = {"type": "Ready", "status": "True"}
INITIALIZED = {"type": "Initialized", "status": "True"}


def waiting(reason: str = "") -> Json:
    return {"waiting": {"reason": reason} if reason else {}}


def ended(code: int, reason: str = "", signal: int = 0) -> Json:
    return {"terminated": {"exitCode": code, "reason": reason, "signal": signal}}


def of(name: str, state: Json, *, restarts: int = 0, ended_at: str = "", **more: Any) -> Json:
    last = {"terminated": {"exitCode": 1, "finishedAt": ended_at}} if ended_at else {}
    return {"name": name, "state": state, "restartCount": restarts, "lastState": last, **more}


def row(
    *containers: Json,
    init: tuple[Json, ...] = (),
    sidecars: tuple[str, ...] = (),
    phase: str = "Running",
    reason: str = "",
    conditions: tuple[Json, ...] = (),
    deleted: bool = False,
    of_containers: int = 0,
) -> PodRow:
    manifest = {
        "metadata": {"name": "p", "deletionTimestamp": LATER if deleted else None},
        "spec": {
            "containers": [{"name": f"c{index}"} for index in range(of_containers or len(containers))],
            "initContainers": [
                {"name": each["name"], "restartPolicy": "Always" if each["name"] in sidecars else None} for each in init
            ],
        },
        "status": {
            "phase": phase,
            "reason": reason,
            "conditions": conditions,
            "containerStatuses": containers,
            "initContainerStatuses": init,
        },
    }
    return print_pod(msgspec.json.decode(json.dumps(manifest), type=wire.Pod))


def test_a_running_pod_counts_its_ready_containers() -> None:
    assert row(of("c0", RUNNING, ready=True), of("c1", RUNNING)) == PodRow(1, 2, "Running", 0, None)


def test_a_container_that_is_ready_but_not_running_is_not_counted() -> None:
    assert row(of("c0", ended(0), ready=True)).ready == 0


@pytest.mark.parametrize(
    ("state", "status"),
    [
        (waiting("CrashLoopBackOff"), "CrashLoopBackOff"),
        (waiting(), "Running"),
        (ended(1, "Error"), "Error"),
        (ended(137, "", 9), "Signal:9"),
        (ended(3), "ExitCode:3"),
        (ended(0), "ExitCode:0"),
    ],
)
def test_the_status_is_why_a_container_does_not_run(state: Json, status: str) -> None:
    assert row(of("c0", state)).status == status


def test_the_first_container_with_a_reason_gives_the_status() -> None:
    assert row(of("c0", ended(1, "Error")), of("c1", waiting("ImagePullBackOff"))).status == "Error"


def test_completed_beside_a_running_container_depends_on_readiness() -> None:
    running = of("c1", RUNNING, ready=True)
    assert row(of("c0", DONE), running, conditions=(READY,)).status == "Running"
    assert row(of("c0", DONE), running).status == "NotReady"
    assert row(of("c0", DONE), of("c1", ended(2, "Error")), running).status == "Error"
    assert row(of("c0", DONE), phase="Succeeded").status == "Completed"


def test_phase_reason_and_gates_stand_where_no_container_speaks() -> None:
    assert row(phase="Failed", reason="Evicted", of_containers=1) == PodRow(0, 1, "Evicted", 0, None)
    assert row(phase="Pending", of_containers=2) == PodRow(0, 2, "Pending", 0, None)
    gated = {"type": "PodScheduled", "status": "False", "reason": "SchedulingGated"}
    assert row(phase="Pending", conditions=(gated,), of_containers=1).status == "SchedulingGated"


@pytest.mark.parametrize(
    ("state", "status"),
    [
        (waiting("PodInitializing"), "Init:1/2"),
        (waiting("CrashLoopBackOff"), "Init:CrashLoopBackOff"),
        (RUNNING, "Init:1/2"),
        (ended(1, "Error"), "Init:Error"),
        (ended(1, "", 9), "Init:Signal:9"),
        (ended(4), "Init:ExitCode:4"),
    ],
)
def test_initialisation_shows_how_far_it_is_or_why_it_failed(state: Json, status: str) -> None:
    found = row(
        of("c0", waiting("PodInitializing")), init=(of("i0", DONE), of("i1", state, restarts=3)), phase="Pending"
    )
    assert (found.status, found.restarts) == (status, 3)


def test_after_initialisation_only_sidecars_and_containers_count_restarts() -> None:
    found = row(
        of("c0", RUNNING, restarts=2, ended_at=EARLIER, ready=True),
        init=(of("i0", DONE, restarts=9, ended_at=LATER), of("s", RUNNING, restarts=1, started=True, ready=True)),
        sidecars=("s",),
    )
    assert found == PodRow(2, 2, "Running", 3, EARLIER_S)


def test_a_sidecar_that_has_not_started_holds_initialisation() -> None:
    found = row(of("c0", waiting("PodInitializing")), init=(of("s", RUNNING, started=False),), sidecars=("s",))
    assert found == PodRow(0, 2, "Init:0/1", 0, None)


def test_an_initialised_pod_whose_sidecar_crashes_shows_both_sides() -> None:
    found = row(
        of("c0", RUNNING, ready=True),
        init=(of("s", waiting("CrashLoopBackOff"), restarts=5, ended_at=LATER),),
        sidecars=("s",),
        conditions=(INITIALIZED,),
    )
    assert found == PodRow(1, 2, "Init:CrashLoopBackOff", 5, LATER_S)


def test_the_latest_end_is_when_it_restarted_and_only_where_it_did() -> None:
    found = row(of("c0", RUNNING, restarts=1, ended_at=LATER), of("c1", RUNNING, restarts=1, ended_at=EARLIER))
    assert (found.restarts, found.restarted_s) == (2, LATER_S)
    assert row(of("c0", RUNNING, ended_at=LATER)).restarted_s is None
    assert row(of("c0", RUNNING, restarts=4)).restarted_s is None


def test_a_deleted_pod_is_terminating_until_it_has_ended() -> None:
    assert row(of("c0", RUNNING), deleted=True).status == "Terminating"
    assert row(of("c0", DONE), phase="Succeeded", deleted=True).status == "Completed"
    assert row(of("c0", ended(1, "Error")), phase="Failed", deleted=True).status == "Error"
    assert row(of("c0", RUNNING), reason="NodeLost", deleted=True).status == "Unknown"
    assert row(reason="NodeLost", of_containers=1).status == "NodeLost"


def test_a_pod_without_anything_prints_empty_cells() -> None:
    assert print_pod(wire.Pod()) == PodRow(0, 0, "", 0, None)


@pytest.mark.parametrize(
    ("readiness", "unschedulable", "status"),
    [
        ("True", False, "Ready"),
        ("False", False, "NotReady"),
        ("Unknown", False, "NotReady"),
        ("", False, "Unknown"),
        ("True", True, "Ready,SchedulingDisabled"),
        ("", True, "Unknown,SchedulingDisabled"),
    ],
)
def test_the_status_of_a_node(readiness: str, unschedulable: bool, status: str) -> None:
    assert node_status(readiness, unschedulable) == status


def test_roles_come_from_both_kinds_of_labels_sorted_and_once() -> None:
    labels = (
        ("kubernetes.io/role", "worker"),
        ("node-role.kubernetes.io/", "x"),
        ("node-role.kubernetes.io/worker", ""),
        ("node-role.kubernetes.io/control-plane", "true"),
    )
    assert node_roles(labels) == ("control-plane", "worker")
    assert node_roles((("kubernetes.io/role", ""), ("a", "b"))) == ()
