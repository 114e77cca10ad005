"""OIDC: a valid token is used, an expired one refreshed over verified TLS and saved where kubectl finds it."""

from __future__ import annotations

import base64
import json
import logging
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
import yaml

from kite_tui.kube import errors
from kite_tui.kube.clientconfig import ClientConfig, Cluster
from kite_tui.kube.config import Flags, load
from kite_tui.kube.credentials import Credentials
from kite_tui.kube.kubeconfigedit import set_in_user
from kite_tui.kube.sockets import Sockets
from tests.conformance.pki import Authority
from tests.kube.conftest import Connect, Serve
from tests.kube.server import Connection, Handler, Request, Server, answer
from tests.kube.test_credentials import Clock
from tests.kube.test_exec_plugin import needs
from tests.kube.test_watch import Reading

NOW_S = 1_000_000.0


def jwt(expires_s: float, name: str = "x") -> str:
    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    return f"{part({'alg': 'none'})}.{part({'exp': int(expires_s), 'sub': name})}.c2ln"


OLD, NEW = jwt(NOW_S - 1, "old"), jwt(NOW_S + 3600, "new")


class Issuer:
    """An identity provider on https that refreshes `old-refresh`, once."""

    def __init__(self, start: Callable[[Handler], Server], *, in_body: bool = False) -> None:
        self.answer: dict[str, object] = {"id_token": NEW, "refresh_token": "new-refresh"}
        self.status = 200
        self._in_body = in_body
        self.server = start(self._handle)
        self.asked: list[dict[str, str]] = []

    def _handle(self, request: Request, connection: Connection) -> None:
        if request.target == "/.well-known/openid-configuration":
            connection.send(answer({"token_endpoint": self.server.url + "/token"}))
            return
        fields = {key: values[0] for key, values in parse_qs(request.body.decode()).items()}
        fields["authorization"] = request.one("authorization") or ""
        self.asked.append(fields)
        if self._in_body and "client_secret" not in fields:
            connection.send(answer({"error": "invalid_client"}, 401))
        else:
            connection.send(answer(self.answer, self.status))


@pytest.fixture
def issuer(secure: Callable[[Handler], Server]) -> Issuer:
    return Issuer(secure)


def write(path: Path, url: str, ca: bytes | None, **config: Any) -> Path:
    fields = {
        "idp-issuer-url": url,
        "client-id": "kite",
        "client-secret": "hush",
        "id-token": OLD,
        "refresh-token": "old-refresh",
        **({"idp-certificate-authority-data": base64.b64encode(ca).decode()} if ca else {}),
        **config,
    }
    content = {
        "current-context": "a",
        "contexts": [{"name": "a", "context": {"cluster": "a", "user": "jane"}}],
        "clusters": [{"name": "a", "cluster": {"server": "https://cluster"}}],
        "users": [
            {"name": "other", "user": {"token": "t"}},
            {"name": "jane", "user": {"auth-provider": {"name": "oidc", "config": fields}}},
        ],
    }
    path.write_text("# kept by hand\n" + yaml.safe_dump(content))
    path.chmod(0o640)
    return path


def credentials(file: Path) -> Credentials:
    return Credentials(load(Flags(kubeconfig=str(file)), {}), Sockets(), clock=Clock(0), wall=Clock(NOW_S))


def bearer(who: Credentials) -> str:
    [(name, value)] = who.headers()
    assert name == "Authorization"
    return value.removeprefix("Bearer ")


def saved(file: Path) -> dict[str, str]:
    content = yaml.safe_load(file.read_text())
    config: dict[str, str] = content["users"][1]["user"]["auth-provider"]["config"]
    return config


def test_a_valid_token_is_used_as_it_is(tmp_path: Path, issuer: Issuer, authority: Authority) -> None:
    file = write(tmp_path / "config", issuer.server.url, authority.pem, **{"id-token": NEW})
    assert bearer(credentials(file)) == NEW
    assert issuer.server.requests == []


@pytest.mark.parametrize("token", [OLD, jwt(NOW_S + 9), "", "not.a.jwt", "junk"])
def test_an_expired_token_is_refreshed_and_saved(
    token: str, tmp_path: Path, issuer: Issuer, authority: Authority
) -> None:
    file = write(tmp_path / "config", issuer.server.url, authority.pem, **{"id-token": token})
    assert bearer(credentials(file)) == NEW
    [asked] = issuer.asked
    assert (asked["grant_type"], asked["refresh_token"]) == ("refresh_token", "old-refresh")
    assert asked["authorization"] == "Basic " + base64.b64encode(b"kite:hush").decode()
    assert (saved(file)["id-token"], saved(file)["refresh-token"]) == (NEW, "new-refresh")
    assert file.stat().st_mode & 0o777 == 0o640
    assert file.read_text().startswith("# kept by hand\n")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["config"]


def test_an_issuer_that_wants_the_secret_in_the_form_gets_it_there(
    tmp_path: Path, secure: Callable[[Handler], Server], authority: Authority
) -> None:
    issuer = Issuer(secure, in_body=True)
    assert bearer(credentials(write(tmp_path / "config", issuer.server.url, authority.pem))) == NEW
    assert issuer.asked[-1]["client_secret"] == "hush"


def test_without_a_ca_the_issuers_certificate_is_verified_by_the_systems(tmp_path: Path, issuer: Issuer) -> None:
    with pytest.raises(errors.CredentialError, match="the issuer can't be reached"):
        bearer(credentials(write(tmp_path / "config", issuer.server.url, None)))
    assert issuer.asked == []


def test_tokens_that_kubectl_saved_meanwhile_are_taken_instead_of_refreshing(
    tmp_path: Path, issuer: Issuer, authority: Authority
) -> None:
    file = write(tmp_path / "config", issuer.server.url, authority.pem)
    who = credentials(file)
    write(file, issuer.server.url, authority.pem, **{"id-token": NEW, "refresh-token": "rotated"})
    assert bearer(who) == NEW
    assert issuer.asked == []


def test_a_file_that_cannot_be_written_does_not_end_the_session(
    tmp_path: Path, issuer: Issuer, authority: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    file = write(tmp_path / "config", issuer.server.url, authority.pem)
    (tmp_path / "config.lock").touch()
    with caplog.at_level(logging.DEBUG):
        assert bearer(credentials(file)) == NEW
    assert "could not be saved" in caplog.text
    assert NEW not in caplog.text
    assert saved(file)["id-token"] == OLD


@pytest.mark.parametrize(
    ("status", "reply", "part"),
    [
        (400, {"error": "invalid_grant"}, "status 400 (invalid_grant); log in again"),
        (500, {}, "status 500"),
        (200, {"access_token": "x"}, "gave no id_token"),
        (200, {"id_token": 5}, "gave no id_token"),
        (302, {}, "status 302"),
    ],
)
def test_what_the_issuer_refuses_is_one_sentence(
    status: int, reply: dict[str, object], part: str, tmp_path: Path, issuer: Issuer, authority: Authority
) -> None:
    issuer.status, issuer.answer = status, reply
    with pytest.raises(errors.CredentialError) as raised:
        bearer(credentials(write(tmp_path / "config", issuer.server.url, authority.pem)))
    assert part in str(raised.value)
    assert "hush" not in str(raised.value)
    assert "old-refresh" not in str(raised.value)


def test_an_issuer_that_failed_is_left_alone_for_a_minute(tmp_path: Path, issuer: Issuer, authority: Authority) -> None:
    issuer.status = 500
    who = credentials(write(tmp_path / "config", issuer.server.url, authority.pem))
    for _ in range(3):
        with pytest.raises(errors.CredentialError, match="status 500"):
            bearer(who)
    assert len(issuer.asked) == 1
    issuer.status = 200
    who.forget_failure()
    assert bearer(who) == NEW


@pytest.mark.parametrize("url", ["http://issuer.example", "https://[x", "ftp://issuer.example", "issuer.example"])
def test_a_refresh_token_does_not_travel_in_the_clear(url: str, tmp_path: Path) -> None:
    with pytest.raises(errors.CredentialError, match="must begin with https://"):
        bearer(credentials(write(tmp_path / "config", url, None)))


@pytest.mark.parametrize("endpoint", ["http://issuer.example/token", "https://[x", "junk"])
def test_nor_does_it_to_the_endpoint_that_an_issuer_names(endpoint: str, tmp_path: Path, serve: Serve) -> None:
    server = serve(lambda _, connection: connection.send(answer({"token_endpoint": endpoint})))
    with pytest.raises(errors.CredentialError, match="endpoint is not https"):
        bearer(credentials(write(tmp_path / "config", server.url, None)))


def test_without_a_refresh_token_one_has_to_log_in(tmp_path: Path, issuer: Issuer, authority: Authority) -> None:
    file = write(tmp_path / "config", issuer.server.url, authority.pem, **{"refresh-token": ""})
    with pytest.raises(errors.CredentialError, match="log in again"):
        bearer(credentials(file))


def test_many_requests_at_once_refresh_once(
    tmp_path: Path, issuer: Issuer, authority: Authority, serve: Serve, connected: Connect
) -> None:
    file = write(tmp_path / "config", issuer.server.url, authority.pem, **{"id-token": jwt(1)})
    issuer.answer = {"id_token": (token := jwt(4e9)), "refresh_token": "new-refresh"}
    user = load(Flags(kubeconfig=str(file)), {}).user
    api = connected(serve(needs(token)), user)
    together = threading.Barrier(6)
    readings = [Reading(lambda: (together.wait(5), api.get("/version"))) for _ in range(6)]
    assert {reading.ends_soon() for reading in readings} == {None}
    assert len(issuer.asked) == 1


FLOW = '{"users": [{"name": "jane", "user": {"auth-provider": {"config": {"client-id": "x"}}}}]}'
BLOCK = """\
# top
users:  # people
- name: other
  user: {token: t}
- user:
    auth-provider:
      name: oidc   # the provider
      config:
        # comment
        refresh-token: |-
          old
        client-id: n
        id-token: 'a''b'   # trailing
  name: jane
clusters: []
"""


@pytest.mark.parametrize("text", [FLOW, BLOCK, BLOCK.replace("\n", "\r\n"), BLOCK.replace("id-token: 'a''b'", "")])
def test_only_the_tokens_change_in_the_file(text: str, tmp_path: Path) -> None:
    file = tmp_path / "config"
    file.write_bytes(text.encode())
    before = yaml.safe_load(text)
    set_in_user(file, "jane", ("auth-provider", "config"), {"id-token": "a.b.c", "refresh-token": "y"})
    after = yaml.safe_load(file.read_bytes())
    user = next(user for user in after["users"] if user["name"] == "jane")
    assert user["user"]["auth-provider"]["config"].pop("id-token") == "a.b.c"
    assert user["user"]["auth-provider"]["config"].pop("refresh-token") == "y"
    old = next(user for user in before["users"] if user["name"] == "jane")["user"]["auth-provider"]["config"]
    old.pop("id-token", None), old.pop("refresh-token", None)
    assert after == before
    for comment in ("# top", "# people", "# the provider", "# comment"):
        assert (comment in text) == (comment in file.read_text())


def test_a_linked_kubeconfig_stays_a_link(tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    real.write_text(FLOW)
    link.symlink_to(real)
    set_in_user(link, "jane", ("auth-provider", "config"), {"id-token": "a"})
    assert link.is_symlink()
    assert "id-token" in real.read_text()


def test_a_failed_save_leaves_the_file_and_no_leftovers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "config"
    file.write_text(FLOW)

    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        set_in_user(file, "jane", ("auth-provider", "config"), {"id-token": "a"})
    assert file.read_text() == FLOW
    assert [path.name for path in tmp_path.iterdir()] == ["config"]


def test_a_user_who_is_gone_is_a_config_error(tmp_path: Path) -> None:
    file = tmp_path / "config"
    file.write_text(FLOW)
    with pytest.raises(errors.ConfigError, match="not in"):
        set_in_user(file, "john", ("auth-provider", "config"), {"id-token": "a"})


def test_a_config_without_oidc_asks_no_issuer() -> None:
    assert Credentials(ClientConfig(None, Cluster("https://x")), Sockets()).renew() is False
