"""Tables, and the log that keeps secrets out."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from kite_tui.cli import plain
from kite_tui.cli.failure import Failure
from kite_tui.cli.logs import log_to
from kite_tui.cli.tables import Column, aligned, table
from tests.cli.running import Done, Run


def test_a_table_aligns_words_left_and_numbers_right_and_pads_nothing_at_its_end() -> None:
    columns: list[Column[tuple[str, int]]] = [
        Column("NAME", lambda row: row[0]),
        Column("N", lambda row: str(row[1]), right=True),
        Column("MORE", lambda row: row[0] * 2, wide=True),
    ]
    rows = [("a", 7), ("bcd", 123456)]
    assert table(columns, rows) == "NAME        N\na           7\nbcd    123456\n"
    assert table(columns, rows, wide=True).splitlines()[0] == "NAME        N   MORE"


def test_wide_characters_count_as_two_cells() -> None:
    assert aligned([("\u6771", "x"), ("abc", "y")], (False, False)) == "\u6771    x\nabc   y\n"


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("Authorization: Bearer abc.def-g", "Bearer [redacted]"),
        ('{"id_token": "abc"}', '"id_token": "[redacted]"'),
        ("token=abc", "token=[redacted]"),
        ("password: hush", "password: [redacted]"),
        ("client-key-data: aHVzaA==", "client-key-data: [redacted]"),
        ("http://user:hush@proxy:8080/x", "http://[redacted]@proxy:8080/x"),
        ("Failed to parse: http://user:hush@ba r:99999", "http://[redacted]@ba"),
        ("http://u:hush/hush@b and https://c/d", "http://[redacted]@b and https://c/d"),
        ("https://prod.test:6443/a@b", "https://prod.test:6443/a@b"),
        ("the id is eyJhbGciOi.abc.hush-x and more", "the id is [redacted] and more"),
        ("-----BEGIN EC PRIVATE KEY-----\naHVzaA\nabc=\n-----END EC PRIVATE KEY-----", "[redacted]"),
    ],
)
def test_a_log_has_what_happened_and_no_credentials(tmp_path: Path, said: str, written: str) -> None:
    file = tmp_path / "log"
    with log_to(str(file)):
        logging.getLogger("kite_tui.kube").warning("before %s after", said)
    logging.getLogger("kite_tui.kube").warning("not any more")
    text = file.read_text()
    assert written in text
    assert "after" in text
    assert "not any more" not in text
    for secret in ("abc", "hush", "aHVzaA"):
        assert secret not in text


def test_without_a_log_nothing_is_printed_by_logging_s_last_resort(capfd: pytest.CaptureFixture[str]) -> None:
    code = (
        "import logging; from kite_tui.cli.logs import log_to\n"
        "with log_to(''): logging.getLogger('kite_tui.kube').error('over the screen')"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    assert capfd.readouterr() == ("", "")


def test_a_log_is_appended_to_and_its_failure_is_a_sentence(tmp_path: Path) -> None:
    file = tmp_path / "log"
    for word in ("first", "second"):
        with log_to(str(file)):
            logging.getLogger("kite_tui").error(word)
    assert file.read_text().count("ERROR") == 2
    with pytest.raises(Failure, match="choose another --log-file"), log_to(str(tmp_path)):
        pass


@pytest.mark.parametrize("logged", [True, False])
def test_a_mistake_of_ours_is_a_sentence_that_says_where_the_traceback_is(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, logged: bool
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("said by the cluster")

    monkeypatch.setattr(plain, "run", broken)
    file = tmp_path / "log"
    done = run("pods", *(("--log-file", str(file)) if logged else ()))
    where = f"the log {file} has more" if logged else "with --log-file FILE it says more there"
    assert done == Done("", f"kite-tui: made a mistake (ZeroDivisionError) and had to end; {where}\n", 1)
    assert not logged or "said by the cluster" in file.read_text()


def test_a_log_that_finds_the_disk_full_says_so_in_the_end_and_changes_nothing_else(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with log_to("/dev/full"):
        logging.getLogger("kite_tui").error("lost")
        assert capsys.readouterr().err == ""
    assert capsys.readouterr().err == "kite-tui: the log /dev/full is not whole: No space left on device\n"


def test_a_thread_that_ends_by_a_mistake_is_for_the_log(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "log"
    with log_to(str(file)):
        thread = threading.Thread(target=lambda: 1 / 0)
        thread.start()
        thread.join()
    assert "ZeroDivisionError" in file.read_text()
    assert capsys.readouterr().err == ""
