"""Running again: what is added to a command, and which names of a log may not stand in it."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.sessions.rerun import RerunError, again, by_hand, limit_of, sound_names

BOOK = ("ansible-playbook", "-i", "inv", "site.yml")


def test_the_same_again_changes_nothing() -> None:
    env = {"HOME": "/home/me", "ANSIBLE_VERBOSITY": "1"}
    found = again(BOOK, env)
    assert (found.command, found.environ) == (BOOK, env)


def test_a_limit_comes_behind_the_users_own() -> None:
    found = again((*BOOK, "--limit", "web"), {}, hosts=["db1", "web-2.example.com"])
    assert found.command == (*BOOK, "--limit", "web", "--limit", "db1,web-2.example.com")


def test_a_limit_comes_before_what_ends_options() -> None:
    found = again(("ansible-playbook", "-i", "inv", "--", "-odd.yml"), {}, hosts=["db1"])
    assert found.command == ("ansible-playbook", "-i", "inv", "--limit", "db1", "--", "-odd.yml")


def test_more_debug_wins_over_what_switched_it_off() -> None:
    found = again(BOOK, {"ANSIBLE_DEBUG": "0", "ANSIBLE_SSH_VERBOSITY": "1", "X": "y"}, hosts=["db1"], more_debug=True)
    assert found.environ == {"ANSIBLE_DEBUG": "1", "ANSIBLE_SSH_VERBOSITY": "3", "X": "y"}
    assert found.command == (*BOOK, "--limit", "db1", "-vvvvv")


def test_a_command_without_a_limit_can_only_run_as_a_whole() -> None:
    with pytest.raises(RerunError, match="make has no --limit"):
        again(("make", "deploy"), {}, hosts=["db1"])
    assert again(("make", "deploy"), {}, more_debug=True).command == ("make", "deploy")


@pytest.mark.parametrize(
    "name",
    [
        "all",
        "ALL",
        "localhost",
        "ungrouped",
        "*",
        "web:db",
        "a,b",
        "!db1",
        "&db1",
        "~.*",
        "@file",
        "web[0:9]",
        "-h",
        "a b",
        "x;reboot",
        "$(reboot)",
        "`reboot`",
        "",
        "a\nb",
        "\x1b[2J",
        "db1\u202e",
        "x" * 254,
        "2001:db8::7",
    ],
)
def test_a_name_that_may_mean_others_is_refused(name: str) -> None:
    with pytest.raises(RerunError, match="by hand"):
        limit_of(["db1", name])


def test_nobody_broke_and_too_many_broke() -> None:
    with pytest.raises(RerunError, match="no host broke"):
        limit_of([])
    with pytest.raises(RerunError, match="too many"):
        limit_of([f"host-{number:05}.example.com" for number in range(6000)])


@given(st.lists(st.text(max_size=20), max_size=5), st.none() | st.text(max_size=20))
def test_the_command_for_a_shell_is_words_and_nothing_else(names: list[str], playbook: str | None) -> None:
    command = by_hand(playbook, names)
    assert command.isprintable()
    if playbook and not playbook.isprintable():
        return  # it stands in $'…', which a shell reads and shlex does not
    words = shlex.split(command)
    assert words[:4] == ["ANSIBLE_DEBUG=1", "ANSIBLE_SSH_VERBOSITY=3", "ansible-playbook", "-vvvv"]
    sound, odd = sound_names(names)
    assert set(sound) | set(odd) == set(names)
    rest = words[4:]
    if sound:
        assert rest[:2] == ["--limit", ",".join(sound)]
        rest = rest[2:]
    if playbook and playbook.isprintable() and not playbook.startswith("-"):
        assert rest == [playbook]
    assert not rest or not rest[0].startswith("-") or rest[0] == "--"
