"""Resource lists of generated pods: every kind of resource and quantity that a server admits, and some it doesn't."""

from __future__ import annotations

import itertools
import random
from fractions import Fraction

ResourceList = dict[str, str]

_SUFFIXES = {
    "n": Fraction(1, 10**9),
    "u": Fraction(1, 10**6),
    "m": Fraction(1, 1000),
    "": Fraction(1),
    **{letter: Fraction(1000**power) for power, letter in enumerate("kMGTPE", start=1)},
    **{f"{letter}i": Fraction(1024**power) for power, letter in enumerate("KMGTPE", start=1)},
}

# At most 2 000 cores and 1 Ti each, so that `POD_LEVEL_AMPLE` covers any pod's sum.
# fmt: off
CPU = [
    "0", "0m", "12n", "999n", "5u", "1m", "10m", "99m", "100m", "0.1", ".25", "250m", "0.5",
    "500m", "1", "1.0", "1.", "+1", "1.5", "15e-1", "2", "2e0", "1E1", "0.0625k", "1Ki", "1e3",
    "2e3",
]
MEMORY = [
    "0", "1", "1n", "100m", "1500m", "1000", "1.1Ki", "2e3", "100k", "1e6", "129M", "123Mi", "0.1Gi",
    "128974848", "128974848000m", "1.5Gi", "2G", "3E9", "+4Gi", "1e10", "64Gi", "1Ti",
]
# fmt: on
HUGEPAGES = ["0", "2Mi", "4Mi", "128Mi", "1Gi", "4194304"]
COUNTS = ["0", "1", "2", "4", "8", "1e1", "2k"]
POD_LEVEL_AMPLE = {"cpu": ["20k", "20000", "2e4", "30000000m"], "memory": ["20Ti", "25T", "0.1Pi", "3e13"]}

HUGEPAGES_2MI = "hugepages-2Mi"
EXTENDED = ("nvidia.com/gpu", "example.com/dongle", "vendor.example/fpga")


def value(text: str) -> Fraction:
    """The exact value of a valid quantity; a short reading of Go's grammar of its own, apart from the package's."""
    number, suffix = text, ""
    for name in sorted(_SUFFIXES, key=len, reverse=True):
        if name and text.endswith(name):
            number, suffix = text[: -len(name)], name
            break
    return Fraction(number.removesuffix(".")) * _SUFFIXES[suffix]


def quantity(rng: random.Random, resource: str) -> str:
    """A valid quantity, from the odd ones or made up."""
    if resource in EXTENDED:
        return rng.choice(COUNTS)
    if resource.startswith("hugepages-"):
        return rng.choice(HUGEPAGES)
    pool = CPU if resource == "cpu" else MEMORY
    if rng.random() < 0.5:
        return rng.choice(pool)
    if resource == "cpu":
        suffix = rng.choice(["n", "u", "m", "m", "m", ""])
        return f"{rng.randrange(1, 2000)}{suffix}"
    suffix = rng.choice(["", "k", "M", "Ki", "Mi", "Mi", "m", "e3", "e+6"])
    fraction = f".{rng.randrange(1000)}" if rng.random() < 0.3 else ""
    return f"{rng.randrange(1, 3000)}{fraction}{suffix}"


def pair(rng: random.Random, resource: str, *, whole_milli: bool = False) -> tuple[str, str]:
    """A request and a limit that isn't below it; `whole_milli` leaves out those finer than a thousandth."""
    drawn = (quantity(rng, resource) for _ in itertools.count())
    first, second = itertools.islice((q for q in drawn if not whole_milli or value(q) * 1000 % 1 == 0), 2)
    return (first, second) if value(first) <= value(second) else (second, first)


def container(rng: random.Random, *, whole_milli: bool = False) -> dict[str, ResourceList]:
    """The `resources` of a container that a server admits; sometimes empty, or limits without requests.

    With pod-level resources beside them they have to be `whole_milli`: 1.35 derives a missing pod-level request from
    the exact containers' sum, rounds up container by container, and then refuses the pod because that sum is larger.
    """
    requests: ResourceList = {}
    limits: ResourceList = {}
    for resource, often in (("cpu", 0.8), ("memory", 0.8), ("ephemeral-storage", 0.15)):
        if rng.random() < often:
            low, high = pair(rng, resource, whole_milli=whole_milli)
            which = rng.choice(["both", "both", "request", "limit"])
            if which != "limit":
                requests[resource] = low
            if which != "request":
                limits[resource] = high
    # Not overcommittable: requests equal limits. Huge pages need cpu or memory beside them.
    for resource in (HUGEPAGES_2MI, *EXTENDED):
        if rng.random() < 0.06 and (resource != HUGEPAGES_2MI or {"cpu", "memory"} & limits.keys()):
            limits[resource] = quantity(rng, resource)
            if rng.random() < 0.5:
                requests[resource] = limits[resource]
    return {name: part for name, part in (("requests", requests), ("limits", limits)) if part}


def pod_level(rng: random.Random, containers_use_huge_pages: bool) -> dict[str, ResourceList]:
    """Pod-level `resources` that are enough for every container, so that a server admits them."""
    requests: ResourceList = {}
    limits: ResourceList = {}
    for resource, pool in POD_LEVEL_AMPLE.items():
        if rng.random() < 0.7:
            low, high = sorted(rng.choices(pool, k=2), key=value)
            which = rng.choice(["both", "request", "limit"])
            if which != "limit":
                requests[resource] = low
            if which != "request":
                limits[resource] = high
    if not containers_use_huge_pages and requests and rng.random() < 0.3:
        requests[HUGEPAGES_2MI] = limits[HUGEPAGES_2MI] = rng.choice(HUGEPAGES[1:])
    if not requests and not limits:
        requests["cpu"] = rng.choice(POD_LEVEL_AMPLE["cpu"])
    return {name: part for name, part in (("requests", requests), ("limits", limits)) if part}


def anything(rng: random.Random) -> dict[str, ResourceList | None]:
    """A `resources` that no server need admit: requests above limits, fractions of devices, empty and null maps."""
    made: dict[str, ResourceList | None] = {}
    for part in ("requests", "limits"):
        kind = rng.random()
        if kind < 0.1:
            made[part] = None
        elif kind < 0.8:
            names = rng.sample(
                ["cpu", "memory", "ephemeral-storage", "pods", HUGEPAGES_2MI, *EXTENDED], rng.randrange(4)
            )
            made[part] = {name: quantity(rng, rng.choice(["cpu", "memory"])) for name in names}
    return made


def resized(rng: random.Random, resources: dict[str, ResourceList]) -> dict[str, object]:
    """What a container's status says of its resources during an in-place resize: any part may be missing."""
    made: dict[str, object] = {}
    requests = resources.get("requests", {})
    limits = resources.get("limits", {})

    def other(given: ResourceList) -> ResourceList:
        return {
            name: quantity(rng, name) if rng.random() < 0.6 else text
            for name, text in given.items()
            if rng.random() < 0.9
        }

    if rng.random() < 0.6:
        made["allocatedResources"] = other(requests)
    if rng.random() < 0.6:
        parts = {"requests": other(requests), "limits": other(limits)}
        made["resources"] = {name: part for name, part in parts.items() if rng.random() < 0.7}
    return made
