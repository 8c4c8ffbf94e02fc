"""What a result says of whose it is: `answers`, `speaks_of`, `may_be`."""

from __future__ import annotations

import re

from parsers.lines.addressed import purpose
from parsers.lines.reprs import CommandTuple
from parsers.model import Command, Stage, Tool
from parsers.workers.worker import Key

_MODULES = b'"invocation": {'
"""In the answer of every module (`AnsibleModule.exit_json`, `fail_json`)."""

_HOME = re.compile(rb"/[^\n]*\r?\n")
"""What `echo ~` says of a user that there is."""

_COPIED = re.compile(rb"(?m)^\d+\+\d+ ")
"""What `dd` says when it is through, in any language: `1+0 records in`."""


def key_of(command: Command) -> Key:
    """What a connection is shared by."""
    return command.address, command.port, command.user


def speaks_of(command: Command, stderr: bytes) -> bool:
    """Whether ssh's own text, where it names a port, a user or a key file, names the command's."""
    identity = (command.identity or "").encode("utf-8", "surrogateescape")
    if identity and b"identity file " in stderr and identity not in stderr:
        return False
    user = stderr.partition(b"debug1: Authenticating to ")[2][:400].partition(b"\n")[0]
    if user and command.user is not None and f" as '{command.user}'".encode() not in user:
        return False
    if command.port is None:
        return True
    port = f" port {command.port}".encode()
    for words in (b"Connecting to ", b"connect to host ", b"Connection reset by ", b"Connection closed by "):
        begin = stderr.find(words)
        if begin >= 0:
            line = stderr[begin : begin + 600].partition(b"\n")[0]
            if b" port " in line and not any(
                line.rstrip(b"\r.").endswith(port) or port + end in line for end in (b":", b".", b" ")
            ):
                return False
    return True


def answers(command: Command, decoded: CommandTuple) -> bool:
    """Whether the result is what the stage's command answers when it works."""
    stdout = decoded.stdout
    if command.stage is Stage.TMPDIR:
        return command.tmp is not None and command.tmp.encode() in stdout
    if command.stage is Stage.DISCOVERY:
        return b"FOUND" in stdout
    if command.stage is Stage.HOME:
        return stdout.startswith((b"/", b"~")) and stdout.count(b"\n") <= 1
    if command.tool is Tool.SFTP:
        return stdout.startswith(b"sftp> ") and (command.remote_path or "").encode("utf-8", "surrogateescape") in stdout
    # The script that looks at a Python answers in one line (2.8-2.18).
    probed = stdout.lstrip().startswith(b'{"platform_dist_result"')
    if command.stage is Stage.PROBE:
        return probed
    if command.stage is Stage.EXEC:
        if not _runs_a_module(command):
            return _MODULES not in stdout and not probed  # raw, script: anything
        return b"{" in stdout and not probed
    copied = _COPIED.search(decoded.stderr) is not None
    if command.method == "piped":
        return copied
    return not stdout and not copied


def may_be(command: Command, decoded: CommandTuple) -> bool:
    """Whether the result is not plainly another stage's: these say what they have found, where they work."""
    says = command.stage in (Stage.HOME, Stage.TMPDIR) or command.tool is Tool.SFTP
    says = says or (command.stage is Stage.EXEC and _runs_a_module(command))
    if decoded.rc != 0:
        return True
    if says:
        return answers(command, decoded)
    return command.stage is Stage.EXEC or not _HOME.fullmatch(decoded.stdout)


def module_of(command: Command) -> str:
    """The name of the module whose file it runs (2.1-2.21); empty without one."""
    return command.text.partition("/AnsiballZ_")[2].partition(".")[0]


def _runs_a_module(command: Command) -> bool:
    """A module's file is called so since 2.1; with pipelining it comes over standard input."""
    if command.tmp is None:
        return purpose(command.tool, command.text).stdin_python
    return "/AnsiballZ_" in command.text
