from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from kite_tui.demo.options import BadOptions, DemoOptions
from kite_tui.demo.process import DemoCluster, DemoFailed
from tests.conformance.client import ApiClient

SMALL = DemoOptions(nodes=3, pods=20, rate=0)


def is_alive(pid: int) -> bool:
    """Whether the process runs; a zombie that nobody collected yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_for_end(pid: int, limit_s: float = 5.0) -> None:
    deadline = time.monotonic() + limit_s
    pause = threading.Event()
    while is_alive(pid):
        assert time.monotonic() < deadline, "the simulated cluster outlives its parent"
        pause.wait(0.02)


def test_a_cluster_answers_when_started_and_is_gone_when_stopped(tmp_path: Path) -> None:
    with DemoCluster(SMALL) as demo:
        pid = demo.pid
        assert pid is not None
        client = ApiClient(demo.url, None, token=demo.token)
        assert len(client.get("/api/v1/pods")["items"]) == 20
        client.close()
        path = demo.kubeconfig(tmp_path / "config")
        config = json.loads(path.read_text())
        assert config["current-context"] == demo.context == "demo"
        assert config["clusters"][0]["cluster"]["server"] == demo.url
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not is_alive(pid)
    demo.stop()


def test_two_clusters_of_one_seed_and_moment_are_the_same() -> None:
    options = DemoOptions(nodes=3, pods=20, rate=0, now_s=1_790_000_000)
    found = []
    for _ in range(2):
        with DemoCluster(options) as demo:
            client = ApiClient(demo.url, None, token=demo.token)
            found.append(client.request("GET", "/api/v1/pods").body)
            client.close()
    assert found[0] == found[1]


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_the_cluster_ends_with_its_parent_however_that_dies(how: signal.Signals) -> None:
    program = (
        "import time\n"
        "from kite_tui.demo.options import DemoOptions\n"
        "from kite_tui.demo.process import DemoCluster\n"
        "demo = DemoCluster(DemoOptions(nodes=3, pods=20, rate=0))\n"
        "demo.start()\n"
        "print(demo.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    try:
        assert is_alive(child)
    finally:
        parent.send_signal(how)
        parent.wait()
        parent.stdout.close()
    wait_for_end(child)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_an_interrupt_of_the_terminals_group_does_not_reach_the_cluster() -> None:
    with DemoCluster(SMALL) as demo:
        assert demo.pid is not None
        assert os.getpgid(demo.pid) != os.getpgid(0)
        assert os.getsid(demo.pid) != os.getsid(0)


def test_the_cluster_outlives_the_thread_that_started_it() -> None:
    demo = DemoCluster(SMALL)
    thread = threading.Thread(target=demo.start)
    thread.start()
    thread.join()
    try:
        client = ApiClient(demo.url, None, token=demo.token)
        assert client.request("GET", "/readyz").status == 200
        client.close()
    finally:
        demo.stop()


def test_a_child_that_fails_is_told_with_what_it_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\necho no luck today >&2\nexit 3\n")
    broken.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(broken))
    with pytest.raises(DemoFailed, match="no luck today"):
        DemoCluster(SMALL).start()


def test_a_child_that_stays_silent_is_given_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    silent = tmp_path / "python"
    silent.write_text("#!/bin/sh\nexec sleep 60\n")
    silent.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(silent))
    demo = DemoCluster(SMALL)
    with pytest.raises(DemoFailed, match=r"not ready in 0\.2 s"):
        demo.start(limit_s=0.2)
    assert demo.pid is None


def test_a_size_out_of_reach_is_refused_before_anything_starts() -> None:
    with pytest.raises(BadOptions):
        DemoCluster(DemoOptions(pods=0))


def test_by_hand_a_size_out_of_reach_is_one_sentence_and_exit_code_2() -> None:
    command = [sys.executable, "-m", "kite_tui.demo", "--pods=-3"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=20)
    assert ended.returncode == 2
    assert ended.stderr == "--pods must be between 1 and 300000, not -3\n"


def test_by_hand_it_serves_until_it_is_interrupted(tmp_path: Path) -> None:
    path = tmp_path / "config"
    command = [sys.executable, "-m", "kite_tui.demo", "--nodes=3", "--pods=20", f"--kubeconfig={path}"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline().startswith("20 pods on 3 nodes, ready in ")
    server = json.loads(path.read_text())["clusters"][0]["cluster"]["server"]
    client = ApiClient(server, None)
    assert len(client.get("/api/v1/pods")["items"]) == 20  # kubectl sends no token over plain http
    client.close()
    process.send_signal(signal.SIGINT)
    assert process.wait(5) == 0
    process.stdout.close()


def test_the_child_loads_neither_textual_nor_kubernetes() -> None:
    program = (
        "import sys, kite_tui.demo.__main__\n"
        "print([name for name in sys.modules if name.partition('.')[0] in ('textual', 'rich', 'kubernetes', 'yaml')])"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=20)
    assert ended.stdout == "[]\n"
