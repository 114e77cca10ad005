"""Amounts of resources as integers: CPU in millicores, memory and storage in bytes, everything else as it counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from kite_tui.objects.quantity import MILLI, ONE, InvalidQuantity, parse, parse_once, round_up

Quantities = tuple[tuple[str, str], ...]
"""A resource list as the object wrote it: sorted (resource name, quantity text) pairs."""


BASIC = frozenset({"cpu", "memory", "ephemeral-storage", "pods"})
"""Resources with a field of their own; all others are extended."""


class Amounts(msgspec.Struct, frozen=True, gc=False):
    """Resources of one container, pod or node, or a sum of such.

    None means that no value is set; a name in `unknown` means that a value is set and cannot be read (its field is
    then None too). `extended` holds every other resource by name, sorted: GPUs, hugepages (bytes), attachable volumes.
    """

    cpu_m: int | None = None
    memory_b: int | None = None
    ephemeral_storage_b: int | None = None
    pods: int | None = None
    extended: tuple[tuple[str, int], ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def by_name(self) -> Mapping[str, int]:
        """The extended resources as a mapping; made anew at each call."""
        return dict(self.extended)


NOTHING = Amounts()


def from_nanos(nanos: Mapping[str, int | None]) -> Amounts:
    """Exact amounts by resource name, each rounded up once to its unit; None stands for what cannot be read."""
    if not nanos:
        return NOTHING
    rest = dict(nanos)
    cpu, memory = rest.pop("cpu", None), rest.pop("memory", None)
    storage, pods = rest.pop("ephemeral-storage", None), rest.pop("pods", None)
    return Amounts(
        None if cpu is None else round_up(cpu, MILLI),
        None if memory is None else round_up(memory, ONE),
        None if storage is None else round_up(storage, ONE),
        None if pods is None else round_up(pods, ONE),
        tuple(sorted((name, round_up(amount, ONE)) for name, amount in rest.items() if amount is not None)),
        tuple(sorted(name for name, amount in nanos.items() if amount is None)),
    )


def nanos_of(quantities: Quantities) -> dict[str, int | None]:
    """The quantities of one resource list in nanos; None for one that cannot be read."""
    return {name: _readable(text) for name, text in quantities}


def nanos_once(found: object) -> int | None:
    """A quantity of a sample, which won't come again, in nanos; a bare number is one too. None where there is none."""
    try:
        return parse_once(found if isinstance(found, str) else msgspec.json.encode(found).decode())
    except InvalidQuantity:
        return None


def _readable(text: str) -> int | None:
    try:
        return parse(text)
    except InvalidQuantity:
        return None


def _plus(a: int | None, b: int | None, sign: int) -> int | None:
    if b is None:
        return a
    return (a or 0) + sign * b


def add(a: Amounts, b: Amounts, sign: int = 1) -> Amounts:
    """`a` + `b` (or a − b with sign −1), resource by resource; what is unknown in `b` leaves `a` as it is.

    `unknown` is not carried over: a sum counts its unreadable parts beside it (see `sums.Sums.unknown`).
    """
    if b is NOTHING:
        return a
    extended = a.extended
    if b.extended:
        merged = dict(extended)
        for name, value in b.extended:
            merged[name] = merged.get(name, 0) + sign * value
        extended = tuple(sorted(merged.items()))
    return Amounts(
        _plus(a.cpu_m, b.cpu_m, sign),
        _plus(a.memory_b, b.memory_b, sign),
        _plus(a.ephemeral_storage_b, b.ephemeral_storage_b, sign),
        _plus(a.pods, b.pods, sign),
        extended,
    )


def total(parts: Iterable[Amounts]) -> Amounts:
    """The sum of all, as adding one by one to NOTHING makes it, at a fifth of the time. O(n)."""
    all_parts = list(parts)
    extended: dict[str, int] = {}
    for part in all_parts:
        for name, value in part.extended:
            extended[name] = extended.get(name, 0) + value
    return Amounts(
        sum_of_known(part.cpu_m for part in all_parts),
        sum_of_known(part.memory_b for part in all_parts),
        sum_of_known(part.ephemeral_storage_b for part in all_parts),
        sum_of_known(part.pods for part in all_parts),
        tuple(sorted(extended.items())),
    )


def sum_of_known(amounts: Iterable[int | None]) -> int | None:
    """The sum of what is known, None where nothing is."""
    known = [amount for amount in amounts if amount is not None]
    return sum(known) if known else None
