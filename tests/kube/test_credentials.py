"""Tokens, token files, passwords: what is sent, and when it is read again."""

from __future__ import annotations

import base64
import os
from pathlib import Path

import pytest

from kite_tui.kube import errors
from kite_tui.kube.clientconfig import ClientConfig, Cluster, ExecConfig, User
from kite_tui.kube.credentials import Credentials
from kite_tui.kube.filesource import FileSource
from kite_tui.kube.sockets import Sockets
from tests.kube.test_exec_plugin import Script, counting, plugin


class Clock:
    def __init__(self, now_s: float = 1_000_000.0) -> None:
        self.now_s = now_s

    def __call__(self) -> float:
        return self.now_s


def credentials(user: User, clock: Clock | None = None, server: str = "https://x") -> Credentials:
    clock = clock or Clock()
    return Credentials(ClientConfig(None, Cluster(server), user), Sockets(), clock=clock, wall=clock)


def test_nothing_is_sent_for_nobody() -> None:
    assert credentials(User()).headers() == []


def test_a_token_is_sent_as_a_bearer() -> None:
    assert credentials(User(token="abc")).headers() == [("Authorization", "Bearer abc")]


def test_a_password_is_sent_as_basic_auth() -> None:
    expected = base64.b64encode("jörg:p:w".encode()).decode()
    assert credentials(User(username="jörg", password="p:w")).headers() == [("Authorization", f"Basic {expected}")]


def test_nothing_is_sent_in_the_clear_to_another_machine() -> None:
    assert credentials(User(token="abc"), server="http://10.0.0.1").headers() == []
    assert credentials(User(token="abc"), server="http://127.0.0.1:1").headers() != []


def test_the_token_file_wins_over_the_token_and_is_read_again_when_it_changes(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("first\n")
    who = credentials(User(token="static", token_file=str(file)))
    assert who.headers() == [("Authorization", "Bearer first")]
    file.write_text("the-second")
    assert who.headers() == [("Authorization", "Bearer the-second")]


def test_a_token_file_that_looks_the_same_is_read_again_after_a_minute(tmp_path: Path) -> None:
    file, clock = tmp_path / "token", Clock()
    source = FileSource(str(file), "the token file", clock=clock)
    file.write_text("aaa")
    stat = file.stat()
    assert source.read() == b"aaa"
    file.write_text("bbb")
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert source.read() == b"aaa"
    clock.now_s += 60
    assert source.read() == b"bbb"


def test_a_token_file_that_is_being_replaced_keeps_its_last_content(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("aaa")
    source = FileSource(str(file), "the token file")
    assert source.read() == b"aaa"
    file.unlink()
    assert source.read() == b"aaa"
    file.write_text("")
    assert source.read() == b"aaa"
    file.write_text("bbbb")
    assert source.read() == b"bbbb"


@pytest.mark.parametrize(("content", "part"), [(None, "can't read the token file"), ("", "is empty"), ("a b", "hold")])
def test_a_token_file_without_a_token_is_an_error(content: str | None, part: str, tmp_path: Path) -> None:
    file = tmp_path / "token"
    if content is not None:
        file.write_text(content)
    with pytest.raises(errors.CredentialError, match=part):
        credentials(User(token_file=str(file))).headers()


def test_renewing_reads_the_token_file_and_tells_whether_it_changed(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("aaa")
    who = credentials(User(token_file=str(file)))
    who.headers()
    assert who.renew() is False
    stat = file.stat()
    file.write_text("bbb")
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert who.renew() is True
    assert who.headers() == [("Authorization", "Bearer bbb")]


def test_static_credentials_cannot_be_renewed() -> None:
    assert credentials(User(token="abc")).renew() is False
    assert credentials(User(username="a", password="b")).renew() is False
    assert credentials(User()).renew() is False


def token_plugin(script: Script, runs: Path, lifetime_s: float, clock: Clock) -> ExecConfig:
    end = clock.now_s + lifetime_s
    time = f"datetime.datetime.fromtimestamp({end} + {lifetime_s} * (n - 1), datetime.UTC).isoformat()"
    return plugin(script("p", counting(runs, f'{{"token": f"t{{n}}", "expirationTimestamp": {time}}}')))


def test_a_plugins_token_is_renewed_half_a_minute_before_it_expires(script: Script, tmp_path: Path) -> None:
    clock = Clock()
    who = credentials(User(exec=token_plugin(script, tmp_path / "runs", 3600, clock)), clock)
    for after_s, expected in ((0, "t1"), (3569, "t1"), (2, "t2"), (1000, "t2")):
        clock.now_s += after_s
        assert who.headers() == [("Authorization", f"Bearer {expected}")]


def test_a_short_lived_token_is_not_renewed_at_every_request(script: Script, tmp_path: Path) -> None:
    clock = Clock()
    who = credentials(User(exec=token_plugin(script, tmp_path / "runs", 20, clock)), clock)
    for after_s, expected in ((0, "t1"), (17, "t1"), (2, "t2")):
        clock.now_s += after_s
        assert who.headers() == [("Authorization", f"Bearer {expected}")]


def test_a_plugin_that_gives_expired_tokens_runs_every_few_seconds_at_most(script: Script, tmp_path: Path) -> None:
    clock = Clock()
    runs = tmp_path / "runs"
    who = credentials(User(exec=token_plugin(script, runs, -100, clock)), clock)
    for after_s, expected in ((0, 1), (1, 1), (3, 1), (2, 2)):
        clock.now_s += after_s
        who.headers()
        assert runs.stat().st_size == expected


def test_who_is_refused_just_after_a_renewal_is_told_to_try_again_without_another(
    script: Script, tmp_path: Path
) -> None:
    clock, runs = Clock(), tmp_path / "runs"
    who = credentials(User(exec=plugin(script("p", counting(runs, '{"token": f"t{n}"}')))), clock)
    who.headers()
    clock.now_s += 10
    assert who.renew() is True
    assert who.renew() is True
    assert runs.stat().st_size == 2
    clock.now_s += 10
    assert who.renew() is True
    assert runs.stat().st_size == 3


def test_a_plugin_that_failed_is_left_alone_for_a_minute_unless_a_person_wants_it_asked(
    script: Script, tmp_path: Path
) -> None:
    clock, runs = Clock(), tmp_path / "runs"
    who = credentials(User(exec=plugin(script("p", counting(runs, "1 / 0")))), clock)
    for after_s, expected in ((0, 1), (1, 1), (58, 1), (2, 2)):
        clock.now_s += after_s
        for ask in (who.headers, who.identity, who.renew):
            with pytest.raises(errors.CredentialError, match="p"):
                ask()
        assert runs.stat().st_size == expected
    who.forget_failure()
    with pytest.raises(errors.CredentialError):
        who.headers()
    assert runs.stat().st_size == 3


def test_a_plugins_answer_is_in_no_repr(script: Script, tmp_path: Path) -> None:
    who = credentials(User(exec=plugin(script("p", counting(tmp_path / "runs", '{"token": "planted"}')))))
    who.headers()
    assert "planted" not in repr(vars(who))
