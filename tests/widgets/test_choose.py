"""Choosing several of many."""

from __future__ import annotations

from kite_tui.widgets.choose import Choice, Choose
from tests.widgets.host import Host, lines_of

CHOICES = [Choice("shop", "shop", "12 pods"), Choice("etl", "etl"), Choice("kube-system", "kube-system", "9 pods")]
UNASKED = ("unasked",)


async def result_of(*keys: str, chosen: tuple[str, ...] = (), all_label: str = "all namespaces") -> object:
    app = Host()
    results: list[object] = []
    async with app.run_test(size=(80, 24)) as pilot:
        app.push_screen(Choose("Namespaces", CHOICES, chosen, all_label=all_label), results.append)
        await pilot.pause()
        await pilot.press(*keys)
        await pilot.pause()
    return results[0] if results else UNASKED


async def test_enter_takes_the_row_under_the_cursor_where_nothing_is_ticked() -> None:
    assert await result_of("down", "down", "enter") == ("etl",)


async def test_space_ticks_and_enter_takes_what_is_ticked_in_the_order_of_the_choices() -> None:
    assert await result_of("down", "down", "down", "space", "up", "up", "space", "enter") == ("shop", "kube-system")


async def test_a_second_space_unticks() -> None:
    assert await result_of("down", "space", "space", "down", "enter", chosen=("shop",)) == ("shop",)


async def test_the_first_row_means_all_of_them() -> None:
    assert await result_of("enter") == ()
    assert await result_of("space", "enter", chosen=("shop", "etl")) == ()


async def test_escape_leaves_everything_as_it_was() -> None:
    assert await result_of("down", "space", "escape") is None


async def test_typing_narrows_the_list() -> None:
    assert await result_of("s", "y", "s", "enter") == ("kube-system",)


async def test_ticks_outlive_a_narrower_list() -> None:
    assert await result_of("e", "t", "space", "backspace", "backspace", "enter") == ("etl",)


async def test_nothing_that_matches_is_nothing_to_take() -> None:
    assert await result_of("x", "x", "enter") is UNASKED


async def test_the_last_line_says_what_enter_would_take() -> None:
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        app.push_screen(Choose("Namespaces", CHOICES, all_label="all namespaces"))
        await pilot.pause()
        assert "take all namespaces" in "\n".join(lines_of(app))
        await pilot.press("down")
        assert "take shop" in "\n".join(lines_of(app))
        await pilot.press("space", "down", "space")
        assert "take 2 ticked" in "\n".join(lines_of(app))


CONTEXTS = [
    Choice("prod eu", "prod eu", "shop", "eks-prod"),
    Choice("[b]x[/][@click=app.quit]", "[b]x[/][@click=app.quit]", "", "evil"),
    Choice("dev", "dev", "default", "kind"),
]


async def test_where_only_one_is_chosen_the_cursor_begins_at_it_and_enter_takes_the_row_under_it() -> None:
    results: list[object] = []
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        app.push_screen(Choose("Contexts", CONTEXTS, ("dev",), several=False, verb="go to"), results.append)
        await pilot.pause()
        text = "\n".join(lines_of(app))
        assert "●   dev" in text
        assert "kind" in text
        assert "[b]x[/][@click=app.quit]" in text
        assert "go to dev" in text
        assert "tick" not in text
        await pilot.press("up", "enter")
        await pilot.pause()
    assert results == [("[b]x[/][@click=app.quit]",)]


async def test_where_only_one_is_chosen_a_space_is_part_of_the_text_and_details_are_searched_too() -> None:
    for keys, found in ((("d", "space", "e"), "prod eu"), (("k", "i", "n"), "dev")):
        results: list[object] = []
        app = Host()
        async with app.run_test(size=(80, 24)) as pilot:
            app.push_screen(Choose("Contexts", CONTEXTS, several=False), results.append)
            await pilot.pause()
            await pilot.press(*keys, "enter")
            await pilot.pause()
        assert results == [(found,)]


async def test_it_is_whole_in_a_small_terminal() -> None:
    app = Host()
    async with app.run_test(size=(20, 10)) as pilot:
        app.push_screen(Choose("Namespaces", CHOICES, all_label="all"))
        await pilot.pause()
        assert any("kube-system" in line or "kube" in line for line in lines_of(app))
