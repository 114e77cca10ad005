"""kubectl's rules for choosing a cluster and a user, and one clear sentence for everything that can't be used."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kite_tui.kube.clientconfig import ClientConfig, Impersonation
from kite_tui.kube.config import Flags, load
from kite_tui.kube.errors import ConfigError

Write = Callable[..., Path]


def kubeconfig(
    name: str = "a", *, current: str | None = None, cluster: Any = None, user: Any = None, context: Any = None
) -> dict[str, Any]:
    """A whole kubeconfig whose context, cluster and user are all called `name`."""
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": name if current is None else current,
        "contexts": [{"name": name, "context": {"cluster": name, "user": name, **(context or {})}}],
        "clusters": [{"name": name, "cluster": {"server": f"https://{name}.example:6443", **(cluster or {})}}],
        "users": [{"name": name, "user": {"token": f"{name}-token"} if user is None else user}],
    }


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_file(content: Any, name: str = "config") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else yaml.safe_dump(content).encode())
        return path

    return write_file


def loaded(*files: Path, **flags: Any) -> ClientConfig:
    return load(Flags(**flags), {"KUBECONFIG": os.pathsep.join(map(str, files)), "HOME": "/nonexistent"})


def refused(*files: Path, **flags: Any) -> str:
    with pytest.raises(ConfigError) as raised:
        loaded(*files, **flags)
    message = str(raised.value)
    assert "\n" not in message
    return message


def test_the_current_context_names_cluster_user_and_namespace(write: Write) -> None:
    config = loaded(write(kubeconfig(context={"namespace": "shop"})))
    assert (config.context, config.server, config.user.token) == ("a", "https://a.example:6443", "a-token")
    assert config.namespace == "shop"


def test_the_first_file_that_sets_current_context_and_the_first_entry_of_a_name_win(write: Write) -> None:
    first = write({"users": [{"name": "a", "user": {"username": "u", "password": "p"}}]}, "first")
    second = write(kubeconfig("a", user={"token": "second"}), "second")
    third = write(kubeconfig("b"), "third")
    config = loaded(first, second, third)
    assert (config.context, config.user.username, config.user.token) == ("a", "u", "")
    assert loaded(first, second, third, context="b").server == "https://b.example:6443"


def test_missing_and_empty_names_in_kubeconfig_are_skipped(write: Write, tmp_path: Path) -> None:
    assert load(Flags(), {"KUBECONFIG": f"{tmp_path}/none::{write(kubeconfig())}:"}).context == "a"


def test_a_missing_file_of_the_flag_is_an_error(write: Write, tmp_path: Path) -> None:
    assert "does not exist: check --kubeconfig" in refused(write(kubeconfig()), kubeconfig=str(tmp_path / "none"))


def test_the_flags_file_is_the_only_one(write: Write) -> None:
    one, two = write(kubeconfig("a"), "one"), write(kubeconfig("b"), "two")
    assert loaded(one, kubeconfig=str(two)).context == "b"


def test_the_home_file_is_read_without_kubeconfig(write: Write, tmp_path: Path) -> None:
    write(kubeconfig(), ".kube/config")
    assert load(Flags(), {"HOME": str(tmp_path)}).context == "a"


def test_paths_are_relative_to_the_file_that_their_entry_came_from(write: Write, tmp_path: Path) -> None:
    exec_ = {"command": "./bin/plugin", "apiVersion": "client.authentication.k8s.io/v1beta1"}
    one = write({"users": [{"name": "a", "user": {"exec": exec_}}]}, "one/config")
    two = write(kubeconfig(cluster={"certificate-authority": "ca.crt"}), "two/config")
    config = loaded(one, two)
    assert config.cluster.ca_file == str(tmp_path / "two" / "ca.crt")
    assert config.user.exec
    assert config.user.exec.command == str(tmp_path / "one" / "bin/plugin")


def test_a_plugin_without_a_slash_is_left_to_path(write: Write) -> None:
    exec_ = {"command": "plugin", "apiVersion": "client.authentication.k8s.io/v1", "interactiveMode": "Never"}
    config = loaded(write(kubeconfig(user={"exec": exec_})))
    assert config.user.exec
    assert config.user.exec.command == "plugin"


def test_flags_change_what_the_kubeconfig_says(write: Write) -> None:
    file = write(kubeconfig(cluster={"certificate-authority-data": "YWJj", "tls-server-name": "x"}))
    config = loaded(
        file,
        server="https://other:1/",
        token="t",
        namespace="n",
        as_="jane",
        as_groups=("g",),
        as_uid="1",
        insecure_skip_tls_verify=True,
        request_timeout_s=5.0,
    )
    assert config.server == "https://other:1"
    assert (config.cluster.insecure, config.cluster.ca_data, config.cluster.tls_server_name) == (True, b"", "")
    assert (config.user.token, config.namespace, config.request_timeout_s) == ("t", "n", 5.0)
    assert config.user.impersonation == Impersonation("jane", "1", ("g",))


def test_the_token_flag_wins_over_every_other_way(write: Write) -> None:
    config = loaded(write(kubeconfig(user={"tokenFile": "/t", "username": "u"})), token="flag")
    assert (config.user.token, config.user.token_file, config.user.username) == ("flag", "", "")


def test_cluster_and_user_flags_choose_entries(write: Write) -> None:
    one, two = write(kubeconfig("a"), "one"), write(kubeconfig("b"), "two")
    config = loaded(one, two, cluster="b", user="b")
    assert (config.server, config.user.token) == ("https://b.example:6443", "b-token")


def test_a_server_flag_needs_no_kubeconfig(tmp_path: Path) -> None:
    config = loaded(tmp_path / "none", server="https://x:6443", token="t")
    assert (config.context, config.server, config.user.token) == (None, "https://x:6443", "t")


@pytest.mark.parametrize(
    ("server", "cluster", "expected"),
    [
        ("host:8080", {}, "http://host:8080"),
        ("host:6443", {"insecure-skip-tls-verify": True}, "https://host:6443"),
        ("https://host/path/", {}, "https://host/path"),
        ("https://[fd00::1]:6443", {}, "https://[fd00::1]:6443"),
    ],
)
def test_a_server_without_a_scheme_gets_client_gos(
    server: str, cluster: dict[str, Any], expected: str, write: Write
) -> None:
    assert loaded(write(kubeconfig(cluster={"server": server, **cluster}))).server == expected


def test_credentials_do_not_travel_in_the_clear(write: Write) -> None:
    def sends(server: str) -> bool:
        return loaded(write(kubeconfig(cluster={"server": server}))).sends_credentials

    assert sends("https://x") is True
    assert sends("http://127.0.0.1:8001") is True
    assert sends("http://10.0.0.1:8001") is False


@pytest.fixture
def service_account(tmp_path: Path) -> Path:
    folder = tmp_path / "serviceaccount"
    folder.mkdir()
    (folder / "token").write_text("pod-token")
    (folder / "namespace").write_text("pod-ns\n")
    return folder


@pytest.mark.parametrize(("host", "url"), [("10.0.0.1", "https://10.0.0.1:443"), ("fd00::1", "https://[fd00::1]:443")])
def test_in_a_pod_without_kubeconfig_the_service_account_is_used(host: str, url: str, service_account: Path) -> None:
    env = {"KUBERNETES_SERVICE_HOST": host, "KUBERNETES_SERVICE_PORT": "443", "HOME": "/nonexistent"}
    config = load(Flags(), env, service_account=service_account)
    assert (config.context, config.server, config.namespace) == (None, url, "pod-ns")
    assert config.user.token_file == str(service_account / "token")
    assert config.cluster.ca_file == str(service_account / "ca.crt")
    assert load(Flags(), env | {"POD_NAMESPACE": "x"}, service_account=service_account).namespace == "x"


def test_in_a_pod_a_kubeconfig_wins(write: Write, service_account: Path) -> None:
    env = {"KUBERNETES_SERVICE_HOST": "h", "KUBERNETES_SERVICE_PORT": "1", "KUBECONFIG": str(write(kubeconfig()))}
    assert load(Flags(), env, service_account=service_account).context == "a"


def test_no_kubeconfig_says_where_it_was_looked_for(tmp_path: Path) -> None:
    assert refused(tmp_path / "none") == (
        f"no kubeconfig found: looked for {tmp_path / 'none'}; give --kubeconfig or set KUBECONFIG"
    )


def test_an_empty_kubeconfig_is_no_traceback(write: Write) -> None:
    assert "there is no context" in refused(write(b""))


def test_an_unknown_context_names_the_known_ones(write: Write) -> None:
    assert refused(write(kubeconfig()), context="b") == "the context 'b' does not exist (known contexts: a)"


def test_no_current_context_names_the_known_ones(write: Write) -> None:
    assert "choose one with --context (known contexts: a)" in refused(write(kubeconfig(current="")))


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (kubeconfig(context={"cluster": "gone"}), "names the cluster 'gone', which is not there"),
        (kubeconfig(context={"cluster": ""}), "names no cluster"),
        (kubeconfig(context={"user": "gone"}), "names the user 'gone', which is not there"),
        (kubeconfig(cluster={"server": ""}), "has no server: set it in the kubeconfig or give --server"),
        (kubeconfig(cluster={"server": "ftp://x"}), "is not a URL"),
        (kubeconfig(cluster={"server": "https://"}), "is not a URL"),
        (kubeconfig(cluster={"server": "https://x:port"}), "is not a URL"),
        (kubeconfig(cluster={"server": "https://[::1"}), "is not a URL"),
        (kubeconfig(cluster={"server": ["https://x"]}), "server of the cluster 'a' must be a string"),
        (kubeconfig(cluster={"server": "https://x\0y"}), "free of control characters"),
        (kubeconfig(cluster={"certificate-authority-data": "%%%"}), "must be base64"),
        (kubeconfig(cluster={"certificate-authority-data": "YQ==", "certificate-authority": "x"}), "has both"),
        (kubeconfig(cluster={"certificate-authority": "x", "insecure-skip-tls-verify": True}), "take one of them"),
        (kubeconfig(cluster={"insecure-skip-tls-verify": "yes"}), "must be true or false"),
        (kubeconfig(cluster={"proxy-url": "gopher://x"}), "proxy-url of the cluster 'a'"),
        *(
            (kubeconfig(cluster={"proxy-url": url}), "proxy-url of the cluster 'a'")
            for url in ("http://user:secretpw@ba r:99999", "http://u:secretpw[x@b", "http://u:secretpw#@b", "http://")
        ),
        (kubeconfig(user={"token": 12345}), "token of the user 'a' must be a string (put it in quotes)"),
        (kubeconfig(user={"token": "a b"}), "characters in it that no token has"),
        (kubeconfig(user={"token": "a\x1bb"}), "free of control characters"),
        (kubeconfig(user={"token": "t", "username": "u"}), "both a token and a password"),
        (kubeconfig(user={"client-certificate-data": "YQ=="}), "no client key"),
        (kubeconfig(user={"as-groups": ["g"]}), "without a user"),
        (kubeconfig(user={"as": "x", "as-groups": "g"}), "must be a list"),
        (kubeconfig(user={"as": "x", "as-user-extra": {"k": "v"}}), "must be a list"),
        (kubeconfig(user={"exec": []}), "must be a map"),
        (kubeconfig(user={"exec": {"apiVersion": "client.authentication.k8s.io/v1"}}), "without a command"),
        (kubeconfig(user={"exec": {"command": "x", "apiVersion": "v1alpha1"}}), "whose apiVersion must be"),
        (
            kubeconfig(user={"exec": {"command": "x", "apiVersion": "client.authentication.k8s.io/v1"}}),
            "whose interactiveMode must be",
        ),
        (kubeconfig(user={"auth-provider": {"name": "gcp"}}), "which Kubernetes has removed"),
        (kubeconfig(user={"auth-provider": {"name": "oidc"}}), "OIDC without idp-issuer-url"),
        ({"contexts": {"a": 1}}, "contexts of the top level must be a list"),
        ({"contexts": ["a"]}, "must be a map"),
        ({"contexts": [{"name": "a"}, {"name": "a"}]}, "two contexts of the name 'a'"),
        ({"current-context": 7}, "must be a string"),
        ({"apiVersion": "v1", "kind": "Pod"}, "its kind must be Config"),
        (b"a: [", "is not valid YAML in line"),
        (b"a: 1\nb: c: d\n", "is not valid YAML in line 2"),
        (b"- 1\n", "its top level must be a map"),
        (b"\x00\x01", "is not valid YAML"),
        (b"a: \xff\xfe", "is not valid YAML"),
        (b"!!python/object/apply:os.system [echo]", "is not valid YAML"),
        (b"a: " + b"[" * 100_000, "nest"),  # newer versions of libyaml say it in their own words
        (b"- " * 100_000, "nested too deeply"),
    ],
)
def test_what_cannot_be_used_is_one_sentence(content: Any, part: str, write: Write) -> None:
    file = write(content)
    message = refused(file)
    assert part in message


def test_a_recursive_kubeconfig_is_no_traceback(write: Write) -> None:
    assert "must be" in refused(write(b"contexts: &a [*a]\n"))


def test_a_file_that_cannot_be_read_is_one_sentence(tmp_path: Path) -> None:
    assert "can't read the kubeconfig" in refused(tmp_path)


def test_a_huge_file_is_one_sentence(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kite_tui.kube.kubeconfig.MAX_FILE_B", 10)
    assert "over 0 MiB" in refused(write(kubeconfig()))


def test_what_looks_like_a_date_is_a_string_as_for_go(write: Write) -> None:
    assert (
        loaded(
            write(
                b"current-context: 2026-01-01\ncontexts: [{name: 2026-01-01, context: {cluster: c}}]\n"
                b"clusters: [{name: c, cluster: {server: https://x}}]\n"
            )
        ).context
        == "2026-01-01"
    )


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
KEYS = st.sampled_from(
    [
        *("token", "tokenFile", "username", "password", "client-certificate-data", "client-key", "as", "as-groups"),
        *("as-user-extra", "exec", "auth-provider", "server", "certificate-authority-data", "tls-server-name"),
        *("insecure-skip-tls-verify", "proxy-url", "extensions"),
    ]
)


@given(place=st.sampled_from(["user", "cluster", "context"]), values=st.dictionaries(KEYS, ANYTHING, max_size=3))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_value_anywhere_is_a_traceback(place: str, values: dict[str, Any], write: Write) -> None:
    odd: dict[str, Any] = {place: values}
    file = write(kubeconfig(**odd))
    with contextlib.suppress(ConfigError):
        loaded(file)


def test_loading_imports_neither_kubernetes_nor_urllib3(write: Write) -> None:
    program = (
        "import sys; from kite_tui.kube import api, errors; from kite_tui.kube.config import Flags, load\n"
        "load(Flags(kubeconfig=sys.argv[1]), {})\n"
        "print([name for name in ('kubernetes', 'urllib3', 'ssl', 'textual') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(write(kubeconfig()))], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
