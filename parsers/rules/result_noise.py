"""Something else was printed into the module's result.

What you see:
A warning `Module invocation had junk after the JSON data: …` while the task is ok; or FAILED with `No start of json
char found`, `No end of json char found`, although the module ended with rc 0.

Why it happens:
Output of a start-up file, of `.bash_logout` or of a wrapper stands before or after the JSON. systemd 258 and later
lets sudo write escape sequences (`ESC]3008;…`) to the terminal of `-tt`. Text before the JSON is skipped, unless it
holds a line that begins with a brace.

How to be sure:
The stdout of the command (`-vvv`) shows the text beside the JSON.

Fix:
Silence the start-up files for non-interactive shells; `ansible_pipelining=true` takes the terminal away, and with it
what is written only to terminals.

Not this when:
The module printed nothing at all, or no line that begins with a brace (result-not-json).
"""

from __future__ import annotations

from parsers.findings import Asked, Case, Confidence, Match, rule
from parsers.model import Stage
from parsers.rules._control import run_warning
from parsers.rules._python import always, is_noise, no_json, printed, runs_own_command
from parsers.rules._said import is_module_json, module_run, proof
from parsers.rules._values import shown, target


@rule(
    "result-noise",
    order=1050,
    title="Other output stands in the module's result",
    category=4,
    stages=(Stage.EXEC, Stage.RESULT, Stage.CONTROL),
    asked=(Asked.BROKEN, Asked.RUN),
)
def check(case: Case) -> Match | None:
    """Looks for Ansible's warning, or for text in place of a result from a command that ended well."""
    if case.task is None and case.control is None:
        line = run_warning(case, "Module invocation had junk after the JSON data")
        if line is None:
            return None
        explanation = f"A module's result had other text behind it, which was ignored: {shown(line.text.strip(), 240)}"
        return Match(proof(line), explanation=explanation, fixes=("ansible_pipelining=true",))
    command = module_run(case)
    if not no_json(case) or command is None or command.rc != 0 or runs_own_command(case):
        return None
    rows = printed(command)
    if not is_noise(rows) or always(case, command):
        return None
    line = next((row for row in rows if not is_module_json(row)), rows[0])
    at = target(case, command=command)
    explanation = (
        f"The module at {at.at} ended well, and its result has other text in it: {shown(line.text.strip(), 240)}"
    )
    fixes = (at.ssh("true"), "ansible_pipelining=true")
    return Match(proof(line), Confidence.LIKELY, explanation, fixes)
