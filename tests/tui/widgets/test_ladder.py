"""The ladder's rows."""

from __future__ import annotations

from parsers.ends.ladder import Step
from parsers.ssh.messages import ssh_message
from tui.widgets.ladder import LadderRows
from tui.widgets.rowsource import plain


def step(number: int, line: int, time: float | None, *, to_server: bool = True, detail: str = "") -> Step:
    return Step(line, time, to_server, ssh_message(number), detail)


STEPS = [
    step(90, 3, 10.0, detail="session"),
    step(91, 5, 10.25, to_server=False),
    step(98, 7, 130.5, detail='exec "id"'),
]


def texts(rows: LadderRows) -> list[str]:
    return [plain(rows.row(index, 120)) for index in range(len(rows))]


def test_each_message_has_its_way_number_name_time_and_section() -> None:
    head, first, second, third = texts(LadderRows(STEPS))
    assert head.split() == ["client", "sshd"]
    assert first.startswith("   +0.000 s  │─── 90 CHANNEL_OPEN ─")
    assert first.endswith("▶│ session  RFC 4254 5.1")
    assert second.startswith("   +0.250 s  │◀── 91 CHANNEL_OPEN_CONFIRMATION ─")
    assert third.startswith("   +120.5 s  ")
    # The ends stand one below the other.
    assert len({text.rindex("│ ") for text in (first, second, third)}) == 1


def test_stamps_of_whole_seconds_are_shown_as_such() -> None:
    rows = texts(LadderRows([step(90, 3, 10.0), step(91, 5, 12.0, to_server=False)]))
    assert rows[2].startswith("       +2 s  ")


def test_without_times_there_is_none() -> None:
    assert texts(LadderRows([step(90, 3, None)]))[1].startswith("             │─")


def test_every_message_of_ssh_fits_between_the_ends() -> None:
    rows = texts(LadderRows([step(number, 1, None, to_server=bool(number % 2)) for number in range(256)]))[1:]
    assert {row.index("│") for row in rows} == {13}
    assert {row.index("│ ") for row in rows} == {13 + 39}


def test_what_is_said_instead_of_messages_and_below_them() -> None:
    assert texts(LadderRows((), "nothing here")) == ["nothing here"]
    assert texts(LadderRows((), "nothing here", "no answer")) == ["nothing here"]
    rows = LadderRows(STEPS, "nothing here", "no answer")
    assert texts(rows)[-1].strip() == "no answer"
    assert [rows.selectable(index) for index in range(len(rows))] == [False, True, True, True, False]


def test_rows_and_lines_lead_to_each_other() -> None:
    rows = LadderRows(STEPS)
    assert [rows.line(index) for index in range(4)] == [None, 3, 5, 7]
    assert [rows.row_of(line) for line in (1, 3, 4, 5, 99)] == [1, 1, 1, 2, 3]
    assert rows.copied(3) == 'client → sshd 98 SSH_MSG_CHANNEL_REQUEST (RFC 4254 5.4) exec "id"'
    assert rows.copied(0) == ""
