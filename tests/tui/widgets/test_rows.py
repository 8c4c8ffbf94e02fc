"""The virtual list under every pane: what it draws, where the cursor goes, and that nothing hostile gets through."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.geometry import Offset
from textual.selection import Selection

import tui.styles
from parsers.showable import is_showable
from tests.tui.hand import HOSTILE
from tui.widgets.needle import Needle
from tui.widgets.rows import RowView
from tui.widgets.rowsource import MAX_COLUMNS, Row, RowSource, fit

STYLES = Path(tui.styles.__file__).parent


class Lines(RowSource):
    """Rows of plain text; `closed` ones take no cursor."""

    def __init__(self, lines: list[str], closed: frozenset[int] = frozenset()) -> None:
        self.lines = lines
        self.closed = closed
        self.asked: list[int] = []

    def __len__(self) -> int:
        return len(self.lines)

    def selectable(self, index: int) -> bool:
        return index not in self.closed

    def row(self, index: int, width: int) -> Row:
        self.asked.append(index)
        return Row((("> ", "muted"), (self.lines[index], "text")))


class Wide(RowView):
    WIDE = True


class RowsApp(App[None]):
    CSS_PATH = STYLES / "app.tcss"

    def __init__(self, source: RowSource) -> None:
        super().__init__()
        self.view = Wide(source)
        self.said: list[tuple[str, int]] = []

    def compose(self) -> ComposeResult:
        yield self.view

    def on_mount(self) -> None:
        self.view.rows_changed()
        self.view.focus()

    def on_row_view_cursor_moved(self, event: RowView.CursorMoved) -> None:
        self.said.append(("moved", event.row))

    def on_row_view_activated(self, event: RowView.Activated) -> None:
        self.said.append(("activated", event.row))


class Fitted(Lines):
    """Rows that are cut to the view."""

    def row(self, index: int, width: int) -> Row:
        return Row(((fit(self.lines[index], width), "text"),))


@pytest.mark.parametrize("count", [3, 300])
async def test_the_scrollbar_hides_no_ellipsis(count: int) -> None:
    app = RowsApp(Fitted(["x" * 200] * count))
    async with app.run_test(size=(40, 12)) as pilot:
        await pilot.pause()
        assert app.view.show_vertical_scrollbar is (count > 12)
        strips = app.screen._compositor.render_strips()
        beside = "".join(segment.text for segment in strips[5 if count > 12 else 1])
        assert beside[: 40 - app.view.scrollbar_gutter.width].endswith("x…")


def drawn(view: RowView) -> list[str]:
    """The text of the visible rows."""
    return ["".join(segment.text for segment in view.render_line(y)) for y in range(view.size.height)]


async def test_only_visible_rows_are_asked_for() -> None:
    source = Lines([f"line {at}" for at in range(1_000_000)])
    app = RowsApp(source)
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.press("G")
        await pilot.pause()
        assert app.view.cursor == 999_999
        assert drawn(app.view)[-1].startswith("▌> line 999999")
        assert len(set(source.asked)) < 60


async def test_keys_move_the_cursor_and_say_so() -> None:
    app = RowsApp(Lines([str(at) for at in range(100)]))
    async with app.run_test(size=(40, 11)) as pilot:
        for key, row in (("j", 1), ("down", 2), ("k", 1), ("up", 0), ("up", 0), ("ctrl+d", 10), ("pagedown", 20),
                         ("ctrl+u", 10), ("pageup", 0), ("end", 99), ("home", 0), ("G", 99), ("g", 0)):  # fmt: skip
            await pilot.press(key)
            assert app.view.cursor == row, key
        await pilot.press("enter")
        assert app.said[-1] == ("activated", 0)
        assert ("moved", 99) in app.said


async def test_the_cursor_passes_over_rows_that_take_none() -> None:
    app = RowsApp(Lines(["heading", "a", "heading", "b", "heading"], frozenset({0, 2, 4})))
    async with app.run_test(size=(40, 10)) as pilot:
        app.view.move_cursor(0)
        assert app.view.cursor == 1
        await pilot.press("j")
        assert app.view.cursor == 3
        await pilot.press("j")
        assert app.view.cursor == 3
        await pilot.press("k", "k")
        assert app.view.cursor == 1


async def test_clicks_select_and_a_second_one_goes_in() -> None:
    app = RowsApp(Lines(["a", "b", "c"]))
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.click(RowView, offset=(3, 2))
        assert app.view.cursor == 2
        await pilot.double_click(RowView, offset=(3, 1))
        await pilot.pause()
        assert app.said[-1] == ("activated", 1)
        await pilot.click(RowView, offset=(3, 8))
        assert app.view.cursor == 1


async def test_following_holds_only_at_the_end() -> None:
    source = Lines(["a"] * 50)
    app = RowsApp(source)
    async with app.run_test(size=(40, 10)) as pilot:
        app.view.set_follow(True)
        assert app.view.cursor == 49
        source.lines = ["a"] * 80
        app.view.rows_changed()
        assert (app.view.cursor, app.view.follow) == (79, True)
        await pilot.press("k")
        assert not app.view.follow
        source.lines = ["a"] * 90
        app.view.rows_changed()
        assert app.view.cursor == 78


async def test_a_long_line_is_cut_before_it_is_styled_and_can_be_scrolled() -> None:
    app = RowsApp(Lines(["x" * 50_000_000, "short"]))
    async with app.run_test(size=(40, 10)) as pilot:
        assert drawn(app.view)[0] == "▌> " + "x" * 37
        await pilot.pause()
        assert app.view.virtual_size.width <= MAX_COLUMNS + 300
        await pilot.press("right")
        await pilot.pause()
        assert app.view.scroll_offset.x == 13
        assert drawn(app.view)[0] == "▌" + "x" * 39
        await pilot.press("left")
        assert app.view.scroll_offset.x == 0


async def test_hits_are_marked_and_visited_around_the_ends() -> None:
    app = RowsApp(Lines(["none", "Hit one", "none", "a hit"]))
    async with app.run_test(size=(40, 10)):
        app.view.set_hits(Needle("hit"), [1, 3])
        visited = []
        for _ in range(3):
            assert app.view.next_hit(1)
            visited.append(app.view.cursor)
        assert visited == [1, 3, 1]
        app.view.next_hit(-1)
        assert app.view.cursor == 3
        marked = [segment.text for segment in app.view.render_line(1) if segment.style and segment.style.bold]
        assert marked == ["Hit"]
        app.view.set_hits(None, ())
        assert not app.view.next_hit(1)


async def test_marked_text_is_the_shown_text() -> None:
    app = RowsApp(Lines(["one \x1b]0;x\x07", "two"]))
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        found = app.view.get_selection(Selection(Offset(2, 0), Offset(5, 1)))
        assert found == ("one ␛]0;x␇\n> two", "\n")


async def test_a_changed_theme_changes_the_colours() -> None:
    app = RowsApp(Lines(["a"]))
    async with app.run_test(size=(40, 10)) as pilot:
        before = [segment.style for segment in app.view.render_line(0)]
        app.theme = "textual-light"
        await pilot.pause()
        assert [segment.style for segment in app.view.render_line(0)] != before


async def test_no_control_character_is_drawn_for_any_bytes() -> None:
    source = Lines([""])
    app = RowsApp(source)
    async with app.run_test(size=(60, 6)):

        @settings(max_examples=300, suppress_health_check=list(HealthCheck), deadline=None)
        @given(
            st.binary(max_size=200)
            | st.sampled_from(HOSTILE)
            | st.text(max_size=80).map(lambda s: s.encode("utf-8", "surrogatepass"))
        )
        def check(raw: bytes) -> None:
            source.lines = [raw.decode("utf-8", "surrogateescape")]
            app.view.set_hits(Needle("e"), [0])
            strip = app.view.render_line(0)
            assert is_showable("".join(segment.text for segment in strip))
            assert sum(cell_len(segment.text) for segment in strip) == app.view.size.width

        check()


def test_fit_is_exact_for_wide_characters_too() -> None:
    for text in ("abc", "日本語テキスト", "a\x1bb", "", "é" * 40):
        for width in (0, 1, 2, 5, 9):
            assert cell_len(fit(text, width)) == width


async def test_a_row_that_cannot_be_read_is_said_and_the_others_are_drawn() -> None:
    class Broken(Lines):
        def row(self, index: int, width: int) -> Row:
            if index == 1:
                raise OSError(5, "Input/output error [/x]")
            return super().row(index, width)

    app = RowsApp(Broken(["a", "b", "c"]))
    async with app.run_test(size=(60, 5)):
        rows = drawn(app.view)
        assert "this row cannot be read" in rows[1]
        assert "> c" in rows[2]


def on_screen(app: RowsApp) -> list[str]:
    """What the terminal has now."""
    return [strip.text.rstrip() for strip in app.screen._compositor.render_strips()]


@pytest.mark.parametrize("seed", range(8))
async def test_the_screen_is_as_if_all_of_it_were_drawn_anew_whatever_changed(seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311
    source = Lines(["a", "b", "c"])
    app = RowsApp(source)
    async with app.run_test(size=(40, 6)) as pilot:
        for _ in range(12):
            lines = [dice.choice(["a", "b", "日本", "much longer " * 9]) for _ in range(dice.randrange(1, 12))]
            what = dice.randrange(3)
            if what == 0:
                app.view.show(source := Lines(lines))
            elif what == 1:
                source.lines = lines
                app.view.rows_changed()
            else:
                await pilot.press(dice.choice("jkgG"))
            await pilot.pause()
            found = on_screen(app)
            app.view.notify_style_update()
            app.view.refresh()
            await pilot.pause()
            assert found == on_screen(app)


async def test_rows_that_look_the_same_are_not_drawn_again() -> None:
    source = Lines([str(at) for at in range(100)])
    app = RowsApp(source)
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        before = [app.view.render_line(y) for y in range(10)]
        source.lines = ["0", "1", "two", *source.lines[3:], "new"]
        app.view.rows_changed()
        await pilot.pause()
        after = [app.view.render_line(y) for y in range(10)]
        assert [y for y in range(10) if before[y] is not after[y]] == [2]
        assert on_screen(app)[2] == " > two"
        assert app.view.virtual_size.height == 101


async def test_more_rows_do_not_lay_out_the_screen() -> None:
    source = Lines([str(at) for at in range(100)])
    app = RowsApp(source)
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        laid_out: list[object] = []
        app.screen.screen_layout_refresh_signal.subscribe(app.screen, laid_out.append, immediate=True)
        source.lines = [str(at) for at in range(1000)]
        app.view.rows_changed()
        await pilot.press("G")
        await pilot.pause()
        assert on_screen(app)[-1].startswith("▌> 999")
        assert not laid_out
