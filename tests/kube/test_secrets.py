"""Planted secrets are found in no repr, no error and no log."""

from __future__ import annotations

import base64
import contextlib
import gc
import logging
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from kite_tui.cli.logs import log_to
from kite_tui.kube import errors
from kite_tui.kube.config import Flags, load
from tests.kube.conftest import Connect, Serve
from tests.kube.server import always, answer, api_status

PLANTED = "pl4nted"
ENCODED = base64.b64encode(PLANTED.encode()).decode().rstrip("=")
PLUGIN = {"apiVersion": "client.authentication.k8s.io/v1", "interactiveMode": "Never"}
WAYS: dict[str, dict[str, Any]] = {
    "token": {"token": PLANTED},
    "password": {"username": "u", "password": PLANTED},
    "certificate": {
        "client-certificate-data": "YQ==",
        "client-key-data": base64.b64encode(PLANTED.encode()).decode(),
    },
    "plugin that is missing": {
        "exec": {**PLUGIN, "command": "no-such-plugin", "args": [PLANTED], "env": [{"name": "X", "value": PLANTED}]}
    },
    "plugin that works": {"exec": {**PLUGIN, "command": "./works", "args": [PLANTED]}},
    "plugin that fails": {"exec": {**PLUGIN, "command": "./fails", "args": [PLANTED]}},
    "oidc": {
        "auth-provider": {
            "name": "oidc",
            "config": {
                "idp-issuer-url": "https://127.0.0.1:1",
                "client-id": "x",
                "client-secret": PLANTED,
                "id-token": PLANTED,
                "refresh-token": PLANTED,
            },
        }
    },
    "impersonation": {"as": "jane", "as-groups": ["g"], "as-user-extra": {"reason": [PLANTED]}},
}
WORKS = f"""
import json, sys
print("I give the token {PLANTED} to you", file=sys.stderr)
status = {{"token": "{PLANTED}"}}
print(json.dumps({{"apiVersion": "{PLUGIN["apiVersion"]}", "kind": "ExecCredential", "status": status}}))
"""
FAILS = f"""
import sys
print("POST https://u:{PLANTED}@login: refused; Authorization: Bearer {PLANTED}", file=sys.stderr)
sys.exit("id_token={PLANTED}, eyJhbGciOi.{PLANTED}.x")
"""


def shown_of_all_objects(before: Sequence[object]) -> Iterator[str]:
    """How everything of ours that is in memory shows itself, but for what was there before."""
    old = set(map(id, before))
    for one in gc.get_objects():
        if id(one) not in old and str(type(one).__module__).startswith("kite_tui."):
            yield repr(one)


@pytest.mark.parametrize("user", WAYS.values(), ids=WAYS)
def test_a_planted_secret_is_shown_nowhere(
    user: dict[str, object], tmp_path: Path, serve: Serve, connected: Connect, script: Callable[[str, str], Path]
) -> None:
    before = gc.get_objects()
    script("works", WORKS)
    script("fails", FAILS)
    file, log = tmp_path / "config", tmp_path / "log"
    content = {
        "current-context": "a",
        "contexts": [{"name": "a", "context": {"cluster": "a", "user": "a"}}],
        "clusters": [{"name": "a", "cluster": {"server": "https://a", "proxy-url": f"http://u:{PLANTED}@p"}}],
        "users": [{"name": "a", "user": user}],
    }
    file.write_text(yaml.safe_dump(content))
    flags = Flags(kubeconfig=str(file), token=PLANTED if "token" in user else None)
    config = load(flags, {"HTTPS_PROXY": f"http://u:{PLANTED}@p"})
    server = serve(always(answer(api_status(401, "Unauthorized"), 401)))
    shown = [repr(flags), repr(config), str(config), config.server]
    with log_to(str(log)):
        api = connected(server, config.user)
        for _ in range(2):
            with pytest.raises(errors.ApiError) as raised:
                api.get("/version")
            with contextlib.suppress(errors.ApiError):
                api.renew_credentials()
        shown += traceback.format_exception(raised.value)
        logging.getLogger("kite_tui").error("it failed", exc_info=raised.value)
        shown += shown_of_all_objects(before)
    text = "\n".join([*shown, log.read_text()])
    assert len(shown) > 20
    assert PLANTED not in text
    assert ENCODED not in text


@pytest.mark.parametrize("field", ["token", "password", "client-key-data"])
def test_a_secret_of_the_wrong_kind_is_not_quoted_in_the_error(field: str, tmp_path: Path) -> None:
    file = tmp_path / "config"
    file.write_text(
        f"users: [{{name: a, user: {{{field}: [{PLANTED}], tokenFile: x}}}}]\ncurrent-context: a\n"
        "contexts: [{name: a, context: {user: a, cluster: a}}]\n"
        "clusters: [{name: a, cluster: {server: 'https://x'}}]\n"
    )
    with pytest.raises(errors.ConfigError) as raised:
        load(Flags(kubeconfig=str(file)), {})
    assert field in str(raised.value)
    assert PLANTED not in "".join(traceback.format_exception(raised.value))


def test_a_password_in_the_servers_url_is_refused_and_not_shown() -> None:
    with pytest.raises(errors.ConfigError, match="has a user in its URL") as raised:
        load(Flags(server=f"https://u:{PLANTED}@host"), {"HOME": "/nonexistent"})
    assert PLANTED not in str(raised.value)
