"""`kite-tui cache` on a simulated cluster: what following it took, in every form, also where not all may be had."""

from __future__ import annotations

import re
import socket
import sys
from typing import Any

import pytest
import yaml

from kite_tui.cli import start
from kite_tui.cli.failure import Failure
from kite_tui.demo.control import Control
from kite_tui.demo.server import DemoServer
from kite_tui.objects.kinds import ALWAYS, CLAIMS, NODES, PODS, SERVICES, Kind
from tests.cli.running import Run, one_sentence


def kind_of(document: dict[str, Any], kind: Kind[Any]) -> dict[str, Any]:
    found: dict[str, Any] = next(item for item in document["items"] if item["kind"] == kind.plural)
    return found


def test_every_kind_that_screens_live_on_is_followed_and_each_request_counted(run: Run, control: Control) -> None:
    document = run("cache", "-o", "json").json
    assert (document["schema"], document["kind"], document["namespaces_shown"]) == (1, "Cache", "all")
    assert {item["kind"] for item in document["items"]} == {kind.plural for kind in ALWAYS}
    assert all((item["state"], item["cache_state"]) == ("ok", "live") for item in document["items"])
    assert {(each["verb"], each["outcome"]) for each in document["requests"]["by"]} <= {
        ("list", "200"),
        ("watch", "200"),
        ("get", "200"),
    }
    lists = 2 + len(ALWAYS) - 1  # 150 pods are two pages
    counted = {each["verb"]: each["count"] for each in document["requests"]["by"]}
    assert counted["list"] == lists
    assert counted["watch"] == len(ALWAYS)
    assert control.requests() >= document["requests"]["total"] >= lists + len(ALWAYS)
    pods = kind_of(document, PODS)
    assert (pods["objects"], pods["lists"], pods["watches"], pods["errors"]) == (150, 1, 1, 0)
    assert pods["received_b"] > 150 * 1000
    assert pods["held_estimate_b"] > 0
    assert pods["last_list_ms"] > 0
    assert document["total"]["received_b"] <= document["requests"]["received_b"]
    assert document["loop"]["state"] == "off"


def test_numbers_are_the_same_in_yaml(run: Run) -> None:
    document = yaml.safe_load(run("cache", "-o", "yaml").out)
    assert kind_of(document, NODES)["objects"] == 12


def test_a_table_of_kinds_and_one_of_requests(run: Run) -> None:
    done = run("cache")
    assert (done.code, done.err) == (0, "")
    kinds, requests, rest = done.out.split("\n\n")
    assert [re.split(r" {3,}", line)[0] for line in kinds.splitlines()] == ["KIND", *sorted(k.plural for k in ALWAYS)]
    assert re.search(r"^pods +live +150 ", kinds, re.M)
    assert re.search(r"^list +10 +0 +0 ", requests, re.M)
    assert rest.startswith("received ")
    assert "\x1b" not in done.out


def test_a_kind_that_is_forbidden_is_said_and_the_rest_is_there(run: Run, control: Control) -> None:
    control.deny("demo", "list", SERVICES)
    done = run("cache", "-o", "json", "-A")
    assert "services: forbidden: " in done.err
    services = kind_of(done.json, SERVICES)
    assert (services["state"], services["cache_state"]) == ("forbidden", "forbidden")
    assert (services["objects"], services["held_estimate_b"], services["last_heard_at"]) == (None, None, None)
    assert services["errors"] >= 1
    assert "forbidden" in services["last_error"]
    assert services["scopes"][0]["namespace"] is None
    assert kind_of(done.json, PODS)["state"] == "ok"


def test_where_the_whole_is_forbidden_the_namespaces_that_were_read_are_its_scopes(run: Run, control: Control) -> None:
    for kind in (PODS, CLAIMS):
        control.deny("demo", "list", kind)
    done = run("cache", "-o", "json", "-n", "shop", "-n", "default")
    pods = kind_of(done.json, PODS)
    assert {scope["namespace"] for scope in pods["scopes"]} == {None, "shop", "default"}
    assert pods["errors"] >= 1


def test_where_nothing_may_be_had_it_fails_with_the_reason(run: Run, control: Control) -> None:
    for kind in ALWAYS:
        control.deny("demo", "list", kind)
    done = run("cache", "-A")
    assert done.code == 1
    assert "forbidden" in one_sentence(done)


def test_a_server_that_stays_silent_is_given_up(run: Run, demo: DemoServer, control: Control) -> None:
    control.silence()
    done = run("cache", "--request-timeout", "200ms")
    control.speak()
    assert done.code == 1
    one_sentence(done)


# -- metrics --------------------------------------------------------------------------------------------------------


@pytest.fixture
def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def test_without_a_terminal_there_is_no_app_to_serve_metrics(run: Run, free_port: int) -> None:
    done = run("--metrics-port", str(free_port))
    assert done.code == 2
    assert "no terminal" in one_sentence(done)


def test_a_missing_library_is_a_sentence_that_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    monkeypatch.delitem(sys.modules, "kite_tui.cli.metrics", raising=False)
    with pytest.raises(Failure, match=r"pip install 'kite-tui\[metrics\]'"), start._exporter(9):
        pass
