"""The module was killed by a signal on the managed node.

What you see:
FAILED with `MODULE FAILURE` (2.19 on: `Module result deserialization failed: No start of json char found`), rc 137, and
`Killed` or `/bin/sh: line 1: 26936 Killed …/python …` instead of the module's result. ssh's debug text has
`Received exit status from master 137`. 143 is SIGTERM, 139 a segmentation fault, 134 an abort, 152 and 153 the limits
of CPU time and file size.

Why it happens:
The kernel ran out of memory and killed the largest process (or the cgroup's limit did), an endpoint protection or a
service manager killed it, or somebody did. Fact gathering and package modules on machines with 512 MB are typical.

How to be sure:
On the managed node: `dmesg -T | grep -iE 'killed process|out of memory|segfault'` or `journalctl -k --since -1h`.
Nothing there: look at the log of the endpoint protection, at `ulimit -a` of the login, and at
`systemctl show user.slice -p MemoryMax`.

Fix:
Give the node memory or swap, lower `forks` where one machine holds many containers, gather fewer facts
(`gather_subset: min`), or exempt Ansible's temporary directory in the endpoint protection.

Not this when:
rc is 0: a text with `Killed` is then output of the module. rc 255 is ssh. A module that reports a negative rc in its
JSON tells of a child of its own that was killed.
"""

from __future__ import annotations

from parsers.findings import Case, Confidence, Evidence, Match, rule
from parsers.model import Stage
from parsers.rules._python import runs_own_command
from parsers.rules._said import ending, exit_status, is_module_json, module_lines, proof
from parsers.rules._values import target

_SIGNALS = {
    137: "SIGKILL, as the kernel's out-of-memory killer sends it",
    139: "SIGSEGV, a segmentation fault",
    143: "SIGTERM",
    134: "SIGABRT",
    135: "SIGBUS",
    132: "SIGILL, an instruction that this processor lacks",
    136: "SIGFPE",
    152: "SIGXCPU, the limit of CPU time",
    153: "SIGXFSZ, the limit of file size",
}
_WORDS = (
    "Killed",
    "Segmentation fault",
    "Terminated",
    "Aborted",
    "Bus error",
    "Illegal instruction",
    "CPU time limit",
    "File size limit",
)


@rule(
    "module-killed",
    order=1040,
    title="The module was killed on the managed node",
    category=3,
    stages=(Stage.EXEC, Stage.PROBE, Stage.RESULT),
)
def check(case: Case) -> Match | None:
    """Looks for a return code of 128 and a signal's number, which only a killed process leaves."""
    command = case.command
    if command is None:
        return _by_result(case)
    rc = command.rc if command.rc is not None else exit_status(command)
    signal = _SIGNALS.get(rc) if rc is not None else None
    if signal is None or rc is None:
        return None
    lines = [line for line in command.transcript.plain if not is_module_json(line)]
    word = next((line for line in lines if any(said in line.text for said in _WORDS)), None)
    at = target(case)
    what = "The command" if runs_own_command(case) else "The module"
    explanation = f"{what} ended with rc {rc} at {at.at}: {signal}."
    if rc == 137:
        explanation += " The kernel's log tells which process used the memory."
    sure = rc == 137 or word is not None
    confidence = Confidence.CERTAIN if sure and not runs_own_command(case) else Confidence.LIKELY
    evidence: tuple[Evidence, ...] = (*proof(word), ending(command))
    fixes = (
        at.ssh('dmesg -T | grep -iE "killed process|out of memory|segfault" | tail'),
        at.ssh("free -m; swapon --show; ulimit -a"),
        "gather_subset: min",
    )
    return Match(evidence, confidence, explanation, fixes)


def _by_result(case: Case) -> Match | None:
    """Below -vvv only the result is there: the module's rc, and the shell's word on the signal."""
    rows = module_lines(case)
    word = next((line for line in rows if any(said in line.text for said in _WORDS)), None)
    rc = next((result.rc for result in case.task.results if result.rc is not None), None) if case.task else None
    signal = _SIGNALS.get(rc) if rc is not None else None
    if word is None or signal is None:
        return None
    at = target(case)
    explanation = f"The module ended with rc {rc} at {at.at}: {signal}."
    fixes = (at.ssh('dmesg -T | grep -iE "killed process|out of memory|segfault" | tail'), "gather_subset: min")
    return Match(proof(word), explanation=explanation, fixes=fixes)
