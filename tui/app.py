"""The Textual application: opens the logs, reads them in threads, and keeps what the messages say."""

from __future__ import annotations

import gc
import os
import shlex
import sys
import threading
import time
from collections.abc import Iterable, Sequence
from typing import ClassVar

import textual.screen
from textual import events, work
from textual.app import App, SystemCommand
from textual.binding import BindingType
from textual.driver import Driver
from textual.message import Message
from textual.screen import Screen
from textual.worker import Worker, get_current_worker

from parsers.analysis import Analysis
from parsers.ends.conclude import both_ends
from parsers.ends.lineup import line_up
from parsers.ends.model import EndLog, Ends
from parsers.findings import Finding
from parsers.redact import redact
from parsers.showable import showable
from tui import keys
from tui.hangup import mind_terminal
from tui.processes import lanes
from tui.screens.base import LogScreen
from tui.screens.help import HelpScreen
from tui.screens.main import MainScreen
from tui.screens.prompt import EVERY, Prompts
from tui.screens.quit import END, LEAVE, QuitScreen
from tui.screens.rerun import Choice, RerunScreen
from tui.sessions.rerun import Again, again, by_hand
from tui.sources.base import RepeatableSource, RunningSource, Source, SourceError
from tui.sources.plan import RefusedError
from tui.styles.themes import DARK, LIGHT
from tui.widgets.bars import live_keys
from tui.worker import LogAdvanced, LogFailed, LogMessage, LogRestarted, LogWorker, OpenLog, RecordingBroke, RunEnded

FREEZE = 8_000_000
"""Bytes of a log between two times that what came of them leaves the garbage collector's sight."""

FRAME = 0.004
"""Seconds between two looks of Textual at what is to be drawn anew (its own default is 1/60). It draws at once where it
had nothing to draw for a while, but then waits for up to two of these, and what a key changed comes in two parts: the
cursor, and behind it what the cursor stands for."""

SWITCH = 0.001
"""Seconds after which the reader's thread gives way to the screen's (Python's own default is five times that)."""


class EndsLinedUp(Message):
    """The logs of both ends were lined up, in a thread."""

    def __init__(self, ends: Ends, findings: dict[int, list[Finding]]) -> None:
        """`findings` by the log's index, causes told from both ends."""
        super().__init__()
        self.ends = ends
        self.findings = findings


AGAIN = 10.0
"""Seconds within which a second ctrl+c ends the run."""


class SshDebugApp(App[int]):
    """The screen over one or several logs."""

    CSS_PATH = "styles/app.tcss"
    TITLE = "sshdebug-tui"
    BINDINGS: ClassVar[list[BindingType]] = keys.bindings(keys.APP)

    def __init__(self, sources: Sequence[Source], *, title: str = "", no_redact: bool = False) -> None:
        """`title` stands in the title bar (default: the playbook); `no_redact` copies secrets as they are."""
        super().__init__()
        self.logs = [
            OpenLog(index, source, Analysis(source=index, lanes=lanes())) for index, source in enumerate(sources)
        ]
        self.no_redact = no_redact
        self.calm_collector = False
        """Whether models leave the garbage collector's sight: a full collection over a model of 2,000 hosts stops the
        screen for 100 ms and finds nothing. For the program, not for tests that open many apps."""
        self._frozen = 0
        self._heading = title
        self._stop = threading.Event()
        self._prompts = Prompts(self, self.logs)
        self._interrupted = 0.0

    def on_mount(self) -> None:
        """Shows the screen and begins to read."""
        self.register_theme(DARK)
        self.register_theme(LIGHT)
        self.theme = DARK.name
        self.push_screen(MainScreen(self.logs, self._heading))
        for log in self.logs:
            self._read(log)
        self.set_interval(EVERY, self._prompts.look)

    def on_resize(self, event: events.Resize) -> None:
        """A run's terminal is as large as ours."""
        for log in self.logs:
            if log.asking is not None:
                log.asking.resize(event.size.height, event.size.width)

    @work(thread=True, group="read", exit_on_error=False)
    def _read(self, log: OpenLog) -> None:
        worker = get_current_worker()
        LogWorker(log, self.post_message, lambda: worker.is_cancelled, self._stop).run()

    def on_unmount(self) -> None:
        """Ends the readers."""
        self._stop.set()

    # What the readers said

    def on_log_advanced(self, message: LogAdvanced) -> None:
        """Keeps the newest state of a log."""
        log = self.logs[message.log]
        log.model, log.findings = message.model, message.findings
        log.chunks, log.lines, log.bytes = message.chunks, message.lines, message.read
        log.finished = message.finished
        # What is drawn now is there sooner, and costs no more, if the reader waits for it.
        self.hurry()
        if self.calm_collector and (log.finished or log.bytes > self._frozen + FREEZE):
            self._frozen = log.bytes
            gc.freeze()
        self._changed(log)
        if all(one.finished for one in self.logs):
            self._line_up()

    @work(thread=True, group="ends", exclusive=True, exit_on_error=False)
    def _line_up(self) -> None:
        # Every log was read to its end, so no reader changes a model any more.
        ends = line_up([EndLog(log.index, log.source.name, log.model) for log in self.logs])
        if ends.pairings:
            models = {log.index: log.model for log in self.logs}
            found = both_ends(ends, models, {log.index: log.findings for log in self.logs})
            self.post_message(EndsLinedUp(ends, found))

    def on_ends_lined_up(self, message: EndsLinedUp) -> None:
        """Keeps what both ends tell together."""
        for log in self.logs:
            log.findings = message.findings.get(log.index, log.findings)
            log.lined_up = [text for source, text in message.ends.notes() if source == log.index]
        for screen in self.screen_stack:
            if isinstance(screen, LogScreen):
                screen.ends = message.ends
        for log in self.logs:
            self._changed(log)

    def on_log_restarted(self, message: LogRestarted) -> None:
        """Says that the log began anew, and shows the new one."""
        log = self.logs[message.log]
        self.notify(showable(f"{log.source.name} began anew: what was there before is gone."), markup=False)

    def on_log_failed(self, message: LogFailed) -> None:
        """Says what could not be read."""
        log = self.logs[message.log]
        log.error = message.text
        self.notify(showable(message.text), severity="error", timeout=10, markup=False)
        self._changed(log)

    def on_recording_broke(self, message: RecordingBroke) -> None:
        """Says it, and keeps it in the log's notes."""
        log = self.logs[message.log]
        log.trouble = message.text
        self.notify(showable(message.text), severity="error", timeout=20, markup=False)
        self._changed(log)

    def on_run_ended(self, message: RunEnded) -> None:
        """Says how the run ended, and where its recording is."""
        log = self.logs[message.log]
        log.exit_code = message.code
        ended = f"exit code {message.code}" if message.code >= 0 else f"ended by signal {-message.code}"
        text = f"The run is over: {ended}. Recorded in {message.path}"
        self.notify(
            showable(text), severity="information" if message.code == 0 else "warning", timeout=10, markup=False
        )
        self._changed(log)

    def _changed(self, log: OpenLog) -> None:
        if not self.is_running:
            return  # the screens are going; a reader's last message came behind the key that ends them
        for screen in self.screen_stack:
            if isinstance(screen, LogScreen) and screen.is_mounted:
                screen.log_changed(log)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """A reader that broke is said plainly; the screen stays with what was read."""
        if event.worker.group == "read" and event.worker.error is not None:
            self.notify(
                f"Reading stopped: {showable(str(event.worker.error))}", severity="error", timeout=10, markup=False
            )

    # Keys

    def get_driver_class(self) -> type[Driver]:
        """Textual's own for this terminal, which tells the readers of a key as soon as it comes.

        In its own thread: the screen's may be drawing, and would be done the sooner.
        """
        app, driver = self, super().get_driver_class()

        class Attentive(driver):  # type: ignore[valid-type, misc]
            def send_message(self, message: Message) -> None:
                if isinstance(message, events.InputEvent):
                    app.hurry()
                super().send_message(message)

        return Attentive

    def hurry(self) -> None:
        """Lets the screen go before the readers for a moment. Safe to call from any thread."""
        for log in self.logs:
            log.give_way()

    async def on_event(self, event: events.Event) -> None:
        """Whoever presses a key or turns the wheel is served before the readers."""
        if isinstance(event, events.InputEvent):
            self.hurry()
        if isinstance(event, events.Key):
            self._prompts.typed()
        await super().on_event(event)

    def action_help(self) -> None:
        """Shows the keys as they are bound now."""
        self.push_screen(HelpScreen(live_keys(self.screen)))

    def action_theme(self) -> None:
        """Light or dark."""
        self.theme = LIGHT.name if self.theme == DARK.name else DARK.name

    def action_answer(self) -> None:
        """Opens the dialog for what the run asks, where it was put off."""
        if not self._prompts.again():
            self.notify("Nothing is asked.", timeout=3, markup=False)

    def action_interrupt(self) -> None:
        """Ctrl-C goes to the run, as it would at its own terminal; a second one ends it."""
        running = [log.asking for log in self.logs if log.asking is not None and log.running]
        now = time.monotonic()
        if not running:
            self.notify("There is no run to interrupt. q quits.", timeout=3, markup=False)
        elif now - self._interrupted < AGAIN:
            self._interrupted = 0.0
            self.notify("Ending the run: all its processes.", timeout=5, markup=False)
            self._end_runs(running, quits=False)
        else:
            self._interrupted = now
            for source in running:
                source.interrupt()
            words = f"The run got ctrl+c. Once more within {AGAIN:.0f} s ends it."
            self.notify(words, severity="warning", timeout=5, markup=False)

    def action_pause(self) -> None:
        """Holds the screen still, or lets it go on; the run and its recording go on in any case."""
        live = [log for log in self.logs if not log.finished]
        if not live:
            self.notify("Nothing is coming that could be held.", timeout=3, markup=False)
            return
        paused = not any(log.paused for log in live)
        for log in live:
            log.paused = paused
            self._changed(log)

    # Running again

    def action_rerun(self) -> None:
        """Asks how to run again; for a log whose command is not known, copies one to be run by hand."""
        log = self._chosen_log()
        with log.reading():
            run = log.model.runs[-1] if log.model.runs else None
            failed = [host.name for host in run.hosts.values() if host.status.bad] if run is not None else []
            playbook = run.playbook if run is not None else None
        source = log.source
        if not isinstance(source, RepeatableSource):
            self.copy_to_clipboard(by_hand(playbook, failed))
            words = f"The log does not tell its command. Copied, to be completed: {by_hand(playbook, failed)}"
            self.notify(showable(words), timeout=12, markup=False)
        elif source.poll() is None:
            words = "The run still goes on: ctrl+c twice ends it, then R runs it again."
            self.notify(words, severity="warning", timeout=5, markup=False)
        else:
            command = redact(shlex.join(source.given.command))
            self.push_screen(RerunScreen(command, failed), lambda choice: self._rerun(source, failed, choice))

    def _chosen_log(self) -> OpenLog:
        main = next((screen for screen in self.screen_stack if isinstance(screen, MainScreen)), None)
        line = main.selected.line if main is not None else None
        return line.log if line is not None else self.logs[-1]

    def _rerun(self, source: RepeatableSource, failed: Sequence[str], choice: Choice | None) -> None:
        if choice is None:
            return
        given = source.given
        hosts = failed if choice.failed_only else None
        try:
            wanted = again(given.command, given.environ, hosts=hosts, more_debug=choice.more_debug)
        except SourceError as error:
            self.notify(showable(str(error)), severity="error", timeout=10, markup=False)
            return
        self._start(source, wanted)

    @work(thread=True, group="start", exit_on_error=False)
    def _start(self, source: RepeatableSource, wanted: Again) -> None:
        try:
            new = source.repeated(wanted.command, wanted.environ)
        except (SourceError, RefusedError) as error:
            self.call_from_thread(self.notify, showable(str(error)), severity="error", timeout=10, markup=False)
            return
        self.call_from_thread(self._started, new)

    def _started(self, source: RepeatableSource) -> None:
        log = OpenLog(len(self.logs), source, Analysis(source=len(self.logs), lanes=lanes()))
        self.logs.append(log)
        if log.asking is not None:
            log.asking.resize(self.size.height, self.size.width)
        for screen in self.screen_stack:
            if isinstance(screen, MainScreen):
                screen.wait_for(log)
        self._read(log)
        self.notify(showable(f"Recording into {source.path}"), timeout=5, markup=False)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """The table of keys, as commands."""
        for key in keys.KEYS:
            contexts = set(screen.CONTEXTS) if isinstance(screen, LogScreen) else {keys.APP}
            if key.built_in or not (contexts - {keys.ROWS}) & set(key.contexts):
                continue
            names = " ".join(keys.shown(name) for name in key.keys.split(","))
            target = self if keys.APP in key.contexts else screen
            yield SystemCommand(
                key.description.capitalize(),
                f"{key.group} · key {names}",
                lambda action=key.action, target=target: self.run_worker(self.run_action(action, target)),
            )

    def copy_to_clipboard(self, text: str) -> None:
        """Copies over OSC 52, with secrets taken out."""
        super().copy_to_clipboard(text if self.no_redact else redact(text))

    # The end

    async def action_quit(self) -> None:
        """Quits; while a run goes on, asks what becomes of it."""
        running = [source for log in self.logs if (source := log.running) is not None]
        if not running:
            self.exit(self.exit_code())
        elif not isinstance(self.screen, QuitScreen):
            source = running[0]
            command = " ".join(shlex.quote(word) for word in source.command)
            can_leave = all(run.can_be_left for run in running)
            self.push_screen(QuitScreen(command, str(source.path), can_leave=can_leave), self._answered)

    def _answered(self, answer: str | None) -> None:
        running = [source for log in self.logs if (source := log.running) is not None]
        if answer == END:
            self.notify("Ending the run …", timeout=5, markup=False)
            self._end_runs(running)
        elif answer == LEAVE:
            for source in running:
                source.leave()
            self.exit(0)

    @work(thread=True, group="end", exit_on_error=False)
    def _end_runs(self, running: Sequence[RunningSource], *, quits: bool = True) -> None:
        for source in running:
            source.stop()
        if quits:
            self.call_from_thread(lambda: self.exit(self.exit_code()))

    def exit_code(self) -> int:
        """The exit code of a launched run's command (128 + N where signal N ended it), else 0."""
        for log in self.logs:
            if isinstance(log.source, RunningSource) and (code := log.source.poll()) is not None:
                return code if code >= 0 else 128 - code
        return 0


def run_app(sources: Sequence[Source], *, title: str = "", no_redact: bool = False) -> int:
    """Shows the screen until the user quits; the exit code of a launched run's command, else 0."""
    app = SshDebugApp(sources, title=title, no_redact=no_redact)
    app.calm_collector = True
    mind_terminal()
    gc.set_threshold(20_000, 20, 50)
    sys.setswitchinterval(SWITCH)
    if "TEXTUAL_FPS" not in os.environ:
        # Not by that variable: animations would be drawn as often.
        textual.screen.UPDATE_PERIOD = FRAME  # type: ignore[misc]
    try:
        code = app.run()
    finally:
        for log in app.logs:
            log.source.close()
    return code if code is not None else app.return_code or 0


__all__ = ["LogMessage", "SshDebugApp", "run_app"]
