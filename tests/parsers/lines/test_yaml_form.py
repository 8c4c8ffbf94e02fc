"""Results written as YAML: the values that a failure's words stand in, whatever their style."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.lines.yaml_form import parse
from tests.parsers.helpers import analyse, model_of


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (["  msg: 'it''s closed'", "  unreachable: true"], {"msg": "it's closed", "unreachable": "true"}),
        (["  msg: |-", "    one", "", "      two", "  rc: 127"], {"msg": "one\n\n  two", "rc": 127}),
        (['    msg: "a\\tb\\', '      \\ c"', "    rc: -1"], {"msg": "a\tb c", "rc": -1}),
        (["  msg: 'one", "    two", "", "    three'"], {"msg": "one two\nthree"}),
        (["  msg: plain words", "    that go on"], {"msg": "plain words that go on"}),
        (["  outer:", "    msg: inner", "  msg: outer"], {"outer": "", "msg": "outer"}),
        (["changed=false ", "  msg: x"], {"msg": "x"}),
        (
            [
                "  failed_modules:",
                "    ansible.legacy.setup:",
                "      msg: |-",
                "        two",
                "        lines",
                "",
                "      rc: 1",
                "    other:",
                "      msg: x",
                "  msg: outer",
            ],
            {
                "failed_modules": {"ansible.legacy.setup": {"msg": "two\nlines", "rc": 1}, "other": {"msg": "x"}},
                "msg": "outer",
            },
        ),
        (["  failed_modules: {}", "  msg: x"], {"failed_modules": "{}", "msg": "x"}),
        (["  failed_modules:"], {"failed_modules": {}}),
        (["{"], {}),
    ],
)
def test_the_values_of_the_outermost_keys(lines: list[str], found: dict[str, object]) -> None:
    assert parse([line.encode() for line in lines]) == found


@given(st.lists(st.binary(max_size=40).filter(lambda line: b"\n" not in line), max_size=12))
def test_any_lines_are_read(lines: list[bytes]) -> None:
    assert all(isinstance(value, str | int | dict) for value in parse(lines).values())


@pytest.mark.parametrize("opening", ["=> changed=false ", "=> "])
def test_a_result_of_a_callback_that_writes_yaml(opening: str) -> None:
    log = (
        "PLAY [all] ****\n\nTASK [Ping] ****\n"
        f"fatal: [db1]: UNREACHABLE! {opening}\n"
        "  msg: 'Failed to connect to the host via ssh: ssh: connect to host 192.0.2.7 port 22: Connection refused'\n"
        "  unreachable: true\n"
        "PLAY RECAP ****\n"
        "db1 : ok=0 changed=0 unreachable=1 failed=0 skipped=0 rescued=0 ignored=0\n"
    )
    host = model_of(log.encode()).runs[0].hosts["db1"]
    assert (str(host.status), str(host.failed_stage), host.phase) == ("unreachable", "connect", "tcp")
    (result,) = host.tasks[0].results
    assert result.message.endswith("port 22: Connection refused")
    assert result.message_place is not None
    assert result.message_place.line == 5


def test_facts_that_could_not_be_gathered() -> None:
    """As ansible-core 2.13 to 2.21 print it with `result_format = yaml`: what broke is the module's own result."""
    log = (
        "TASK [Gathering Facts] ****\n"
        "fatal: [db1]: FAILED! => \n"
        "    ansible_facts: {}\n"
        "    changed: false\n"
        "    failed_modules:\n"
        "        ansible.legacy.setup:\n"
        "            exception: (traceback unavailable)\n"
        "            module_stderr: |-\n"
        "                Traceback (most recent call last):\n"
        '                  File "<stdin>", line 105, in <module>\n'
        "                SyntaxError: future feature annotations is not defined\n"
        "            module_stdout: ''\n"
        "            msg: 'Module result deserialization failed: No start of json char found'\n"
        "            rc: 1\n"
        "    msg: 'The following modules failed to execute: ansible.legacy.setup.'\n"
    )
    model, findings = analyse(log.encode())
    host = model.runs[0].hosts["db1"]
    assert (str(host.failed_stage), host.tasks[0].results[0].rc) == ("exec", 1)
    assert "python-too-old" in [found.rule.id for found in findings]
