"""What a launch sets, what it leaves alone, and what it refuses."""

from __future__ import annotations

import pytest

from tui.sources.plan import RefusedError, plan_launch, read_arguments

PING = ["ansible-playbook", "ping.yml"]


def argv(line: str, **environ: str) -> list[str]:
    return list(plan_launch(line.split(), environ).argv)


def test_a_plain_command() -> None:
    """Debug output, ssh's own text, no colour, and the v's that are missing."""
    plan = plan_launch(PING, {"PATH": "/bin", "HOME": "/home/u"})
    assert plan.argv == ("ansible-playbook", "-vvvv", "ping.yml")
    assert plan.environ == {
        "PATH": "/bin",
        "HOME": "/home/u",
        "ANSIBLE_DEBUG": "1",
        "ANSIBLE_SSH_VERBOSITY": "3",
        "ANSIBLE_NOCOLOR": "1",
        "PYTHONUNBUFFERED": "1",
    }
    assert plan.notes == ()
    assert plan.label == "ping"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("ansible-playbook -v ping.yml", "ansible-playbook -vvv -v ping.yml"),
        ("ansible-playbook ping.yml -vv", "ansible-playbook -vv ping.yml -vv"),
        ("ansible-playbook -vvvv ping.yml", "ansible-playbook -vvvv ping.yml"),
        ("ansible-playbook -vvvvvv ping.yml", "ansible-playbook -vvvvvv ping.yml"),
        ("ansible-playbook -bvv ping.yml", "ansible-playbook -vv -bvv ping.yml"),
        ("ansible-playbook -vb ping.yml --verbose", "ansible-playbook -vv -vb ping.yml --verbose"),
        ("ansible-playbook --verb ping.yml", "ansible-playbook -vvv --verb ping.yml"),
        ("ansible-playbook -ivvv ping.yml", "ansible-playbook -vvvv -ivvv ping.yml"),
        ("ansible-playbook -bivvv ping.yml", "ansible-playbook -vvvv -bivvv ping.yml"),
        ("ansible-playbook -e v=vvv ping.yml", "ansible-playbook -vvvv -e v=vvv ping.yml"),
        ("ansible-playbook ping.yml -- -vvvv", "ansible-playbook -vvvv ping.yml -- -vvvv"),
        ("ansible all -m ping -vvv", "ansible -v all -m ping -vvv"),
        ("ansible all -m shell -a uptime", "ansible -vvvv all -m shell -a uptime"),
        ("/opt/a/bin/ansible-playbook x.yml", "/opt/a/bin/ansible-playbook -vvvv x.yml"),
        ("ansible-pull -U repo -C vv -f local.yml", "ansible-pull -vvvv -U repo -C vv -f local.yml"),
    ],
)
def test_missing_verbosity_is_added(line: str, expected: str) -> None:
    """Counted as argparse counts: clusters, prefixes, values that only look like v's."""
    assert argv(line) == expected.split()


def test_verbosity_from_the_environment_counts() -> None:
    """Ansible adds -v to ANSIBLE_VERBOSITY, so this does."""
    assert argv("ansible-playbook ping.yml", ANSIBLE_VERBOSITY="3") == ["ansible-playbook", "-v", "ping.yml"]
    assert argv("ansible-playbook -v ping.yml", ANSIBLE_VERBOSITY="3") == ["ansible-playbook", "-v", "ping.yml"]
    assert argv("ansible-playbook ping.yml", ANSIBLE_VERBOSITY="many")[1] == "-vvvv"


@pytest.mark.parametrize("value", ["0", "false", "No", "off"])
def test_debug_switched_off_on_purpose_stays(value: str) -> None:
    """And the user is told what it costs."""
    plan = plan_launch(PING, {"ANSIBLE_DEBUG": value})
    assert plan.environ["ANSIBLE_DEBUG"] == value
    assert any("no chunks" in note for note in plan.notes)


def test_other_choices_stay() -> None:
    """Colour and ssh's verbosity."""
    plan = plan_launch(PING, {"ANSIBLE_FORCE_COLOR": "1", "ANSIBLE_SSH_VERBOSITY": "0", "ANSIBLE_DEBUG": "yes"})
    assert "ANSIBLE_NOCOLOR" not in plan.environ
    assert plan.environ["ANSIBLE_SSH_VERBOSITY"] == "0"
    assert plan.environ["ANSIBLE_DEBUG"] == "yes"
    assert any("2.19" in note for note in plan.notes)
    assert plan_launch(PING, {"ANSIBLE_NOCOLOR": "0"}).environ["ANSIBLE_NOCOLOR"] == "0"


@pytest.mark.parametrize(
    "line",
    [
        "ansible-playbook -vvvv -kKJ ping.yml",
        "ansible-playbook -vvvv --ask-become-pass --step ping.yml",
        "ansible-playbook -vvvv --vault-id dev@prompt ping.yml",
    ],
)
def test_what_asks_is_left_as_it_is(line: str) -> None:
    """It has a terminal to ask on."""
    assert argv(line, ANSIBLE_ASK_PASS="True") == line.split()


def test_what_only_talks_is_refused() -> None:
    """ansible-console is one long question."""
    with pytest.raises(RefusedError, match="launch ansible or ansible-playbook"):
        plan_launch(["ansible-console", "all"], {})


def test_something_else_runs_as_it_is() -> None:
    """`make deploy`, `uv run ansible-playbook`: told so, and reached through the environment."""
    plan = plan_launch(["make", "-k", "deploy"], {})
    assert plan.argv == ("make", "-k", "deploy")
    assert plan.environ["ANSIBLE_VERBOSITY"] == "4"
    assert "make is not an Ansible command" in plan.notes[0]
    assert plan_launch(["make"], {"ANSIBLE_VERBOSITY": "1"}).environ["ANSIBLE_VERBOSITY"] == "1"


@pytest.mark.parametrize(
    ("line", "label"),
    [
        ("ansible-playbook -i inventory.yml plays/site.yaml", "site"),
        ("ansible-playbook -e @vars.yml --limit x.yml ../a\u202eb!.yml", "a_b_"),
        ("ansible-playbook .yml", "yml"),
        ("ansible all -m ping", "ansible"),
        ("make deploy", "make"),
    ],
)
def test_label(line: str, label: str) -> None:
    """The recording's name holds the playbook's, in letters that a file name may hold anywhere."""
    assert plan_launch(line.split(), {}).label == label


def test_the_caller_keeps_its_environment() -> None:
    """A plan changes a copy."""
    environ: dict[str, str] = {}
    plan_launch(PING, environ)
    assert environ == {}


def test_positional_words() -> None:
    """Values of options are no playbooks."""
    found = read_arguments(
        "ansible-playbook", ["-i", "inv", "-e", "@v.yml", "a.yml", "--tags", "t", "b.yml", "--", "c.yml"]
    )
    assert found.positional == ["a.yml", "b.yml", "c.yml"]
