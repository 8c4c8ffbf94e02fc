"""What the lab's tests need, or why it is not there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.lab.servers import sshd_program
from tests.lab.versions import any_playbook_program


def need(thing: Path | str | None, what: str) -> str:
    """The thing; a skip with a reason where it is missing, a failure in CI, where all of it is installed."""
    if thing is not None:
        return str(thing)
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what} is not installed, and CI must have it")
    pytest.skip(f"{what} is not installed")


@pytest.fixture
def sshd_path() -> str:
    return need(sshd_program(), "sshd")


@pytest.fixture
def playbook_program() -> Path:
    return Path(need(any_playbook_program(), "ansible-playbook"))
