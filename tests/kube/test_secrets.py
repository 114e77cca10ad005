"""Planted secrets are found in no repr, no error and no log."""

from __future__ import annotations

import base64
import logging
import traceback
from pathlib import Path

import pytest
import yaml

from kite_tui.kube import errors
from kite_tui.kube.config import Flags, load
from tests.kube.conftest import Connect, Serve
from tests.kube.server import always, answer, api_status

PLANTED = "pl4nted"
ENCODED = base64.b64encode(PLANTED.encode()).decode().rstrip("=")
WAYS = [
    {"token": PLANTED},
    {"username": "u", "password": PLANTED},
    {"client-certificate-data": "YQ==", "client-key-data": base64.b64encode(PLANTED.encode()).decode()},
    {
        "exec": {
            "command": "no-such-plugin",
            "apiVersion": "client.authentication.k8s.io/v1beta1",
            "args": [PLANTED],
            "env": [{"name": "X", "value": PLANTED}],
        }
    },
    {
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
]


@pytest.mark.parametrize("user", WAYS, ids=["token", "password", "certificate", "exec", "oidc"])
def test_a_planted_secret_is_shown_nowhere(
    user: dict[str, object], tmp_path: Path, serve: Serve, connected: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "config"
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
    with caplog.at_level(logging.DEBUG):
        api = connected(server, config.user)
        shown.append(repr(api))
        with pytest.raises(errors.ApiError) as raised:
            api.get("/version")
        shown += traceback.format_exception(raised.value)
    text = "\n".join([*shown, caplog.text])
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
