"""The control node's own errors, as ansible-core 2.13, 2.16, 2.18 and 2.19 print them."""

from __future__ import annotations

import pytest

from tests.parsers.rules.cases import control, ids, only

COLON_2_13 = """ERROR! We were unable to read either as JSON nor YAML, these are the errors we got from each:
JSON: Expecting value: line 1 column 1 (char 0)

Syntax Error while loading YAML.
  mapping values are not allowed in this context

The error appears to be in '/srv/play/site.yml': line 4, column 14, but may
be elsewhere in the file depending on the exact syntax problem.
"""
COLON_2_18 = """ERROR! We were unable to read either as JSON nor YAML, these are the errors we got from each:
JSON: Expecting value: line 1 column 1 (char 0)

Syntax Error while loading YAML.
  mapping values are not allowed in this context. mapping values are not allowed in this context
  in "<unicode string>", line 4, column 14

The error appears to be in '/srv/play/site.yml': line 4, column 14, but may
be elsewhere in the file depending on the exact syntax problem.
"""
COLON_2_19 = """[ERROR]: YAML parsing failed: Colons in unquoted values must be followed by a non-space character.
Origin: /srv/play/site.yml:4:14

2   tasks:
3     - name: x
4       ping: a: b
               ^ column 14
"""


@pytest.mark.parametrize("text", [COLON_2_13, COLON_2_18, COLON_2_19])
def test_yaml_that_cannot_be_read(text: str) -> None:
    match = only(control(text), "playbook-syntax")
    assert match.explanation.startswith("/srv/play/site.yml, line 4, column 14 cannot be read: ")
    assert "mapping values" in match.explanation or "Colons in unquoted" in match.explanation
    assert "ansible-playbook --syntax-check site.yml" in match.fixes
    assert len(match.evidence) == 2


@pytest.mark.parametrize(
    "first",
    [
        "ERROR! 'tassks' is not a valid attribute for a Play",
        "[ERROR]: 'tassks' is not a valid attribute for a Play",
        "ERROR! conflicting action statements: ping, command",
        "[ERROR]: conflicting action statements: ping, command",
        "ERROR! A playbook must be a list of plays, got a <class 'AnsibleMapping'> instead",
        "ERROR! no module/action detected in task.",
    ],
)
def test_a_play_of_the_wrong_shape(first: str) -> None:
    match = only(control(f"{first}\nOrigin: site.yml:2:3\n"), "playbook-syntax")
    assert match.explanation.startswith("site.yml, line 2, column 3 cannot be read: ")


@pytest.mark.parametrize(
    "text",
    [
        "[WARNING]:  * Failed to parse /srv/hosts.yml with yaml plugin: Syntax Error while reading hosts",
        "ERROR! Unexpected Exception, this is probably a bug: name 'x' is not defined",
        "ERROR! Attempting to decrypt but no vault secrets found",
    ],
)
def test_other_errors_of_the_control_node(text: str) -> None:
    assert "playbook-syntax" not in ids(control(text))
