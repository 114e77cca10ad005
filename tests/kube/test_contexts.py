"""The contexts of the kubeconfig, and what files say of one before it is used."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from kite_tui.kube.clientconfig import ClientConfig, Cluster, User
from kite_tui.kube.config import Flags
from kite_tui.kube.contexts import Context, contexts
from kite_tui.kube.errors import ConfigError
from kite_tui.kube.usable import check_files
from tests.conformance.pki import Authority


def file_of(path: Path, current: str, *names: str, **broken: Any) -> Path:
    """A kubeconfig of whole contexts; `broken` are contexts given as they are."""
    wholes = [{"name": name, "context": {"cluster": name, "user": name, "namespace": f"{name}-ns"}} for name in names]
    document = {
        "current-context": current,
        "contexts": [*wholes, *({"name": name, "context": context} for name, context in broken.items())],
        "clusters": [{"name": name, "cluster": {"server": f"https://{name}.test:6443"}} for name in names],
        "users": [{"name": name, "user": {"token": "t"}} for name in names],
    }
    path.write_text(yaml.safe_dump(document))
    return path


def listed(*files: Path, **flags: Any) -> tuple[Context, ...]:
    return contexts(Flags(**flags), {"KUBECONFIG": os.pathsep.join(map(str, files)), "HOME": "/nonexistent"})


def test_the_contexts_of_all_files_are_listed_once_in_natural_order_with_the_current_one(tmp_path: Path) -> None:
    first = file_of(tmp_path / "first", "eu-2", "eu-10", "eu-2")
    second = file_of(tmp_path / "second", "eu-1", "eu-1", "eu-2")
    found = listed(first, second)
    assert [(each.name, each.is_current) for each in found] == [("eu-1", False), ("eu-2", True), ("eu-10", False)]
    assert found[1] == Context("eu-2", "eu-2", "https://eu-2.test:6443", "eu-2", "eu-2-ns", True)


def test_flags_choose_the_current_one_and_change_all_of_them_as_they_do_when_one_is_used(tmp_path: Path) -> None:
    found = listed(file_of(tmp_path / "config", "a", "a", "b"), context="b", server="https://other.test:1")
    assert [(each.server, each.is_current) for each in found] == [
        ("https://other.test:1", False),
        ("https://other.test:1", True),
    ]


def test_a_broken_context_is_listed_with_what_is_wrong_and_costs_no_other(tmp_path: Path) -> None:
    broken = {"gone": {"cluster": "none", "user": "a"}, "typed": {"cluster": 7, "user": "a", "namespace": "n"}}
    a, gone, typed = listed(file_of(tmp_path / "config", "", "a", **broken))
    assert a.problem == ""
    assert (gone.cluster, gone.server, gone.user) == ("none", "", "a")
    assert "names the cluster 'none', which is not there" in gone.problem
    assert (typed.cluster, typed.namespace) == ("", "n")
    assert "cluster of the context 'typed' must be a string" in typed.problem


def test_no_kubeconfig_is_no_contexts_and_one_that_is_none_is_a_sentence(tmp_path: Path) -> None:
    assert listed(tmp_path / "none") == ()
    (tmp_path / "bad").write_text("a: [")
    with pytest.raises(ConfigError, match="is not valid YAML"):
        listed(tmp_path / "bad")


# -- files ----------------------------------------------------------------------------------------------------------


def config(user: User | None = None, **cluster: Any) -> ClientConfig:
    return ClientConfig("a", Cluster("https://a.test:6443", **cluster), user or User(token="t"))


def test_certificates_that_can_be_used_are_fine(authority: Authority) -> None:
    files = authority.client("jane")
    user = User(certificate_file=str(files.certificate), key_file=str(files.key))
    check_files(config(user, ca_file=str(authority.file)))
    check_files(config(insecure=True))


@pytest.mark.parametrize(
    ("user", "cluster", "sentence"),
    [
        (User(), {"ca_file": "/nonexistent/ca"}, "can't read the certificate authority /nonexistent/ca"),
        (User(), {"ca_data": b"no PEM"}, "certificate authority is not a PEM certificate"),
        (
            User(certificate_file="/nonexistent/c", key_data=b"k"),
            {},
            "can't read the client certificate /nonexistent/c",
        ),
        (User(certificate_data=b"c", key_data=b"k"), {}, "the client certificate and key can't be used"),
        (User(token_file="/nonexistent/t"), {}, "can't read the token file /nonexistent/t"),
    ],
)
def test_files_that_cannot_be_used_are_one_sentence(user: User, cluster: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ConfigError, match=sentence):
        check_files(config(user, **cluster))


def test_a_plugin_is_not_run_to_check_files(tmp_path: Path) -> None:
    from kite_tui.kube.clientconfig import ExecConfig

    plugin = ExecConfig(f"{tmp_path}/no-such-plugin", "client.authentication.k8s.io/v1")
    check_files(config(User(exec=plugin)))
