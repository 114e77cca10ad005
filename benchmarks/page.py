"""The page of the docs that a run writes: what was measured and how, the tables, and its plots beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from benchmarks import growth
from benchmarks.plots import growth_plot, ratio_plot
from benchmarks.report import ABOUT_MEMORY, TITLES, Section, machine, row

ABOUT = """# Benchmarks

Output of `make bench` (`python -m benchmarks`), misses included. Servers, the program and whoever measures are
processes of their own on one machine, so they share its processors; nothing leaves loopback. What is compared is
measured in one run, in turns where it has several; each value is a median, beside it the range and the number of runs.

- *better*: how many times better than the other figure of the same name, by its median; below 1 it is worse.
- *goal*: of the median. MISSED is one that was not reached here.
- Cases of one part (a decoder, a table, a cache) each run in a process of their own, with everything loaded before the
  clock starts. The whole program runs in a pseudo-terminal of 160 × 48 that knows synchronised updates: a key is
  painted when the frame ends that shows what it asked for. Memory is RSS. CPU is a share of one processor, in and out
  of the kernel.
- The simulated server is the demo's (`python -m kite_tui.demo`), at up to 1 000 changes a second; the real one is
  kube-apiserver on etcd (`make apiserver`) with the same objects in it.
- *a wait of an event loop* is by how much a sleep of 5 ms was overslept at most, which includes whatever else the
  machine did meanwhile.
- Put another program beside it: `python -m benchmarks program --command 'k9s --kubeconfig {kubeconfig} -A -c pods'`.
"""


def write(path: Path, sections: Sequence[Section]) -> None:
    """The page, and in the same folder its plots."""
    lines = [
        ABOUT + ABOUT_MEMORY,
        "Measured on: " + " · ".join(f"{name} {value}" for name, value in machine().items()),
        "",
    ]
    compared = [section for section in sections if any(figure.goal_ratio is not None for figure in section.figures)]
    if compared:
        lines += [_plot(path, "ratios", ratio_plot(compared), "How many times better; a mark is the goal"), ""]
    lines += missed(sections)
    for section in sections:
        lines += ["", f"## {section.title}", ""]
        if section.left_out:
            lines += [f"LEFT OUT: {section.left_out}"]
        if section.title == growth.TITLE:
            lines += [_plot(path, "growth", growth_plot(section), "The same figures over the number of pods"), ""]
            lines += by_size(section)
        elif section.figures:
            lines += markdown(section)
    path.write_text("\n".join(lines) + "\n")


def _plot(page: Path, name: str, svg: str, alternative: str) -> str:
    file = page.with_name(f"{page.stem}-{name}.svg")
    file.write_text(svg)
    return f"![{alternative}]({file.name})"


def missed(sections: Iterable[Section]) -> Iterator[str]:
    """How many goals there are, and which were not reached."""
    met = [(section, figure, section.met(figure)) for section in sections for figure in section.figures]
    goals = [each for each in met if each[2] is not None]
    misses = [each for each in goals if not each[2]]
    yield f"{len(goals)} goals, {len(goals) - len(misses)} met" + (", missed:" if misses else ".")
    if misses:
        yield ""
    for section, figure, _ in misses:
        _, who, median, _, _, better, goal, _, _ = row(section, figure)
        yield f"- {section.title}: {figure.what} ({who}): {median}{f', {better} better' if better else ''}; goal {goal}"


def markdown(section: Section) -> Iterator[str]:
    """A table of a section."""
    texts = [row(section, figure) for figure in section.figures]
    yield from _table(TITLES, texts, right=range(2, len(TITLES) - 1))


def by_size(section: Section) -> Iterator[str]:
    """A table with a column for each size."""
    sizes = list(dict.fromkeys(figure.who for figure in section.figures))
    medians = {(figure.what, figure.who): row(section, figure)[2] for figure in section.figures}
    whats = dict.fromkeys(figure.what for figure in section.figures)
    rows = [(what, *(medians.get((what, each), "") for each in sizes)) for what in whats]
    yield from _table(("", *sizes), rows, right=range(1, len(sizes) + 1))


def _table(titles: Sequence[str], rows: Iterable[Sequence[str]], right: range) -> Iterator[str]:
    rules = ["---:" if at in right else "---" for at in range(len(titles))]
    for texts in (titles, rules, *rows):
        yield "| " + " | ".join(text.replace("|", "\\|") for text in texts) + " |"
