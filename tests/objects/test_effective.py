"""Effective requests and limits: the vectors of the rule, what cannot be read, and the words that explain."""

from __future__ import annotations

import gc
import weakref

import pytest

from kite_tui.objects import effective as module
from kite_tui.objects.amounts import Amounts, Quantities
from kite_tui.objects.effective import Why, effective, explain
from kite_tui.objects.pods import Container, ContainerSize, PodTemplate
from kite_tui.objects.quantity import parse


def cpu(text: str) -> Quantities:
    return (("cpu", text),)


def app(requests: str = "", limits: str = "", name: str = "app") -> Container:
    return Container(name, "image", "app", cpu(requests) if requests else (), cpu(limits) if limits else ())


def init(requests: str) -> Container:
    return Container("init", "image", "init", cpu(requests))


def sidecar(requests: str) -> Container:
    return Container("sidecar", "image", "sidecar", cpu(requests))


VECTORS = [
    (PodTemplate((sidecar("100m"), init("200m"), app("100m"))), 300, None),
    (PodTemplate((init("200m"), sidecar("100m"), app("100m"))), 200, None),
    (PodTemplate((init("1000m"), sidecar("250m"), app("500m")), overhead=cpu("100m")), 1100, None),
    (PodTemplate((app(limits="1"), app(name="other")), overhead=cpu("100m")), 100, 1100),
    (PodTemplate((app("10m"),), overhead=cpu("100m")), 110, None),
    (PodTemplate((app("1.5"), app("2")), overhead=cpu("100m"), pod_requests=cpu("2")), 2100, None),
]


@pytest.mark.parametrize(("template", "requests", "limits"), VECTORS)
def test_the_vectors_of_the_rule(template: PodTemplate, requests: int, limits: int | None) -> None:
    found = effective(template)
    assert (found.requests.cpu_m, found.limits.cpu_m) == (requests, limits)


def test_a_pod_that_asks_for_nothing_has_no_amounts_rather_than_zeros() -> None:
    assert effective(PodTemplate((app(),))).requests == Amounts()


def test_a_limit_of_zero_gets_no_overhead() -> None:
    assert effective(PodTemplate((app(limits="0"),), overhead=cpu("100m"))).limits.cpu_m == 0


def test_ephemeral_containers_never_count() -> None:
    debug = Container("debug", "image", "ephemeral", cpu("5"), cpu("5"))
    found = effective(PodTemplate((app("1"), debug)))
    assert (found.requests.cpu_m, found.limits.cpu_m) == (1000, None)


def test_sums_are_exact_and_rounded_up_once() -> None:
    found = effective(PodTemplate((app("1500u", name="a"), app("1500u", name="b"))))
    assert found.requests.cpu_m == 3


def test_pod_level_amounts_replace_cpu_memory_and_hugepages_only() -> None:
    names = ("cpu", "ephemeral-storage", "hugepages-2Mi", "memory", "nvidia.com/gpu")
    one = Container("app", "image", "app", tuple((name, "1") for name in names))
    found = effective(PodTemplate((one,), pod_requests=tuple((name, "5") for name in names)))
    assert found.requests == Amounts(5000, 5, 1, None, (("hugepages-2Mi", 5), ("nvidia.com/gpu", 1)))


def test_a_resize_counts_the_highest_of_spec_allocated_and_actuated() -> None:
    template = PodTemplate((app("200m", "200m"),))
    sizes = (ContainerSize("app", allocated=cpu("300m"), requests=cpu("100m"), limits=cpu("500m")),)
    found = effective(template, sizes)
    assert (found.requests.cpu_m, found.limits.cpu_m) == (300, 500)


def test_an_infeasible_resize_leaves_the_spec_out() -> None:
    template = PodTemplate((app("900m", "900m"), app("50m", name="other")))
    sizes = (ContainerSize("app", allocated=cpu("300m"), requests=cpu("100m"), limits=cpu("500m")),)
    found = effective(template, sizes, infeasible=True)
    assert (found.requests.cpu_m, found.limits.cpu_m) == (300, 500)


def test_actuated_falls_back_to_allocated_and_an_empty_map_is_not_absent() -> None:
    template = PodTemplate((app("200m"),))
    assert effective(template, (ContainerSize("app", allocated=cpu("300m")),), True).requests.cpu_m == 300
    assert effective(template, (ContainerSize("app", allocated=(), requests=()),), True).requests.cpu_m is None


def test_what_cannot_be_read_makes_that_resource_unknown_and_no_other() -> None:
    broken = Container("app", "image", "app", (("cpu", "abc"), ("memory", "1Gi")), (("memory", "1_000"),))
    found = effective(PodTemplate((broken, app("100m"))))
    assert found.requests == Amounts(memory_b=2**30, unknown=("cpu",))
    assert found.limits == Amounts(unknown=("memory",))


def test_a_readable_pod_level_amount_makes_up_for_an_unreadable_container() -> None:
    found = effective(PodTemplate((app("abc"),), pod_requests=cpu("2")))
    assert found.requests == Amounts(cpu_m=2000)


def test_an_unreadable_overhead_or_init_container_is_unknown_too() -> None:
    assert effective(PodTemplate((app("1"),), overhead=cpu("?"))).requests.unknown == ("cpu",)
    assert effective(PodTemplate((init("?"), app("1")))).requests.unknown == ("cpu",)


def test_pods_of_one_template_share_the_result_and_its_parses() -> None:
    template = PodTemplate((app("123456u", "223456u"),), overhead=cpu("3456u"))
    first = effective(template)
    before = parse.cache_info()
    assert all(effective(template) is first for _ in range(100))
    assert parse.cache_info() == before


def test_a_template_is_parsed_at_most_once_per_container_and_field() -> None:
    template = PodTemplate((init("1u"), sidecar("2u"), app("3u", "4u")), overhead=cpu("5u"), pod_requests=cpu("6u"))
    before = parse.cache_info()
    effective(template)
    assert parse.cache_info().misses - before.misses <= 6


def test_the_result_is_dropped_with_the_template() -> None:
    template = PodTemplate((app("777m"),))
    effective(template)
    gone = weakref.ref(template)
    remembered = len(module._memo)
    del template
    gc.collect()
    assert gone() is None
    assert len(module._memo) < remembered


def test_the_mixes_of_sizes_of_one_template_are_bounded() -> None:
    template = PodTemplate((app("1"),))
    for size in range(1000):
        effective(template, (ContainerSize("app", allocated=cpu(f"{size}m")),))
    assert len(module._memo[template]) <= module._VARIANTS


@pytest.mark.parametrize(
    ("template", "words"),
    [
        (PodTemplate((app("500m"),)), "containers 500m"),
        (PodTemplate((sidecar("100m"), init("200m"), app("500m")), cpu("100m")),
         "containers 500m + sidecar 100m; init needs 300m; overhead 100m"),
        (PodTemplate((init("2"), app("1.5"))), "containers 1500m; init needs 2"),
        (PodTemplate((app("1"),), cpu("100m"), cpu("2")), "pod-level 2; overhead 100m"),
        (PodTemplate((app(),), cpu("100m")), "overhead 100m"),
        (PodTemplate((app(),)), "none"),
        (PodTemplate((app("abc"),)), "containers unreadable"),
    ],
)  # fmt: skip
def test_the_sum_is_explained_in_words(template: PodTemplate, words: str) -> None:
    assert explain(template).cpu == words


def test_memory_is_explained_in_binary_units() -> None:
    one = Container("app", "image", "app", (("memory", "1536Mi"),))
    assert explain(PodTemplate((one,), overhead=(("memory", "1Gi"),))) == Why("none", "containers 1536Mi; overhead 1Gi")


def test_a_resize_is_explained_by_what_it_compares() -> None:
    template = PodTemplate((app("500m"),), cpu("100m"))
    sizes = (ContainerSize("app", allocated=cpu("1"), requests=cpu("250m")),)
    assert explain(template, sizes).cpu == "resized: spec 500m, actuated 250m, allocated 1; overhead 100m"
    assert (
        explain(template, sizes, infeasible=True).cpu
        == "resized: actuated 250m, allocated 1 (spec 500m infeasible); overhead 100m"
    )


def test_a_status_that_repeats_the_spec_is_no_resize() -> None:
    sizes = (ContainerSize("app", allocated=cpu("500m"), requests=cpu("500m")),)
    assert explain(PodTemplate((app("500m"),)), sizes).cpu == "containers 500m"
