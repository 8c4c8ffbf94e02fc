"""What is known of actions by their names."""

from __future__ import annotations

import pytest

from parsers.actions import tries_again, without_commands


@pytest.mark.parametrize(
    ("action", "again", "nothing"),
    [
        ("wait_for_connection", True, False),
        ("ansible.builtin.reboot", True, False),
        ("ansible.builtin.set_fact", False, True),
        ("ansible.legacy.debug", False, True),
        ("ping", False, False),
        ("community.general.debugger", False, False),
        (None, False, False),
    ],
)
def test_with_or_without_a_collection(action: str | None, again: bool, nothing: bool) -> None:
    assert (tries_again(action), without_commands(action)) == (again, nothing)
