"""How states, times and stages are said: signs, seconds, and one line on what each stage does."""

from __future__ import annotations

from parsers.model import Run, RunStatus, Stage, Status

SIGNS = {
    Status.OK: "✔",
    Status.FAILED: "✖",
    Status.UNREACHABLE: "✖",
    Status.STALLED: "‖",
    Status.RUNNING: "◌",
    Status.SKIPPED: "⊘",
}
"""One cell each, none of them an emoji by default; beside each stands its word, so that colour is never needed."""

STATUS_ROLES = {
    Status.OK: "ok",
    Status.FAILED: "bad",
    Status.UNREACHABLE: "bad",
    Status.STALLED: "warn",
    Status.RUNNING: "run",
    Status.SKIPPED: "muted",
}

RUN_WORDS = {
    RunStatus.OK: "complete",
    RunStatus.FAILED: "complete",
    RunStatus.INCOMPLETE: "the log ends early",
    RunStatus.CONTROL_ERROR: "ended on the control node",
}

STAGE_WORDS = {
    Stage.CONTROL: "The control node reads the playbook and the inventory; no host is involved yet.",
    Stage.CONNECT: "ssh resolves the name, connects, agrees on keys, checks the host key and logs in.",
    Stage.HOME: "Asks the remote shell for the home directory (echo ~).",
    Stage.TMPDIR: "Makes the temporary directory on the managed node (umask 77 && mkdir).",
    Stage.DISCOVERY: "Looks for a Python interpreter (command -v python3 …).",
    Stage.PROBE: "Runs the interpreter on a small script that tells the system's name and version.",
    Stage.TRANSFER: "Copies the module to the managed node (or fetches a file from it).",
    Stage.CHMOD: "Makes the module readable and executable for the user that will run it.",
    Stage.EXEC: "Runs the module on the managed node.",
    Stage.CLEANUP: "Removes the temporary directory (rm -f -r).",
    Stage.RESULT: "Reads the module's JSON, and what Ansible made of it.",
}


def seconds(value: float | None) -> str:
    """A duration for a column of 7 cells: `0.41 s`, `12.3 s`, `3m 20s`; empty for None."""
    if value is None:
        return ""
    if value < 9.995:
        return f"{value:.2f} s"
    if value < 99.95:
        return f"{value:.1f} s"
    minutes, rest = divmod(round(value), 60)
    if minutes < 60:
        return f"{minutes}m {rest:02}s"
    return f"{minutes // 60}h {minutes % 60:02}m"


def clock(value: float) -> str:
    """Elapsed seconds as `00:12` or `1:02:03`."""
    minutes, rest = divmod(int(value), 60)
    if minutes < 60:
        return f"{minutes:02}:{rest:02}"
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}"


def count(number: int, one: str, many: str | None = None) -> str:
    """`1 problem`, `2 problems`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def size(number: int) -> str:
    """Bytes as people say them: `812 B`, `76 kB`, `209.9 MB`."""
    if number < 1000:
        return f"{number} B"
    if number < 1_000_000:
        return f"{number / 1000:.0f} kB"
    if number < 1_000_000_000:
        return f"{number / 1_000_000:.1f} MB"
    return f"{number / 1_000_000_000:.2f} GB"


def run_name(run: Run) -> str:
    """What a run is called: its playbook, else `run N`."""
    return run.playbook or f"run {run.index + 1}"
