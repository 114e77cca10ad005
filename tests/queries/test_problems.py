"""Wrong now: each rule, each threshold, one line an owner, worst first, then newest."""

from __future__ import annotations

from typing import Any

import pytest

from kite_tui.objects.kinds import CLAIMS, DAEMONSETS, DEPLOYMENTS, NAMESPACES, NODES, PODS, STATEFULSETS, Kind
from kite_tui.objects.states import Forbidden, State, Syncing
from kite_tui.queries.problems import BAD_WAITING, Problem, problems
from tests.queries.making import NOW_S, Json, ago, condition, meta, node, owner, pod, reader, waiting, workload


def ask(objects: dict[Kind[Any], list[Json]], states: dict[Kind[Any], State] | None = None) -> list[Problem]:
    return list(problems(reader(objects, states)))


def one(objects: dict[Kind[Any], list[Json]], states: dict[Kind[Any], State] | None = None) -> Problem:
    (found,) = ask(objects, states)
    return found


def of_pods(*pods: Json) -> list[Problem]:
    return ask({PODS: list(pods)})


# -- nodes ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("ready", "what"), [("False", "NotReady"), ("Unknown", "NotReady"), ("", "Unknown")])
def test_a_node_whose_ready_is_not_true_is_critical_since_that_changed(ready: str, what: str) -> None:
    found = one({NODES: [node("n", ready=ready, unschedulable=True)]})
    assert (found.severity, found.kind, found.name, found.what) == ("critical", "Node", "n", what)
    assert found.since_s == NOW_S - (3600 if ready else 86400)


def test_a_node_under_pressure_is_a_warning_and_one_that_is_down_says_only_that() -> None:
    pressed = [condition("DiskPressure", "True", since_s=50), condition("MemoryPressure", "True", since_s=70)]
    found = one({NODES: [node("n", conditions=pressed), node("cordoned", unschedulable=True)]})
    assert (found.severity, found.what, found.since_s) == ("warning", "DiskPressure, MemoryPressure", NOW_S - 50)
    assert one({NODES: [node("n", ready="False", conditions=pressed)]}).severity == "critical"


# -- pods -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reason", sorted(BAD_WAITING))
def test_a_container_that_waits_for_a_bad_reason_is_critical_at_once(reason: str) -> None:
    (found,) = of_pods(pod("p", on="n", ready="False", since_s=1, containers=[waiting(reason)]))
    assert (found.severity, found.kind, found.namespace, found.name) == ("critical", "Pod", "shop", "p")
    assert (found.what, found.since_s, found.count) == (reason, NOW_S - 1, 1)


def test_a_container_that_waits_for_its_turn_is_no_problem() -> None:
    assert of_pods(pod("p", on="n", phase="Pending", age_s=60, containers=[waiting("ContainerCreating")])) == []


def test_a_crash_loop_says_how_the_last_run_ended_and_an_image_what_the_registry_said() -> None:
    last = {"lastState": {"terminated": {"reason": "Error", "exitCode": 3}}}
    (found,) = of_pods(pod("p", on="n", containers=[waiting("CrashLoopBackOff", "back-off 5m0s p_shop(uid)", **last)]))
    assert found.what == "CrashLoopBackOff (last exit: Error 3)"
    (found,) = of_pods(pod("p", on="n", containers=[waiting("ErrImagePull", "no such tag")]))
    assert found.what == "ErrImagePull: no such tag"


def unschedulable(since_s: float, name: str = "p", **more: Any) -> Json:
    scheduled = condition("PodScheduled", "False", since_s=since_s, reason="Unschedulable", message="0/3 nodes fit")
    return pod(name, phase="Pending", conditions=[scheduled], **more)


def test_an_unschedulable_pod_is_a_warning_after_60_s_with_the_scheduler_s_reason() -> None:
    assert of_pods(unschedulable(60)) == []
    (found,) = of_pods(unschedulable(61))
    assert (found.severity, found.what, found.since_s) == ("warning", "Unschedulable: 0/3 nodes fit", NOW_S - 61)


def test_a_pending_pod_is_a_warning_after_5_minutes() -> None:
    assert of_pods(pod("p", phase="Pending", on="n", age_s=300)) == []
    (found,) = of_pods(pod("p", phase="Pending", on="n", age_s=301))
    assert (found.severity, found.what, found.since_s) == ("warning", "Pending", NOW_S - 301)
    gate = condition("PodScheduled", "False", reason="SchedulingGated")
    (found,) = of_pods(pod("p", phase="Pending", age_s=301, conditions=[gate]))
    assert found.what == "Pending (SchedulingGated)"


def test_a_running_pod_that_is_not_ready_is_a_warning_after_5_minutes() -> None:
    assert of_pods(pod("p", on="n", ready="False", since_s=300)) == []
    (found,) = of_pods(pod("p", on="n", ready="False", since_s=301))
    assert (found.severity, found.what, found.since_s) == ("warning", "running, not ready", NOW_S - 301)


def killed(seconds: float) -> Json:
    ended = {"reason": "OOMKilled", "exitCode": 137, "finishedAt": ago(seconds)}
    return {"name": "app", "ready": True, "state": {"running": {}}, "lastState": {"terminated": ended}}


def test_a_kill_for_memory_is_a_warning_for_an_hour() -> None:
    (found,) = of_pods(pod("p", on="n", containers=[killed(3599)]))
    assert (found.severity, found.what, found.since_s) == ("warning", "OOMKilled", NOW_S - 3599)
    assert of_pods(pod("p", on="n", containers=[killed(3600)])) == []


def test_a_deletion_is_overdue_60_s_after_its_time() -> None:
    assert of_pods(pod("p", on="n", deleted_s=60)) == []
    (found,) = of_pods(pod("p", on="n", deleted_s=61, containers=[waiting("CrashLoopBackOff")]))
    assert (found.severity, found.what, found.since_s) == ("warning", "deletion overdue", NOW_S - 61)


def test_healthy_and_completed_pods_are_no_problem() -> None:
    assert of_pods(pod("a", on="n"), pod("b", on="n", phase="Succeeded"), pod("c", phase="Pending", age_s=5)) == []


SET = owner("ReplicaSet", "cart-5d4f")


def test_a_failed_pod_is_critical_until_its_owner_has_replaced_it() -> None:
    failed = pod("p", phase="Failed", on="n", reason="Evicted", owned_by=SET, age_s=900, since_s=100)
    sibling = pod("older", on="n", owned_by=SET, age_s=900)
    (found,) = of_pods(failed, sibling)
    assert (found.severity, found.what, found.since_s) == ("critical", "Failed: Evicted", NOW_S - 100)
    assert of_pods(failed, sibling, pod("new", on="n", owned_by=SET, age_s=99)) == []
    assert len(of_pods(failed, pod("new", on="n", phase="Failed", owned_by=SET, age_s=99))) == 1
    assert len(of_pods(failed, pod("foreign", on="n", owned_by=owner("ReplicaSet", "other-5d4f"), age_s=99))) == 1


def test_a_failed_pod_may_be_replaced_by_one_that_the_first_list_has_not_reached() -> None:
    failed = pod("p", phase="Failed", on="n", owned_by=SET)
    bare = pod("bare", phase="Failed", on="n")
    found = ask({PODS: [failed, bare]}, {PODS: Syncing(100, 900)})
    assert [each.name for each in found] == ["bare"]
    assert len(of_pods(failed, bare)) == 2


def test_a_failed_pod_of_an_old_revision_is_replaced_by_a_pod_of_the_new_one() -> None:
    def of_revision(revision: str, name: str, **more: Any) -> Json:
        by = owner("ReplicaSet", f"cart-{revision}")
        return pod(name, on="n", owned_by=by, labels={"pod-template-hash": revision}, **more)

    old = of_revision("5d4f9c8b7d", "old", phase="Failed", age_s=900, since_s=500)
    (found,) = of_pods(old)
    assert (found.kind, found.name) == ("Deployment", "cart")
    assert of_pods(old, of_revision("7c6d8b9f54", "new", age_s=60)) == []


def test_a_failed_pod_without_an_owner_is_replaced_by_nobody() -> None:
    assert len(of_pods(pod("p", phase="Failed", on="n"), pod("q", on="n", age_s=1))) == 1


# -- one line an owner ----------------------------------------------------------------------------------------------


def test_pods_of_one_owner_share_a_line_with_the_worst_first_and_the_newest_time() -> None:
    (found,) = of_pods(
        unschedulable(200, "a", owned_by=SET),
        pod("b", on="n", owned_by=SET, since_s=500, containers=[waiting("ErrImagePull")]),
        pod("c", on="n", owned_by=SET, since_s=600, containers=[waiting("ErrImagePull")]),
    )
    assert (found.severity, found.kind, found.name, found.count) == ("critical", "ReplicaSet", "cart-5d4f", 3)
    assert found.what == "ErrImagePull; Unschedulable: 0/3 nodes fit"
    assert found.since_s == NOW_S - 200
    assert found.pod in ("a", "b", "c")


def test_a_line_names_three_faults_and_counts_the_rest() -> None:
    pods = [pod(f"p{n}", on="n", owned_by=SET, containers=[waiting("ErrImagePull", f"tag {n}")]) for n in range(5)]
    (found,) = of_pods(*pods)
    assert found.count == 5
    assert found.what.endswith("; and 2 more")
    assert found.what.count("ErrImagePull") == 3


def test_a_workload_and_its_pods_share_a_line() -> None:
    by = owner("StatefulSet", "db")
    found = one(
        {
            STATEFULSETS: [workload("db", 3, 0)],
            PODS: [pod("db-0", on="n", owned_by=by, since_s=40, containers=[waiting("CrashLoopBackOff")])],
        }
    )
    assert (found.kind, found.name, found.what) == ("StatefulSet", "db", "0 of 3 available; CrashLoopBackOff")
    assert (found.count, found.pod, found.since_s) == (1, "db-0", NOW_S - 40)


# -- workloads ------------------------------------------------------------------------------------------------------


def test_a_workload_with_nothing_available_is_critical_at_once_and_one_that_wants_nothing_is_fine() -> None:
    found = one({DEPLOYMENTS: [workload("web", 2, 0, age_s=5), workload("off", 0, 0), workload("ok", 2, 2)], PODS: []})
    assert (found.severity, found.kind, found.name, found.what) == ("critical", "Deployment", "web", "0 of 2 available")


def test_a_daemonset_counts_nodes() -> None:
    sets = [{"metadata": meta("ds", "shop"), "status": {"desiredNumberScheduled": 3, "numberAvailable": 0}}]
    assert one({DAEMONSETS: sets, PODS: []}).what == "0 of 3 available"


def test_a_workload_short_of_pods_is_a_warning_after_5_minutes() -> None:
    by = owner("StatefulSet", "db")

    def short(since_s: float) -> list[Problem]:
        late = pod("db-1", on="n", owned_by=by, ready="False", since_s=since_s)
        return ask({STATEFULSETS: [workload("db", 2, 1)], PODS: [pod("db-0", on="n", owned_by=by), late]})

    assert short(300) == []
    (found,) = short(301)
    assert (found.severity, found.since_s) == ("warning", NOW_S - 301)
    assert found.what == "1 of 2 available; running, not ready"


def test_a_deployment_says_itself_since_when_it_is_short() -> None:
    unavailable = [condition("Available", "False", since_s=700)]
    found = one({DEPLOYMENTS: [workload("web", 3, 1, conditions=unavailable)], PODS: []})
    assert (found.severity, found.what, found.since_s) == ("warning", "1 of 3 available", NOW_S - 700)


def test_since_when_a_workload_is_short_is_not_guessed_where_its_pods_are_unread() -> None:
    forbidden: dict[Kind[Any], State] = {PODS: Forbidden("list", "")}
    assert ask({DEPLOYMENTS: [workload("web", 3, 1)]}, forbidden) == []
    found = one({DEPLOYMENTS: [workload("web", 3, 0)]}, forbidden)
    assert (found.severity, found.since_s) == ("critical", None)


# -- claims and namespaces ------------------------------------------------------------------------------------------


def claim(phase: str, age_s: float, storage: str = "gp3") -> Json:
    spec = {"storageClassName": storage} if storage else {}
    return {"metadata": meta("data", "shop", age_s=age_s), "spec": spec, "status": {"phase": phase}}


def test_a_lost_claim_is_critical_and_nobody_knows_since_when() -> None:
    found = one({CLAIMS: [claim("Lost", 9000)]})
    assert (found.severity, found.kind, found.since_s) == ("critical", "PersistentVolumeClaim", None)


def test_a_pending_claim_is_a_warning_after_5_minutes_and_names_its_class() -> None:
    assert ask({CLAIMS: [claim("Pending", 300), claim("Bound", 9000)]}) == []
    assert one({CLAIMS: [claim("Pending", 301)]}).what == "Pending, StorageClass gp3"
    assert one({CLAIMS: [claim("Pending", 301, "")]}).what == "Pending, no StorageClass"


def test_a_namespace_that_does_not_end_is_a_warning_after_5_minutes_with_what_holds_it() -> None:
    def ending(seconds: float) -> Json:
        conditions = [
            condition("NamespaceDeletionContentFailure", "False", message="All content deleted"),
            condition("NamespaceContentRemaining", "True", message="pods has 1 resource instances"),
        ]
        metadata = meta("old", deletionTimestamp=ago(seconds))
        return {"metadata": metadata, "status": {"phase": "Terminating", "conditions": conditions}}

    assert ask({NAMESPACES: [ending(300)]}) == []
    found = one({NAMESPACES: [ending(301)]})
    assert (found.severity, found.kind, found.name) == ("warning", "Namespace", "old")
    assert (found.what, found.since_s) == ("Terminating: pods has 1 resource instances", NOW_S - 301)


# -- order ----------------------------------------------------------------------------------------------------------


def test_the_worst_come_first_then_the_newest_and_what_has_no_time_last() -> None:
    found = ask(
        {
            NODES: [
                node("pressed", conditions=[condition("DiskPressure", "True", since_s=1)]),
                node("down", ready="False"),
            ],
            CLAIMS: [claim("Lost", 10)],
            PODS: [
                pod("new", on="n", since_s=5, containers=[waiting("ErrImagePull")]),
                pod("slow", phase="Pending", on="n", age_s=1000),
            ],
        }
    )
    assert [problem.name for problem in found] == ["new", "down", "data", "pressed", "slow"]
