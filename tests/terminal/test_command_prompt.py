"""The `:` prompt in a real terminal: the bytes that keys send, from its mark to `:q`."""

from __future__ import annotations

from collections.abc import Callable

from tests.terminal.driving import ALTERNATE_OFF, LEAVING_S, Terminal


def test_commands_as_a_terminal_sends_them(terminal: Callable[..., Terminal], kubeconfig: str) -> None:
    it = terminal("--kubeconfig", kubeconfig)
    it.until("healthy")
    for keys, seen in (
        (b":", " : "),
        (b"dep", "deployments"),
        (b"\t\r", "Deployment ×"),
        (b":", " : "),
        (b"po kube-sy\t", "kube-system"),
        (b"\r", r"\d+ of 60 pods"),
        (b":", " : "),
        (b"\x1b[A", "po kube-system"),
        (b"\x1b", "its page"),
        (b":nonsense\r", "no such command or kind"),
        (b"\x1b", "its page"),
        (b":ctx\r", "go to demo"),
        (b"\r", "all namespaces"),
        (b":h\r", "esc closes"),
    ):
        it.type_until(keys, seen)
    it.type(b"q")
    it.type(b":q\r")
    code, took_s = it.leave()
    assert code == 0
    assert took_s < LEAVING_S
    assert ALTERNATE_OFF in it.output
