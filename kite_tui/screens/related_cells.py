"""Columns and cells of a tree of related objects, and the words above it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kite_tui.objects.linked import Status, Tone
from kite_tui.objects.served import OTHERS
from kite_tui.queries.documents import state_word
from kite_tui.queries.filters import Vocabulary
from kite_tui.queries.related import Progress, Unsearched
from kite_tui.queries.tree import Line as TreeLine
from kite_tui.queries.vertices import Hop, Vertex
from kite_tui.text import units
from kite_tui.text.cut import cell_width, cut_middle
from kite_tui.widgets.columns import Cell, Column
from kite_tui.widgets.ink import Ink, Line, Piece, safe

COLUMNS = (
    Column("what", "OBJECT", least=30, most=110, sortable=False, flashes=False),
    Column("why", "WHY", least=16, most=70, sortable=False, rank=1),
    Column("state", "STATE", least=10, most=60, flex=1, sortable=False),
)
MOST_NAMED = 3
"""Kinds that were not searched, by name; of more the number, as the tree names them."""

_INKS: Mapping[Tone, Ink] = {"": "dim", "good": "good", "warn": "warn", "bad": "bad"}
_FOLDS = {"open": "", "closed": "▸ ", "": ""}


def cells(line: TreeLine, centre: Vertex | None) -> dict[str, Cell]:
    """The cells of a line by column id."""
    return {
        "what": _what(line, centre),
        "why": Cell(", ".join(line.reasons), "dim"),
        "state": state_cell(line.status),
    }


def state_cell(status: Status) -> Cell:
    """How an object is; the word says it all without its colour."""
    return Cell(status.text, _INKS[status.tone])


def _what(line: TreeLine, centre: Vertex | None) -> Cell:
    guides: list[Piece] = [(line.guides, "dim"), (_FOLDS[line.fold], "accent")]
    if line.vertex is None:
        counted = f" ×{units.count(line.count)}" if line.count else ""
        pieces: list[Piece] = [*guides, (line.title, "title" if line.is_title else ""), (counted, "number")]
        return Cell("".join(text for text, _ in pieces), "", pieces)
    vertex = line.vertex
    name = vertex.name_from(centre.namespace if centre else "")
    ink: Ink = "dim" if vertex.record is None else "name"
    head: list[Piece] = [*guides, (f"{vertex.kind} ", "")]
    taken = sum(cell_width(safe(text)) for text, _ in head)

    def drawn(width: int) -> Line:
        return [*head, (cut_middle(safe(name), max(4, width - taken)), ink)]

    return Cell("".join(text for text, _ in head) + name, "", drawn, taken + cell_width(safe(name)))


def could_not_ask(unsearched: Iterable[Unsearched]) -> bool:
    """True where the server could not be asked what it serves."""
    return any(each.resource == OTHERS for each in unsearched)


def searched(progress: Progress, unsearched: tuple[Unsearched, ...]) -> list[Piece]:
    """`searched 31 of 58 kinds…`, and what could not be searched."""
    pieces: list[Piece] = []
    if not progress.discovered and not could_not_ask(unsearched):
        pieces.append(("   asking what the server serves…", "warn"))
    elif progress.discovered and not progress.is_done:
        pieces.append((f"   searched {progress.searched} of {progress.of} kinds…", "warn"))
    if unsearched:
        names = [f"{each.resource} ({state_word(each.state)[0]})" for each in unsearched]
        said = ", ".join(names) if len(names) <= MOST_NAMED else f"{len(names)} kinds"
        pieces.append((f"   not searched: {said}", "warn"))
    return pieces


VOCABULARY: Vocabulary[Hop] = Vocabulary(
    text=lambda hop: f"{hop.to.kind} {hop.to.namespace}/{hop.to.name}",
    columns={
        "namespace": lambda hop: hop.to.namespace,
        "name": lambda hop: hop.to.name,
        "kind": lambda hop: hop.to.kind,
        "why": lambda hop: " ".join(hop.reasons),
    },
    classes={
        "missing": lambda hop: hop.to.presence == "missing",
        "absent": lambda hop: hop.to.record is None,
    },
    labels=lambda hop: getattr(hop.to.record, "labels", ()),
)
