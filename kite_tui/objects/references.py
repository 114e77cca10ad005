"""What one object says of others: who owns it, what it names, and what it selects by label.

Made once, when the object is decoded. A reference names its target in full, so an index over `target` answers "who
refers to this?" without looking at the holder again.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from kite_tui.objects.meta import Labels, Owner
from kite_tui.objects.selectors import Selector

ORDINAL = "#"
"""Ends the name of a reference to every object of that name with an ordinal in its place (a StatefulSet's claims). No
name of an object has this character."""

ANY = "*"
"""Stands in an index where a selector asks for no label in particular."""


def target(group: str, kind: str, namespace: str, name: str) -> str:
    """How an object is named in the index of references; `namespace` is empty for cluster-scoped ones."""
    return f"{kind}.{group}/{namespace}/{name}"


class Reference(msgspec.Struct, frozen=True, gc=False):
    """One place in an object that names another: `reason` is that place, in a person's words (`env DB_HOST`).

    `optional` says that the target may be absent without harm. Where `uid` is given, an object of the right name with
    another uid is not the target.
    """

    group: str
    kind: str
    namespace: str
    name: str
    reason: str
    optional: bool = False
    uid: str = ""

    @property
    def target(self) -> str:
        """See `target`."""
        return target(self.group, self.kind, self.namespace, self.name)


class Selection(msgspec.Struct, frozen=True, gc=False):
    """Objects of one kind chosen by their labels; `namespace` empty is all of them (or the kind has none).

    `templates`: workloads whose pods will have such labels are meant too, as with a Service.
    """

    group: str
    kind: str
    namespace: str
    selector: Selector
    reason: str
    templates: bool = False

    def hooks(self) -> Iterator[str]:
        """Values to be found by from a target's labels: one of its pairs that must be there, or `ANY`."""
        where = f"{self.kind}.{self.group}/{self.namespace}"
        required = self.selector.required
        if required is None:
            yield f"{where}/{ANY}"
        else:
            yield from (f"{where}/{required.key}={value}" for value in required.values)


class Links(msgspec.Struct, frozen=True, gc=False, cache_hash=True):
    """All that an object says of others. `template_labels` are those of the pods it makes, None where it makes none."""

    owners: tuple[Owner, ...] = ()
    references: tuple[Reference, ...] = ()
    selections: tuple[Selection, ...] = ()
    template_labels: Labels | None = None


NO_LINKS = Links()


def hooks_for(group: str, kind: str, namespace: str, labels: Labels) -> Iterator[str]:
    """The values of `Selection.hooks` under which whatever may select an object with these labels is found."""
    scopes = (namespace, "") if namespace else ("",)
    for scope in scopes:
        where = f"{kind}.{group}/{scope}"
        yield f"{where}/{ANY}"
        yield from (f"{where}/{name}={value}" for name, value in labels)
