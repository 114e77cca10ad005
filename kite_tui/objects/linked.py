"""An object that is kept for what it hangs together with: its identity, its links, and a word on its state."""

from __future__ import annotations

from typing import Literal

import msgspec

from kite_tui.objects.meta import Labels
from kite_tui.objects.references import NO_LINKS, Links

Tone = Literal["", "good", "warn", "bad"]


class Status(msgspec.Struct, frozen=True, gc=False):
    """How an object is, in a word or two, and whether that is as it should be; empty where there is nothing to say."""

    text: str = ""
    tone: Tone = ""


NO_STATUS = Status()


class Linked(msgspec.Struct, frozen=True, gc=False):
    """One object of a kind without a record of its own. `labels` are kept only where something selects by them."""

    namespace: str
    name: str
    uid: str
    resource_version: str
    created_s: int | None
    deleted_s: int | None
    labels: Labels = ()
    links: Links = NO_LINKS
    status: Status = NO_STATUS
