"""The main screen by its keys and mouse, on models made by hand and on real logs."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.message import Message
from textual.pilot import Pilot

from parsers.log_model import LogModel
from parsers.model import Stage, Status, Stream
from parsers.showable import is_showable
from tests.tui.hand import (
    HOSTILE,
    SAMPLES,
    HandSource,
    chunk_file,
    command,
    finding,
    host,
    model,
    opened,
    ping_model,
    screen_text,
    settled,
    shows,
    stage,
    until,
)
from tui.app import SshDebugApp
from tui.screens.main import MainScreen
from tui.screens.raw import RawScreen
from tui.widgets.rows import RowView
from tui.worker import LogAdvanced


def main(app: SshDebugApp) -> MainScreen:
    assert isinstance(app.screen, MainScreen)
    return app.screen


async def advance(pilot: Pilot[int], found: LogModel, *, finished: bool = True) -> None:
    """Lets the app believe that its log became `found`."""
    findings = [finding(item.name) for _, item in found.hosts() if item.status is Status.FAILED]
    chunks = len(found.chunks)
    pilot.app.post_message(LogAdvanced(0, found, findings, chunks, 10, 100, finished))
    await settled(pilot)


@pytest.fixture
def source(tmp_path: Path) -> HandSource:
    path = tmp_path / "hand.log"
    path.write_bytes(b"".join(b"line %d\n" % at for at in range(1, 11)))
    return HandSource(path)


@pytest.fixture
def sample() -> HandSource:
    return HandSource(SAMPLES / "python-missing-2.19.log", name="python-missing-2.19.log")


async def test_a_finished_log_opens_on_its_first_problem(source: HandSource) -> None:
    async with opened(source) as (app, pilot):
        await advance(pilot, ping_model())
        chosen = main(app).selected
        assert chosen.line is not None
        assert chosen.line.host is not None
        assert chosen.line.host.name == "db1"
        assert str(chosen.stage().stage) == "tmpdir"  # type: ignore[union-attr]
        text = screen_text(app)
        for words in (
            "ping.yml · ansible-core 2.19.14",
            "1 problem",
            "Stages · db1 · TASK [ping]",
            "tmpdir-permission",
        ):
            assert words in text


async def test_j_and_k_choose_hosts_and_all_panes_follow(source: HandSource) -> None:
    async with opened(source) as (app, pilot):
        await advance(pilot, ping_model())
        await pilot.press("k")
        await shows(pilot, "Stages · web1")
        assert "tmpdir-permission ·" not in screen_text(app)
        await pilot.press("j")
        await shows(pilot, "tmpdir-permission ·")


async def test_the_selection_stays_when_the_log_goes_on(source: HandSource) -> None:
    async with opened(source) as (app, pilot):
        await advance(pilot, ping_model(), finished=False)
        await pilot.press("j", "j")
        more = ping_model()
        more.runs[0].hosts = {"new": host("new"), **more.runs[0].hosts}
        await advance(pilot, more, finished=False)
        assert main(app).selected.line.host.name == "web2"  # type: ignore[union-attr]
        assert main(app).hosts.cursor == 3


async def test_the_end_of_a_run_goes_to_the_first_problem_where_nobody_chose(tmp_path: Path) -> None:
    """What the chunk pane follows of itself is nobody's choice."""
    path = tmp_path / "hand.log"
    found = ping_model()
    working = stage(Stage.EXEC, Status.RUNNING, command=command(0, Stage.EXEC))
    working.command.closed = None  # type: ignore[union-attr]
    found.runs[0].hosts["web1"] = host("web1", Status.RUNNING, [working])
    chunk_file(path, [(Stream.STDERR, b"debug1: one\n"), (Stream.STDERR, b"debug1: two\n")], found, working.command)
    async with opened(HandSource(path)) as (app, pilot):
        await advance(pilot, found, finished=False)
        assert main(app).selected.line.host.name == "web1"  # type: ignore[union-attr]
        assert main(app).chunk_pane.view.follow
        await advance(pilot, ping_model(), finished=True)
        assert main(app).selected.line.host.name == "db1"  # type: ignore[union-attr]


@pytest.mark.parametrize("key", ["3", "z", "a", "j"])
async def test_the_end_of_a_run_takes_nobody_away_from_what_is_looked_at(source: HandSource, key: str) -> None:
    async with opened(source) as (app, pilot):
        await advance(pilot, ping_model(), finished=False)
        chosen = "web1" if key != "j" else "db1"
        await pilot.press(key)
        await advance(pilot, ping_model(), finished=True)
        assert main(app).selected.line.host.name == chosen  # type: ignore[union-attr]


async def test_brackets_go_through_the_host_s_tasks(source: HandSource) -> None:
    found = ping_model()
    web1 = found.runs[0].hosts["web1"]
    web1.tasks = [host("x", task=f"task {at} [/x]").tasks[0] for at in range(3)]
    async with opened(source) as (_app, pilot):
        await advance(pilot, found)
        await pilot.press("k")
        await shows(pilot, "TASK [task 2 [/x]]")
        await pilot.press("[")
        await shows(pilot, "TASK [task 1 [/x]]")
        await pilot.press("[", "[", "[")
        await shows(pilot, "task 1 of 3")
        await pilot.press("]")
        await shows(pilot, "task 2 of 3")


async def test_e_goes_from_problem_to_problem_around_the_ends(source: HandSource) -> None:
    found = model(host("a"), host("b", Status.FAILED), host("c"), host("d", Status.FAILED))
    async with opened(source) as (app, pilot):
        await advance(pilot, found)
        visited = []
        for key in ("e", "e", "E", "E"):
            await pilot.press(key)
            visited.append(main(app).selected.line.host.name)  # type: ignore[union-attr]
        assert visited == ["d", "b", "d", "b"]


async def test_e_without_a_problem_says_so(source: HandSource) -> None:
    async with opened(source) as (_app, pilot):
        await advance(pilot, model(host("a")))
        await pilot.press("e")
        await settled(pilot)
        await shows(pilot, "No problem was found.")


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
async def test_number_keys_tab_and_escape_move_between_panes(source: HandSource, size: tuple[int, int]) -> None:
    async with opened(source, size=size) as (app, pilot):
        await advance(pilot, ping_model())
        seen = []
        for key in ("2", "3", "4", "1", "tab", "tab", "shift+tab", "escape", "4", "backspace"):
            await pilot.press(key)
            seen.append(app.screen.focused.id)  # type: ignore[union-attr]
        assert seen == ["stages", "chunks", "hint", "hosts", "stages", "chunks", "stages", "hosts", "hint", "hosts"]


async def test_a_small_terminal_shows_one_pane_at_a_time_and_a_large_one_all(source: HandSource) -> None:
    async with opened(source, size=(80, 24)) as (app, pilot):
        await advance(pilot, ping_model())
        await shows(pilot, "[1 hosts]")
        assert "Stages ·" not in screen_text(app)
        await pilot.press("4")
        await shows(pilot, "[4 hint]")
        await shows(pilot, "tmpdir-permission ·")
        await pilot.resize_terminal(200, 60)
        await settled(pilot)
        await shows(pilot, "Hosts · 3", "Stages · db1", "Log · tmpdir", "Hint", "Raw log · hand.log", "line 4")


async def test_z_maximises_and_escape_undoes_it(source: HandSource) -> None:
    async with opened(source) as (app, pilot):
        await advance(pilot, ping_model())
        await pilot.press("2", "z")
        assert "Hosts · 3" not in screen_text(app)
        assert main(app).stages.size.width > 110
        await pilot.press("escape")
        await shows(pilot, "Hosts · 3")
        await pilot.press("plus", "z")
        await shows(pilot, "Hosts · 3")


async def test_enter_on_evidence_opens_its_line_and_escape_comes_back(source: HandSource) -> None:
    async with opened(source) as (app, pilot):
        await advance(pilot, ping_model())
        await pilot.press("4", "enter")
        await settled(pilot)
        assert isinstance(app.screen, RawScreen)
        assert app.screen.view().cursor == 3
        await shows(pilot, "◆   4  line 4")
        await pilot.press("escape")
        await until(pilot, lambda: main(app).focused is main(app).hint)


async def test_enter_goes_from_hosts_to_stages_to_chunks(sample: HandSource) -> None:
    async with opened(sample) as (app, pilot):
        await pilot.press("enter")
        assert app.screen.focused.id == "stages"  # type: ignore[union-attr]
        await pilot.press("enter")
        assert app.screen.focused.id == "chunks"  # type: ignore[union-attr]
        await pilot.press("enter")
        await settled(pilot)
        assert isinstance(app.screen, RawScreen)


async def test_r_opens_the_raw_log_at_the_selected_stage(source: HandSource) -> None:
    async with opened(source) as (app, pilot):
        await advance(pilot, ping_model())
        await pilot.press("r")
        await settled(pilot)
        assert isinstance(app.screen, RawScreen)
        assert app.screen.view().cursor == 3


async def test_a_click_on_evidence_jumps_and_a_click_on_a_host_chooses(source: HandSource) -> None:
    async with opened(source) as (app, pilot):
        await advance(pilot, ping_model())
        await pilot.click("#hosts", offset=(5, 1))
        assert main(app).selected.line.host.name == "web1"  # type: ignore[union-attr]
        await pilot.click("#hosts", offset=(5, 2))
        await pilot.click("#hint", offset=(10, 3))
        await settled(pilot)
        assert isinstance(app.screen, RawScreen)


async def test_enter_on_a_host_keeps_the_task_that_was_chosen(source: HandSource) -> None:
    found = ping_model()
    web1 = found.runs[0].hosts["web1"]
    web1.tasks = [host("x", task=f"task {at}").tasks[0] for at in range(3)]
    async with opened(source) as (_, pilot):
        await advance(pilot, found)
        await pilot.press("k", "[")
        await shows(pilot, "TASK [task 1]")
        await pilot.press("enter")
        await settled(pilot)
        await shows(pilot, "TASK [task 1]")


async def test_choosing_a_stage_shows_what_it_does(source: HandSource) -> None:
    async with opened(source) as (_app, pilot):
        await advance(pilot, ping_model())
        await pilot.press("2", "k")
        await shows(pilot, "Asks the remote shell for the home directory")
        await pilot.press("j")
        await shows(pilot, "tmpdir-permission ·")


async def test_y_copies_with_secrets_taken_out(source: HandSource) -> None:
    found = model(host("password=hunter2hunter2"))
    async with opened(source) as (app, pilot):
        await advance(pilot, found)
        await pilot.press("y")
        await settled(pilot)
        assert app.clipboard
        assert "hunter2" not in app.clipboard
        await shows(pilot, "Copied 1 line.")


async def test_search_in_the_hosts_pane(source: HandSource) -> None:
    async with opened(source) as (app, pilot):
        await advance(pilot, ping_model())
        await pilot.press("slash", "w", "e", "b")
        await app.workers.wait_for_complete()
        await settled(pilot)
        assert main(app).selected.line.host.name == "web2"  # type: ignore[union-attr]
        await shows(pilot, "2 of 2")
        await pilot.press("enter", "n")
        assert main(app).selected.line.host.name == "web1"  # type: ignore[union-attr]
        await pilot.press("N")
        assert main(app).selected.line.host.name == "web2"  # type: ignore[union-attr]
        await pilot.press("escape")
        assert main(app).hosts.needle is None


async def test_n_without_a_search_says_so(source: HandSource) -> None:
    async with opened(source) as (_app, pilot):
        await pilot.press("n")
        await settled(pilot)
        await shows(pilot, "Nothing was searched for yet")


async def test_messages_are_the_reader_s_own(sample: HandSource) -> None:
    seen: list[Message] = []
    async with opened(sample, message_hook=seen.append):
        advanced = [message for message in seen if isinstance(message, LogAdvanced)]
        assert advanced[-1].finished
        assert {item.rule.id for item in advanced[-1].findings} >= {"python-missing"}


async def test_where_the_log_names_no_host_the_chunks_of_all_are_shown_and_it_is_said(tmp_path: Path) -> None:
    found = model(host("web1", stages=[stage(Stage.HOME, command=command(0, Stage.HOME)), stage(Stage.EXEC, line=4)]))
    texts = [(Stream.STDERR, b"debug1: Connecting\n"), (Stream.STDOUT, b"/home/deploy\n")]
    chunk_file(tmp_path / "hand.log", texts, found)
    async with opened(HandSource(tmp_path / "hand.log")) as (_, pilot):
        await advance(pilot, found)
        await pilot.press("2", "g")
        await shows(
            pilot,
            "? host unknown",
            "From ansible-core 2.17 on, chunk headers name no host",
            ">>> … <<< is one read of ssh's output, not a direction",
            "out ▏/home/deploy",
        )


async def test_an_error_of_the_control_node_shows_its_lines_and_its_finding() -> None:
    async with opened(HandSource(SAMPLES / "playbook-syntax-2.19.log")) as (app, pilot):
        await shows(pilot, "control node", "playbook-syntax ·", "Log · before any host", "ended on the control node")
        await shows(pilot, "none: the run ended before it reached a host")
        view = main(app).chunk_pane.view
        assert view.source.row(view.cursor, 80).mark


async def test_chunks_of_a_stage_and_of_the_whole_run() -> None:
    async with opened(HandSource(SAMPLES / "python-missing-2.16.log")) as (_app, pilot):
        await shows(pilot, "· exact")
        await pilot.press("a")
        await settled(pilot)
        await shows(pilot, "Chunks · all of the run")
        await pilot.press("a")
        await settled(pilot)
        await shows(pilot, "· exact")


async def test_without_chunks_the_tuple_s_output_is_shown() -> None:
    async with opened(HandSource(SAMPLES / "log-file-2.16.log")) as (app, pilot):
        await pilot.press("g", "2", "g")
        await settled(pilot)
        texts = []
        for _ in range(6):
            texts.append(screen_text(app))
            await pilot.press("j")
        assert any("No chunks here" in text and "out ▏" in text for text in texts)


async def test_hostile_text_is_shown_as_text_in_every_pane(tmp_path: Path) -> None:
    path = tmp_path / "hand.log"
    path.write_bytes(b"\n".join(HOSTILE) + b"\n")
    source = HandSource(path, name=HOSTILE[0].decode() + "\x1b]0;x\x07")
    texts = [raw.decode("utf-8", "surrogateescape") for raw in HOSTILE]
    found = ping_model()
    found.runs[0].playbook = texts[1]
    found.runs[0].hosts = {text: host(text, Status.FAILED, task=text) for text in texts}
    for item in found.runs[0].hosts.values():
        item.tasks[0].stages[1].note = item.name
    findings = [finding(text, text=text, line=at + 1) for at, text in enumerate(texts)]
    async with opened(source, size=(200, 60)) as (app, pilot):
        app.post_message(LogAdvanced(0, found, findings, 0, 4, 100, True))
        await settled(pilot)
        for _step in range(len(texts)):
            await pilot.press("e")
            await settled(pilot)
            assert all(is_showable(line) for line in screen_text(app).splitlines())
        text = screen_text(app)
        assert "x [/foo] y [h1] [bold]" in text
        await pilot.press("r")
        await settled(pilot)
        assert all(is_showable(line) for line in screen_text(app).splitlines())
        await shows(pilot, "PWNED-TITLE")


async def test_a_key_typed_in_the_search_does_not_leave_it(source: HandSource) -> None:
    async with opened(source) as (app, pilot):
        await pilot.press("slash", "q", "e", "backspace", "escape")
        assert isinstance(app.screen, MainScreen)
        assert isinstance(app.screen.focused, RowView)


async def test_w_says_why_not_another_cause_and_goes_back() -> None:
    async with opened(HandSource(SAMPLES / "key-permissions-2.16.log")) as (app, pilot):
        await pilot.press("w")
        await shows(pilot, "Hint · why not another cause", "auth-password: ssh never tried a password")
        assert main(app).hint.has_focus
        await pilot.press("enter")
        await settled(pilot)
        assert isinstance(app.screen, RawScreen)
        await pilot.press("escape", "1", "k")
        await shows(pilot, "nothing to rule out")
        await pilot.press("j", "w")
        await shows(pilot, "key-permissions ·")
