"""The command line. Nothing of the screen is imported here but where a screen is shown."""

from __future__ import annotations

import argparse
import errno
import os
import sys
import tempfile
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, NoReturn

from parsers.showable import showable
from tui.exits import Exit
from tui.prose import nearest, terminal_width
from tui.sources.base import Source, SourceError

if TYPE_CHECKING:
    from tui.sources.launch import LaunchedRun

_COMMANDS = ("open", "tail", "report", "explain", "sessions", "demo")

_ISSUES = "the project's issue tracker"

_EPILOG = """\
To run a playbook with debug output and watch it:
  sshdebug-tui -- ansible-playbook ping.yml

A LOG is what ansible or ansible-playbook printed, best with ANSIBLE_DEBUG=1 and -vvvv; - is standard input.
.gz, .xz, .bz2 and .zst are read as they are.
"""

_REPORT_EPILOG = """\
exit codes:
  0  every host ended well
  1  some host failed, was unreachable, stalled or had not ended, or the run died on the control node
  2  wrong usage, or a log that cannot be read (the others are reported all the same)
  3  an unexpected error of sshdebug-tui itself

With --host the code is about that host. Secrets are hidden unless --no-redact is given.
"""


_SESSIONS_EPILOG = """\
An ID may be cut to a beginning that only one session has; last is the newest.
"""


class UsageError(Exception):
    """A command line that makes no sense; the message says what to do."""


class _Parser(argparse.ArgumentParser):
    """argparse, with one plain sentence instead of its usage and error."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}; {self.prog} --help shows how")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="sshdebug-tui",
        description="Reads the debug output of Ansible over SSH: hosts, stages, ssh's own text, and what broke.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="store_true", help="show the version and exit")
    parser.add_argument(
        "--no-stamp",
        action="store_true",
        help="before -- COMMAND: load no callback plugin into its Ansible (which names the host of each debug line)",
    )
    parser.add_argument(
        "--end-on-hangup",
        action="store_true",
        help="before -- COMMAND: end the run when the terminal closes (else it goes on, and is recorded)",
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands", parser_class=_Parser)

    opening = commands.add_parser("open", help="show old logs", allow_abbrev=False)
    opening.add_argument("logs", nargs="+", metavar="LOG")
    opening.add_argument("--follow", action="store_true", help="the log still grows (the same as tail)")
    opening.add_argument("--no-redact", action="store_true", help="do not hide secrets in what is copied or exported")

    tail = commands.add_parser("tail", help="show a log that still grows", allow_abbrev=False)
    tail.add_argument("logs", nargs=1, metavar="LOG")
    tail.add_argument("--no-redact", action="store_true", help="do not hide secrets in what is copied or exported")

    report = commands.add_parser(
        "report",
        help="the same analysis with no screen",
        epilog=_REPORT_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    report.add_argument("logs", nargs="*", metavar="LOG")
    report.add_argument("--format", choices=("text", "json", "markdown"), default="text", help="default: text")
    report.add_argument("--chunks", action="store_true", help="list every chunk with its host, task and stage")
    report.add_argument("--host", metavar="NAME", help="only this host")
    report.add_argument(
        "--why-not",
        nargs="?",
        const="",
        metavar="RULE",
        help="for each failed host, why RULE is not its cause; without RULE, every rule that looks alike; or all",
    )
    report.add_argument("--no-redact", action="store_true", help="do not hide secrets")

    explain = commands.add_parser("explain", help="what a rule looks for, and what to do", allow_abbrev=False)
    explain.add_argument("rule", nargs="?", metavar="RULE", help="without it, the list of rules")

    _add_sessions(commands)
    commands.add_parser(
        "demo", help="run a real playbook against a local SSH server with healthy and broken hosts", allow_abbrev=False
    )
    return parser


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > 9:
        raise argparse.ArgumentTypeError(f"{text} is no number of sessions")
    return int(text)


def _add_sessions(commands: argparse._SubParsersAction[_Parser]) -> None:
    kept = commands.add_parser(
        "sessions",
        help="list the recorded runs; open or remove them",
        epilog=_SESSIONS_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    kept.add_argument(
        "--keep", type=_count, metavar="N", help="remove all but the newest N (the same as prune --keep N)"
    )
    actions = kept.add_subparsers(dest="action", metavar="ACTION", parser_class=_Parser)
    actions.add_parser("list", help="list them, the newest first (so does no ACTION)", allow_abbrev=False)
    opening = actions.add_parser("open", help="show one; it is followed while it is still running", allow_abbrev=False)
    opening.add_argument("id", metavar="ID")
    opening.add_argument("--no-redact", action="store_true", help="do not hide secrets in what is copied or exported")
    removing = actions.add_parser("remove", help="remove some, never one that is still running", allow_abbrev=False)
    removing.add_argument("ids", nargs="+", metavar="ID")
    pruning = actions.add_parser("prune", help="remove all but the newest", allow_abbrev=False)
    pruning.add_argument("--keep", type=_count, metavar="N", required=True, dest="newest")


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; returns the exit code (`Exit`, or the launched command's own)."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    # What a log or a file name holds may not fit the terminal's encoding; a report with a mark beats a crash.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        code = _run(arguments)
        sys.stdout.flush()
    except (UsageError, SourceError) as error:
        _say(str(error))
        return int(getattr(error, "code", Exit.USAGE))
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except BrokenPipeError:
        # The reader (`head`, a pager) has what it wanted.
        _leave_output()
        return Exit.OK
    except Exception as error:  # noqa: BLE001
        return _unexpected(error)
    return code


def _leave_output() -> None:
    """Python would complain again, and with a code of its own, when it writes at exit what is still held back."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _say(message: str) -> None:
    sys.stderr.write(f"sshdebug-tui: {showable(message)}\n")


def _unexpected(error: Exception) -> int:
    if os.environ.get("SSHDEBUG_TRACEBACK") == "1":
        traceback.print_exception(error)
    elif isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        _leave_output()
        _say(f"what it wrote is cut: {error.strerror}; make room, or write it elsewhere")
    else:
        _say(
            f"an error of sshdebug-tui itself ({type(error).__name__}: {error}); "
            f"please report it at {_ISSUES} with what SSHDEBUG_TRACEBACK=1 shows"
        )
    return Exit.INTERNAL


def _run(arguments: list[str]) -> int:
    if "--" in arguments:
        options, command = arguments[: (place := arguments.index("--"))], arguments[place + 1 :]
        if set(options) <= {"--no-stamp", "--end-on-hangup"}:
            return _launch(command, stamp="--no-stamp" not in options, hangup_ends="--end-on-hangup" in options)
    _refuse_mistakes(arguments)
    given = _parser().parse_args(arguments)
    if given.version:
        sys.stdout.write(f"sshdebug-tui {_version()}\n")
        return Exit.OK
    run: Callable[[argparse.Namespace], int] = {
        "open": _open,
        "tail": _open,
        "report": _report,
        "explain": _explain,
        "sessions": _sessions,
        "demo": _demo,
    }[given.command]
    return run(given)


def _refuse_mistakes(arguments: list[str]) -> None:
    """Says what was meant where argparse would only list its choices."""
    if not arguments:
        sys.stderr.write(_parser().format_help())
        raise UsageError("there is no command; give one of the above")
    first = arguments[0]
    if first.startswith("-") or first in _COMMANDS:
        return
    if PurePath(first).name.startswith("ansible") and not first.endswith((".log", ".txt")):
        raise UsageError(f"to run a command, put -- before it: sshdebug-tui -- {' '.join(arguments)}")
    if os.path.exists(first):  # noqa: PTH110 (a name that Path refuses is no file either)
        raise UsageError(f"to read a log, say how: sshdebug-tui open {first}, or sshdebug-tui report {first}")
    near = nearest(first, _COMMANDS)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(_COMMANDS)}, and -- to run a command"
    raise UsageError(f"there is no command {first}; {hint}")


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("sshdebug-tui")
    except PackageNotFoundError:
        return "(not installed)"


def _report(given: argparse.Namespace) -> int:
    from tui.report.run import Format, ReportOptions, UnknownHostError, write_report

    asked, logs = _asked_rule(given.why_not, given.logs)
    if not logs:
        raise UsageError("the following arguments are required: LOG; sshdebug-tui report --help shows how")
    options = ReportOptions(
        logs=logs,
        format=Format(given.format),
        chunks=given.chunks,
        host=given.host,
        why_not=asked,
        redact=not given.no_redact,
        width=terminal_width(),
    )
    try:
        return write_report(options, sys.stdout.write, _say)
    except UnknownHostError as error:
        raise UsageError(str(error)) from error


def _asked_rule(asked: str | None, logs: list[str]) -> tuple[str | None, list[str]]:
    """The rule of `--why-not [RULE]`, and the logs: what follows the option is a log where it names no rule."""
    from parsers.findings import rules
    from tui.report.collect import EVERY, NEAR

    if asked in (None, NEAR, EVERY) or asked in rules():
        return asked, logs
    if asked == "-" or os.path.exists(asked):  # noqa: PTH110 (a name that Path refuses is no file either)
        return NEAR, [asked, *logs]
    near = nearest(asked, rules())
    hint = f"did you mean {' or '.join(near)}?" if near else "sshdebug-tui explain lists them"
    raise UsageError(f"there is no rule {asked}; {hint}")


def _explain(given: argparse.Namespace) -> int:
    from tui.explain import UnknownRuleError, explain_list, explain_rule

    width = terminal_width()
    try:
        sys.stdout.write(explain_rule(given.rule, width) if given.rule else explain_list(width))
    except UnknownRuleError as error:
        raise UsageError(str(error)) from error
    return Exit.OK


def _sessions(given: argparse.Namespace) -> int:
    from tui.sessions.command import keep_newest, listed, remove_named
    from tui.sessions.store import choose
    from tui.sources.private import state_folder

    folder = state_folder(os.environ)
    if given.keep is not None and given.action is not None:
        raise UsageError(f"--keep stands alone, or behind prune: sshdebug-tui sessions prune --keep {given.keep}")
    if given.action == "open":
        session = choose(folder, given.id)
        _require_terminal(f"use sshdebug-tui report {session.log}")
        from tui.sources.opening import open_log

        return _show([open_log(str(session.log), follow=session.running)], no_redact=given.no_redact)
    if given.action == "remove":
        remove_named(folder, given.ids, _say)
    elif given.action == "prune" or given.keep is not None:
        keep_newest(folder, given.newest if given.action == "prune" else given.keep, _say)
    else:
        sys.stdout.write(listed(folder, terminal_width() if sys.stdout.isatty() else 1 << 16))
    return Exit.OK


def _require_terminal(instead: str) -> None:
    if not sys.stdout.isatty():
        raise UsageError(f"the screen needs a terminal, and standard output is none; {instead}")


def _open(given: argparse.Namespace) -> int:
    from tui.sources.opening import open_log

    follow = given.command == "tail" or given.follow
    _require_terminal(f"use sshdebug-tui report {' '.join(given.logs)}")
    sources: list[Source] = []
    try:
        for log in given.logs:
            sources.append(open_log(log, follow=follow and log != "-"))  # noqa: PERF401 (those opened are closed)
        if "-" in given.logs:
            _keys_from_terminal()
    except BaseException:
        for source in sources:
            source.close()
        raise
    return _show(sources, no_redact=given.no_redact)


def _keys_from_terminal() -> None:
    """Gives the screen its keyboard back where standard input is a log; the source has its own descriptor."""
    try:
        terminal = os.open("/dev/tty", os.O_RDWR)
    except OSError as error:
        raise UsageError("standard input is the log, and there is no terminal for keys; use report -") from error
    os.dup2(terminal, 0)
    os.close(terminal)


def _show(sources: list[Source], *, no_redact: bool = False) -> int:
    from tui.app import run_app

    return run_app(sources, no_redact=no_redact)


def _launch(command: list[str], *, stamp: bool = True, hangup_ends: bool = False) -> int:
    from tui.hangup import end_with_terminal
    from tui.sources.launch import LaunchedRun, RefusedError, find_program

    find_program(command[0] if command else "", os.environ)
    _require_terminal(
        "record the run instead: PYTHONUNBUFFERED=1 ANSIBLE_DEBUG=1 ANSIBLE_SSH_VERBOSITY=3 ansible-playbook -vvvv … "
        "> run.log 2>&1, then sshdebug-tui report run.log"
    )
    # A developer's log of Textual holds every key, and so what is typed at a password prompt.
    for name in ("TEXTUAL", "TEXTUAL_LOG"):
        os.environ.pop(name, None)
    import tui.app  # noqa: F401 (if the screen cannot be had, nothing is started)

    try:
        run = LaunchedRun(command, stamp=stamp)
    except RefusedError as error:
        raise UsageError(str(error)) from error
    for note in run.notes:
        _say(note)
    _say(f"recording into {run.path}")
    if hangup_ends:
        end_with_terminal(run)
    try:
        _show([run])
    finally:
        # Also when the screen broke: the run is none the worse for it.
        code = run.poll()
        if code is None:
            _say(
                f"the run goes on (process {run.pid}) without a terminal: what it asks from now on gets no answer; "
                f"it is recorded into {run.path}"
            )
        else:
            _say(run.trouble or f"recorded in {run.path}")
    return Exit.OK if code is None else Exit.of_command(code)


def _demo(_given: argparse.Namespace) -> int:
    """Exit code 0 although hosts fail: they are meant to."""
    from tui.demo import DemoError, prepare
    from tui.hangup import end_with_terminal
    from tui.sources.launch import LaunchedRun

    with tempfile.TemporaryDirectory(prefix="sshdebug-tui-demo-") as folder:
        try:
            with prepare(Path(folder)) as demo:
                run = LaunchedRun(demo.command, demo.env, cwd=demo.folder, can_be_left=False)
                end_with_terminal(run, folder, demo.env["ANSIBLE_SSH_CONTROL_PATH_DIR"])
                try:
                    _show_demo(run)
                finally:
                    run.stop()  # its server ends with it, so it cannot be left to itself
        except DemoError as error:
            raise UsageError(str(error)) from error
    _say(f"recorded in {run.path}")
    return Exit.OK


def _show_demo(run: LaunchedRun) -> None:
    if sys.stdout.isatty():
        _show([run])
        return
    from tui.report.run import ReportOptions, write_report

    _say("standard output is no terminal, so the report of the demo follows instead of the screen")
    run.wait()
    run.close()
    write_report(ReportOptions(logs=[str(run.path)]), sys.stdout.write, _say)


if __name__ == "__main__":
    sys.exit(main())
