"""What goes wrong before, while and after asking: one clear sentence, the right exit code, no traceback, no waiting.

Every command here is a process of its own with a deadline.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kite_tui.demo.options import DemoOptions
from kite_tui.demo.process import DemoCluster
from tests.cli.running import DEADLINE_S, Done, finished, one_sentence, started
from tests.conformance.pki import Authority

Json = dict[str, Any]


def kubeconfig(folder: Path, server: str, *, user: Json | None = None, ca: Path | None = None) -> Path:
    trust = {"certificate-authority": str(ca)} if ca else {}
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "c", "cluster": {"server": server, **trust}}],
        "users": [{"name": "u", "user": user or {"token": "t"}}],
        "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
        "current-context": "x",
    }
    file = folder / "kubeconfig"
    file.write_text(json.dumps(config))
    return file


def done(*argv: str | Path, env: dict[str, str] | None = None, **options: Any) -> Done:
    return finished(started(*map(str, argv), env=env, **options))


@pytest.fixture(scope="module")
def cluster() -> Iterator[DemoCluster]:
    with DemoCluster(DemoOptions(nodes=12, pods=500, seed=7, rate=0)) as cluster:
        yield cluster


@pytest.fixture
def silent() -> Iterator[socket.socket]:
    """A server that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(DEADLINE_S)
        yield listening


def url_of(server: socket.socket, scheme: str = "http") -> str:
    return f"{scheme}://127.0.0.1:{server.getsockname()[1]}"


# -- no way to a cluster --------------------------------------------------------------------------------------------


def test_without_a_kubeconfig_it_says_what_was_looked_for() -> None:
    result = done("pods")
    assert result.code == 1
    assert "kubeconfig" in one_sentence(result)


def test_a_kubeconfig_that_is_not_there_or_not_readable_or_not_one(tmp_path: Path) -> None:
    assert "does not exist" in one_sentence(done("pods", "--kubeconfig", tmp_path / "none"))
    assert "directory" in one_sentence(done("pods", "--kubeconfig", tmp_path)).lower()
    for text in ("{", "- a\n- b\n", "just words", "clusters: 7\n", "\x00\x01", "a: &a [*a, *a]\n: :"):
        file = tmp_path / "odd"
        file.write_text(text)
        result = done("pods", "--kubeconfig", file)
        assert result.code == 1
        one_sentence(result)


def test_a_context_nobody_knows_names_those_there_are(tmp_path: Path) -> None:
    file = kubeconfig(tmp_path, "https://127.0.0.1:1")
    result = done("pods", "--kubeconfig", file, "--context", "prod")
    assert result.code == 1
    assert "'prod' does not exist" in one_sentence(result)
    assert "x" in result.err


@pytest.mark.parametrize("command", ["overview", "nodes", "pods", "cache"])
def test_a_server_that_is_not_there(tmp_path: Path, command: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        url = url_of(gone, "https")
    result = done(command, "--kubeconfig", kubeconfig(tmp_path, url))
    assert result.code == 1
    assert "refused" in one_sentence(result)


def test_a_server_that_stays_silent_is_given_up_after_the_time_asked_for(tmp_path: Path, silent: socket.socket) -> None:
    begun = time.monotonic()
    result = done("pods", "--kubeconfig", kubeconfig(tmp_path, url_of(silent)), "--request-timeout", "300ms")
    assert result.code == 1
    one_sentence(result)
    assert time.monotonic() - begun < 10


def test_a_certificate_of_another_authority_is_not_trusted(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    issued = Authority(tmp_path).server("api")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(issued.certificate, issued.key)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(DEADLINE_S)
        file = kubeconfig(tmp_path, url_of(listening, "https"), ca=Authority(other).file)
        process = started("version", "--kubeconfig", str(file))
        connection, _ = listening.accept()
        with pytest.raises((ssl.SSLError, ConnectionError)), connection:
            context.wrap_socket(connection, server_side=True).read(1)
        result = finished(process)
    assert result.code == 1
    assert "certificate" in result.err
    assert "Traceback" not in result.err
    assert len(result.err.splitlines()) == 1


def test_a_credential_plugin_that_is_missing_or_fails(tmp_path: Path) -> None:
    def plugin(command: str, *args: str) -> Json:
        return {
            "exec": {
                "apiVersion": "client.authentication.k8s.io/v1",
                "command": command,
                "args": list(args),
                "interactiveMode": "Never",
                "installHint": "install the frob",
            }
        }

    file = kubeconfig(tmp_path, "https://127.0.0.1:1", user=plugin("frob-login"))
    result = done("pods", "--kubeconfig", file)
    assert result.code == 1
    assert "frob-login" in one_sentence(result)
    assert "install the frob" in result.err
    file = kubeconfig(tmp_path, "https://127.0.0.1:1", user=plugin("sh", "-c", "echo who are you >&2; exit 3"))
    result = done("nodes", "--kubeconfig", file)
    assert result.code == 1
    assert "who are you" in one_sentence(result)


def test_a_web_page_is_no_api_server(tmp_path: Path, silent: socket.socket) -> None:
    process = started("version", "-o", "json", "--kubeconfig", str(kubeconfig(tmp_path, url_of(silent))))
    connection, _ = silent.accept()
    page = b"<html>log in</html>"
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(page)
    with connection:
        connection.recv(65536)
        connection.sendall(head + page)
        result = finished(process)
    assert result.code == 1
    assert len(result.err.splitlines()) == 1
    assert "Traceback" not in result.err
    assert json.loads(result.out)["version"] is None


# -- wrong usage ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("pods --sort-by colour", "can't sort by 'colour'"),
        ("demo --pods -5", "--pods must be between"),
        ("demo --nodes -1 nodes", "--nodes must be between"),
        ("demo --nodes 1 --pods 5000", "needs at least"),
        ("demo --rate -1", "--rate must be"),
        ("frob", "there is no command 'frob'"),
        ("pods -l a===b", "-l: "),
    ],
)
def test_wrong_usage_is_one_sentence_and_exit_code_2(tmp_path: Path, line: str, said: str) -> None:
    file = kubeconfig(tmp_path, "https://127.0.0.1:1")
    result = done(*line.split(), env={"KUBECONFIG": str(file)})
    assert result.code == 2
    assert said in one_sentence(result)


def test_a_config_file_that_is_wrong_is_named(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("qps = -1\n")
    result = done("pods", env={"KITE_TUI_CONFIG": str(file), "KUBECONFIG": str(kubeconfig(tmp_path, "https://x"))})
    assert result.code == 1
    assert f"{file}: qps must be" in one_sentence(result)


def test_a_log_that_can_not_be_written_is_named(tmp_path: Path) -> None:
    file = kubeconfig(tmp_path, "https://127.0.0.1:1")
    result = done("pods", "--kubeconfig", file, "--log-file", tmp_path / "none" / "log")
    assert result.code == 1
    assert "can't write the log" in one_sentence(result)


# -- where it prints ------------------------------------------------------------------------------------------------


@pytest.fixture
def demo_config(cluster: DemoCluster, tmp_path: Path) -> Path:
    return cluster.kubeconfig(tmp_path / "demo")


@pytest.mark.parametrize("output", ["json", "csv", "table"])
def test_a_reader_that_has_enough_is_no_error(demo_config: Path, output: str) -> None:
    process = started("pods", "-o", output, "--kubeconfig", str(demo_config))
    assert process.stdout is not None
    assert process.stderr is not None
    assert os.read(process.stdout.fileno(), 1)
    process.stdout.close()
    assert process.wait(DEADLINE_S) == 0
    assert process.stderr.read() == ""
    process.stderr.close()


def test_a_pipe_that_was_closed_before_is_no_error(demo_config: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    result = done("nodes", "--kubeconfig", demo_config, stdout=write)
    os.close(write)
    assert (result.code, result.err) == (0, "")


def test_a_full_disk_is_said(demo_config: Path) -> None:
    with open("/dev/full", "w") as full:
        result = done("nodes", "--kubeconfig", demo_config, stdout=full)
    assert result.code == 1
    assert one_sentence(result) == "can't print: No space left on device; is the disk full?"


def test_closed_streams_are_no_reason_to_fail(demo_config: Path) -> None:
    command = ["sh", "-c", 'exec "$0" -m kite_tui nodes --kubeconfig "$1" >&- <&-', sys.executable, str(demo_config)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE_S, check=False)
    assert (result.returncode, result.stderr) == (0, "")


def test_a_document_is_utf_8_and_a_table_printable_in_any_locale(demo_config: Path) -> None:
    env = {"PYTHONIOENCODING": "ascii", "LANG": "C"}
    assert "\\xb7" in done("overview", "--kubeconfig", demo_config, env=env).out
    assert json.loads(done("overview", "-o", "json", "--kubeconfig", demo_config, env=env).out)["kind"] == "Overview"


def test_without_a_terminal_the_demo_is_a_page_and_ends() -> None:
    result = done("demo", "--pods", "50")
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith("demo · all namespaces")


# -- ctrl-c ---------------------------------------------------------------------------------------------------------


def interrupted(process: subprocess.Popen[str], times: int = 1, by: signal.Signals = signal.SIGINT) -> Done:
    begun = time.monotonic()
    for _ in range(times):
        process.send_signal(by)
    result = finished(process)
    assert time.monotonic() - begun < 5
    return result


@pytest.mark.parametrize("command", ["overview", "pods", "version"])
def test_ctrl_c_while_the_server_is_silent(tmp_path: Path, silent: socket.socket, command: str) -> None:
    process = started(command, "--kubeconfig", str(kubeconfig(tmp_path, url_of(silent))))
    connection, _ = silent.accept()
    with connection:
        assert interrupted(process) == Done("", "", 130)


ELSEWHERE = """
import signal, sys, threading
from kite_tui.cli import main

def interrupt():
    sys.stdin.readline()
    signal.pthread_kill(threading.get_ident(), signal.SIGINT)

threading.Thread(target=interrupt, daemon=True).start()
sys.exit(main())
"""


def test_ctrl_c_that_another_thread_gets_ends_it_too(tmp_path: Path, silent: socket.socket) -> None:
    command = [sys.executable, "-c", ELSEWHERE, "pods", "--kubeconfig", str(kubeconfig(tmp_path, url_of(silent)))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        connection, _ = silent.accept()
        with connection:
            _, said = process.communicate("now\n", timeout=DEADLINE_S)
    assert (process.returncode, said) == (130, "")


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_a_credential_plugin_that_thinks_ends_with_us(tmp_path: Path, by: signal.Signals) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    user = {
        "exec": {
            "apiVersion": "client.authentication.k8s.io/v1",
            "command": "sh",
            "args": ["-c", f"echo $$ > {fifo}; exec sleep 60"],
            "interactiveMode": "Never",
        }
    }
    process = started("pods", "--kubeconfig", str(kubeconfig(tmp_path, "https://127.0.0.1:1", user=user)))
    with fifo.open() as said:
        plugin = Path("/proc") / said.read().strip()
    assert plugin.exists()
    assert interrupted(process, by=by) == Done("", "", 128 + by)
    deadline = time.monotonic() + DEADLINE_S
    while plugin.exists():
        assert time.monotonic() < deadline, "the plugin outlives us"
        select.select([], [], [], 0.01)


def test_ctrl_c_while_nobody_reads_what_it_prints(demo_config: Path) -> None:
    process = started("pods", "-o", "json", "--kubeconfig", str(demo_config))
    assert process.stdout is not None
    assert process.stderr is not None
    assert select.select([process.stdout], [], [], DEADLINE_S)[0]  # the pipe fills, and it blocks
    process.send_signal(signal.SIGINT)
    assert process.wait(5) == 130
    assert process.stderr.read() == ""
    process.stdout.close()
    process.stderr.close()


@pytest.mark.parametrize("later_s", [0, 0.15, 0.4])
def test_ctrl_c_at_any_moment_of_a_demo_is_silent_and_leaves_no_server_behind(later_s: float) -> None:
    process = started("demo", "pods", "--pods", "5000", "--nodes", "100", "-o", "json")
    deadline = time.monotonic() + DEADLINE_S
    while not (children := _children(process.pid)):
        assert time.monotonic() < deadline, "no simulated cluster was started"
        select.select([], [], [], 0.005)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(later_s)
    assert interrupted(process, times=2) == Done("", "", 130)
    while [pid for pid in children if Path(f"/proc/{pid}").exists()]:
        assert time.monotonic() < deadline, "the simulated cluster outlives us"
        select.select([], [], [], 0.01)


def _children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []
