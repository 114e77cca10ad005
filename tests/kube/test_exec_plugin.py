"""Credential plugins as small programs: what they are given, what they may answer, and all the ways to fail."""

from __future__ import annotations

import base64
import datetime
import json
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from kite_tui.kube import errors
from kite_tui.kube.clientconfig import ClientConfig, Cluster, ExecConfig, User
from kite_tui.kube.exec_plugin import ExecPlugin, run_in_terminal
from tests.conformance.pki import Authority
from tests.kube.conftest import Connect, Serve
from tests.kube.server import Connection, Handler, Request, Server, always, answer, api_status
from tests.kube.test_watch import Reading, wait_until

V1 = "client.authentication.k8s.io/v1"
Script = Callable[[str, str], Path]

GIVES = """
import json, sys
print(json.dumps({"apiVersion": "%s", "kind": "ExecCredential", "status": %s}))
"""


def gives(version: str = V1, **status: object) -> str:
    return GIVES % (version, repr(status))


def plugin(path: Path | str, **fields: Any) -> ExecConfig:
    return ExecConfig(str(path), fields.pop("api_version", V1), **{"interactive_mode": "Never", **fields})


def run(config: ExecConfig, cluster: Cluster | None = None, **kwargs: Any) -> Any:
    client = ClientConfig(None, cluster or Cluster("https://x"), User("jane", exec=config))
    return ExecPlugin(config, client, **kwargs).run()


def refused(config: ExecConfig, **kwargs: Any) -> str:
    with pytest.raises(errors.CredentialError) as raised:
        run(config, **kwargs)
    assert "of the user 'jane'" in str(raised.value)
    return str(raised.value)


@pytest.mark.parametrize("version", [V1, "client.authentication.k8s.io/v1beta1"])
def test_a_token_and_its_end_are_read(version: str, script: Script) -> None:
    path = script("p", gives(version, token="abc", expirationTimestamp="2030-01-01T00:00:00Z"))
    credential = run(plugin(path, api_version=version))
    assert credential.token == "abc"
    assert credential.expires_s == datetime.datetime(2030, 1, 1, tzinfo=datetime.UTC).timestamp()


def test_the_plugin_gets_arguments_environment_and_its_info(script: Script, tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    program = f"""
import json, os, sys
info = json.loads(os.environ["KUBERNETES_EXEC_INFO"])
stdin = sys.stdin.read()
try:
    os.open("/dev/tty", os.O_RDWR); tty = True
except OSError:
    tty = False
open({str(seen)!r}, "w").write(json.dumps([sys.argv[1:], os.environ["EXTRA"], os.environ["HOME"], info, stdin, tty]))
"""
    path = script("p", program + gives(token="t"))
    cluster = Cluster("https://x:1", ca_data=b"CA", tls_server_name="name", proxy_url="http://p", insecure=False)
    run(
        plugin(
            path, args=("a", "b c"), env=(("EXTRA", "1"),), provide_cluster_info=True, cluster_config={"audience": "k"}
        ),
        cluster,
    )
    args, extra, home, info, stdin, tty = json.loads(seen.read_text())
    assert (args, extra, home, stdin, tty) == (["a", "b c"], "1", os.environ["HOME"], "", False)
    assert info == {
        "kind": "ExecCredential",
        "apiVersion": V1,
        "spec": {
            "interactive": False,
            "cluster": {
                "server": "https://x:1",
                "tls-server-name": "name",
                "certificate-authority-data": base64.b64encode(b"CA").decode(),
                "proxy-url": "http://p",
                "config": {"audience": "k"},
            },
        },
    }


@pytest.mark.parametrize(
    ("program", "part"),
    [
        ("import sys; print('ask the admin', file=sys.stderr); sys.exit(3)", "failed with exit code 3: ask the admin"),
        ("import os; os.kill(os.getpid(), 9)", "was killed by signal 9"),
        ("", "did not print JSON"),
        ("print('hello')", "did not print JSON"),
        ("print('[' * 100000)", "did not print JSON"),
        ("print('{}')", "did not print an ExecCredential"),
        (gives("client.authentication.k8s.io/v1beta1", token="t"), "answered in apiVersion"),
        (GIVES % (V1, None), "answered without a status"),
        (gives(), "neither a token nor a client certificate"),
        (gives(clientCertificateData="x"), "but not both"),
        (gives(token="t", clientKeyData="x"), "but not both"),
        (gives(token=5), "not a string"),
        (gives(token="a\nb"), "characters in it that no token has"),
        (gives(token="t", expirationTimestamp="soon"), "not a time"),
        ("print('x' * 3_000_000)", "printed over 1 MiB"),
    ],
)
def test_what_a_plugin_does_wrong_is_one_sentence(program: str, part: str, script: Script) -> None:
    assert part in refused(plugin(script("p", program)))


def test_a_missing_plugin_says_how_to_install_it() -> None:
    message = refused(plugin("no-such-plugin", install_hint="Install it:\n  brew install it"))
    assert message.endswith("is not installed or not in PATH; Install it: brew install it")


def test_a_file_that_cannot_run_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "p"
    path.write_bytes(b"\x00 not a program")
    path.chmod(0o755)
    assert "can't be started" in refused(plugin(path))


HANGS = "import threading; threading.Event().wait()"


def test_a_plugin_that_hangs_is_killed_with_what_it_started(script: Script, tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    program = f"""
import os, subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import threading; threading.Event().wait()"])
open({str(pids)!r}, "w").write(f"{{os.getpid()}} {{child.pid}}")
{HANGS}
"""
    path = script("p", program)
    config = plugin(path)
    client = ClientConfig(None, Cluster("https://x"), User("jane", exec=config))
    with pytest.raises(errors.CredentialError, match="did not answer within"):
        ExecPlugin(config, client, timeout_s=1).run()
    for pid in map(int, pids.read_text().split()):
        wait_until(lambda pid=pid: not is_running(pid))  # type: ignore[misc]


def is_running(pid: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def test_closing_kills_a_running_plugin(script: Script, serve: Serve, connected: Connect, tmp_path: Path) -> None:
    started = tmp_path / "started"
    path = script("p", f"open({str(started)!r}, 'w').close()\n{HANGS}")
    server = serve(always(answer()))
    api = connected(server, User(exec=plugin(path)))
    readings = [Reading(lambda: api.get("/version")) for _ in range(3)]
    wait_until(started.exists)
    api.close()
    assert all(isinstance(reading.ends_soon(), errors.Cancelled) for reading in readings)
    assert server.requests == []


def test_always_without_a_terminal_is_an_error(script: Script) -> None:
    path = script("p", gives(token="t"))
    assert "asks for a terminal" in refused(plugin(path, interactive_mode="Always"))


def test_always_is_run_by_the_hook_and_told_so(script: Script) -> None:
    calls: list[tuple[Sequence[str], Mapping[str, str]]] = []

    def hook(argv: Sequence[str], env: Mapping[str, str]) -> tuple[int, bytes]:
        calls.append((argv, env))
        return run_in_terminal(argv, env)

    path = script("p", gives(token="t"))
    assert run(plugin(path, interactive_mode="Always", args=("x",)), run_interactive=hook).token == "t"
    assert list(calls[0][0]) == [str(path), "x"]
    assert json.loads(calls[0][1]["KUBERNETES_EXEC_INFO"])["spec"]["interactive"] is True


def counting(path: Path, status: str) -> str:
    """A program that counts its runs in a file; `status` may use that number as `n`."""
    return f"""
import datetime, json, os
with open({str(path)!r}, "a") as f: f.write("x")
n = os.path.getsize({str(path)!r})
print(json.dumps({{"apiVersion": "{V1}", "kind": "ExecCredential", "status": {status}}}))
"""


def needs(token: str) -> Handler:
    """A server that takes one token only."""

    def handler(request: Request, connection: Connection) -> None:
        good = request.one("authorization") == f"Bearer {token}"
        connection.send(answer() if good else answer(api_status(401, "Unauthorized"), 401))

    return handler


def test_many_requests_at_once_run_the_plugin_once(
    script: Script, serve: Serve, connected: Connect, tmp_path: Path
) -> None:
    runs = tmp_path / "runs"
    path = script("p", counting(runs, '{"token": f"t{n}"}'))
    api = connected(serve(needs("t1")), User(exec=plugin(path)))
    readings = [Reading(lambda: api.get("/version")) for _ in range(8)]
    assert {reading.ends_soon() for reading in readings} == {None}
    assert runs.stat().st_size == 1


def test_after_a_401_renewing_runs_it_once_for_all_who_ask(
    script: Script, serve: Serve, connected: Connect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kite_tui.kube.credentials.MIN_HOLD_S", 0.0)
    runs = tmp_path / "runs"
    path = script("p", counting(runs, '{"token": f"t{n}"}'))
    api = connected(serve(needs("t2")), User(exec=plugin(path)))
    with pytest.raises(errors.Unauthorized):
        api.get("/version")
    monkeypatch.setattr("kite_tui.kube.credentials.MIN_HOLD_S", 60.0)
    together = threading.Barrier(4)
    api._credentials._renewed_s = float("-inf")
    readings = [Reading(lambda: together.wait(5) is not None and api.renew_credentials()) for _ in range(4)]
    assert {reading.ends_soon() for reading in readings} == {None}
    assert api.get("/version").status == 200
    assert runs.stat().st_size == 2


def test_a_failing_plugin_never_lets_a_request_go_out_anonymously(
    script: Script, serve: Serve, connected: Connect
) -> None:
    server = serve(always(answer()))
    api = connected(server, User(exec=plugin(script("p", "import sys; sys.exit(1)"))))
    for call in (lambda: api.get("/version"), lambda: api.watch("/api/v1/pods"), api.renew_credentials):
        with pytest.raises(errors.CredentialError, match="exit code 1"):
            call()
    assert server.requests == []


def test_a_static_token_keeps_the_plugin_from_running(serve: Serve, connected: Connect) -> None:
    api = connected(serve(needs("static")), User(token="static", exec=plugin("/no/such/plugin")))
    assert api.get("/version").status == 200
    assert api.renew_credentials() is False


def test_a_client_certificate_of_the_plugin_is_shown_and_renewed(
    script: Script,
    secure: Callable[[Handler], Server],
    connected: Connect,
    authority: Authority,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("kite_tui.kube.credentials.MIN_HOLD_S", 0.0)
    people = [authority.client(name) for name in ("first", "second")]
    pems = [[files.certificate.read_text(), files.key.read_text()] for files in people]
    status = f"dict(zip(['clientCertificateData', 'clientKeyData'], {pems!r}[n - 1]))"
    path = script("p", counting(tmp_path / "runs", status))
    server = secure(always(answer()))
    api = connected(server, User(exec=plugin(path)), ca_data=authority.pem)
    api.get("/version")
    assert api.renew_credentials() is True
    api.get("/version")
    api.get("/version")
    seen = [str(certificate) for certificate in server.client_certificates]
    assert len(seen) == 2
    assert "first" in seen[0]
    assert "second" in seen[1]


def test_a_client_certificate_that_is_none_is_an_error(
    script: Script, secure: Callable[[Handler], Server], connected: Connect, authority: Authority
) -> None:
    path = script("p", gives(clientCertificateData="junk", clientKeyData="junk"))
    with pytest.raises(errors.CredentialError, match="client certificate and key can't be used"):
        connected(secure(always(answer())), User(exec=plugin(path)), ca_data=authority.pem).get("/version")
