"""What a process takes of the machine, as Linux tells it; elsewhere NaN, which the report shows as not measured."""

from __future__ import annotations

import os
from pathlib import Path

_PROC = Path("/proc")


def rss_b(pid: int | None = None) -> float:
    """Bytes of memory that the process (this one without) has in RAM, shared libraries included."""
    try:
        pages = (_PROC / str(pid or "self") / "statm").read_text().split()[1]
    except OSError:
        return float("nan")
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def cpu_s(pid: int) -> float:
    """Seconds of processor time that the process has had, in and out of the kernel; steps of 10 ms."""
    try:
        fields = _stat(pid)
    except OSError:
        return float("nan")
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def threads(pid: int) -> float:
    """Threads that the process has."""
    return _entries(pid, "task")


def open_files(pid: int) -> float:
    """Files, sockets and pipes that the process has open."""
    return _entries(pid, "fd")


def _entries(pid: int, folder: str) -> float:
    try:
        return float(len(os.listdir(_PROC / str(pid) / folder)))
    except OSError:
        return float("nan")


def family_cpu_s(pid: int) -> float:
    """As `cpu_s`, of the process and all that it started, those that have ended since included."""
    seconds = 0.0
    for each in family(pid):
        try:
            seconds += sum(map(int, _stat(each)[11:15])) / os.sysconf(
                "SC_CLK_TCK"
            )  # its own, and of children waited for
        except OSError:
            continue
    return seconds


def family(pid: int) -> list[int]:
    """The process and all that it started and that still run, itself first."""
    children: dict[int, list[int]] = {}
    for folder in _PROC.glob("[0-9]*"):
        try:
            children.setdefault(int(_stat(int(folder.name))[1]), []).append(int(folder.name))
        except OSError:  # it ended meanwhile
            continue
    found = [pid]
    for each in found:  # grows as it goes
        found += children.get(each, [])
    return found


def _stat(pid: int) -> list[str]:
    """The fields after the name, which may have spaces in it: state, parent, …"""
    return (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
