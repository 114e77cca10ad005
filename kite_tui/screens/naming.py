"""What a person types for a kind, an object or a namespace, found in what the cluster has; and what that goes on with.

UI thread. O(objects of one kind) at most: 15 ms for 50 000.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from heapq import nsmallest
from itertools import islice
from typing import Any

from kite_tui.objects.kinds import NAMESPACES, Kind
from kite_tui.objects.reader import Reader
from kite_tui.objects.served import Served
from kite_tui.objects.states import Live, Polling, is_readable
from kite_tui.text.sanitise import clean

MOST = 300
"""Completions of one text; more is nothing to choose from."""
MANY = 10_000
"""Words of which the first ones are still looked for; sorting more would be felt at every key."""
NEAR = 3
"""Words that somebody may have meant."""


class Refused(Exception):
    """What was typed can't be carried out; one sentence."""


class NotYet(Refused):
    """It isn't known yet whether it can be; the sentence says what is waited for."""


def near(word: str, words: Iterable[str], meaning: Callable[[str], object] = str) -> str:
    """`; near it: cart, cards`, or nothing. Of several words of the same meaning the nearest one."""
    found: dict[object, str] = {}
    for each in get_close_matches(word.lower(), dict.fromkeys(words), 4 * NEAR):
        found.setdefault(meaning(each), each)
    return f"; near it: {', '.join(list(found.values())[:NEAR])}" if found else ""


def beginning(text: str, words: Iterable[str]) -> list[str]:
    """The words that begin with a text, whatever the case, sorted; of more than `MOST` the first ones (of very many,
    any) and the very last, so that what they have in common is what all have. A word that could act on a terminal is
    none to complete to."""
    wanted = text.lower()
    found = [word for word in words if word.lower().startswith(wanted)]
    kept = nsmallest(MOST, set(found if len(found) <= MANY else found[:MOST]))
    if len(found) > MOST:
        kept = sorted({*kept, min(found), max(found)})
    return [word for word in kept if clean(word) == word]


# -- kinds ----------------------------------------------------------------------------------------------------------


def names_of_kinds(served: Served) -> dict[str, Kind[Any]]:
    """Every word for a kind among which objects can be looked for, to the kind that `Served.find` takes it for."""
    names: dict[str, Kind[Any]] = {}
    for words in (_plural, _singular, _short, _whole):
        for kind in served.kinds:
            for word in words(kind):
                names.setdefault(word.lower(), kind)
    searched = set(served.searched)
    return {word: kind for word, kind in names.items() if kind in searched}


def _plural(kind: Kind[Any]) -> Iterable[str]:
    return (kind.resource,)


def _singular(kind: Kind[Any]) -> Iterable[str]:
    return kind.singular, kind.kind


def _short(kind: Kind[Any]) -> Iterable[str]:
    return kind.short_names


def _whole(kind: Kind[Any]) -> Iterable[str]:
    return (kind.plural,)


def kinds_beginning(text: str, names: Mapping[str, Kind[Any]]) -> list[str]:
    """One word for each kind that has one that begins so: the plural, else a short name, else another."""
    found: dict[Kind[Any], str] = {}
    for words in (_plural, _short, _singular, _whole):
        for kind in dict.fromkeys(names.values()):
            for word in words(kind):
                if word.lower().startswith(text.lower()) and names.get(word.lower()) is kind:
                    found.setdefault(kind, word.lower())
    return sorted(found.values())


# -- objects --------------------------------------------------------------------------------------------------------


def objects_beginning(reader: Reader, kind: Kind[Any], text: str, namespaces: tuple[str, ...]) -> list[str]:
    """Names, or with a slash in the text namespaces and names; of the namespaces given, of all where there are none."""
    records = reader.list(kind).objects
    if namespaces and kind.namespaced:
        records = tuple(record for record in records if record.namespace in namespaces)
    if "/" in text:
        return beginning(text, (f"{record.namespace}/{record.name}" for record in records))
    return beginning(text, (record.name for record in records))


def find_object(reader: Reader, kind: Kind[Any], text: str, namespaces: tuple[str, ...], home: str) -> tuple[str, str]:
    """Namespace and name of what was typed as NAME or NAMESPACE/NAME.

    A name alone is looked for in the namespaces shown, then everywhere. One that isn't among the objects may be asked
    for where they are not all known: in the namespace shown where that is one, else at `home`. Raises Refused.
    """
    namespace, slash, name = text.rpartition("/")
    if not name or (slash and not (namespace and kind.namespaced)) or "/" in namespace or len(text.split()) > 1:
        how = "NAME or NAMESPACE/NAME" if kind.namespaced else "NAME"
        raise Refused(f"{text!r} names no {kind.singular}; type {how}")
    listing = reader.list(kind)
    places = {record.namespace for record in listing.objects if record.name == name}
    if slash:
        places &= {namespace}
    elif len(places) > 1:
        places = places.intersection(namespaces) or places
    if len(places) == 1:
        return places.pop(), name
    if places:
        raise Refused(f"{len(places)} {kind.resource} are called {name}; say which: {min(places)}/{name}, …")
    if isinstance(listing.state, Live | Polling):
        there = islice((record.name for record in listing.objects if record.name[:1] == name[:1]), MOST)
        where = f" in {namespace}" if slash else ""
        raise Refused(f"no such {kind.singular}{where}{near(name, there)}")
    if not kind.namespaced:
        return "", name
    return (namespace or (namespaces[0] if len(namespaces) == 1 else home)), name


# -- namespaces -----------------------------------------------------------------------------------------------------


def known_namespaces(reader: Reader) -> set[str]:
    """Those that are listed, and those of the pods that are read."""
    return {namespace.name for namespace in reader.list(NAMESPACES).objects} | set(reader.counts_by_namespace())


def check_namespaces(reader: Reader, names: Iterable[str]) -> None:
    """Raise Refused for one that isn't there, where that can be known."""
    known = known_namespaces(reader)
    for name in names:
        if name not in known and is_readable(reader.state(NAMESPACES)):
            raise Refused(f"no namespace {name!r}{near(name, known)}")
