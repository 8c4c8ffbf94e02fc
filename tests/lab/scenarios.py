"""Every scenario, by name."""

from __future__ import annotations

from tests.lab.scenarios_broken import BROKEN
from tests.lab.scenarios_forms import FORMS
from tests.lab.scenarios_plays import PLAYS
from tests.lab.scenarios_sound import SOUND
from tests.lab.scenarios_sshd import SSHD

SCENARIOS = {scenario.name: scenario for scenario in (*SOUND, *BROKEN, *FORMS, *PLAYS, *SSHD)}
