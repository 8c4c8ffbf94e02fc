"""Where the ansible-core versions are, and making one that is missing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ALL = ("2.13", "2.16", "2.17", "2.18", "2.19")


def lab_root() -> Path:
    """Where the lab keeps what it builds; a path that may stand in a public log."""
    named = os.environ.get("SSHDEBUG_LAB_ROOT")
    if named:
        return Path(named)
    return Path("/srv/lab") if os.geteuid() == 0 else Path.home() / ".cache" / "sshdebug-lab"


def venvs() -> Path:
    named = os.environ.get("SSHDEBUG_LAB_VENVS")
    return Path(named) if named else lab_root() / "venvs"


def playbook_program(version: str) -> Path | None:
    """bin/ansible-playbook of that version where it is installed already."""
    program = venvs() / f"ac{version}" / "bin" / "ansible-playbook"
    return program if program.exists() else None


def any_playbook_program() -> Path | None:
    """The newest version at hand, else what PATH has."""
    for version in reversed(ALL):
        program = playbook_program(version)
        if program is not None:
            return program
    beside = Path(sys.executable).parent / "ansible-playbook"
    found = str(beside) if beside.exists() else shutil.which("ansible-playbook")
    return Path(found) if found else None


def ensure_version(version: str) -> Path:
    """bin/ansible-playbook of that version, installed with pip where it is missing.

    Built on the system's Python where its version fits: an interpreter below somebody's home would put that home in
    the logs, and ops could not read it.
    """
    program = playbook_program(version)
    if program is not None:
        return program
    folder = venvs() / f"ac{version}"
    folder.parent.mkdir(parents=True, exist_ok=True)
    system = Path("/usr/bin/python3")
    python = str(system) if system.exists() else sys.executable
    subprocess.run([python, "-m", "venv", str(folder)], check=True)
    subprocess.run(
        [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", f"ansible-core=={version}.*"], check=True
    )
    return folder / "bin" / "ansible-playbook"
