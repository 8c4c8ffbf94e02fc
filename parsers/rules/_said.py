"""Who said what: ssh's own lines, the remote side's lines, Ansible's message, as lines with their places."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from parsers.declined import looked_for, required, ruled_out
from parsers.findings import Case, Evidence
from parsers.model import Command, Place, Stage, Status, Tool
from parsers.ssh.transcript import Line, without_colours

SSH_STAGES = (
    Stage.CONNECT,
    Stage.HOME,
    Stage.TMPDIR,
    Stage.DISCOVERY,
    Stage.PROBE,
    Stage.TRANSFER,
    Stage.CHMOD,
    Stage.EXEC,
    Stage.CLEANUP,
    Stage.RESULT,
    Stage.CONTROL,
)
"""Where an ssh process runs, or where its words stand in a host's result: below -vvv a log has no command at all.

A connection can break again at any of them. The case of a control node's own error has no host, and no lines here.
"""

_PREFIXES = (
    "Failed to connect to the host via ssh: ",
    "Failed to connect to the host via sftp: ",
    "Failed to connect to the host via scp: ",
    "Failed to connect to the host via piped: ",
    "Make sure this host can be reached over ssh: ",
    "retries to prevent account lockout: ",
    "Invalid/incorrect password: ",
    "sshpass error: ",
)
"""What Ansible puts before ssh's words in a message."""

_CUT = 400
_ROWS = 60

_NO_RESULT = (
    "MODULE FAILURE",
    "Module result deserialization failed",
    "No start of json char found",
    "The module failed to execute correctly",
    "The module interpreter ",
)
"""Ansible's words on a module that printed no result; only then `module_stdout` is no module's own output."""


def proof(*lines: Line | None) -> tuple[Evidence, ...]:
    """The lines as evidence, the deciding one first; those that do not exist are left out, doubles too."""
    seen: dict[tuple[int, str], Evidence] = {}
    for line in lines:
        if line is not None:
            seen.setdefault((line.line, line.text[:_CUT]), Evidence(Place(line.offset, line.line), line.text[:_CUT]))
    return tuple(seen.values())


_QUOTES = (", err: ", ", stderr: ")


def own_words(line: Line | None, *, banner: bool = False) -> Line | None:
    """Ansible's own words of a message, without the stderr that it quotes; `banner`: only where ssh's version is the
    quotation's first line, as at -vvvv."""
    if line is None:
        return None
    for quotes in _QUOTES:
        head, found, quoted_text = line.text.partition(quotes)
        if found and (not banner or quoted_text.startswith(("OpenSSH_", "debug1: "))):
            return line._replace(text=head)
    return line


def ending(command: Command) -> Evidence:
    """The command's end (`<X> (rc, …`) as evidence; where the log has none, the line that shows the command first."""
    place = command.closed or command.opened
    rc = f"({command.rc}, …)" if command.rc is not None else "(its end is not in the log)"
    return Evidence(place, f"<{command.address or '?'}> {rc}"[:_CUT])


def lost_connection(case: Case) -> Evidence | None:
    """The end of the first command of the run whose ssh failed, or that never ended; None where all were reached."""
    for host in case.run.hosts.values():
        task = host.failed_task
        stage = task.failed_stage if task is not None and host.status.bad else None
        if task is not None and (stage is None or stage.command is None):  # below -vvv no command is shown
            lost = next((result for result in task.results if result.word == "unreachable"), None)
            if lost is not None:
                return Evidence(
                    lost.message_place or lost.place, (lost.message.strip().splitlines() or ["UNREACHABLE!"])[-1][:_CUT]
                )
        if stage is None or stage.command is None or stage.command.tool is Tool.LOCAL:
            continue
        if stage.command.rc in (None, 255) or stage.stage is Stage.CONNECT:
            return ending(stage.command)
    return None


def find(lines: Iterable[Line], *needles: str) -> Line | None:
    """The first line that holds one of `needles`."""
    found = next((line for line in lines if any(needle in line.text for needle in needles)), None)
    looked_for(needles, found)
    return found


def better(lines: Iterable[Line], *needles: str) -> Line | None:
    """As `find`, of words that speak against the rule: they name a cause of their own."""
    found = next((line for line in lines if any(needle in line.text for needle in needles)), None)
    if found is not None:
        needle = next(needle for needle in needles if needle in found.text)
        ruled_out(f"Line {found.line} says what it was: {needle.strip(' :(!')}.", found)
    return found


def find_last(lines: Iterable[Line], *needles: str) -> Line | None:
    """The last line that holds one of `needles`."""
    return find(reversed(list(lines)), *needles)


def module_run(case: Case) -> Command | None:
    """The command that ran the module: the failed one; where it ended well and its result was bad, the last `exec`."""
    if case.command is not None or case.task is None or case.stage is None or case.stage.stage is not Stage.RESULT:
        return case.command
    # With pipelining the module goes to the interpreter alone, as the probe of 2.8 to 2.18 does.
    run = (Stage.EXEC, Stage.PROBE)
    return next((command for command in reversed(case.task.commands) if command.stage in run), None)


def message_lines(case: Case) -> list[Line]:
    """The lines of the task's messages, without Ansible's own words before ssh's and without ssh's debug text."""
    lines: list[Line] = []
    if case.task is None:
        return lines
    for result in case.task.results:
        if result.ignored or not result.message:
            continue
        place = result.message_place or result.place
        for text in without_colours(result.message).splitlines():
            rest = text
            for prefix in _PREFIXES:
                _, found, tail = rest.partition(prefix)
                rest = tail if found else rest
            rest = rest.strip("\r")
            if rest and not _is_debug(rest):
                lines.append(Line(place.offset, place.line, rest, True))
    return lines


def said(case: Case) -> list[Line]:
    """Everything that was said about the failure: the command's plain lines, else the message that quotes them."""
    lines = list(case.command.transcript.plain) if case.command is not None else []
    return lines or [*message_lines(case), *module_lines(case)]


def module_lines(case: Case) -> list[Line]:
    """What a module without a result printed, as Ansible's own result quotes it.

    It is all that a log below -vvv has, and all that any log has of a local connection.
    """
    if case.task is None or (case.command is not None and case.command.tool is not Tool.LOCAL):
        return []
    lines: list[Line] = []
    for result in case.task.results:
        if result.ignored or not any(words in result.message for words in _NO_RESULT):
            continue
        for text, place, stderr in result.said:
            rows = (row.rstrip("\r") for row in without_colours(text).split("\n")[:_ROWS])
            lines.extend(Line(place.offset, place.line, row[:_CUT], stderr) for row in rows if row)
    return lines


def exit_status(command: Command) -> int | None:
    """The remote command's own exit status; None where none came back (ssh then writes `Exit status -1`)."""
    status = command.transcript.exit_status
    return status if status is not None and status >= 0 else None


def denied_request(command: Command) -> Line | None:
    """Where ssh shows that sshd refused to start the command: its own words, else its debug text on the answer."""
    words = "exec request failed on channel "
    plain = next((row for row in command.transcript.plain if row.stderr and row.text.startswith(words)), None)
    return plain or command.transcript.denied_request


def ssh_failed(case: Case) -> bool:
    """Whether ssh itself failed, not the remote command: no exit status came back, and no session was there."""
    command = case.command
    if command is None:
        return case.task is not None and any(result.word == "unreachable" for result in case.task.results)
    transcript = command.transcript
    if command.tool is Tool.LOCAL or exit_status(command) is not None:
        return False
    if case.stage is not None and case.stage.stage is Stage.CONNECT:
        return True
    return not transcript.session and command.rc in (None, 255)


def ssh_said(case: Case) -> list[Line]:
    """ssh's own lines where ssh itself failed; empty otherwise. What the remote side said on stdout is left out."""
    if not ssh_failed(case):
        _say_that_ssh_worked(case)
        return []
    return [line for line in said(case) if line.stderr]


def _say_that_ssh_worked(case: Case) -> None:
    if case.task is None:
        required("It is an error of the control node, before any host.")
        return
    command = case.command
    end = ending_line(command) if command is not None else None
    status = exit_status(command) if command is not None else None
    if status is not None:
        required(f"ssh itself worked: the remote command's own exit status {status} came back.", end)
    elif command is not None and command.tool is Tool.LOCAL:
        required("The command ran on the control node, without ssh.", end)
    elif command is not None:
        rc = (
            f"rc {command.rc} is the remote command's, ssh's own is 255" if command.rc != 255 else "a session was there"
        )
        required(f"ssh itself worked: {rc}.", end)
    else:
        required("ssh itself worked: Ansible calls the host failed, not unreachable.")


def ending_line(command: Command) -> Line:
    """The command's end, or where the log has none its beginning, as a line."""
    end = ending(command)
    return Line(end.place.offset, end.place.line, end.text, True)


def has_ssh_debug(case: Case) -> bool:
    """Whether ssh's own debug text of this command is in the log."""
    if case.command is None:
        return False
    transcript = case.command.transcript
    return transcript.last_debug is not None or bool(transcript.steps)


def before(case: Case) -> Iterator[Command]:
    """Every command of the host in this run that came before the failed one; all of them for a failed result."""
    if case.host is None:
        return
    for task in case.host.tasks:
        for command in task.commands:
            if case.command is None or command.index < case.command.index:
                yield command
        if task is case.task:
            return


def worked_before(case: Case) -> bool:
    """Whether an ssh command of this host ended well earlier in the run: the connection and the login work."""
    return any(_worked(command) for command in before(case))


def _worked(command: Command) -> bool:
    return command.rc == 0 and command.tool is Tool.SSH and command.status is not Status.STALLED


def last_that_worked(case: Case) -> Line | None:
    """The end of the newest ssh command of this host that ended well before."""
    worked = [command for command in before(case) if _worked(command)]
    return ending_line(worked[-1]) if worked else None


def is_module_json(line: Line) -> bool:
    """Whether the line is a module's own result: what stands in it was said by the module, not by shell or ssh."""
    return line.text.lstrip().startswith("{")


@dataclass(slots=True, frozen=True)
class Denied:
    """`deploy@192.0.2.7: Permission denied (publickey,password).`"""

    line: Line
    user: str
    host: str
    methods: tuple[str, ...]
    """What the server would still have accepted."""


def denied(lines: Iterable[Line]) -> Denied | None:
    """The last refusal of ssh's authentication among `lines`."""
    found = None
    for line in lines:
        who, separator, rest = line.text.partition(": Permission denied (")
        if line.text.startswith("Permission denied ("):  # OpenSSH before 7.6 names nobody
            who, separator, rest = "@", "(", line.text.partition("(")[2]
        if not separator or "@" not in who or ")" not in rest:
            continue
        user, _, host = who.strip().rpartition("@")
        methods = tuple(name for name in rest.partition(")")[0].split(",") if name)
        found = Denied(line, user, host, methods)
    looked_for((": Permission denied (",), found.line if found is not None else None)
    return found


@dataclass(slots=True, frozen=True)
class ConnectError:
    """`ssh: connect to host 192.0.2.7 port 22: Connection refused`"""

    line: Line
    host: str
    port: int | None
    reason: str


def connect_error(lines: Iterable[Line]) -> ConnectError | None:
    """The last `ssh: connect to host … port …: reason` among `lines`; ssh prints it when no address is left."""
    found = None
    for line in lines:
        if not line.text.startswith("ssh: connect to host "):
            continue
        head, _, reason = line.text.removeprefix("ssh: connect to host ").rpartition(": ")
        host, _, port = head.rpartition(" port ")
        found = ConnectError(line, host, number(port), reason.strip())
    looked_for(("ssh: connect to host ",), found.line if found is not None else None)
    return found


def number(text: str) -> int | None:
    """A small number, or None."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else None


def through_jump(case: Case, host: str) -> bool:
    """Whether `host`, which an ssh line names, is a jump host on the way to the case's own host.

    A jump host's ssh prints its own failure; the outer ssh then reports a closed connection, from `UNKNOWN port 65535`.
    """
    own = {name for name in _own_names(case) if name}
    if host in own:
        return False
    return (
        find(said(case), "UNKNOWN port 65535", "_exchange_identification: Connection closed by remote host") is not None
    )


def _own_names(case: Case) -> Iterator[str | None]:
    if case.command is not None:
        yield case.command.address
    if case.host is not None:
        yield case.host.address
        yield case.host.name


def foreign(case: Case, host: str) -> bool:
    """Whether `host` is neither the case's own nor a jump on the way: another ssh's words, run by the remote command.

    Asked only away from `connect`: there ssh's config may have given the host another name.
    """
    if case.command is None or case.stage is None or case.stage.stage is Stage.CONNECT:
        return False
    if host in _own_names(case) or through_jump(case, host):
        return False
    ruled_out(f"The line speaks of {host[:80]}, another host: an ssh that the remote command ran itself.")
    return True


def signed_in_vain(case: Case) -> str | None:
    """The key that the server knew, whose signature ssh sent, and with which it was refused all the same.

    `Server accepts key`, then `send packet: type 50` and `receive packet: type 51`, with no other key offered between:
    ssh that cannot sign sends nothing (`we did not send a packet`, sshconnect2.c).
    """
    transcript = case.command.transcript if case.command is not None else None
    if (
        transcript is None
        or not transcript.keys_accepted
        or transcript.keys_offered[-1:] != transcript.keys_accepted[-1:]
    ):
        return None
    return transcript.keys_accepted[-1] if transcript.packets[-2:] == [("send", 50), ("receive", 51)] else None


def password_used(case: Case) -> bool:
    """Whether a password was tried, as far as the log shows it."""
    if case.command is None:
        return False
    transcript = case.command.transcript
    asked = {"password", "keyboard-interactive"}
    if not has_ssh_debug(case):
        # Without ssh's debug text: it had one to give (its command does not forbid passwords), and was asked for it.
        refusal = denied(ssh_said(case))
        return case.command.password is True and refusal is not None and not asked.isdisjoint(refusal.methods)
    return not asked.isdisjoint(transcript.auth_tried)


def quoted(text: str) -> str | None:
    """What stands between the first pair of quotes (', ", ‘’, `') in `text`."""
    for opening, closing in (("'", "'"), ('"', '"'), ("‘", "’"), ("“", "”"), ("`", "'")):
        _, found, rest = text.partition(opening)
        inner, ended, _ = rest.partition(closing)
        if found and ended and inner:
            return inner
    return None


def missing_program(text: str) -> str | None:
    """The program that a shell did not find, from its words in dash, bash, busybox, ksh, zsh, csh, fish or env."""
    line = text.strip()
    for start in (": command not found: ", ": no such file or directory: ", ": Unknown command: "):
        _, found, word = line.partition(start)
        if found:
            return word.strip(" '\"‘’")
    for end in (
        ": command not found",
        ": Command not found.",
        ": Command not found",
        ": not found",
        ":  not found",
        ": No such file or directory",
    ):
        if line.endswith(end):
            return line.removesuffix(end).rpartition(": ")[2].strip(" '\"‘’") or None
    return None


def _is_debug(text: str) -> bool:
    return text.startswith(("debug1: ", "debug2: ", "debug3: "))
