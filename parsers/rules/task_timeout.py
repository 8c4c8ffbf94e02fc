"""The task took longer than its own `timeout` allows.

What you see:
FAILED with `The X action failed to execute in the expected time frame (N) and was terminated` (2.10 to 2.18) or
`Timed out after N second(s).` (2.19 on). With `async`, `async task did not complete within the requested time - Ns` (in
2.21 `async task produced unparsable results`, whatever the reason) or the job's own `Timeout exceeded`; from reboot,
`Timed out waiting for last boot time check (timeout=600)`; from wait_for, `Timeout when waiting for HOST:PORT`.

Why it happens:
The keyword `timeout` of the task (or `ANSIBLE_TASK_TIMEOUT`) is over: the module is slow, waits for a lock or for
input, or the connection hangs under it. `async: N` and the `timeout` of reboot and wait_for end a task in the same way.

How to be sure:
The log's times show where it was when the time was over: the last chunk of the stage. On the managed node,
`ps -ef | grep AnsiballZ` shows the module and its children.

Fix:
Raise the task's `timeout`, make it `async` with `poll`, or find what it waits for.

Not this when:
`Timeout (…) waiting for privilege escalation prompt` (become-timeout); a connection's time limit (connection-timeout,
banner-timeout). `timed out waiting for ping module test` comes from wait_for_connection.
"""

from __future__ import annotations

from parsers.findings import Case, Confidence, Match, rule
from parsers.model import Stage
from parsers.rules._said import SSH_STAGES, message_lines, proof
from parsers.rules._values import core_version, shown, target
from parsers.ssh.transcript import Line

_WORDS = (
    "async task did not complete within the requested time",
    "Timed out waiting for last boot time check",
    "Timed out waiting for post-reboot test command",
    "Timeout when waiting for ",
)
"""The words of async_status, reboot and wait_for."""

_UNPARSABLE = "async task produced unparsable results"
"""In 2.21 the words for a job that is not through in time, too (`_poll_async_result` asks a result that is new)."""


@rule(
    "task-timeout",
    order=1140,
    title="The task took longer than its time limit",
    category=3,
    stages=(*SSH_STAGES, Stage.CONTROL),
)
def check(case: Case) -> Match | None:
    """Looks for Ansible's own words on the task's time."""
    rows = message_lines(case)
    line, sure = next((row for row in rows if _is_timeout(row)), None), Confidence.CERTAIN
    if line is None and (core_version(case.run) or (0, 0)) >= (2, 21):
        line, sure = next((row for row in rows if _UNPARSABLE in row.text), None), Confidence.LIKELY
    if line is None:
        return None
    stage = case.stage.stage.value if case.stage is not None else "task"
    name = shown(case.task.name) if case.task is not None else ""
    explanation = f"The task {name!r} was ended at its time limit while {target(case).at} was in the stage {stage}."
    fixes: tuple[str, ...] = ("timeout: 600", "async: 3600")
    if "async task" in line.text:
        words = "most likely was" if sure is Confidence.LIKELY else "was"
        explanation = (
            f"The job of the task {name!r} at {target(case).at} {words} not through in the time that its async gives."
        )
        fixes = ("async: 3600",)
    awaited = line.text.partition("Timeout when waiting for ")[2].strip()
    if awaited:
        explanation = f"The task {name!r} waited for {shown(awaited)} as long as its own timeout says; it did not come."
        fixes = ("timeout: 600",)
    return Match(proof(line), sure, explanation=explanation, fixes=fixes)


def _is_timeout(line: Line) -> bool:
    text = line.text
    if any(word in text for word in _WORDS) or text.strip().removeprefix("Task failed: ") == "Timeout exceeded":
        return True
    if "action failed to execute in the expected time frame (" in text:
        return True
    seconds, found, _ = text.partition("Timed out after ")[2].partition(" second")
    return bool(found) and len(seconds) < 12 and seconds.isdigit()
