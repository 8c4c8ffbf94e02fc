"""Where real Ansible is, for tests that need it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


def ansible_playbook(version: str = "2.19") -> str:
    """The `ansible-playbook` of a version, from the folder that SSHDEBUG_LAB_VENVS names (`ac2.19/bin/…`).

    Without it the test is skipped, but where CI is set it must run.
    """
    folder = os.environ.get("SSHDEBUG_LAB_VENVS")
    program = Path(folder or "/nonexistent", f"ac{version}", "bin", "ansible-playbook")
    if not program.exists():
        reason = f"SSHDEBUG_LAB_VENVS names no folder with ac{version}/bin/ansible-playbook"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return str(program)
