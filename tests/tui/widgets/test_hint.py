"""The hint pane: what a finding says, wrapped; and what a stage does where there is none."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from textual.app import App, ComposeResult

from parsers.awaited import Awaited, Cause, Wait
from parsers.model import Stage, StageRun, Status
from tests.tui.hand import command, finding, stage
from tui.widgets.hint import HintRows, HintView, Part, hint_rows, wrapped
from tui.widgets.rowsource import plain


def texts(rows: HintRows) -> list[str]:
    return [plain(rows.row(at, 80)).rstrip() for at in range(len(rows))]


def test_a_finding_says_what_where_fix_why_and_when_not() -> None:
    rows = hint_rows([finding()], None)
    rows.wrap(100)
    assert texts(rows) == [
        "✖ tmpdir-permission · The login user cannot write its temporary directory  certain",
        "  This very case.",
        "  ◆      4  mkdir: Permission denied",
        "  Fix: chown -R deploy: ~deploy/.ansible",
        "  Why it happens: It belongs to root.",
        "    Or remote_tmp points elsewhere.",
        "  How to be sure: ls -ld",
        "  Not this when: disk-full",
    ]
    assert rows.first_target() == 2
    assert rows.line(2) == 4
    assert "chown -R" in rows.copied(0)


def test_a_command_goes_on_below_itself_and_not_as_a_further_one() -> None:
    long = replace(finding(), fixes=("ssh -p 2222 deploy@192.0.2.7 'findmnt -T ~; dmesg | tail -n 20'", "second"))
    rows = hint_rows([long], None)
    rows.wrap(50)
    said = texts(rows)
    at = next(at for at, row in enumerate(said) if row.startswith("  Fix:"))
    assert said[at : at + 3] == [
        "  Fix: ssh -p 2222 deploy@192.0.2.7 'findmnt -T ~;",
        "         dmesg | tail -n 20'",
        "       second",
    ]
    assert all(len(row) <= 50 for row in said)
    assert "'findmnt -T ~; dmesg | tail -n 20'\n" in rows.copied(0)


def test_several_findings_follow_each_other() -> None:
    both = [finding(), finding(line=9)]
    assert [rows for rows in texts(hint_rows(both, None)) if rows.startswith("✖")] != []


def test_without_a_finding_the_stage_is_explained_with_its_facts() -> None:
    sent = command(0, Stage.EXEC, text="/usr/bin/python3 x.py")
    sent.sent_bytes, sent.stdout_bytes, sent.stderr_bytes = 150, 496, 936
    said = "\n".join(texts(hint_rows([], stage(Stage.EXEC, command=sent, line=12))))
    assert "Runs the module on the managed node." in said
    assert "command  /usr/bin/python3 x.py" in said
    assert "sent\u00a0150 B   output\u00a0stdout 496 B, stderr 936 B" in said
    assert "lines 12 to 13 of the log" in said


def waiting(status: Status) -> StageRun:
    said = command(0, Stage.EXEC, text="/usr/bin/python3 x.py")
    open_stage = stage(Stage.EXEC, command=said, line=12)
    open_stage.status, open_stage.elapsed, open_stage.silent = status, 42.0, 12.3
    causes = (Cause("mtu-stall", "`ping` is lost"), Cause(None, "it is not"))
    open_stage.awaited = Awaited(Wait.RESULT, "`BECOME-SUCCESS`", "sudo at [x]", causes, ("ssh -p 22 x true",))
    return open_stage


def test_an_open_command_says_what_it_waits_for_since_when_and_what_to_run() -> None:
    rows = hint_rows([finding()], waiting(Status.STALLED))
    rows.wrap(100)
    assert texts(rows)[:7] == [
        "‖ stalled · waits for BECOME-SUCCESS, from sudo at [x]",
        "  began 42.0 s ago · silent for 12.3 s · no limit: it may work for as long as it needs",
        "  perhaps mtu-stall: ping is lost",
        "  perhaps else: it is not",
        "  Try: ssh -p 22 x true",
        "",
        "✖ tmpdir-permission · The login user cannot write its temporary directory  certain",
    ]
    assert texts(hint_rows([], waiting(Status.RUNNING)))[0].startswith("◌ running · waits for ")


def test_a_silence_of_no_length_is_not_said() -> None:
    cut = waiting(Status.STALLED)
    cut.silent = 0.0
    assert not any("silent" in row for row in texts(hint_rows([], cut)))


def test_a_stage_that_is_over_waits_for_nothing() -> None:
    assert not any("waits" in row for row in texts(hint_rows([], waiting(Status.OK))))


def test_nothing_selected_is_said() -> None:
    assert texts(hint_rows([], None)) == ["Nothing was found, and no stage is selected."]


@given(st.text("ab c", max_size=60), st.integers(8, 40))
def test_wrapping_loses_no_word_and_stays_in_its_width(text: str, width: int) -> None:
    rows = ["".join(piece for piece, _ in row) for row in wrapped(Part(((text, "text"),)), width)]
    assert "".join(rows).replace(" ", "") == text.replace(" ", "")
    assert all(len(row.rstrip()) <= width for row in rows)


async def test_whoever_reads_the_hint_of_a_hang_keeps_the_place_while_seconds_pass() -> None:
    class Host(App[None]):
        def compose(self) -> ComposeResult:
            yield HintView(id="hint")

    app = Host()
    async with app.run_test(size=(60, 12)) as pilot:
        view = app.query_one(HintView)
        hang = waiting(Status.STALLED)
        view.bring(hint_rows([finding()], hang), ("db1", hang.awaited))
        await pilot.pause()
        view.move_cursor(9, quiet=True)
        hang.silent = 13.3
        view.bring(hint_rows([finding()], hang), ("db1", hang.awaited))
        await pilot.pause()
        assert view.cursor == 9
        assert any("13.3 s" in row for row in texts(view.source))  # type: ignore[arg-type]
        view.move_cursor(view.source.first_target(), quiet=True)  # type: ignore[attr-defined]
        # What the other end's log adds comes later.
        longer = replace(finding(), explanation="More is known. " * 20)
        view.bring(hint_rows([longer, finding()], None), ("db1", hang.awaited))
        assert view.source.line(view.cursor) is not None
        view.bring(hint_rows([finding()], hang), ("db2", hang.awaited))
        assert view.cursor == view.source.first_target()  # type: ignore[attr-defined]
