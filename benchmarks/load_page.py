"""The page about what a session costs the API server."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmarks.audit import Request
from benchmarks.guests import Kubectl
from benchmarks.report import machine

OURS, KUBECTL = "kite-tui", "kubectl"
PEOPLE = 50
BUSY_PER_S = 10
"""Changes of pods a second in the arithmetic."""

_WITHOUT_BRACES = str.maketrans("", "", "{}")


@dataclass(frozen=True, slots=True)
class Phase:
    """One part of the session: when, in seconds since the epoch, and what each guest received and sent in it."""

    name: str
    from_s: float
    to_s: float
    received_b: dict[str, int]
    sent_b: dict[str, int]

    @property
    def took_s(self) -> float:
        """How long it was."""
        return self.to_s - self.from_s


@dataclass(frozen=True, slots=True)
class Session:
    """All of it: `phases` by name, every request of every guest, and how many changes of a pod there were."""

    phases: dict[str, Phase]
    requests: Sequence[Request]
    changes: int
    guests: Sequence[str]
    log: str
    errors: Sequence[str]

    def asked(self, who: str, phase: str = "") -> list[Request]:
        """The requests of a guest, of one phase or all."""
        within = self.phases.get(phase)
        return [
            each
            for each in self.requests
            if each.user == who and (within is None or within.from_s <= each.at_s < within.to_s)
        ]

    def received_b(self, who: str) -> int:
        """What a guest received in all."""
        return sum(phase.received_b[who] for phase in self.phases.values())

    def resting_b_a_s(self, who: str) -> float:
        """What it receives in a second in which nothing happens."""
        return self.phases["rest"].received_b[who] / self.phases["rest"].took_s

    def change_b(self, who: str) -> float:
        """What a change of a pod costs it."""
        phase = self.phases["changes"]
        return (phase.received_b[who] - self.resting_b_a_s(who) * phase.took_s) / max(1, self.changes)


def size(amount: float) -> str:
    """Bytes as a person reads them."""
    for unit, limit in (("B", 1e3), ("KB", 1e6)):
        if abs(amount) < limit:
            return f"{amount / limit * 1e3:.3g} {unit}"
    return f"{amount / 1e6:,.1f} MB"


def row(*cells: str) -> str:
    """One of a table."""
    return "| " + " | ".join(cells) + " |"


def page(session: Session, minutes: float, pods: int, nodes: int, other: str, counting: str) -> str:
    """All of it as Markdown. `other` is the command line of another program, `counting` what the counters cost."""
    return "\n".join(
        [
            "# What a session costs the API server",
            "",
            f"Output of `python -m benchmarks.load --minutes {minutes:g}`, on a real kube-apiserver with {pods:,} pods",
            f"on {nodes} nodes, at the same time for all programs, each a user of its own. Requests are those of the",
            "server's audit log. Bytes are TCP's, TLS included, counted by a tunnel that all of a program's",
            "connections go through; answers are compressed as over a network, because the server's name is that of",
            "another machine (less than 128 KB, such as the usage of all nodes, no API server compresses). Usage is",
            "served by custom resources that look like metrics-server's answers.",
            "",
            "- *kite-tui*: the app in a terminal, with a walk through all screens (`benchmarks/walk.py`).",
            f"- *kubectl*: {' and '.join(f'`{each}`' for each in Kubectl.WATCHES)} all the time; for the walk "
            + ", ".join(f"`{each}`" for each in Kubectl.SCREENS).translate(_WITHOUT_BRACES)
            + ".",
            *([f"- `{other}`, the keys in place of the walk."] if other else []),
            "",
            " · ".join(f"{name} {value}" for name, value in machine().items()),
            "",
            *costs(session),
            "",
            "## Asked again",
            "",
            *again(session),
            "",
            f"## {PEOPLE} people on one cluster",
            "",
            *people(session),
            "",
            "## What counting costs",
            "",
            "`python -m benchmarks.measuring`: how often each counter is called in a sync, times what one call takes.",
            "",
            counting,
            *(["", "## Broken off", "", *session.errors] if session.errors else []),
            "",
        ]
    )


def costs(session: Session) -> Iterator[str]:
    """The table of phases."""
    yield row("", *(f"{who}: requests | received" for who in session.guests))
    yield row("---", *("---: | ---:" for _ in session.guests))
    for name, said in (("start", "start, and until {:.0f} s"), ("walk", "a walk through all screens, {:.0f} s")):
        phase = session.phases[name]
        cells = (f"{len(session.asked(who, name))} | {size(phase.received_b[who])}" for who in session.guests)
        yield row(said.format(phase.took_s), *cells)
    a_minute = 60 / session.phases["rest"].took_s
    yield row(
        "a minute in which nothing happens",
        *(
            f"{len(session.asked(who, 'rest')) * a_minute:.1f} | {size(session.resting_b_a_s(who) * 60)}"
            for who in session.guests
        ),
    )
    yield row("a change of a pod", *(f" | {size(session.change_b(who))}" for who in session.guests))
    yield row(
        "all of it, " + f"{sum(phase.took_s for phase in session.phases.values()) / 60:.0f} minutes, "
        f"{session.changes} changes",
        *(f"**{len(session.asked(who))}** | **{size(session.received_b(who))}**" for who in session.guests),
    )
    yield row(
        "of them watches opened · lists and their pages · others",
        *(" · ".join(map(str, kinds(session.asked(who)))) + " | " for who in session.guests),
    )
    yield row(
        "sent",
        *(f" | {size(sum(phase.sent_b[who] for phase in session.phases.values()))}" for who in session.guests),
    )


def kinds(asked: Sequence[Request]) -> tuple[int, int, int]:
    """Watches, lists, others."""
    verbs = Counter(each.verb for each in asked)
    return verbs["watch"], verbs["list"], len(asked) - verbs["watch"] - verbs["list"]


def again(session: Session) -> Iterator[str]:
    """What was listed or got more than once, further pages of a list not counted, watches apart."""
    yield (
        "What each program asked for more than once in the whole session, watches and the further pages of a list not\n"
        "counted. What kite-tui watches it lists again for a reason only: a watch that said nothing at all in its\n"
        "time may be one of a server that was restored, and of Events an API server sends no bookmarks."
    )
    yield ""
    reasons: list[str] = []
    yield row("", "asked for", "times", "then watched", "status")
    yield row("---", "---", "---:", "---", "---")
    for who in session.guests:
        asked = session.asked(who)
        watched = {each.path for each in asked if each.verb == "watch"}
        times = Counter((each.verb, each.path) for each in asked if each.verb != "watch" and not each.is_continued)
        for (verb, path), count in times.most_common():
            if count > 1:
                said = sorted({str(each.status) for each in asked if (each.verb, each.path) == (verb, path)})
                yield row(who, f"{verb} {path}", str(count), "yes" if path in watched else "no", " ".join(said))
                if who == OURS and path in watched:
                    reasons += [line for line in session.log.splitlines() if f" {path}: " in line]
    if reasons:
        yield "\nWhat the app's log says of those that are watched:\n"
        yield from (f"    {line}" for line in reasons)


def people(session: Session) -> Iterator[str]:
    """The arithmetic."""
    ours, theirs = OURS, KUBECTL
    start = session.phases["start"]
    requests, received = len(session.asked(ours, "start")), start.received_b[ours]
    rest = session.phases["rest"]
    a_minute = len(session.asked(ours, "rest")) * 60 / rest.took_s
    watches = sum(each.verb == "watch" and each.at_s < start.to_s for each in session.asked(ours))
    change = session.change_b(ours)
    yield f"All starting in the same minute: {PEOPLE} × {requests} = {PEOPLE * requests:,} requests,"
    yield f"{PEOPLE * requests / 60:.0f} a second, and {PEOPLE} × {size(received)} = {size(PEOPLE * received)}."
    yield f"Then {PEOPLE} × {watches} = {PEOPLE * watches} watches are open, and a quiet minute costs"
    yield f"{PEOPLE} × {a_minute:.1f} = {PEOPLE * a_minute:.0f} requests. A change of a pod costs"
    yield f"{PEOPLE} × {size(change)} = {size(PEOPLE * change)}, so {BUSY_PER_S} changes a second come to"
    yield f"{size(PEOPLE * change * BUSY_PER_S)} a second" + (
        "." if theirs not in session.guests else ", where as many"
    )
    if theirs in session.guests:
        yield f"`kubectl get pods -A -w` would take {size(PEOPLE * session.change_b(theirs) * BUSY_PER_S)}."
    yield "Each of them sends at most 20 requests a second."
