"""One cause a connection; what follows from it is information."""

from __future__ import annotations

from parsers.findings import NO_RUN, Severity
from parsers.model import Stage
from tests.parsers.helpers import analyse
from tests.parsers.sshd.excerpts import syslog


def test_findings_of_two_connections_and_the_listener() -> None:
    data = syslog(
        (5, "Server listening on 0.0.0.0 port 22."),
        (7, "Invalid user x from 192.0.2.1 port 1111"),
        (7, "Connection closed by invalid user x 192.0.2.1 port 1111 [preauth]"),
        (8, "Failed password for deploy from 192.0.2.1 port 2222 ssh2"),
        (8, "Connection closed by authenticating user deploy 192.0.2.1 port 2222 [preauth]"),
        (5, "drop connection #10 from [192.0.2.1]:3333 on [192.0.2.9]:22 past MaxStartups"),
    )
    model, found = analyse(data)
    assert model.sshd is not None
    errors = [one for one in found if one.severity is Severity.ERROR]
    assert [(one.rule.id, one.connection and one.connection.port) for one in errors] == [
        ("user-not-allowed", 1111),
        ("auth-password", 2222),
        ("sshd-startups", None),
    ]
    assert {(one.run, one.host, one.task, one.stage) for one in errors} == {(NO_RUN, "db1", None, Stage.CONNECT)}
