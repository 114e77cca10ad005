"""One app, one fault: from live through three seconds of the fault until it is live again, and what was seen of it."""

from __future__ import annotations

import contextlib
import json
import math
import ssl
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from benchmarks.places import Place
from benchmarks.terminal import Quiet, Terminal
from tests.faults.faults import CONTINUED, Fault, Shown
from tests.faults.proxy import Proxy

LASTS_S = 3.0
LIVE_LIMIT_S = 60.0
AT_MOST = 5
PROBE_S = 120.0
IDLE_S = 75.0
STALL_S = 0.05
KNOWN_S = 1.0
LATE_S = 0.5
CTRL_R = b"\x12"

Sample = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """A fault, what it comes upon, and how lists are made. `tls`: what the proxy speaks with, of the authority `ca`."""

    fault: Fault
    upon: str
    lists: str
    tls: ssl.SSLContext | None = None
    ca: Path | None = None


@dataclass(slots=True)
class Result:
    """What came of it. Times are seconds, NaN for what did not happen; `wrong` says what was not as it has to be."""

    case: Case
    requests: int
    stale_s: float
    live_s: float
    stall_s: float
    never_fell: bool
    tries: int
    wrong: list[str] = field(default_factory=list)


class Endurance:
    """A context manager: the app and its proxy, up and live. Not thread-safe."""

    def __init__(self, place: Place, case: Case, tries: int = 1) -> None:
        self.tries = tries
        self._place = place
        self._case = case
        self._stack = contextlib.ExitStack()
        self._struck_s = self._healed_s = 0.0
        self._before: Sample = {}
        self._samples: list[Sample] = []
        self._read = 0
        self._is_closed = False

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as stack:
            case, place = self._case, self._place
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kite-fault-")))
            self._report = folder / "report.jsonl"
            self._report.touch()
            self._proxy = stack.enter_context(Proxy(place.url, ca_file=place.ca_file, tls=case.tls))
            options = {
                "url": self._proxy.url,
                "ca_file": str(case.ca or ""),
                "token": place.token,
                "lists": case.lists,
                "report": str(self._report),
            }
            command = [sys.executable, "-m", "benchmarks.watched", json.dumps(options)]
            self._terminal = stack.enter_context(Terminal(command))
            self._leaving = threading.Event()
            reading = threading.Thread(target=self._look, name="screen", daemon=True)
            reading.start()
            stack.callback(reading.join)
            stack.callback(self._leaving.set)
            self._place.change()
            self._wait_live()
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_closed = True
        self._stack.close()

    def endure(self) -> None:
        """Let the fault strike for three seconds."""
        self._place.change()  # so that every watch of pods has seen an event
        self._wait_live()
        self._pause(1.0)
        self._before = self._samples[-1]
        self._struck_s = time.monotonic()
        self._proxy.strike(self._case.fault)
        if self._case.upon == "a list":
            self._terminal.type(CTRL_R)
        self._place.change()
        self._pause(self._struck_s + LASTS_S - time.monotonic())
        self._healed_s = time.monotonic()
        self._proxy.heal()

    def stalled(self) -> bool:
        """Whether the event loop was kept waiting for long, when that is known: three seconds after the healing."""
        self._pause(self._healed_s + LASTS_S - time.monotonic())
        return self._stall_s() >= STALL_S

    def again(self) -> Endurance:
        """Another run of the same, in place of this one."""
        self.__exit__()
        return Endurance(self._place, self._case, self.tries + 1)

    def is_over(self, limit_s: float) -> bool:
        """Whether it is live again and has no thread more than before, waiting for that at most so long."""
        if self._is_closed:
            return True
        deadline_s = time.monotonic() + limit_s
        while self._is_going_on():
            if time.monotonic() >= deadline_s:
                return False
            self._pause(0.1)
        return True

    def close_if_over(self) -> None:
        """End the app when nothing more is to be learnt from it."""
        if self._is_closed:
            return
        self._pause(0.0)
        if not self._is_going_on():
            self.__exit__()

    def result(self) -> Result:
        """What came of it, as far as it came."""
        fault, during = self._case.fault, self._during()
        result = Result(
            self._case, self._requests(), self._stale_s(), self._live_s(), self._stall_s(), False, self.tries
        )
        result.never_fell = math.isnan(result.stale_s)
        successes = 2 if fault.shown is Shown.ROUND else 0
        if result.requests - successes > AT_MOST:
            result.wrong.append(f"{result.requests} requests")
        if fault.shown in (Shown.STALE, Shown.ROUND) and not result.stale_s <= KNOWN_S:
            result.wrong.append("not stale in time")
        if fault.shown is Shown.LIVE and not (result.never_fell and self._is_live(during[-1])):
            result.wrong.append("not live and true in the end")
        if any(sample["pods"] < self._before["pods"] for sample in during):
            result.wrong.append("rows gone")
        if fault.shown not in (Shown.LIVE, Shown.UNKNOWING) and self._lied(during):
            result.wrong.append("live over stale data")
        if not result.live_s <= (PROBE_S + IDLE_S):
            result.wrong.append("not live again")
        if self._more_threads() > 1:
            result.wrong.append(f"{self._more_threads()} threads more")
        if result.stall_s >= STALL_S:
            result.wrong.append("stalled")
        return result

    # -- samples ------------------------------------------------------------------------------------------------

    def _look(self) -> None:
        with contextlib.suppress(Quiet):
            while not self._leaving.is_set():
                self._terminal.drain(0.1)

    def _pause(self, seconds: float) -> None:
        if seconds > 0:
            threading.Event().wait(seconds)
        with self._report.open() as report:
            report.seek(self._read)
            for line in report:
                if not line.endswith("\n"):
                    break
                self._samples.append(json.loads(line))
                self._read += len(line.encode())

    def _wait_live(self) -> None:
        deadline_s = time.monotonic() + LIVE_LIMIT_S
        while not (self._samples and self._is_live(self._samples[-1])):
            if time.monotonic() > deadline_s:
                last = self._samples[-1] if self._samples else "nothing"
                raise RuntimeError(f"the app was not live in {LIVE_LIMIT_S:.0f} s: {last}")
            self._pause(0.05)

    def _is_going_on(self) -> bool:
        """Kinds that the list of pods doesn't wait for, usage for one, may look again whether they are allowed later
        than those that it does wait for."""
        return math.isnan(self._live_s()) or self._more_threads() > 1

    def _more_threads(self) -> int:
        """Than before, now; one may be that of a request ahead."""
        return int(self._samples[-1]["threads"] - self._before["threads"])

    def _is_live(self, sample: Sample) -> bool:
        return set(sample["states"].values()) == {"Live"} and self._place.was(sample["digest"], sample["at_s"])

    def _during(self) -> list[Sample]:
        return [sample for sample in self._samples if self._struck_s <= sample["at_s"] <= self._healed_s]

    def _stale_s(self) -> float:
        """When a kind was first seen that was not live; NaN where none was."""
        for sample in self._during():
            if sample["states"]["pods"] != "Live":
                return float(sample["at_s"] - self._struck_s)
        return math.nan

    def _live_s(self) -> float:
        for sample in self._samples:
            if sample["at_s"] > self._healed_s and self._is_live(sample):
                return float(sample["at_s"] - self._healed_s)
        return math.nan

    def _stall_s(self) -> float:
        end_s = self._healed_s + LASTS_S
        return max(float(sample["stall_s"]) for sample in self._samples if self._struck_s <= sample["at_s"] <= end_s)

    def _requests(self) -> int:
        counts: Counter[str] = Counter(self._during()[-1]["asked"])
        counts.subtract(self._before["asked"])
        if self._case.fault is CONTINUED:
            counts.update(self._during()[-1]["further_pages"])
            counts.subtract(self._before["further_pages"])
        return max(counts.values(), default=0)

    def _lied(self, during: list[Sample]) -> bool:
        """Whether pods were said to be live that had not been the server's for a moment."""
        shown = [sample for sample in during if sample["states"]["pods"] == "Live"]
        return not all(self._place.was(sample["digest"], sample["at_s"], late_s=LATE_S) for sample in shown)
