"""`related` on a simulated cluster: every form of output, who may see what, and what is said where something is not."""

from __future__ import annotations

import re
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from kite_tui.demo.answers import Answer
from kite_tui.demo.control import Control
from kite_tui.demo.resources import (
    CONFIG_MAPS,
    ENDPOINT_SLICES,
    INGRESSES,
    REPLICASETS,
    SECRETS,
    SERVICE_ACCOUNTS,
    STORAGE_CLASSES,
)
from kite_tui.demo.server import DemoServer
from kite_tui.demo.world import World
from kite_tui.objects.kinds import DEPLOYMENTS, EVENTS, NAMESPACES, NODES, PODS, SERVICES, Kind
from tests.cli.running import Run, finished, one_sentence, started
from tests.hostile import HARMFUL, STRINGS

Json = dict[str, Any]
LABELS = {"app": "web"}
TEMPLATE: Json = {
    "metadata": {"labels": LABELS},
    "spec": {
        "containers": [{"name": "app", "envFrom": [{"configMapRef": {"name": "settings"}}]}],
        "volumes": [{"name": "keys", "secret": {"secretName": "gone"}}],
    },
}


def meta(name: str, namespace: str = "shop", **more: Any) -> Json:
    return {"name": name, "namespace": namespace, "uid": f"uid-{name}", **more}


def owner(kind: Kind[Any], name: str) -> Json:
    return {
        "apiVersion": kind.api_version,
        "kind": kind.kind,
        "name": name,
        "uid": f"uid-{name}",
        "controller": True,
    }


OBJECTS: tuple[tuple[Kind[Any], Json], ...] = (
    (NAMESPACES, {"metadata": {"name": "shop", "uid": "uid-shop"}, "status": {"phase": "Active"}}),
    (NODES, {"metadata": {"name": "n1", "uid": "uid-n1"}}),
    (CONFIG_MAPS, {"metadata": meta("settings")}),
    (
        DEPLOYMENTS,
        {
            "metadata": meta("web"),
            "spec": {"replicas": 1, "template": TEMPLATE},
            "status": {"availableReplicas": 1},
        },
    ),
    (REPLICASETS, {"metadata": meta("web-1", ownerReferences=[owner(DEPLOYMENTS, "web")]), "spec": {"replicas": 0}}),
    (
        PODS,
        {
            "metadata": meta("web-1-a", labels=LABELS, ownerReferences=[owner(REPLICASETS, "web-1")]),
            "spec": {**TEMPLATE["spec"], "nodeName": "n1"},
            "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]},
        },
    ),
    (SERVICES, {"metadata": meta("web"), "spec": {"selector": LABELS}}),
    (INGRESSES, {"metadata": meta("shop"), "spec": {"defaultBackend": {"service": {"name": "web"}}}}),
    (
        EVENTS,
        {
            "metadata": meta("web-1-a.1"),
            "involvedObject": {"kind": "Pod", "namespace": "shop", "name": "web-1-a", "uid": "uid-web-1-a"},
            "reason": "Pulled",
            "type": "Normal",
        },
    ),
)


KINDS = (*(kind for kind, _ in OBJECTS), SECRETS, SERVICE_ACCOUNTS, STORAGE_CLASSES, ENDPOINT_SLICES)


@pytest.fixture
def demo() -> Iterator[DemoServer]:
    """A cluster of a few objects."""
    with DemoServer(World(kinds=KINDS)) as server:
        control = Control(server)
        for kind, manifest in OBJECTS:
            control.create(kind, manifest)
        yield server


# -- forms ----------------------------------------------------------------------------------------------------------


def columns(text: str) -> list[list[str]]:
    return [re.split(r" {3,}(?=[^ ├└│])", line.rstrip()) for line in text.splitlines()]


def test_a_table_is_a_tree_with_reasons_and_how_each_is(run: Run) -> None:
    done = run("related", "deployment/web", "-n", "shop")
    assert (done.code, done.err) == (0, "")
    assert columns(done.out) == [
        ["Deployment shop/web", "1/1 ready"],
        ["├─ owns"],
        ["│  └─ ReplicaSet web-1", "owner", "scaled to 0"],
        ["│     └─ Pod web-1-a", "owner", "Running"],
        ["├─ uses"],
        ["│  ├─ ConfigMap settings", "envFrom"],
        ["│  ├─ Secret gone", "volume keys", "missing"],
        ["│  └─ ServiceAccount default", "serviceAccountName", "missing"],
        ["└─ used by"],
        ["   └─ Service web", "selector app=web", "1 of 1 ready"],
        ["      └─ Ingress shop", "default backend"],
    ]


@pytest.mark.parametrize("words", [["deploy", "web"], ["deployments.apps/web"], ["Deployment.v1.apps", "web"]])
def test_a_kind_is_named_as_kubectl_takes_it(run: Run, words: list[str]) -> None:
    assert run("related", *words, "-n", "shop").out == run("related", "deployment/web", "-n", "shop").out


def test_directions_and_depth_narrow_what_is_shown(run: Run) -> None:
    assert columns(run("related", "cm/settings", "-n", "shop", "--direction", "used-by", "--depth", "1").out) == [
        ["ConfigMap shop/settings"],
        ["└─ used by"],
        ["   ├─ Deployment web", "envFrom", "1/1 ready"],
        ["   └─ Pod web-1-a", "envFrom", "Running"],
    ]
    further = run("related", "ingress/shop", "-n", "shop", "--depth", "2", "-o", "name").out.splitlines()
    assert further == ["service/web", "deployment.apps/web", "pod/web-1-a"]


def test_what_hangs_together_with_nothing_says_so(run: Run, control: Control) -> None:
    control.create(CONFIG_MAPS, {"metadata": meta("alone")})
    assert run("related", "cm/alone", "-n", "shop").out == "ConfigMap shop/alone\n└─ nothing that kite-tui knows of\n"
    assert run("related", "cm/alone", "-n", "shop", "-o", "name").out == ""


def test_objects_of_another_namespace_are_named_with_it_and_those_of_the_cluster_without(run: Run) -> None:
    lines = run("related", "node/n1").out.splitlines()
    assert lines[0].startswith("Node n1 ")
    assert "   └─ Pod shop/web-1-a" in lines[2]
    assert "Node n1 " in run("related", "pod/web-1-a", "-n", "shop").out


def test_events_about_it_are_told_normal_ones_too(run: Run) -> None:
    assert columns(run("related", "pod/web-1-a", "-n", "shop").out)[-2:] == [
        ["└─ events"],
        ["   └─ Event web-1-a.1", "Pulled"],
    ]
    found = run("related", "event/web-1-a.1", "-n", "shop", "-o", "json").json
    assert [(edge["to"]["name"], edge["reasons"]) for edge in found["edges"]] == [("web-1-a", ["involvedObject"])]


def test_json_and_yaml_are_the_same_document(run: Run) -> None:
    document = run("related", "deployment/web", "-n", "shop", "-o", "json").json
    assert list(document)[:2] == ["schema", "kind"]
    assert (document["schema"], document["kind"], document["context"]) == (1, "Related", "demo")
    assert (document["object"]["kind"], document["object"]["uid"]) == ("Deployment", "uid-web")
    assert (document["complete"], document["not_searched"]) == (True, [])
    edges = [(e["direction"], e["depth"], e["from"]["name"], e["to"]["name"], e["state"]) for e in document["edges"]]
    assert edges == [
        ("owned", 1, "web-1", "web", "found"),
        ("owned", 2, "web-1-a", "web-1", "found"),
        ("uses", 1, "web", "settings", "found"),
        ("uses", 1, "web", "gone", "missing"),
        ("uses", 1, "web", "default", "missing"),
        ("used-by", 1, "web", "web", "found"),
        ("used-by", 2, "shop", "web", "found"),
    ]
    other = yaml.safe_load(run("related", "deployment/web", "-n", "shop", "-o", "yaml").out)
    assert list(other) == list(document)
    for each in (document, other):
        del each["as_of"]
    assert other == document


def test_names_are_kubectl_s_each_once(run: Run) -> None:
    assert run("related", "deployment/web", "-n", "shop", "-o", "name").out.splitlines() == [
        "replicaset.apps/web-1",
        "pod/web-1-a",
        "configmap/settings",
        "secret/gone",
        "serviceaccount/default",
        "service/web",
        "ingress.networking.k8s.io/shop",
    ]


def test_drawings_have_every_object_and_every_edge_once(run: Run) -> None:
    dot = run("related", "deployment/web", "-n", "shop", "-o", "dot").out
    mermaid = run("related", "deployment/web", "-n", "shop", "-o", "mermaid").out
    assert (dot.count(" -> "), mermaid.count(" -->")) == (7, 7)
    assert dot.startswith("digraph related {\n")
    assert mermaid.startswith("flowchart LR\n")


def test_what_a_cluster_says_can_not_act_on_the_terminal(run: Run, control: Control) -> None:
    for at, text in enumerate(STRINGS):
        env = [{"name": text, "valueFrom": {"configMapKeyRef": {"name": "settings"}}}]
        spec = {"containers": [{"name": "a", "env": env}]}
        control.create(PODS, {"metadata": meta(f"p{at}{text}"[:200], labels={text: text}), "spec": spec})
    for form, lines in (("table", 5 + len(STRINGS)), ("name", 3 + len(STRINGS))):
        done = run("related", "cm/settings", "-n", "shop", "-o", form)
        assert done.code == 0
        assert len(done.out.split("\n")) == lines + 1
        assert not HARMFUL.findall(done.out)


# -- what can not be had --------------------------------------------------------------------------------------------


def test_what_is_not_there_is_said_and_exits_1(run: Run) -> None:
    done = run("related", "deployment/nobody", "-n", "shop")
    assert done.code == 1
    assert one_sentence(done) == "there is no deployment 'nobody' in namespace 'shop'; -n looks in another one"
    assert one_sentence(run("related", "deployment/web")) == (
        "there is no deployment 'web' in namespace 'default'; -n looks in another one"
    )
    assert one_sentence(run("related", "node/n2")) == "there is no node 'n2'"


def test_a_kind_that_nobody_serves_is_said_and_exits_1(run: Run) -> None:
    done = run("related", "widget/w", "-n", "shop")
    assert done.code == 1
    assert one_sentence(done).startswith("the server has no kind 'widget'; kubectl api-resources")
    assert run("related", "\x1b[2J/w").err.count("\x1b") == 0


def test_what_may_not_be_listed_is_said_once_and_the_rest_is_there(run: Run) -> None:
    done = run("related", "deployment/web", "-n", "shop", "--token", "no-secrets")
    assert done.code == 0
    assert done.err.startswith("kite-tui: not searched: secrets (forbidden): ")
    assert len(done.err.splitlines()) == 1
    assert ["│  ├─ Secret gone", "volume keys", "not known"] in columns(done.out)
    document = run("related", "deployment/web", "-n", "shop", "--token", "no-secrets", "-o", "json").json
    assert [(each["resource"], each["state"]) for each in document["not_searched"]] == [("secrets", "forbidden")]
    assert document["complete"] is False


def test_a_group_whose_server_is_down_is_said_and_costs_itself(run: Run, control: Control) -> None:
    control.break_group(STORAGE_CLASSES.group)
    done = run("related", "deployment/web", "-n", "shop")
    assert done.code == 0
    assert done.err.startswith(f"kite-tui: not searched: {STORAGE_CLASSES.group} (failed)")
    assert "Service web" in done.out


def test_who_sees_one_namespace_sees_what_hangs_together_in_it(run: Run) -> None:
    done = run("related", "deployment/web", "-n", "shop", "--token", "namespaced")
    assert done.code == 0
    whole = run("related", "deployment/web", "-n", "shop")
    assert [row[0] for row in columns(done.out)] == [row[0] for row in columns(whole.out)]
    assert "nodes" in done.err
    assert "Secret gone" in done.out
    assert "missing" not in done.out, "it is known of one namespace only"


def test_who_may_nothing_gets_one_sentence_and_1(run: Run) -> None:
    done = run("related", "deployment/web", "-n", "shop", "--token", "nobody")
    assert done.code == 1
    assert 'User "nobody" cannot get resource "deployments"' in done.err
    assert "Traceback" not in done.err
    assert done.out == ""
    refused = run("related", "deployment/web", "-n", "shop", "--token", "expired")
    assert refused.code == 1
    assert "credentials" in one_sentence(refused)


def test_an_object_that_may_be_got_but_not_listed_is_in_the_middle_all_the_same(run: Run, control: Control) -> None:
    control.deny("demo", "list", DEPLOYMENTS)
    done = run("related", "deployment/web", "-n", "shop")
    assert done.code == 0
    assert done.err.startswith("kite-tui: not searched: deployments.apps (forbidden)")
    assert columns(done.out)[0] == ["Deployment shop/web", "1/1 ready"]
    assert {"│  └─ ReplicaSet web-1", "   └─ Service web", "│  ├─ ConfigMap settings"} <= {
        row[0] for row in columns(done.out)
    }


def test_an_object_that_may_be_listed_but_not_got_is_there_too(run: Run, control: Control) -> None:
    control.deny("demo", "get", DEPLOYMENTS)
    done = run("related", "deployment/web", "-n", "shop")
    assert (done.code, done.err) == (0, "")
    assert "Service web" in done.out


def test_objects_that_cannot_be_read_are_counted(run: Run, demo: DemoServer) -> None:
    def odd(verb: str, path: str, query: object) -> Answer | None:
        if verb == "list" and path == "/api/v1/secrets":
            return Answer(200, b'{"metadata": {}, "items": [{"metadata": {}}, 7]}')
        return None

    demo.intercept = odd
    done = run("related", "deployment/web", "-n", "shop")
    assert (done.code, done.err) == (0, "kite-tui: 2 object(s) can't be read and are left out\n")


def test_every_kind_is_listed_once_and_nothing_but_read(run: Run, demo: DemoServer) -> None:
    run("related", "deployment/web", "-n", "shop")
    lists = {path: count for (verb, path), count in demo.requests.items() if verb == "list"}
    assert set(lists.values()) == {1}
    assert ENDPOINT_SLICES.path() in lists
    assert EVENTS.path() not in lists, "events are asked for by the object"
    assert {verb for verb, _ in demo.requests} <= {"get", "list"}
    assert demo.requests["get", SECRETS.path("shop", "gone")] == 0


# -- the end --------------------------------------------------------------------------------------------------------


def test_ctrl_c_while_lists_are_slow_ends_at_once(demo: DemoServer, kubeconfig: Path) -> None:
    reached, over = threading.Semaphore(0), threading.Event()

    def slow(verb: str, path: str, query: object) -> Answer | None:
        if verb == "list":
            reached.release()
            over.wait(20)
        return None

    demo.intercept = slow
    process = started("related", "deployment/web", "-n", "shop", "--kubeconfig", str(kubeconfig))
    try:
        assert reached.acquire(timeout=20)
        began_s = time.monotonic()
        process.send_signal(signal.SIGINT)
        done = finished(process)
    finally:
        over.set()
    assert time.monotonic() - began_s < 5
    assert (done.out, done.err, done.code) == ("", "", 130)
