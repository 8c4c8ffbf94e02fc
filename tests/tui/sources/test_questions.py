"""When a run asks: by what its terminal carries, how it is set, and how the output ends. The clock is a number."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.sources.questions import KEPT, LINES, Asker, Mode, Output, Question, last_words

COOKED = Mode(echo=True, canonical=True)
HIDDEN = Mode(echo=False, canonical=True)
RAW = Mode(echo=True, canonical=False)

DEBUG = b"  4321 1795515002.00001: running the handler\n"


class Told:
    """An Asker with a clock and a log that the test moves."""

    def __init__(self, *, reads: int | None) -> None:
        self.reads = reads
        self.now = 100.0
        self.log = b""
        self.asker = Asker(lambda: self.reads, self.now)

    def look(self, mode: Mode = COOKED, after: float = 0.0) -> Question | None:
        self.now += after
        return self.asker.look(mode, Output(len(self.log), lambda: self.log[-KEPT:]), self.now)

    def said(self, data: bytes) -> None:
        self.asker.said(data, self.now)

    def answer(self, data: bytes, mode: Mode) -> None:
        self.asker.answered(data, mode, self.now)


def words(question: Question | None) -> str | None:
    return question.text if question else None


@pytest.mark.parametrize("reads", [1, None])
def test_a_password_is_asked_with_the_echo_off(reads: int | None) -> None:
    """getpass: the echo goes off, then the prompt comes; the newline after the answer is no new question."""
    told = Told(reads=reads)
    assert told.look(HIDDEN) is None
    told.said(b"SSH password: ")
    assert told.look(HIDDEN) is None  # it may be the first half of a burst
    question = told.look(HIDDEN, after=0.06)
    assert question is not None
    assert (question.text, question.secret, question.keys) == ("SSH password:", True, False)
    told.answer(b"hunter2\n", HIDDEN)
    told.reads = 0
    assert told.look(HIDDEN, after=0.3) is None
    told.said(b"\r\n")
    assert told.look(COOKED, after=0.1) is None
    told.said(b"BECOME password[defaults to SSH password]: ")
    again = told.look(HIDDEN, after=0.06)
    assert words(again) == "BECOME password[defaults to SSH password]:"
    assert again is not None
    assert again.serial != question.serial


def test_a_wrong_password_is_asked_for_again() -> None:
    """sudo says so on the terminal, without a change of its modes."""
    told = Told(reads=1)
    told.said(b"[sudo] password for ops: ")
    first = told.look(HIDDEN, after=0.06)
    told.answer(b"x\n", HIDDEN)
    told.reads = 0
    assert told.look(HIDDEN, after=2) is None
    told.said(b"\r\nSorry, try again.\r\n[sudo] password for ops: ")
    second = told.look(HIDDEN, after=0.06)
    assert words(second) == "Sorry, try again.\n[sudo] password for ops:"
    assert first is not None
    assert second is not None
    assert first.serial != second.serial


def test_a_silent_password_prompt() -> None:
    """`stty -echo; read` says nothing: it takes longer to be believed."""
    told = Told(reads=None)
    told.look(COOKED, after=10)
    assert told.look(HIDDEN) is None
    assert told.look(HIDDEN, after=0.3) is None
    assert told.look(HIDDEN, after=0.3) == Question("", secret=True, keys=False, serial=1)


HOST_KEY = (
    b"The authenticity of host 'db1 (192.0.2.7)' can't be established.\r\n"
    b"ED25519 key fingerprint is SHA256:zzhk/vZ8kedSQ3iGPp0F.\r\n"
    b"This key is not known by any other names.\r\n"
    b"Are you sure you want to continue connecting (yes/no/[fingerprint])? "
)


def test_a_host_key_is_asked_for_in_whole_and_the_echo_is_no_question() -> None:
    """ssh asks with the echo on; what is echoed stands before no second question."""
    told = Told(reads=1)
    told.log = DEBUG
    told.said(HOST_KEY)
    question = told.look(after=0.06)
    assert question is not None
    assert not question.secret
    assert question.text == HOST_KEY.decode().replace("\r", "").rstrip()
    told.answer(b"yep\n", COOKED)
    told.said(b"yep\r\nPlease type 'yes', 'no' or the fingerprint: ")
    assert words(told.look(after=0.06)) == "Please type 'yes', 'no' or the fingerprint:"
    told.answer(b"yes\n", COOKED)
    told.said(b"ye")
    told.said(b"s\r\n")
    told.reads = 0
    assert told.look(after=9) is None
    told.said(HOST_KEY)
    told.reads = 1
    assert (words(told.look(after=0.06)) or "").startswith("The authenticity")


def test_input_s_prompt_is_the_unfinished_line_of_the_output() -> None:
    """`--step` and a `vars_prompt` that is not private."""
    told = Told(reads=1)
    told.log = b"1 plays in x.yml\n" + DEBUG + b"Perform task: TASK: ping (N)o/(y)es/(c)ontinue: "
    assert told.look() is None
    assert words(told.look(after=0.11)) == "Perform task: TASK: ping (N)o/(y)es/(c)ontinue:"
    told.answer(b"y\n", COOKED)
    assert told.look(after=0.2) is None
    told.log += DEBUG
    told.reads = 0
    assert told.look(after=5) is None


@pytest.mark.parametrize(
    ("log", "asked"),
    [
        (b"Continue? ", True),
        (b"Release [2026.1]: ", True),
        (b"done\n", False),
        (b"  4321 1795515002.00001: stderr chunk (state=3):\n>>>half a line", False),
    ],
)
def test_where_the_system_does_not_tell_who_reads(log: bytes, asked: bool) -> None:
    """The unfinished line must look like a prompt, and stand for half a second."""
    told = Told(reads=None)
    told.log = log
    assert told.look() is None
    assert told.look(after=0.3) is None
    assert (told.look(after=0.3) is not None) is asked


def test_nobody_reads_so_nothing_is_asked() -> None:
    """Whatever the output ends with, and whatever it looks like."""
    told = Told(reads=0)
    told.log = b"Are you sure? "
    told.look()
    assert told.look(after=60) is None


def test_a_reader_without_a_prompt_is_a_question_after_a_while() -> None:
    """`echo Continue?; read`, and a second read that says nothing."""
    told = Told(reads=1)
    told.log = b"TASK [x]\nContinue?\n"
    told.look()
    assert told.look(after=0.3) is None
    assert words(told.look(after=0.3)) == "Continue?"
    told.answer(b"y\n", COOKED)
    told.said(b"y\r\n")
    assert told.look(after=0.1) is None
    assert words(told.look(after=0.6)) == "Continue?"


def test_pause_takes_keys() -> None:
    """Its words are the output's last lines, without the debug lines of the workers; they change under way."""
    told = Told(reads=0)
    told.log = b"TASK [wait]\ntask path: /x.yml:3\n" + DEBUG + b"[wait]\nGo on:\n" + DEBUG
    assert told.look(RAW) is None
    first = told.look(RAW, after=0.06)
    assert first == Question("[wait]\nGo on:", secret=False, keys=True, serial=1)
    told.answer(b"\x03", RAW)
    told.said(b"^C")
    told.log += b"\x1b[\r\x1b[\x1b[KPress 'C' to continue the play or 'A' to abort \r\n"
    assert told.look(RAW) == first  # until the output is quiet
    assert (words(told.look(RAW, after=0.06)) or "").endswith("Press 'C' to continue the play or 'A' to abort")
    assert told.look(COOKED, after=0.06) is None


@pytest.mark.parametrize("pieces", [[b"^M"], [b"^", b"M"], [b"\r"]])
def test_the_echo_of_the_key_that_ends_a_pause_is_no_question(pieces: list[bytes]) -> None:
    """The task after it may take long, and nobody reads the terminal meanwhile."""
    told = Told(reads=0)
    told.log = b"TASK [wait]\n[wait]\nGo on:\n"
    told.look(RAW)
    assert told.look(RAW, after=0.06) is not None
    told.answer(b"\r", RAW)
    for piece in pieces:
        told.said(piece)
    told.log += DEBUG
    assert told.look(COOKED, after=0.06) is None
    assert told.look(COOKED, after=5.0) is None


def test_several_that_ask_at_once_keep_their_secret() -> None:
    """The first answer switches the echo on, and the others' prompt was said before: it is still a password."""
    told = Told(reads=3)
    told.log = b"TASK [ping]\n"
    told.look(HIDDEN)
    told.said(b"\rEnter passphrase for key 'k': " * 3)
    first = told.look(HIDDEN, after=0.06)
    assert first is not None
    assert (first.text, first.readers) == ("Enter passphrase for key 'k':", 3)
    told.answer(b"x\n", HIDDEN)
    told.said(b"\r\n")
    told.reads = 2
    told.log += DEBUG
    assert told.look(COOKED, after=0.05) is None
    told.log += DEBUG
    second = told.look(COOKED, after=0.06)  # the run goes on for the first host, and who asked still asks
    assert second is not None
    assert (second.text, second.secret, second.readers) == (first.text, True, 2)
    told.answer(b"x\n", COOKED)
    told.said(b"x\r\n\r\n")
    told.reads = 1
    third = told.look(COOKED, after=0.6)
    assert third is not None
    assert third.secret
    told.answer(b"x\n", COOKED)
    told.log += DEBUG
    fourth = told.look(COOKED, after=0.6) or told.look(COOKED, after=0.6)
    assert fourth is not None
    assert not fourth.secret, "whoever reads after the last of them is another question"


def test_what_several_asked_is_forgotten_when_nobody_reads_any_more() -> None:
    """sshd closes a connection after its LoginGraceTime; what is asked later is another question."""
    told = Told(reads=2)
    told.said(b"\rEnter passphrase for key 'k': " * 2)
    told.look(HIDDEN)
    told.look(HIDDEN, after=0.06)
    told.answer(b"x\n", HIDDEN)
    told.said(b"\r\n")
    told.reads = 0
    assert told.look(COOKED, after=0.1) is None
    told.reads = 1
    told.log += b"Go on?"
    assert words(told.look(COOKED, after=0.1)) is None
    assert words(told.look(COOKED, after=0.6)) == "Go on?"


@given(st.lists(st.binary(min_size=1, max_size=20), min_size=1, max_size=30))
def test_a_burst_is_no_question(blocks: list[bytes]) -> None:
    """While the terminal or the output moves, nothing is asked."""
    told = Told(reads=None)
    for block in blocks:
        told.said(block)
        told.log += block
        assert told.look(after=0.02) is None


def test_the_end_of_a_line_that_was_cut_is_no_part_of_the_question() -> None:
    prompt = b"[wait here]\nType something:\n"
    log = (DEBUG * KEPT + prompt)[-KEPT:]
    assert last_words(log) == "[wait here]\nType something:"
    assert last_words(b"x" * KEPT) == "x" * KEPT


@given(st.binary(max_size=3 * KEPT))
def test_any_bytes_give_few_words(tail: bytes) -> None:
    found = last_words(tail)
    assert found.count("\n") < LINES
    assert "\r" not in found


@given(st.text(min_size=1, max_size=40).filter(lambda text: "\n" not in text and "\r" not in text), st.data())
def test_what_is_typed_is_never_a_question_s_text(typed: str, data: st.DataObject) -> None:
    """However the echo comes in pieces."""
    told = Told(reads=1)
    told.said(b"Name: ")
    told.look(after=0.06)
    told.answer(typed.encode() + b"\n", COOKED)
    echo = typed.encode() + b"\r\n"
    cut = data.draw(st.integers(0, len(echo)))
    told.said(echo[:cut])
    told.said(echo[cut:])
    told.said(b"Next: ")
    assert words(told.look(after=0.06)) == "Next:"
