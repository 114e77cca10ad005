"""A real kube-apiserver on etcd, started for a test or by hand, without kubelet, scheduler or controllers.

    python -m tests.conformance.realserver --kubeconfig /tmp/real.yaml

The programs come from KUBEBUILDER_ASSETS (the convention of envtest), else from .tools/bin, where `make apiserver`
puts them. Nothing listens but on loopback, and nothing outlives this process, however it ends.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import json
import os
import secrets
import signal
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import urllib3

from tests.conformance.client import ApiClient, Manifest
from tests.conformance.pki import Authority, CertificateFiles, service_account_key
from tests.conformance.processes import ProcessGroup, ServerUnavailable, free_ports

ROOT = Path(__file__).resolve().parents[2]
USERS = ("admin", "reader", "viewer", "team", "nobody")


def find_programs() -> Path:
    """The folder that holds kube-apiserver and etcd; raises ServerUnavailable with what to do about it."""
    if os.environ.get("KITE_SKIP_REAL"):
        raise ServerUnavailable("KITE_SKIP_REAL is set")
    named = os.environ.get("KUBEBUILDER_ASSETS")
    folder = Path(named) if named else ROOT / ".tools" / "bin"
    for program in ("kube-apiserver", "etcd"):
        if not os.access(folder / program, os.X_OK):
            where = f"KUBEBUILDER_ASSETS ({folder})" if named else ".tools/bin"
            raise ServerUnavailable(
                f"no {program} in {where}: run `make apiserver` (needs go), or set KUBEBUILDER_ASSETS"
            )
    return folder


class RealServer:
    """One API server with its own etcd; a context manager, or `start` and `stop`. Ready in about 3 s, 300 MB.

    Users and what they may do, each with a bearer token: admin (everything), reader (get, list and watch of
    everything), viewer (what the role `view` has, everywhere: pods, but no nodes and no Secrets), team (the same in the
    namespace `default` only), nobody (discovery only).

    Admission is as by default but for ServiceAccount (no controller makes any) and TaintNodesByCondition (no
    controller would take its taint away again). etcd is compacted by `compact` only. `arguments` are appended to
    kube-apiserver's own.
    """

    def __init__(self, arguments: Sequence[str] = ()) -> None:
        self._arguments = tuple(arguments)
        self._programs = find_programs()
        self.tokens = {user: secrets.token_urlsafe(24) for user in USERS}

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """The server's address, https with the authority of `ca_file`; the same after a restart."""
        return f"https://127.0.0.1:{self._port}"

    @property
    def admin_token(self) -> str:
        """The token of a member of system:masters."""
        return self.tokens["admin"]

    def start(self) -> None:
        """Start both servers; returns when they are ready. Raises ServerUnavailable after 90 s."""
        self.processes = ProcessGroup()
        try:
            self.folder = self.processes.folder
            self.authority = Authority(self.folder)
            self.ca_file, self.ca_pem = self.authority.file, self.authority.pem
            self._certificate, self._certified_by = self.authority.server("apiserver"), self.ca_file
            self._signing_key = service_account_key(self.folder / "service-account.key")
            lines = [f"{token},{user},{user}" for user, token in self.tokens.items()]
            lines[0] += ",system:masters"
            (self.folder / "tokens.csv").write_text("\n".join(lines) + "\n")
            self._port, self._etcd_port = free_ports(2)
            self._start_etcd()
            self.start_apiserver()
            with contextlib.closing(self.client()) as client:
                client.load(_rights())
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop both servers and remove all files; may be called twice."""
        self.processes.close()

    def start_apiserver(self, authority: Authority | None = None) -> None:
        """Start kube-apiserver on the same address and data as before, and wait until it is ready.

        Its certificate is the one it had; with an `authority` a new one, of that.
        """
        if authority is not None:
            self._certificate, self._certified_by = authority.server("apiserver"), authority.file
        self.processes.start(
            self._programs / "kube-apiserver",
            f"--etcd-servers=http://127.0.0.1:{self._etcd_port}",
            "--etcd-compaction-interval=0",
            "--bind-address=127.0.0.1",
            "--advertise-address=127.0.0.1",
            "--endpoint-reconciler-type=none",
            f"--secure-port={self._port}",
            f"--tls-cert-file={self._certificate.certificate}",
            f"--tls-private-key-file={self._certificate.key}",
            f"--client-ca-file={self.ca_file}",
            f"--token-auth-file={self.folder / 'tokens.csv'}",
            "--service-account-issuer=https://kubernetes.default.svc",
            f"--service-account-key-file={self._signing_key}",
            f"--service-account-signing-key-file={self._signing_key}",
            "--service-cluster-ip-range=10.0.0.0/16",
            "--authorization-mode=RBAC",
            "--disable-admission-plugins=ServiceAccount,TaintNodesByCondition",
            "--event-ttl=24h",
            "--profiling=false",
            "--max-requests-inflight=3000",
            "--max-mutating-requests-inflight=1000",
            *self._arguments,
        )
        with contextlib.closing(ApiClient(self.url, self._certified_by, token=self.admin_token)) as client:
            # The namespace is made a moment after /readyz.
            paths = ("/readyz", "/api/v1/namespaces/default")
            self.processes.wait_for(
                "kube-apiserver",
                lambda: all(client.request("GET", path, timeout_s=5.0).status == 200 for path in paths),
            )

    def kill_apiserver(self) -> None:
        """Kill kube-apiserver as a crash would: connections break in the middle. The data stays in etcd."""
        self.processes.end("kube-apiserver")

    def restart_apiserver(self, authority: Authority | None = None) -> None:
        """Kill kube-apiserver and start it again: its watch cache begins anew, so old resourceVersions are gone."""
        self.kill_apiserver()
        self.start_apiserver(authority)

    def client(self, user: str = "admin") -> ApiClient:
        """Requests as one of `USERS`; an empty name is system:anonymous."""
        return ApiClient(self.url, self.ca_file, token=self.tokens[user] if user else "")

    def client_certificate(self, user: str, groups: tuple[str, ...] = ()) -> CertificateFiles:
        """A new client certificate for `user`, with only the rights that its name and `groups` have."""
        return self.authority.client(user, groups)

    def kubeconfig(self, user: str = "admin", *, namespace: str = "", path: Path | None = None) -> Path:
        """Write a kubeconfig with the user's token (as JSON, which is YAML) and give its path."""
        path = path or self.folder / f"kubeconfig-{user}.yaml"
        ca = base64.b64encode(self.ca_pem).decode()
        context = {"cluster": "real", "user": user} | ({"namespace": namespace} if namespace else {})
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "real", "cluster": {"server": self.url, "certificate-authority-data": ca}}],
            "users": [{"name": user, "user": {"token": self.tokens[user]}}],
            "contexts": [{"name": user, "context": context}],
            "current-context": user,
        }
        path.touch(mode=0o600)
        path.write_text(json.dumps(config, indent=2) + "\n")
        return path

    def compact(self) -> int:
        """Drop all history before now, as a cluster does every 5 minutes, and give the revision kept.

        kube-apiserver hears of it through etcd, so an older continue token answers 410 soon, not at once.
        """
        revision = int(self._etcd("range", key="compact_rev_key")["header"]["revision"])
        self._etcd("put", key="compact_rev_key", value=str(revision))
        self._etcd("compaction", revision=revision, physical=True)
        return revision

    def _etcd(self, call: str, **body: Any) -> Any:
        for name in body.keys() & {"key", "value"}:
            body[name] = base64.b64encode(body[name].encode()).decode()
        url = f"http://127.0.0.1:{self._etcd_port}/v3/kv/{call}"
        return urllib3.request("POST", url, json=body, timeout=30.0).json()

    def _start_etcd(self) -> None:
        client = f"http://127.0.0.1:{self._etcd_port}"
        self.processes.start(
            self._programs / "etcd",
            f"--data-dir={self.folder / 'etcd'}",
            "--unsafe-no-fsync",
            "--log-level=error",
            f"--listen-client-urls={client}",
            f"--advertise-client-urls={client}",
            "--listen-peer-urls=http://127.0.0.1:0",
        )
        self.processes.wait_for(
            "etcd", lambda: urllib3.request("GET", f"{client}/health", timeout=5.0, retries=False).status == 200
        )


def _rights() -> list[Manifest]:
    def binding(kind: str, user: str, role: str) -> Manifest:
        return {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": kind,
            "metadata": {"name": f"kite-{user}"},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role},
            "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": user}],
        }

    reader: Manifest = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": "kite-reader"},
        "rules": [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["get", "list", "watch"]}],
    }
    view = "system:aggregate-to-view"  # `view` itself stays empty: a controller would gather its rules
    return [
        reader,
        binding("ClusterRoleBinding", "reader", "kite-reader"),
        binding("ClusterRoleBinding", "viewer", view),
        binding("RoleBinding", "team", view),
    ]


def main() -> int:
    """Run one server in the foreground until ctrl-c or SIGTERM; exit code 1 if it didn't start or died."""
    parser = argparse.ArgumentParser(prog="python -m tests.conformance.realserver", description=main.__doc__)
    parser.add_argument("--kubeconfig", type=Path, required=True, help="write a kubeconfig for this server here")
    parser.add_argument("--user", choices=USERS, default="admin", help="whose token it has (default: admin)")
    parser.add_argument("arguments", nargs="*", help="more arguments for kube-apiserver, after --")
    options = parser.parse_args()
    done = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: done.set())
    begin = time.monotonic()
    try:
        with RealServer(options.arguments) as server:
            server.kubeconfig(options.user, path=options.kubeconfig)
            took = time.monotonic() - begin
            print(f"ready in {took:.1f} s: {server.url}, KUBECONFIG={options.kubeconfig}", flush=True)
            while not done.wait(0.5):
                if not server.processes.alive("kube-apiserver"):
                    print(server.processes.log("kube-apiserver")[-4000:], file=sys.stderr)
                    return 1
    except ServerUnavailable as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
