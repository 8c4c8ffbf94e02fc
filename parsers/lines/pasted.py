"""What others put before each line of a log: `Pasted`.

A paste has blanks, `> `, a box's edge or a time of day before each line; docker compose a container's name, journald
and syslog time, host and program, `ts`, TeamCity, Airflow and other CI systems times of their own, `cat -n` and
`grep -n` numbers, Packer, Terraform and Vagrant the resource. None of them is known by name: what stands before
something that only Ansible or sshd writes, and only at a line's beginning, stands before the other lines too, but for
its numbers, the names of months and days, and a logger's level. The next line has to have it as well, or it was no such
thing.
"""

from __future__ import annotations

import re

_LONGEST = 120
"""Bytes of it."""

LOG_PREFIX = re.compile(
    rb"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d),(\d{3}) p=(\d{1,10}) u=(\S{1,64})"
    rb"(?: n=\S{1,64} (?:[A-Z]{1,9})?\| | \| {1,2})"
)
"""`DATE,ms p=PID u=USER |  msg` up to 2.8, `… n=ansible | msg` up to 2.17, `… n=ansible INFO| msg` from 2.18 on."""

ANSIBLE = re.compile(
    rb"(?:PLAY|TASK) \[|PLAYBOOK: |PLAY RECAP \*|ansible(?:-[a-z]{1,20})? \[core "
    rb"|ERROR! |\[(?:ERROR|WARNING|DEPRECATION WARNING)\]: |(?:fatal|failed): \[[^\]\n]{1,255}\]: "
    rb"|<[^<>\n]{1,255}> (?:ESTABLISH |SSH: |EXEC |PUT |\(\d{1,3}, )"
    # `%6d %0.5f: ` (utils/display.py, `debug`): how far its blanks go tells where it begins.
    rb"|(?: {5}\d| {4}\d\d| {3}\d{3}|  \d{4}| \d{5}|\d{6,10}) \d{9,11}\.\d{5}: [A-Za-z_]"
    rb"|" + LOG_PREFIX.pattern
)
"""What only Ansible writes, at a line's beginning."""

SSHD = re.compile(
    rb"(?:<\d{1,3}>)?(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d)[^\[\n]{1,80}"
    rb"sshd[a-z-]{0,8}\[\d"
    rb"|Server listening on |debug[123]: |Connection from \S{1,64} port \d|Accepted [a-z-]{1,30} for "
)
"""What only sshd writes there, behind syslog's or journald's words or none."""
_FRAMING = re.compile(rb"^\x1b\[|! => \{|(?<![\w-])sshd(?:-session|-auth)?(?:\[\d{1,10}\])?(?::| \d{1,10} )")
"""What is read for itself: colours are Ansible's own, a result's own line may quote such words, and what names sshd has
the time and the process."""

_STDERR = re.compile(rb"ERROR! |\[(?:ERROR|WARNING|DEPRECATION WARNING)\]: ")
"""What has nothing before it where only Ansible's stdout went through a pipe."""

_CHANGES = re.compile(
    rb"(?<![A-Za-z])(?:"
    rb"(?P<name>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
    rb"|(?P<level>DEBUG|INFO|NOTICE|WARN|WARNING|ERROR))(?![A-Za-z])"
    rb"|(?P<blanks> *)\d{1,20}"
)


class Pasted:
    """Learns what stands before each line, and where the line itself begins."""

    def __init__(self, beginning: re.Pattern[bytes]) -> None:
        """`beginning` is what only stands at a line's beginning."""
        self._beginning = beginning
        self._behind = re.compile(rb"([^\n]{1,%d}?)(?:\x1b\[[0-9;]{0,20}m)?(?:%b)" % (_LONGEST, beginning.pattern))
        self._before: re.Pattern[bytes] | None = None
        self._sure = False
        """Whether another line had it too, or a line had nothing before it."""

    @property
    def known(self) -> bool:
        """Whether something stands before each line, as far as the lines so far tell."""
        return self._before is not None

    def look(self, raw: bytes) -> None:
        """Learns from a line, until it is sure."""
        if self._sure or not raw.strip() or _STDERR.match(raw) is not None:
            return
        if self._before is not None:
            self._sure = self.behind(raw) > 0
            if self._sure:
                return
        self._before = None
        if self._beginning.match(raw) is not None:
            self._sure = True
        elif (match := self._behind.match(raw[:1000])) is not None and _FRAMING.search(match.group(1)) is None:
            self._before = _like(match.group(1))

    def settle(self) -> None:
        """Nothing is learned any more."""
        self._sure = True

    def behind(self, raw: bytes) -> int:
        """Where the line itself begins."""
        match = self._before.match(raw) if self._before is not None else None
        return match.end() if match is not None else 0


def _like(before: bytes) -> re.Pattern[bytes]:
    """What has the same form."""
    stem = before.rstrip(b" \t")
    # An editor takes the blanks at the end of an empty line away.
    behind = b"".join(b"%b{0,%d}" % (run[:1], len(run)) for run in re.findall(rb" +|\t+", before[len(stem) :]))
    parts, end = [], 0
    for change in _CHANGES.finditer(stem):
        parts.append(re.escape(stem[end : change.start()]))
        if change["name"]:
            parts.append(rb"[A-Z][a-z]{2}")
        elif change["level"]:
            parts.append(rb"[A-Z]{4,9}")
        else:
            # A number is padded with blanks where the first one is, or where the line begins with it.
            parts.append(rb" {0,20}\d{1,20}" if change["blanks"] or not change.start() else rb"\d{1,20}")
        end = change.end()
    return re.compile(b"".join(parts) + re.escape(stem[end:]) + behind)
