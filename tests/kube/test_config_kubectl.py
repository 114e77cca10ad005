"""The same kubeconfig, flags and KUBECONFIG give the same answer as `kubectl config view --minify --raw`."""

from __future__ import annotations

import base64
import json
import os
import random
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from kite_tui.kube.clientconfig import ClientConfig
from kite_tui.kube.config import Flags, load
from kite_tui.kube.errors import ConfigError

KUBECTL = shutil.which("kubectl")
pytestmark = pytest.mark.skipif(KUBECTL is None, reason="NOT COMPARED WITH KUBECTL: no kubectl in PATH")

NAMES = ("a", "b", "c")


def kubectl_view(files: list[Path], flags: list[str]) -> dict[str, Any] | None:
    """What kubectl makes of it; None where it refuses."""
    env = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "KUBECONFIG": os.pathsep.join(map(str, files))}
    command = [KUBECTL or "", "config", "view", "--minify", "--raw", "-o", "json", *flags]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        return None
    seen: dict[str, Any] = json.loads(done.stdout)
    return seen


def as_kubectl_shows(config: ClientConfig) -> dict[str, Any]:
    """Our answer in kubectl's words, without what is empty."""
    cluster, user = config.cluster, config.user
    plugin = user.exec and {
        "command": user.exec.command,
        "args": list(user.exec.args),
        "env": [{"name": name, "value": value} for name, value in user.exec.env],
        "apiVersion": user.exec.api_version,
        "provideClusterInfo": user.exec.provide_cluster_info,
        "interactiveMode": user.exec.interactive_mode,
    }
    who = user.impersonation
    return {
        "current-context": config.context,
        "cluster": full(
            {
                "server": cluster.server,
                "certificate-authority": cluster.ca_file,
                "certificate-authority-data": base64.b64encode(cluster.ca_data).decode(),
                "insecure-skip-tls-verify": cluster.insecure,
                "tls-server-name": cluster.tls_server_name,
                "proxy-url": cluster.proxy_url,
                "disable-compression": cluster.disable_compression,
            }
        ),
        "user": full(
            {
                "token": user.token,
                "tokenFile": user.token_file,
                "username": user.username,
                "password": user.password,
                "client-certificate-data": base64.b64encode(user.certificate_data).decode(),
                "client-key-data": base64.b64encode(user.key_data).decode(),
                "as": who.user,
                "as-uid": who.uid,
                "as-groups": list(who.groups),
                "as-user-extra": {key: list(values) for key, values in who.extra},
                "exec": plugin and full(plugin),
            }
        ),
        "namespace": config.namespace,
    }


def full(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value}


def parts(seen: dict[str, Any]) -> dict[str, Any]:
    user = dict(seen["users"][0]["user"]) if seen.get("users") else {}
    if "exec" in user:
        user["exec"] = full(user["exec"])
    return {
        "current-context": seen["current-context"],
        "cluster": seen["clusters"][0]["cluster"],
        "user": user,
        "namespace": seen["contexts"][0]["context"].get("namespace", "default"),
    }


def some_config(rng: random.Random) -> dict[str, Any]:
    """A kubeconfig with some of the names, some of the fields, now and then nothing."""

    def named(plural: str, singular: str, make: Any) -> list[dict[str, Any]]:
        return [{"name": name, singular: make(name)} for name in NAMES if rng.random() < 0.7]

    def cluster(name: str) -> dict[str, Any]:
        tls: list[dict[str, Any]] = [
            {"certificate-authority-data": base64.b64encode(rng.randbytes(5)).decode()},
            {"insecure-skip-tls-verify": True},
            {},
        ]
        more = {"tls-server-name": f"tls{rng.random()}", "proxy-url": "http://p:1", "disable-compression": True}
        chosen = {key: value for key, value in more.items() if rng.random() < 0.3}
        return {"server": f"https://{name}{rng.randrange(99)}:6443", **rng.choice(tls), **chosen}

    def user(name: str) -> dict[str, Any]:
        plugin = {
            "command": rng.choice(["plugin", "/abs/plugin"]),
            "apiVersion": "client.authentication.k8s.io/v1beta1",
            "args": ["x", "--y=z"],
            "env": [{"name": "NAME", "value": str(rng.random())}],
            "provideClusterInfo": rng.random() < 0.5,
        }
        ways: list[dict[str, Any]] = [
            {"token": f"token{rng.random()}"},
            {"username": "u", "password": f"p{rng.random()}"},
            {"tokenFile": "/some/file", "token": "t"},
            {"client-certificate-data": "YQ==", "client-key-data": "Yg=="},
            {"exec": plugin},
            {"token": "t", "as": "jane", "as-uid": "7", "as-groups": ["g", "h"], "as-user-extra": {"k": ["v"]}},
        ]
        return rng.choice(ways)

    def context(name: str) -> dict[str, Any]:
        namespace = {"namespace": f"ns{rng.randrange(9)}"} if rng.random() < 0.5 else {}
        return {"cluster": rng.choice(NAMES), "user": rng.choice(NAMES), **namespace}

    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "contexts": named("contexts", "context", context),
        "clusters": named("clusters", "cluster", cluster),
        "users": named("users", "user", user),
    }
    if rng.random() < 0.6:
        config["current-context"] = rng.choice(NAMES)
    return {key: value for key, value in config.items() if rng.random() < 0.95 or key in ("apiVersion", "kind")}


@pytest.mark.parametrize("seed", range(40))
def test_merged_files_give_what_kubectl_shows(seed: int, tmp_path: Path) -> None:
    rng = random.Random(seed)
    files = [tmp_path / f"config{n}" for n in range(rng.randint(1, 3))]
    for file in files:
        file.write_text(yaml.safe_dump(some_config(rng)))
    files.insert(rng.randrange(len(files) + 1), tmp_path / "missing")
    context = rng.choice([None, *NAMES])
    seen = kubectl_view(files, ["--context", context] if context else [])
    flags, env = Flags(context=context), {"KUBECONFIG": os.pathsep.join(map(str, files)), "HOME": "/nonexistent"}
    if seen is None or not seen.get("clusters") or not seen.get("users"):
        # kubectl shows contexts whose cluster or user is missing, too; they are of no use.
        with pytest.raises(ConfigError):
            load(flags, env)
    else:
        assert as_kubectl_shows(load(flags, env)) == parts(seen)


def test_relative_paths_lead_to_the_same_files(tmp_path: Path) -> None:
    content = {
        "current-context": "a",
        "contexts": [{"name": "a", "context": {"cluster": "a", "user": "a"}}],
        "clusters": [{"name": "a", "cluster": {"server": "https://a", "certificate-authority": "../ca.crt"}}],
        "users": [{"name": "a", "user": {"tokenFile": "token"}}],
    }
    file = tmp_path / "folder" / "config"
    file.parent.mkdir()
    file.write_text(yaml.safe_dump(content))
    (tmp_path / "ca.crt").write_text("the CA")
    flattened = kubectl_view([file], ["--flatten"])
    assert flattened is not None
    ours = load(Flags(kubeconfig=str(file)), {})
    assert base64.b64decode(flattened["clusters"][0]["cluster"]["certificate-authority-data"]) == b"the CA"
    assert Path(ours.cluster.ca_file).read_text() == "the CA"
    assert ours.user.token_file == str(file.parent / "token")
