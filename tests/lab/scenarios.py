"""Every scenario, by name."""

from __future__ import annotations

from dataclasses import replace

from tests.lab.model import Scenario
from tests.lab.scenarios_become import BECOME
from tests.lab.scenarios_broken import BROKEN
from tests.lab.scenarios_control import CONTROL
from tests.lab.scenarios_forms import FORMS
from tests.lab.scenarios_healthy import HEALTHY
from tests.lab.scenarios_login import LOGIN
from tests.lab.scenarios_options import OPTIONS
from tests.lab.scenarios_plays import PLAYS
from tests.lab.scenarios_python import PYTHON
from tests.lab.scenarios_reach import REACH
from tests.lab.scenarios_results import RESULTS
from tests.lab.scenarios_session import SESSION
from tests.lab.scenarios_sound import SOUND
from tests.lab.scenarios_sshd import SSHD
from tests.lab.scenarios_transfer import TRANSFER

CATALOGUE = {s.name: s for s in (*SESSION, *LOGIN, *REACH, *TRANSFER, *BECOME, *PYTHON, *RESULTS, *CONTROL, *OPTIONS)}
"""What can be broken on one machine, rule by rule."""


def _quiet(name: str, version: str) -> Scenario:
    """The same run with -vvv alone."""
    scenario = CATALOGUE[name]
    about = f"-vvv without ANSIBLE_DEBUG: {scenario.about}"
    return replace(scenario, name=f"{name}-vvv", about=about, kind="vvv", versions=(version,), filters=())


QUIET = (
    _quiet("shells-broken", "2.19"),
    _quiet("homes-broken", "2.17"),
    _quiet("names-broken", "2.16"),
    _quiet("transfers-lost", "2.16"),
    _quiet("transfers-failed", "2.19"),
    _quiet("pipelined-lost", "2.19"),
    _quiet("sudo-refused", "2.16"),
    _quiet("become-app", "2.19"),
    _quiet("pythons-broken", "2.19"),
    _quiet("scripts-crlf", "2.19"),
    _quiet("modules-raise", "2.19"),
    _quiet("retry-worked", "2.19"),
)
SCENARIOS = {s.name: s for s in (*SOUND, *BROKEN, *FORMS, *PLAYS, *CATALOGUE.values(), *QUIET, *HEALTHY, *SSHD)}
