"""What a check tells to whoever listens, and that nothing is kept where nobody does."""

from __future__ import annotations

from parsers.declined import Heard, listening, looked_for, required, ruled_out
from parsers.ssh.transcript import Line

LINE = Line(120, 7, "rc 1", True)


def told() -> None:
    """What a check would say."""
    looked_for(("mkdir: ", "denied"), None)
    looked_for(("denied", "rc "), LINE)
    looked_for(("rc ",), LINE)
    required("ssh worked.", LINE, None)
    ruled_out("It was not asked for.")


def test_what_was_looked_for_and_what_speaks_against_is_heard() -> None:
    with listening() as heard:
        told()
    assert heard.absent == ["mkdir: ", "denied"]
    assert heard.found == [LINE]
    assert [(reason.text, reason.own) for reason in heard.reasons] == [
        ("ssh worked.", False),
        ("It was not asked for.", True),
    ]
    assert [(place.line, text) for place, text in heard.reasons[0].places] == [(7, "rc 1")]


def test_nothing_is_kept_where_nobody_listens() -> None:
    told()
    with listening() as heard:
        pass
    told()
    assert heard == Heard()


def test_who_listens_within_hears_alone() -> None:
    with listening() as outer:
        with listening() as inner:
            told()
        ruled_out("Outside.")
    assert len(inner.reasons) == 2
    assert [reason.text for reason in outer.reasons] == ["Outside."]
