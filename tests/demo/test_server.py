"""What only the simulation has: built-in users, metrics, faults that a test orders. The API's own behaviour, the same
as a real server's, is in tests/conformance/test_api_behaviour.py."""

from __future__ import annotations

import contextlib
import gzip
import threading
import time
from collections.abc import Callable

import pytest
import urllib3

from kite_tui.demo.cluster import Cluster
from kite_tui.demo.resources import SECRETS
from kite_tui.objects.kinds import NAMESPACES, PODS
from tests.demo.conftest import Served, pod


def wait_until(true: Callable[[], bool], limit_s: float = 5.0) -> None:
    deadline = time.monotonic() + limit_s
    pause = threading.Event()
    while not true():
        assert time.monotonic() < deadline, "it never became true"
        pause.wait(0.01)


@pytest.mark.parametrize(
    ("user", "path", "status"),
    [
        ("demo", "/api/v1/secrets", 200),
        ("no-secrets", "/api/v1/secrets", 403),
        ("no-secrets", "/api/v1/pods?limit=1", 200),
        ("nobody", "/api/v1/pods", 403),
        ("nobody", "/apis", 200),
        ("namespaced", "/api/v1/namespaces/shop/pods?limit=1", 200),
        ("namespaced", "/api/v1/pods", 403),
        ("namespaced", "/api/v1/namespaces/data/pods", 403),
        ("namespaced", "/api/v1/namespaces", 403),
        ("namespaced", "/api/v1/nodes", 403),
        ("no-watch", "/api/v1/pods?limit=1", 200),
        ("no-watch", "/api/v1/pods?watch=1", 403),
        ("", "/api/v1/pods", 403),
        ("", "/version", 200),
        ("", "/readyz", 200),
        ("", "/api", 403),
        ("stranger", "/version", 401),
    ],
)
def test_every_built_in_user_may_what_its_name_says(generated: Served, user: str, path: str, status: int) -> None:
    assert generated.client(user).request("GET", path).status == status


def test_reviews_tell_what_the_rules_say(generated: Served) -> None:
    def allowed(user: str, **attributes: str) -> bool:
        path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
        body = {"spec": {"resourceAttributes": attributes}}
        answer = generated.client(user).request("POST", path, body)
        assert answer.status == 201
        return bool(answer.json()["status"]["allowed"])

    assert allowed("demo", verb="list", resource="pods")
    assert not allowed("demo", verb="delete", resource="pods")
    assert allowed("namespaced", verb="list", resource="deployments", group="apps", namespace="shop")
    assert not allowed("namespaced", verb="list", resource="pods")
    assert not allowed("no-watch", verb="watch", resource="pods")
    path = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews"
    rules = generated.client("no-secrets").request("POST", path, {"spec": {"namespace": "shop"}}).json()["status"]
    resources = {resource for rule in rules["resourceRules"] for resource in rule["resources"]}
    assert "pods" in resources
    assert "secrets" not in resources


def test_usage_stays_below_capacity_and_moves(generated: Served, cluster: Cluster) -> None:
    from kite_tui.demo.metrics import pod_usage

    answer = generated.client().get("/apis/metrics.k8s.io/v1beta1/nodes")
    assert answer["kind"] == "NodeMetricsList"
    usage = {item["metadata"]["name"]: item["usage"] for item in answer["items"]}
    ready = {node.name for node in cluster.nodes.values() if node.fault != "not ready"}
    assert set(usage) == ready
    for name, used in usage.items():
        node = cluster.nodes[name]
        assert 0 < int(used["cpu"].removesuffix("n")) <= node.cores * 10**9
        assert 0 < int(used["memory"].removesuffix("Ki")) * 1024 <= node.memory_b
    one = next(pod for group in cluster.groups for pod in group.pods.values() if pod.phase == "Running")
    assert list(pod_usage(one, 0)) == list(pod_usage(one, 0))
    assert list(pod_usage(one, 0)) != list(pod_usage(one, 300))


def test_pod_metrics_name_the_containers_that_run(generated: Served) -> None:
    client = generated.client()
    items = client.get("/apis/metrics.k8s.io/v1beta1/namespaces/shop/pods")["items"]
    names = {container["name"] for item in items for container in item["containers"]}
    assert {item["metadata"]["namespace"] for item in items} == {"shop"}
    assert {"storefront", "istio-proxy"} <= names
    one = client.get(f"/apis/metrics.k8s.io/v1beta1/namespaces/shop/pods/{items[0]['metadata']['name']}")
    assert one["kind"] == "PodMetrics"
    labelled = client.get("/apis/metrics.k8s.io/v1beta1/pods?labelSelector=app%3Dcart")["items"]
    assert {item["metadata"]["labels"]["app"] for item in labelled} == {"cart"}
    assert client.request("GET", "/apis/metrics.k8s.io/v1beta1/pods?watch=1").status == 405


def test_a_server_without_metrics_does_not_serve_them(served: Served) -> None:
    client = served.client()
    assert client.request("GET", "/apis/metrics.k8s.io/v1beta1/nodes").status == 404
    assert "metrics.k8s.io" not in {group["name"] for group in client.get("/apis")["groups"]}


def test_large_answers_are_compressed_where_the_client_takes_it(generated: Served) -> None:
    def answer(path: str, encoding: str) -> urllib3.BaseHTTPResponse:
        headers = {"Authorization": "Bearer demo", "Accept-Encoding": encoding}
        return urllib3.request("GET", generated.server.url + path, headers=headers, decode_content=False, retries=False)

    large = answer("/api/v1/pods", "gzip")
    assert large.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(large.data) == answer("/api/v1/pods", "identity").data
    assert "Content-Encoding" not in answer("/api/v1/pods?limit=3", "gzip").headers


def test_nothing_can_be_written_over_http(generated: Served) -> None:
    client = generated.client()
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        assert client.request(method, "/api/v1/namespaces/shop/pods", {"metadata": {"name": "x"}}).status == 405


def test_a_denied_right_is_gone_until_it_is_permitted_again(served: Served) -> None:
    client = served.client()
    served.control.deny("demo", "list", PODS)
    assert client.request("GET", "/api/v1/pods").status == 403
    assert client.request("GET", "/api/v1/nodes").status == 200
    served.control.permit("demo", "list", PODS)
    assert client.request("GET", "/api/v1/pods").status == 200
    served.control.revoke("demo")
    assert client.request("GET", "/api/v1/pods").status == 401


def test_an_ordered_failure_is_answered_as_often_as_asked_for(served: Served) -> None:
    client = served.client()
    served.control.fail("/api/v1/pods", 429, verb="list", retry_after_s=2, times=2)
    answers = [client.request("GET", "/api/v1/pods") for _ in range(3)]
    assert [answer.status for answer in answers] == [429, 429, 200]
    assert answers[0].headers["Retry-After"] == "2"


def test_requests_are_counted_by_verb_and_path(served: Served) -> None:
    client = served.client()
    client.get("/api/v1/pods?limit=5")
    client.get("/api/v1/namespaces/a/pods")
    client.request("GET", "/api/v1/namespaces/a/pods/b")
    assert served.control.requests("list") == 2
    assert served.control.requests("list", "/api/v1/namespaces/a/pods") == 1
    assert served.control.requests("get") == 1
    assert served.control.requests("watch") == 0


def test_watches_are_known_while_they_are_open_and_forgotten_when_the_client_leaves(served: Served) -> None:
    served.control.create(NAMESPACES, {"metadata": {"name": "a"}})
    lines = served.client().watch_lines("/api/v1/namespaces?watch=1")
    next(lines)
    assert served.control.open_watches(NAMESPACES) == 1
    lines.close()  # type: ignore[attr-defined]
    wait_until(lambda: served.control.open_watches(NAMESPACES) == 0)


def test_a_dropped_watch_ends_cleanly_or_inside_a_line(served: Served) -> None:
    served.control.create(PODS, pod("a"))
    for in_line in (False, True):
        lines = served.client().watch_lines("/api/v1/pods?watch=1")
        next(lines)
        served.control.drop_watches(in_line=in_line)
        if in_line:
            with pytest.raises(urllib3.exceptions.HTTPError):
                list(lines)
        else:
            assert list(lines) == []


def test_a_hidden_change_is_seen_by_lists_only(served: Served) -> None:
    revision = served.control.create(PODS, pod("a"))
    served.control.create(PODS, pod("b"), hidden=True)
    served.control.create(PODS, pod("c"))
    client = served.client()
    lines = client.watch_lines(f"/api/v1/pods?watch=1&timeoutSeconds=1&resourceVersion={revision}")
    assert [line["object"]["metadata"]["name"] for line in lines] == ["c"]
    assert len(client.get("/api/v1/pods")["items"]) == 3


def test_a_silent_server_sends_nothing_until_it_speaks_again(served: Served) -> None:
    served.control.create(PODS, pod("a"))
    client = served.client()
    served.control.silence()
    with pytest.raises(urllib3.exceptions.HTTPError):
        client.request("GET", "/api/v1/pods", timeout_s=0.2)
    served.control.speak()
    assert client.request("GET", "/api/v1/pods").status == 200


def test_stopping_ends_open_watches_at_once(served: Served) -> None:
    served.control.create(PODS, pod("a"))
    lines = served.client().watch_lines("/api/v1/pods?watch=1")
    next(lines)
    began = time.monotonic()
    served.server.stop()
    with contextlib.suppress(urllib3.exceptions.HTTPError):
        list(lines)
    assert time.monotonic() - began < 2


def test_a_secrets_value_is_not_in_its_metadata(generated: Served) -> None:
    accept = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
    client = generated.client()
    answer = client.request("GET", SECRETS.path(), accept=accept)
    assert answer.json()["items"]
    assert b"password" not in answer.body
    assert b"password" in client.request("GET", SECRETS.path()).body
