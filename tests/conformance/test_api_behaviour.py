"""What an API server does, asked of the simulated one always and of a real one where it is there.

A rule that kite-tui relies on, and that the simulation therefore has to keep, is a test here.
"""

from __future__ import annotations

import base64
import json
import threading
from typing import Any

import pytest

from tests.conformance.client import ApiFailure
from tests.conformance.subjects import DISCOVERY, LIST, OBJECT, TABLE, Subject, fill, names, pod, pods, told, version


def shape(value: Any) -> Any:
    """A Status without what differs between two servers: user and namespace names, and versions."""
    if isinstance(value, dict):
        return {key: shape(one) for key, one in value.items() if key not in ("message", "name")}
    return value


# Lists


def test_a_list_names_its_kind_and_version_but_its_items_do_not(subject: Subject) -> None:
    fill(subject, 1)
    listing = subject.client().get(pods(subject))
    assert (listing["kind"], listing["apiVersion"]) == ("PodList", "v1")
    assert listing["metadata"]["resourceVersion"].isdecimal()
    assert "continue" not in listing["metadata"]
    assert set(listing["items"][0]) == {"metadata", "spec", "status"}


def test_pages_are_of_one_resource_version_whatever_happens_between_them(subject: Subject) -> None:
    expected = fill(subject)
    client = subject.client()
    page = client.get(pods(subject, "limit=2"))
    first = page["metadata"]
    assert first["remainingItemCount"] == 3
    found = names(page)
    subject.create(pod(subject, "p00-new"))
    subject.create(pod(subject, "p9-new"))
    subject.delete("p3")
    while token := page["metadata"].get("continue"):
        page = client.get(pods(subject, f"limit=2&continue={token}"))
        assert page["metadata"]["resourceVersion"] == first["resourceVersion"]
        found += names(page)
    assert "remainingItemCount" not in page["metadata"]
    assert found == expected
    assert names(client.get(pods(subject))) == ["p0", "p00-new", "p1", "p2", "p4", "p9-new"]


def test_the_page_size_may_change_between_pages(subject: Subject) -> None:
    expected = fill(subject)
    client = subject.client()
    page = client.get(pods(subject, "limit=1"))
    rest = client.get(pods(subject, f"limit=500&continue={page['metadata']['continue']}"))
    assert names(page) + names(rest) == expected
    assert "continue" not in rest["metadata"]


def test_a_page_under_a_selector_does_not_say_how_many_remain(subject: Subject) -> None:
    fill(subject)
    client = subject.client()
    page = client.get(pods(subject, "limit=1&labelSelector=app%3Ddb"))
    assert names(page) == ["p0"]
    assert "remainingItemCount" not in page["metadata"]
    token = page["metadata"]["continue"]
    rest = client.get(pods(subject, f"limit=5&labelSelector=app%3Ddb&continue={token}"))
    assert names(rest) == ["p2", "p4"]
    assert "continue" not in rest["metadata"]


def test_a_list_at_resource_version_0_ignores_the_limit(subject: Subject) -> None:
    fill(subject)
    listing = subject.client().get(pods(subject, "limit=2&resourceVersion=0"))
    assert len(listing["items"]) == 5
    assert "continue" not in listing["metadata"]


def test_a_namespace_that_is_not_there_has_an_empty_list(subject: Subject) -> None:
    listing = subject.client().get("/api/v1/namespaces/nowhere/pods")
    assert listing["items"] == []


@pytest.mark.parametrize(
    "query",
    [
        "limit=abc",
        "timeoutSeconds=abc",
        "continue=bogus",
        "resourceVersion=abc",
        "labelSelector=app%3D%3D%3Ddb",
        "labelSelector=app%20in%20web",
        "fieldSelector=foo%3Dbar",
        "fieldSelector=foo",
    ],
)
def test_a_malformed_parameter_is_a_bad_request(subject: Subject, query: str) -> None:
    answer = subject.client().request("GET", pods(subject, query))
    assert answer.status == 400
    assert shape(answer.json()) == {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "reason": "BadRequest",
        "code": 400,
    }


def test_a_continue_token_and_a_resource_version_exclude_each_other(subject: Subject) -> None:
    fill(subject)
    client = subject.client()
    token = client.get(pods(subject, "limit=2"))["metadata"]["continue"]
    answer = client.request("GET", pods(subject, f"limit=2&resourceVersion=5&continue={token}"))
    assert (answer.status, answer.json()["message"]) == (
        400,
        "specifying resource version is not allowed when using continue",
    )


def test_a_match_without_a_resource_version_is_invalid(subject: Subject) -> None:
    answer = subject.client().request("GET", pods(subject, "resourceVersionMatch=Exact"))
    assert (answer.status, answer.json()["reason"]) == (422, "Invalid")


def test_a_list_from_the_future_is_a_timeout_with_a_cause_and_a_time_to_wait(subject: Subject) -> None:
    answer = subject.client().request("GET", pods(subject, "resourceVersion=999999999"))
    assert answer.status == 504
    assert answer.headers["Retry-After"] == "1"
    assert answer.json()["details"]["causes"][0]["reason"] == "ResourceVersionTooLarge"


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ("app=web", ["p1", "p3"]),
        ("app!=web", ["p0", "p2", "p4", "plain"]),
        ("app", ["p0", "p1", "p2", "p3", "p4"]),
        ("!app", ["plain"]),
        ("app in (web,x)", ["p1", "p3"]),
        ("app notin (web)", ["p0", "p2", "p4", "plain"]),
        ("app,app!=db", ["p1", "p3"]),
        ("size>5", ["plain"]),
        ("size<5", []),
    ],
)
def test_label_selectors_choose_as_upstream_reads_them(subject: Subject, selector: str, expected: list[str]) -> None:
    fill(subject)
    subject.create(pod(subject, "plain", size="7"))
    query = "labelSelector=" + selector.replace("=", "%3D").replace(" ", "%20").replace(">", "%3E").replace("<", "%3C")
    assert names(subject.client().get(pods(subject, query))) == expected


def test_field_selectors_choose_by_name_node_and_phase(subject: Subject) -> None:
    fill(subject, 2)
    node = f"node-{subject.namespace}"
    subject.create({"apiVersion": "v1", "kind": "Node", "metadata": {"name": node}, "spec": {}})
    subject.create(pod(subject, "bound", node=node))
    client = subject.client()

    def chosen(selector: str) -> list[str]:
        return names(client.get(pods(subject, "fieldSelector=" + selector.replace("=", "%3D"))))

    assert chosen("metadata.name=p1") == ["p1"]
    assert chosen(f"spec.nodeName={node}") == ["bound"]
    assert chosen("spec.nodeName=") == ["p0", "p1"]
    assert chosen("status.phase!=Pending") == []
    assert chosen(f"metadata.namespace={subject.namespace},metadata.name!=p0") == ["bound", "p1"]
    every_namespace = client.get(f"/api/v1/pods?fieldSelector=spec.nodeName%3D{node}")
    assert names(every_namespace) == ["bound"]
    assert names(client.get(f"/api/v1/nodes?fieldSelector=metadata.name%3D{node},spec.unschedulable%3Dfalse")) == [node]


# Forms


def test_a_get_has_kind_and_version(subject: Subject) -> None:
    fill(subject, 1)
    one = subject.client().get(f"{pods(subject)}/p0")
    assert (one["kind"], one["apiVersion"], one["metadata"]["name"]) == ("Pod", "v1", "p0")


def test_metadata_alone_comes_in_lists_gets_and_watches(subject: Subject) -> None:
    fill(subject, 2)
    client = subject.client()
    listing = client.request("GET", pods(subject, "limit=1"), accept=LIST).json()
    assert (listing["kind"], listing["apiVersion"]) == ("PartialObjectMetadataList", "meta.k8s.io/v1")
    assert listing["metadata"]["remainingItemCount"] == 1
    one = client.request("GET", f"{pods(subject)}/p0", accept=OBJECT).json()
    assert listing["items"] == [one]
    assert (one["kind"], one["apiVersion"], set(one)) == (
        "PartialObjectMetadata",
        "meta.k8s.io/v1",
        {"kind", "apiVersion", "metadata"},
    )
    lines = list(client.watch_lines(pods(subject, "watch=1&timeoutSeconds=1&resourceVersion=0"), accept=OBJECT))
    assert lines[0] == {"type": "ADDED", "object": one}


@pytest.mark.parametrize(
    ("accept", "path", "message"),
    [
        (OBJECT, "", "you requested PartialObjectMetadata, but the requested object is a list (*core.PodList)"),
        (
            LIST,
            "/p0",
            "you requested PartialObjectMetadataList, but the requested object is not a list (*core.Pod)",
        ),
    ],
)
def test_the_wrong_form_is_not_acceptable(subject: Subject, accept: str, path: str, message: str) -> None:
    fill(subject, 1)
    answer = subject.client().request("GET", pods(subject) + path, accept=accept)
    assert (answer.status, answer.json()["reason"]) == (406, "NotAcceptable")
    assert answer.json()["message"] == message


@pytest.mark.parametrize("accept", ["text/html", "application/json;as=Foo;g=meta.k8s.io;v=v1"])
def test_a_form_that_nobody_serves_is_not_acceptable(subject: Subject, accept: str) -> None:
    answer = subject.client().request("GET", pods(subject), accept=accept)
    assert (answer.status, answer.json()["reason"]) == (406, "NotAcceptable")


def test_the_first_form_that_can_be_had_is_taken(subject: Subject) -> None:
    fill(subject, 1)
    client = subject.client()
    assert client.request("GET", pods(subject), accept=f"{TABLE},application/json").json()["kind"] == "Table"
    assert client.request("GET", pods(subject), accept="*/*").json()["kind"] == "PodList"


def test_the_table_of_pods_has_the_columns_that_kubectl_prints(subject: Subject) -> None:
    fill(subject, 1)
    table = subject.client().request("GET", pods(subject), accept=TABLE).json()
    columns = [column["name"] for column in table["columnDefinitions"]]
    assert columns[:5] == ["Name", "Ready", "Status", "Restarts", "Age"]
    assert [column["priority"] for column in table["columnDefinitions"]] == [0] * 5 + [1] * 4
    assert table["rows"][0]["cells"][:4] == ["p0", "0/1", "Pending", "0"]
    assert table["rows"][0]["object"]["kind"] == "PartialObjectMetadata"


def test_the_table_of_nodes_says_ready_roles_and_version(subject: Subject) -> None:
    name = f"node-{subject.namespace}"
    labels = {"node-role.kubernetes.io/worker": "", "node-role.kubernetes.io/gpu": ""}
    status = {
        "conditions": [{"type": "Ready", "status": "True"}],
        "nodeInfo": {
            "kubeletVersion": "v1.35.4",
            **dict.fromkeys(("machineID", "systemUUID", "bootID", "kernelVersion", "osImage"), "x"),
            **dict.fromkeys(("containerRuntimeVersion", "kubeProxyVersion", "operatingSystem", "architecture"), "x"),
        },
    }
    subject.create(
        {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {"name": name, "labels": labels},
            "spec": {"unschedulable": True},
            "status": status,
        }
    )
    table = subject.client().request("GET", f"/api/v1/nodes/{name}", accept=TABLE).json()
    cells = dict(zip([c["name"] for c in table["columnDefinitions"]], table["rows"][0]["cells"], strict=True))
    assert (cells["Status"], cells["Roles"], cells["Version"]) == ("Ready,SchedulingDisabled", "gpu,worker", "v1.35.4")


# Watches


def test_a_watch_tells_what_happened_since_its_version_and_ends_in_time(subject: Subject) -> None:
    fill(subject, 2)
    client = subject.client()
    start = version(client, subject)
    subject.create(pod(subject, "new"))
    subject.relabel("p0", app="other")
    subject.delete("p1")
    lines = list(client.watch_lines(pods(subject, f"watch=1&timeoutSeconds=1&resourceVersion={start}")))
    assert told(lines) == [("ADDED", "new"), ("MODIFIED", "p0"), ("DELETED", "p1")]
    versions = [int(line["object"]["metadata"]["resourceVersion"]) for line in lines]
    assert versions == sorted(versions)
    assert versions[0] > int(start)
    assert all((line["object"]["kind"], line["object"]["apiVersion"]) == ("Pod", "v1") for line in lines)


def test_an_open_watch_tells_a_change_when_it_happens(subject: Subject) -> None:
    client = subject.client()
    lines = client.watch_lines(pods(subject, f"watch=1&timeoutSeconds=20&resourceVersion={version(client, subject)}"))
    later = threading.Thread(target=subject.create, args=(pod(subject, "late"),))
    later.start()
    assert told([next(lines)]) == [("ADDED", "late")]
    later.join()
    lines.close()  # type: ignore[attr-defined]


@pytest.mark.parametrize("query", ["", "&resourceVersion=0"])
def test_a_watch_without_a_version_begins_with_what_is_there(subject: Subject, query: str) -> None:
    fill(subject, 2)
    lines = list(subject.client().watch_lines(pods(subject, f"watch=1&timeoutSeconds=1{query}")))
    assert sorted(told(lines)) == [("ADDED", "p0"), ("ADDED", "p1")]


def test_bookmarks_come_to_those_who_ask_for_them_and_move_on(subject: Subject) -> None:
    client = subject.client()
    start = version(client, subject)
    fill(subject, 1)
    # The real one sends its first a minute later, or 2 s before the end.
    asked = client.watch_lines(
        pods(subject, f"watch=1&timeoutSeconds=6&resourceVersion={start}&allowWatchBookmarks=true")
    )
    assert told([next(asked)]) == [("ADDED", "p0")]
    elsewhere = pod(subject, f"of-{subject.namespace}")
    elsewhere["metadata"]["namespace"] = "default"  # none of this watch's, but its version moves on
    subject.create(elsewhere)
    bookmark = next(asked)
    assert bookmark["type"] == "BOOKMARK"
    assert (bookmark["object"]["kind"], bookmark["object"]["apiVersion"]) == ("Pod", "v1")
    assert int(bookmark["object"]["metadata"]["resourceVersion"]) > int(start)
    asked.close()  # type: ignore[attr-defined]
    silent = client.watch_lines(pods(subject, f"watch=1&timeoutSeconds=1&resourceVersion={start}"))
    assert told(list(silent)) == [("ADDED", "p0")]


def test_under_a_selector_objects_come_and_go_by_matching(subject: Subject) -> None:
    fill(subject, 3)
    client = subject.client()
    start = version(client, subject)
    subject.relabel("p0", app="web")
    subject.relabel("p1", app="db")
    subject.relabel("p2", app="db", more="yes")
    subject.delete("p2")
    query = f"watch=1&timeoutSeconds=1&labelSelector=app%3Ddb&resourceVersion={start}"
    lines = list(client.watch_lines(pods(subject, query)))
    assert told(lines) == [("DELETED", "p0"), ("ADDED", "p1"), ("MODIFIED", "p2"), ("DELETED", "p2")]
    gone = lines[0]["object"]["metadata"]
    assert gone["labels"] == {"app": "db"}  # as it was when it matched, at the version of the change
    assert gone["resourceVersion"] == client.get(f"{pods(subject)}/p0")["metadata"]["resourceVersion"]


def test_a_watch_of_one_name_tells_of_that_one_only(subject: Subject) -> None:
    fill(subject, 3)
    lines = subject.client().watch_lines(pods(subject, "watch=1&timeoutSeconds=1&fieldSelector=metadata.name%3Dp1"))
    assert told(list(lines)) == [("ADDED", "p1")]


def test_a_watch_from_the_future_stays_silent(subject: Subject) -> None:
    query = "watch=1&timeoutSeconds=1&resourceVersion=999999999"
    assert list(subject.client().watch_lines(pods(subject, query))) == []


def test_the_table_of_a_watch_has_columns_in_its_first_event_only(subject: Subject) -> None:
    fill(subject, 2)
    query = "watch=1&timeoutSeconds=1&resourceVersion=0"
    lines = list(subject.client().watch_lines(pods(subject, query), accept=TABLE))
    assert [line["object"]["kind"] for line in lines] == ["Table", "Table"]
    assert [bool(line["object"]["columnDefinitions"]) for line in lines] == [True, False]


def test_lost_history_is_410_for_watches_and_continue_tokens(own_subject: Subject) -> None:
    subject = own_subject
    expected = fill(subject)
    client = subject.client()
    page = client.get(pods(subject, "limit=2"))
    start, token = page["metadata"]["resourceVersion"], page["metadata"]["continue"]
    subject.create(pod(subject, "p9"))
    subject.forget()

    lines = list(client.watch_lines(pods(subject, f"watch=1&timeoutSeconds=5&resourceVersion={start}")))
    assert [line["type"] for line in lines] == ["ERROR"]
    status = lines[0]["object"]
    assert (status["kind"], status["reason"], status["code"]) == ("Status", "Expired", 410)
    assert status["message"].startswith(f"too old resource version: {start} (")

    expired = client.request("GET", pods(subject, f"limit=2&continue={token}"))
    assert (expired.status, expired.json()["reason"]) == (410, "Expired")
    assert expired.json()["message"].startswith("The provided continue parameter is too old")
    inconsistent = expired.json()["metadata"]["continue"]
    assert json.loads(base64.urlsafe_b64decode(inconsistent + "=="))["rv"] == -1
    rest = client.get(pods(subject, f"limit=500&continue={inconsistent}"))
    assert names(page) + names(rest) == [*expected, "p9"]

    exact = client.request("GET", pods(subject, f"limit=2&resourceVersion={start}&resourceVersionMatch=Exact"))
    assert (exact.status, exact.json()["message"]) == (410, "The resourceVersion for the provided list is too old.")


# Refusals


def test_an_unknown_token_is_unauthorized_everywhere(subject: Subject) -> None:
    client = subject.stranger()
    for path in (pods(subject), "/version"):
        answer = client.request("GET", path)
        assert answer.status == 401
        assert answer.json() == {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": "Unauthorized",
            "reason": "Unauthorized",
            "code": 401,
        }


@pytest.mark.parametrize(
    ("path", "message", "details"),
    [
        (
            "/api/v1/pods",
            'pods is forbidden: User "{user}" cannot list resource "pods" in API group "" at the cluster scope',
            {"kind": "pods"},
        ),
        (
            "/api/v1/pods?watch=1",
            'pods is forbidden: User "{user}" cannot watch resource "pods" in API group "" at the cluster scope',
            {"kind": "pods"},
        ),
        (
            "/api/v1/namespaces/x/pods/y",
            'pods "y" is forbidden: User "{user}" cannot get resource "pods" in API group "" in the namespace "x"',
            {"name": "y", "kind": "pods"},
        ),
        (
            "/apis/apps/v1/namespaces/x/deployments",
            'deployments.apps is forbidden: User "{user}" cannot list resource "deployments" in API group "apps" '
            'in the namespace "x"',
            {"group": "apps", "kind": "deployments"},
        ),
        (
            "/api/v1/nodes/y",
            'nodes "y" is forbidden: User "{user}" cannot get resource "nodes" in API group "" at the cluster scope',
            {"name": "y", "kind": "nodes"},
        ),
    ],
)
@pytest.mark.parametrize("user", ["nobody", ""])
def test_a_user_without_the_right_is_told_what_is_missing(
    subject: Subject, user: str, path: str, message: str, details: dict[str, str]
) -> None:
    answer = subject.client(user).request("GET", path)
    assert answer.status == 403
    assert answer.json() == {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": message.format(user=user or "system:anonymous"),
        "reason": "Forbidden",
        "details": details,
        "code": 403,
    }


def test_what_is_not_there_is_not_found_in_upstreams_words(subject: Subject) -> None:
    client = subject.client()
    one = client.request("GET", f"{pods(subject)}/gone")
    assert (one.status, one.json()["message"]) == (404, 'pods "gone" not found')
    assert one.json()["details"] == {"name": "gone", "kind": "pods"}
    grouped = client.request("GET", "/apis/apps/v1/namespaces/x/deployments/gone").json()
    assert grouped["message"] == 'deployments.apps "gone" not found'
    assert grouped["details"] == {"name": "gone", "group": "apps", "kind": "deployments"}
    unknown = client.request("GET", "/api/v1/foos")
    assert (unknown.status, unknown.json()["message"]) == (404, "the server could not find the requested resource")
    nowhere = client.request("GET", "/apis/foo/v1/foos")
    assert (nowhere.status, nowhere.body) == (404, b"404 page not found\n")


def test_discovery_needs_a_user_and_the_version_does_not(subject: Subject) -> None:
    anonymous = subject.client("")
    assert anonymous.request("GET", "/version").json()["gitVersion"].startswith("v1.")
    assert anonymous.request("GET", "/readyz").body == b"ok"
    refused = anonymous.request("GET", "/api")
    assert refused.status == 403
    assert refused.json()["message"] == 'forbidden: User "system:anonymous" cannot get path "/api"'
    assert subject.client("nobody").request("GET", "/api").status == 200


def test_a_watch_that_is_refused_is_no_stream(subject: Subject) -> None:
    with pytest.raises(ApiFailure) as refusal:
        next(subject.client("nobody").watch_lines("/api/v1/pods?watch=1"))
    assert refusal.value.status == 403


# Discovery and reviews


def test_both_discoveries_name_pods_and_deployments_alike(subject: Subject) -> None:
    client = subject.client()
    core = client.request("GET", "/api", accept=DISCOVERY)
    assert core.headers["Content-Type"] == DISCOVERY
    found = {
        (group["metadata"].get("name", ""), resource["resource"]): resource
        for document in (core.json(), client.request("GET", "/apis", accept=DISCOVERY).json())
        for group in document["items"]
        for one_version in group["versions"]
        for resource in one_version["resources"]
    }
    for (group, resource), path in {("", "pods"): "/api/v1", ("apps", "deployments"): "/apis/apps/v1"}.items():
        aggregated = found[group, resource]
        plain = next(one for one in client.get(path)["resources"] if one["name"] == resource)
        assert aggregated["scope"] == ("Namespaced" if plain["namespaced"] else "Cluster")
        assert aggregated["responseKind"]["kind"] == plain["kind"]
        assert aggregated["singularResource"] == plain["singularName"]
        assert aggregated["shortNames"] == plain["shortNames"]
        assert {"get", "list", "watch"} <= set(plain["verbs"])
    assert client.get("/api")["versions"] == ["v1"]
    groups = {group["name"]: group for group in client.get("/apis")["groups"]}
    assert groups["apps"]["preferredVersion"] == {"groupVersion": "apps/v1", "version": "v1"}


@pytest.mark.parametrize(("user", "allowed"), [("reader", True), ("nobody", False)])
def test_a_review_says_what_a_user_may(subject: Subject, user: str, allowed: bool) -> None:
    spec = {"resourceAttributes": {"verb": "list", "resource": "pods"}}
    body = {"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview", "spec": spec}
    answer = subject.client(user).request("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", body)
    assert (answer.status, answer.json()["status"]["allowed"]) == (201, allowed)


def test_a_rules_review_lists_what_a_user_may_read(subject: Subject) -> None:
    body = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectRulesReview",
        "spec": {"namespace": subject.namespace},
    }
    path = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews"
    rules = subject.client().call("POST", path, body)["status"]["resourceRules"]
    assert any(
        "list" in rule["verbs"] and {"*", "pods"} & set(rule["resources"]) and {"*", ""} & set(rule["apiGroups"])
        for rule in rules
    )
    assert not any(
        "list" in rule["verbs"] for rule in subject.client("nobody").call("POST", path, body)["status"]["resourceRules"]
    )
