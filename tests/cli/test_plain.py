"""The plain commands on a simulated cluster: every form of output, every choice of what is shown."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from kite_tui.demo.control import Control
from kite_tui.demo.server import DemoServer
from kite_tui.objects.kinds import CLAIMS, DEPLOYMENTS, EVENTS, NODE_METRICS, NODES, POD_METRICS, PODS, SERVICES
from tests.cli.running import Done, Run, one_sentence


def cells(text: str) -> list[list[str]]:
    return [re.split(r" {3,}", line.strip()) for line in text.splitlines() if line]


def pod(name: str, namespace: str = "shop", **spec: Any) -> dict[str, Any]:
    container = {"name": "app", "image": "i", "resources": spec.pop("resources", {})}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace, "labels": spec.pop("labels", {})},
        "spec": {"containers": [container], **spec},
        "status": {"phase": "Running"},
    }


# -- pods -----------------------------------------------------------------------------------------------------------


def test_pods_are_a_table_of_all_namespaces(run: Run) -> None:
    done = run("pods")
    assert (done.code, done.err) == (0, "")
    header, *rows = cells(done.out)
    assert header == [
        "NAMESPACE",
        "NAME",
        "READY",
        "STATUS",
        "RESTARTS",
        "CPU",
        "REQ",
        "LIM",
        "MEMORY",
        "REQ",
        "LIM",
        "NODE",
        "AGE",
    ]
    assert len(rows) == 150
    assert {len(row) for row in rows} == {len(header)}
    assert [row[0] for row in rows] == sorted(row[0] for row in rows)
    assert "\x1b" not in done.out


def test_pods_of_one_namespace_leave_its_column_out_and_of_two_name_it(run: Run) -> None:
    assert cells(run("pods", "-n", "shop").out)[0][0] == "NAME"
    both = run("pods", "-n", "shop", "-n", "ci", "-n", "shop", "-o", "json").json
    assert both["namespaces_shown"] == ["shop", "ci"]
    assert {item["namespace"] for item in both["items"]} == {"shop", "ci"}
    alone = [len(run("pods", "-n", name, "-o", "json").json["items"]) for name in ("shop", "ci")]
    assert len(both["items"]) == sum(alone)
    assert cells(run("pods", "-n", "shop", "-n", "ci").out)[0][0] == "NAMESPACE"
    assert run("pods", "-A", "-o", "json").json["namespaces_shown"] == "all"


def at_any_time(pod: dict[str, Any]) -> dict[str, Any]:
    """All that is said of a pod but its age and usage, which may be of a second later."""
    steady = {name: {**pod[name], f"usage_{unit}": None} for name, unit in (("cpu", "m"), ("memory", "b"))}
    return {**pod, **steady, "age_s": None}


def test_wide_adds_columns_and_name_and_csv_are_for_scripts(run: Run) -> None:
    assert cells(run("pods", "-o", "wide").out)[0][-5:] == ["IP", "QOS", "OWNER", "GATES", "IMAGE"]
    items = run("pods", "-o", "json").json["items"]
    assert run("pods", "-o", "name").out.splitlines() == [f"pod/{item['name']}" for item in items]
    first = items[0]
    (named,) = run("pods", f"pod/{first['name']}", "-n", first["namespace"], "-o", "json").json["items"]
    assert at_any_time(named) == at_any_time(first)
    rows = list(csv.DictReader(io.StringIO(run("pods", "-o", "csv").out)))
    assert [row["name"] for row in rows] == [item["name"] for item in items]
    assert [row["cpu.requests_m"] for row in rows] == [str(item["cpu"]["requests_m"]) for item in items]
    limits = [item["cpu"]["limits_m"] for item in items]
    assert [row["cpu.limits_m"] for row in rows] == ["" if limit is None else str(limit) for limit in limits]


def test_yaml_is_the_same_document_as_json(run: Run) -> None:
    for command in ("pods", "nodes", "overview"):
        one, other = run(command, "-o", "json").json, yaml.safe_load(run(command, "-o", "yaml").out)
        assert list(other) == list(one)
        for document in (one, other):
            del document["as_of"]
            document.pop("problems", None)
        assert {k: v for k, v in one.items() if k != "items"} == {k: v for k, v in other.items() if k != "items"}


def test_selectors_are_the_server_s(run: Run) -> None:
    everything = run("pods", "-o", "json").json["items"]
    name = everything[0]["name"]
    one = run("pods", "--field-selector", f"metadata.name={name}", "-o", "json").json["items"]
    assert [item["name"] for item in one] == [name]
    node = next(item["node"] for item in everything if item["node"])
    on_it = run("pods", "--field-selector", f"spec.nodeName={node}", "-o", "json").json["items"]
    assert len(on_it) == sum(item["node"] == node for item in everything)
    some = run("pods", "-l", "app.kubernetes.io/name", "-o", "name").out.splitlines()
    others = run("pods", "-l", "!app.kubernetes.io/name", "-o", "name").out.splitlines()
    assert len(some) + len(others) == len(everything)


def test_nothing_matches_is_no_error_and_is_said_on_stderr(run: Run) -> None:
    assert run("pods", "-l", "app=nobody") == Done("", "kite-tui: no pods match\n", 0)
    assert run("pods", "-n", "nowhere") == Done("", "kite-tui: no pods in namespace nowhere\n", 0)
    assert run("pods", "-n", "nowhere", "-o", "json").json["items"] == []
    assert run("nodes", "-l", "a=b") == Done("", "kite-tui: no nodes match\n", 0)


def test_sorting_is_by_any_column_and_back(run: Run) -> None:
    def sizes(column: str) -> list[int]:
        return [item["memory"]["requests_b"] for item in run("pods", "--sort-by", column, "-o", "json").json["items"]]

    assert sizes("memory_requests") == sorted(sizes("name"), reverse=True)
    assert sizes("-memory-requests") == sorted(sizes("name"))
    usage = [item["cpu"]["usage_m"] for item in run("pods", "--sort-by", "-cpu", "-o", "json").json["items"]]
    known = [number for number in usage if number is not None]
    assert usage == sorted(known) + [None] * (len(usage) - len(known))
    assert None in usage


def test_an_unknown_column_is_refused_before_anything_is_asked(run: Run, demo: DemoServer) -> None:
    for command in ("pods", "nodes"):
        done = run(command, "--sort-by", "colour")
        assert done.code == 2
        assert one_sentence(done).startswith("can't sort by 'colour'; columns are ")
    assert not demo.requests


def test_one_pod_is_looked_up_in_its_namespace(run: Run, demo: DemoServer, control: Control) -> None:
    control.create(PODS, pod("web"))
    found = run("pods", "web", "-n", "shop", "-o", "json").json
    assert [item["name"] for item in found["items"]] == ["web"]
    assert found["namespaces_shown"] == ["shop"]
    assert demo.requests["list", "/api/v1/pods"] == 0
    done = run("pods", "web")
    assert done.code == 1
    assert one_sentence(done) == "there is no pod 'web' in namespace 'default'; -n looks in another one"


# -- nodes ----------------------------------------------------------------------------------------------------------


def test_nodes_are_a_table_in_natural_order(run: Run) -> None:
    done = run("nodes")
    assert (done.code, done.err) == (0, "")
    header, *rows = cells(done.out)
    assert header == (
        [
            "NAME",
            "STATUS",
            "ROLES",
            "PODS",
            "CPU",
            "USE",
            "REQ",
            "LIM",
            "FREE",
            "MEMORY",
            "USE",
            "REQ",
            "LIM",
            "FREE",
            "PRESSURE",
            "VERSION",
            "AGE",
        ]
    )
    assert len(rows) == 12
    assert [row[0] for row in rows] == [item["name"] for item in run("nodes", "-o", "json").json["items"]]
    assert run("nodes", "-o", "name").out.splitlines() == [f"node/{row[0]}" for row in rows]
    assert cells(run("nodes", "-o", "wide").out)[0][-1] == "EXTENDED"
    assert len(run("nodes", "-o", "csv").out.splitlines()) == 13


def test_nodes_cost_one_list_of_nodes_and_one_of_pods_whatever_their_number(run: Run, demo: DemoServer) -> None:
    run("nodes")
    asked = {path: count for (verb, path), count in demo.requests.items() if verb == "list"}
    assert asked == {"/api/v1/nodes": 1, "/api/v1/pods": 2, "/apis/metrics.k8s.io/v1beta1/nodes": 1}


def test_namespaces_and_selectors_never_narrow_a_node_s_sums(run: Run) -> None:
    whole = {item["name"]: item for item in run("nodes", "-o", "json").json["items"]}

    def sums(of: dict[str, Any]) -> dict[str, Any]:
        return {
            name: value for name, value in of.items() if not name.startswith("usage")
        }  # that goes on with the clock

    def same(document: dict[str, Any]) -> None:
        for item in document["items"]:
            for part in ("pods", "cpu", "memory"):
                assert sums(item[part]) == sums(whole[item["name"]][part])

    same(run("nodes", "-n", "shop", "-o", "json").json)
    chosen = run("nodes", "-l", "node-role.kubernetes.io/control-plane", "-o", "json").json
    assert 0 < len(chosen["items"]) < 12
    same(chosen)


def test_one_node_comes_with_its_pods(run: Run) -> None:
    name = run("nodes", "--sort-by", "pods", "-o", "name").out.splitlines()[0].removeprefix("node/")
    document = run("nodes", name, "-o", "json").json
    (item,) = document["items"]
    assert len(document["pod_items"]) == item["pods"]["holding"] + item["pods"]["finished"]
    assert {each["node"] for each in document["pod_items"]} == {name}
    above, below = run("nodes", name).out.split("\n\n")
    assert len(cells(above)) == 2
    assert len(cells(below)) == 1 + len(document["pod_items"])
    narrow = run("nodes", name, "-n", "kube-system", "-o", "json").json
    assert {each["namespace"] for each in narrow["pod_items"]} == {"kube-system"}
    assert narrow["items"][0]["pods"] == item["pods"]
    done = run("nodes", "nobody")
    assert (done.code, one_sentence(done)) == (1, "there is no node 'nobody'")


# -- overview -------------------------------------------------------------------------------------------------------


def test_the_overview_is_a_page(run: Run) -> None:
    done = run("overview")
    assert (done.code, done.err) == (0, "")
    for word in ("Nodes", "Pods", "Namespaces", "Services", "CPU", "Memory", "Wrong now", "Warnings, newest first"):
        assert f"\n{word}" in done.out
    assert run().out.splitlines()[0] == done.out.splitlines()[0]  # no command, no terminal


def test_an_overview_of_a_namespace_says_so(run: Run) -> None:
    done = run("overview", "-n", "shop")
    assert done.out.splitlines()[0].startswith("demo · shop · ")
    assert "of the namespaces shown only" in done.out
    document = run("overview", "-n", "shop", "-o", "json").json
    assert document["namespaces_shown"] == ["shop"]
    assert document["pods"]["total"] == len(run("pods", "-n", "shop", "-o", "json").json["items"])
    assert {problem["namespace"] for problem in document["problems"]} <= {"shop", None}
    assert {warning["namespace"] for warning in document["warnings"]} == {"shop"}


def test_version_is_ours_and_the_server_s(run: Run) -> None:
    assert re.fullmatch(r"kite-tui \S+\nserver   v1\.35\.4 at http://127\.0\.0\.1:\d+\n", run("version").out)
    assert list(run("version", "-o", "json").json) == ["schema", "kind", "kite_tui", "server", "version"]
    done = run("version", "--token", "wrong")
    assert done.code == 1
    assert done.out.startswith("kite-tui ")
    assert "does not accept the credentials" in done.err


# -- rights ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["overview", "nodes", "pods"])
def test_who_may_nothing_gets_one_sentence_and_1(run: Run, command: str) -> None:
    done = run(command, "--token", "nobody")
    assert done.code == 1
    assert 'User "nobody" cannot list resource' in one_sentence(done)
    assert done.err.endswith("; try -n with a namespace that you may read\n") == (command != "nodes")
    assert "; try -n" not in run(command, "--token", "nobody", "-n", "shop").err


@pytest.mark.parametrize("command", ["overview", "nodes", "pods", "version"])
def test_a_wrong_token_is_said_and_nothing_is_shown_as_zero(run: Run, command: str) -> None:
    done = run(command, "--token", "expired")
    assert done.code == 1
    assert "the credentials" in done.err
    assert "Traceback" not in done.err


def test_who_may_only_list_is_served_whole(run: Run) -> None:
    assert run("pods", "--token", "no-watch", "-o", "name").out == run("pods", "-o", "name").out


def test_who_sees_one_namespace_gets_it_by_name(run: Run) -> None:
    done = run("pods", "--token", "namespaced", "-n", "shop")
    assert (done.code, done.err) == (0, "")
    document = run("overview", "--token", "namespaced", "-n", "shop", "-o", "json").json
    assert document["pods"]["state"] == "ok"
    assert (document["nodes"]["state"], document["nodes"]["total"]) == ("forbidden", None)
    assert (document["cpu"]["state"], document["cpu"]["allocatable_m"]) == ("forbidden", None)
    assert {each["resource"] for each in document["not_searched"]} == {"nodes", "namespaces"}


def test_who_sees_one_namespace_is_shown_it_as_a_part_when_it_is_a_favourite(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "config" / "kite-tui"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text('favourites = ["shop"]\n')
    done = run("pods", "--token", "namespaced", "-o", "json")
    assert done.json["pods"]["state"] == "partial"
    assert "pods: partial: pods are forbidden cluster-wide" in done.err
    assert {item["namespace"] for item in done.json["items"]} == {"shop"}
    done = run("pods", "--token", "namespaced", "-A")
    assert (done.code, done.out) == (1, "")


def test_a_part_of_the_overview_that_is_forbidden_is_said_and_the_rest_is_there(run: Run, control: Control) -> None:
    for kind in (SERVICES, EVENTS, DEPLOYMENTS, CLAIMS):
        control.deny("demo", "list", kind)
    done = run("overview", "-o", "json")
    assert done.code == 0
    assert done.json["services"]["state"] == "forbidden"
    assert done.json["services"]["total"] is None
    assert done.json["pods"]["total"] == 150
    named = {each["resource"] for each in done.json["not_searched"]}
    assert named == {"deployments.apps", "persistentvolumeclaims", "events"}
    assert [line.split(": ")[1:3] for line in done.err.splitlines()] == [
        ["services", "forbidden"],
        ["persistentvolumeclaims", "forbidden"],
        ["deployments.apps", "forbidden"],
        ["events", "forbidden"],
    ]
    page = run("overview").out
    assert re.search(r"^Services +forbidden$", page, re.M)
    assert page.endswith("Warnings, newest first\nforbidden\n")


def test_without_the_right_to_pods_nodes_show_what_they_have(run: Run, control: Control) -> None:
    control.deny("demo", "list", PODS)
    done = run("nodes", "-o", "json")
    assert done.code == 0
    assert done.json["pods"]["state"] == "forbidden"
    for item in done.json["items"]:
        assert item["pods"]["state"] == "forbidden"
        assert (item["pods"]["holding"], item["cpu"]["requests_m"], item["memory"]["limits_b"]) == (None, None, None)
        assert item["cpu"]["allocatable_m"] > 0
    assert "pods: forbidden: " in done.err
    rows = cells(run("nodes").out)
    assert "0%" not in {cell for row in rows for cell in row}
    assert {row.count("forbidden") for row in rows[1:]} == {4}


def test_metrics_that_are_not_there_are_said_once_and_never_zero(run: Run, control: Control) -> None:
    for kind in (NODE_METRICS, POD_METRICS):
        control.fail(kind.path(), 404, times=2)
    name = run("nodes", "-o", "name").out.splitlines()[0].removeprefix("node/")
    done = run("nodes", name, "-o", "json")
    assert done.err == "kite-tui: no metrics: metrics API not installed\n"
    assert done.json["metrics"]["state"] == "absent"
    assert done.json["items"][0]["cpu"]["usage_m"] is None
    control.deny("demo", "list", POD_METRICS)
    done = run("pods")
    assert done.code == 0
    assert done.err.startswith("kite-tui: no metrics: ")


# -- odd and hostile objects ----------------------------------------------------------------------------------------


def test_malformed_objects_are_unknown_in_their_row_and_change_nobody_else(run: Run, control: Control) -> None:
    def steady(item: Any) -> Any:  # usage goes on with the clock
        memory = {name: amount for name, amount in item["memory"].items() if name != "usage_b"}
        return item["pods"], memory, item["cpu"]["requests_m"]

    before = run("overview", "-o", "json").json
    nodes = {item["name"]: item for item in run("nodes", "-o", "json").json["items"]}
    name = next(iter(nodes))
    control.create(PODS, pod("odd", resources={"requests": {"cpu": "abc", "memory": None}}, nodeName=name))
    control.create(PODS, {"metadata": {"name": "bare", "namespace": "shop"}, "spec": None, "status": None})
    control.create(NODES, {"metadata": {"name": "odd"}, "status": {"allocatable": {"cpu": "x"}, "conditions": None}})
    after = run("overview", "-o", "json").json
    for part in ("cpu", "memory"):
        unchanged = {k: v for k, v in before[part].items() if k not in ("reason", "usage_m", "usage_b")}
        assert {k: after[part][k] for k in unchanged} == unchanged
    assert "1 pod has an amount that can't be read" in after["cpu"]["reason"]
    (row,) = (row for row in cells(run("nodes").out) if row[0] == name)
    assert sum(cell.endswith("?") for cell in row) == 6
    assert (after["nodes"]["unknown"], after["pods"]["unknown"]) == (1, 1)
    done = run("nodes", "-o", "json")
    assert "an amount that can't be read" in done.err
    for item in done.json["items"]:
        if item["name"] == "odd":
            assert (item["cpu"]["allocatable_m"], item["cpu"]["requests_m"], item["status"]) == (None, 0, "Unknown")
        elif item["name"] != name:
            assert steady(item) == steady(nodes[item["name"]])
        else:
            assert item["cpu"]["requests_m"] == nodes[name]["cpu"]["requests_m"]
    items = {item["name"]: item for item in run("pods", "-n", "shop", "-o", "json").json["items"]}
    assert items["odd"]["cpu"]["requests_m"] is None
    assert (items["bare"]["phase"], items["bare"]["cpu"]["requests_m"]) == (None, 0)
    rows = {row[0]: row for row in cells(run("pods", "-n", "shop").out)}
    assert rows["odd"][5] == "-"


def test_what_a_cluster_says_can_not_act_on_the_terminal(run: Run, control: Control) -> None:
    event = {
        "metadata": {"name": "e", "namespace": "shop"},
        "type": "Warning",
        "reason": "\x1b[31mR",
        "message": "\x9b2J\u202egnp\nnext\x7f",
        "lastTimestamp": "2099-01-01T00:00:00Z",
        "involvedObject": {"kind": "Pod", "namespace": "shop", "name": "[@click=app.exit]x\x07"},
    }
    control.create(EVENTS, event)
    page = run("overview").out
    document = run("overview", "-o", "json")
    control.create(PODS, pod("p") | {"status": {"phase": "Failed", "reason": "\x1b[2J\u202ex\x9b", "podIP": "=1+1"}})
    others = [run("overview", "-o", "yaml").out, *(run("pods", "-o", form).out for form in ("csv", "yaml", "json"))]
    for text in (page, document.out, *others):
        assert not set(text) & set("\x1b\x9b\x07\x7f\u202e")
    assert "␛[31mR" in page
    assert document.json["warnings"][0]["message"] == event["message"]


def test_names_of_two_cells_are_aligned(run: Run, control: Control) -> None:
    control.create(PODS, pod("zz-\u6771\u4eac"))
    lines = run("pods", "-n", "shop").out.splitlines()
    (wide,) = [line for line in lines if line.startswith("zz-")]
    assert lines[0].index("READY") == wide.index("0/1") + 2
