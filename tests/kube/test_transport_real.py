"""The transport against a real kube-apiserver: what the scripted server is only believed to do."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kite_tui.kube import errors
from kite_tui.kube.config import Flags, load
from kite_tui.kube.transport import PooledTransport, connect
from tests.conformance.processes import ServerUnavailable
from tests.conformance.realserver import RealServer, find_programs
from tests.kube.server import Server
from tests.kube.test_proxies import connect_proxy

pytestmark = pytest.mark.realserver


@pytest.fixture(scope="module")
def real() -> Iterator[RealServer]:
    try:
        find_programs()
    except ServerUnavailable as reason:
        pytest.skip(f"NOT TESTED AGAINST A REAL API SERVER: {reason}")
    with RealServer() as server:
        yield server


@pytest.fixture
def api(real: RealServer) -> Iterator[PooledTransport]:
    api = as_user(real, "admin")
    yield api
    api.close()


def as_user(real: RealServer, user: str, **flags: Any) -> PooledTransport:
    kubeconfig = real.kubeconfig(user)
    return connect(load(Flags(kubeconfig=str(kubeconfig), **flags), {}))


def test_a_kubeconfig_of_the_real_server_works(api: PooledTransport) -> None:
    assert json.loads(api.get("/version").body)["gitVersion"].startswith("v1.")


@pytest.mark.parametrize(
    ("path", "query", "accept", "expected"),
    [
        ("/api/v1/nodes/none", {}, "application/json", errors.NotFound),
        ("/apis/none/v1/nones", {}, "application/json", errors.NotFound),
        ("/api/v1/pods", {"continue": "junk", "limit": "1"}, "application/json", errors.BadRequest),
        ("/api/v1/pods", {"labelSelector": "a in"}, "application/json", errors.BadRequest),
        ("/api/v1/pods", {"resourceVersion": "99999999", "limit": "1"}, "*/*", errors.ResourceVersionTooLarge),
        ("/api/v1/pods", {"limit": "1"}, "image/png", errors.NotAcceptable),
    ],
)
def test_what_the_real_server_refuses_is_the_same_error(
    path: str, query: dict[str, str], accept: str, expected: type[errors.ApiError], api: PooledTransport
) -> None:
    with pytest.raises(errors.ApiError) as raised:
        api.get(path, list(query.items()), accept=accept)
    assert type(raised.value) is expected
    assert "\n" not in str(raised.value)


def test_users_without_rights_are_forbidden_and_unknown_ones_unauthorized(real: RealServer) -> None:
    for user, flags, expected in (
        ("nobody", {}, errors.Forbidden),
        ("admin", {"token": "wrong"}, errors.Unauthorized),
        ("admin", {"as_": "someone"}, errors.Forbidden),
    ):
        api = as_user(real, user, **flags)
        with pytest.raises(errors.ApiError) as raised:
            api.get("/api/v1/nodes", [("limit", "1")])
        api.close()
        assert type(raised.value) is expected


def test_a_watch_brings_lines_and_is_never_compressed(real: RealServer, api: PooledTransport) -> None:
    version = json.loads(api.get("/api/v1/namespaces", [("limit", "500")]).body)["metadata"]["resourceVersion"]
    watch = api.watch(
        "/api/v1/namespaces", [("watch", "1"), ("resourceVersion", version), ("timeoutSeconds", "30")], idle_s=20
    )
    assert "content-encoding" not in watch._incoming.headers
    client = real.client()
    client.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "seen"}})
    client.close()
    event = json.loads(next(iter(watch)))
    assert (event["type"], event["object"]["metadata"]["name"]) == ("ADDED", "seen")
    watch.close()


def test_big_lists_come_compressed_from_anywhere_but_loopback(real: RealServer, tmp_path: Path) -> None:
    class Target(Server):
        """Stands for the real server in the proxy, which only needs its port."""

    target = Target(lambda *_: None)
    target._listener.close()
    target.port = int(real.url.rpartition(":")[2])
    with Server(connect_proxy(target)) as proxy:
        flags = Flags(
            server="https://kubernetes.default.svc:6443",
            token=real.admin_token,
            certificate_authority=str(real.ca_file),
        )
        config = load(flags, {"HTTPS_PROXY": proxy.url, "HOME": str(tmp_path)})
        api = connect(config)
        response = api.get("/openapi/v2")
        api.close()
    assert response.headers["content-encoding"] == "gzip"
    assert api.traffic().received_b < len(response.body) / 4
    assert len(gzip.compress(response.body)) < len(response.body)
