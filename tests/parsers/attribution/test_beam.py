"""The search for whose chunk it is, on small made-up runs whose truth is known; real ones: `test_attribution_truth`."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.attribution import beam, course, window
from parsers.attribution.beam import Told
from parsers.attribution.repair import Repair
from parsers.attribution.said import Piece
from parsers.attribution.search import Search
from parsers.attribution.states import State
from parsers.model import Command
from tests.parsers.attribution.test_said import ERR, KEY, OTHER_KEY, OUT, TEXTS, a_command, a_piece

Said = tuple[bytes, bytes]
Decisions = list[tuple[int, int, bool]]
"""(chunk, command, whether it is ambiguous)."""


@dataclass(frozen=True)
class Event:
    """`open`, `close`, or a chunk."""

    command: int
    word: str
    piece: tuple[bytes, bool, int] = (b"", False, 0)
    """Text, whether it is stderr's, state."""


@dataclass(frozen=True)
class Play:
    """What the commands say, and the order in which they do."""

    tuples: tuple[Said, ...]
    events: tuple[Event, ...]

    @property
    def owners(self) -> list[int]:
        """Each chunk's true command."""
        return [event.command for event in self.events if event.word == "chunk"]

    @property
    def pieces(self) -> list[tuple[bytes, bool, int]]:
        return [event.piece for event in self.events if event.word == "chunk"]


def shuffled(rng: random.Random, tuples: tuple[Said, ...], burst: float) -> Play:
    """The commands' chunks cut and mixed; `burst`: how likely the one that spoke last speaks next."""
    waiting: dict[int, list[Event]] = {}
    for index, texts in enumerate(tuples):
        pipes = [_cut(rng, text, stderr) for stderr, text in enumerate(texts)]
        line = [Event(index, "open")]
        while any(pipes):
            text, stderr = rng.choice([pipe for pipe in pipes if pipe]).pop(0)
            line.append(Event(index, "chunk", (text, stderr, 2 if len(line) == 1 else 3)))
        waiting[index] = [*line, Event(index, "close")]
    events, last = [], 0
    while waiting:
        if last not in waiting or rng.random() >= burst:
            last = rng.choice(list(waiting))
        events.append(waiting[last].pop(0))
        if not waiting[last]:
            del waiting[last]
    return Play(tuples, tuple(events))


def _cut(rng: random.Random, text: bytes, stderr: int) -> list[tuple[bytes, bool]]:
    parts = []
    while text:
        size = rng.randint(1, len(text))
        parts.append((text[:size], bool(stderr)))
        text = text[size:]
    return [*parts, (b"", bool(stderr))]


def random_play(seed: int, commands: int, burst: float) -> Play:
    rng = random.Random(seed)  # noqa: S311 - the same runs every time
    texts = [bytes(rng.choice(b"ab\n") for _ in range(rng.randint(0, 8))) for _ in range(2 * commands)]
    return shuffled(rng, tuple(zip(texts[::2], texts[1::2], strict=True)), burst)


@st.composite
def plays(draw: st.DrawFn, least: int = 1) -> Play:
    tuples = tuple(draw(st.lists(st.tuples(TEXTS, TEXTS), min_size=least, max_size=4)))
    return shuffled(draw(st.randoms(use_true_random=False)), tuples, draw(st.sampled_from([0.0, 0.5, 0.9])))


class Reader:
    """Goes through a play as the parsers go through a log."""

    def __init__(self, play: Play) -> None:
        self.play = play
        self.commands: list[Command] = [a_command(index) for index in range(len(play.tuples))]
        self.search = Search()
        self.decided: list[Told] = []
        self.chunks: list[Piece] = []

    def go(self) -> Iterator[Event]:
        """Every event, behind it."""
        for event in self.play.events:
            command = self.commands[event.command]
            if event.word == "open":
                self.search.opened(command)
            elif event.word == "close":
                self.closed(command)
            else:
                text, stderr, state = event.piece
                piece = a_piece(text, ERR if stderr else OUT, number=len(self.chunks), state=state)
                self.chunks.append(piece)
                self.search.chunk(piece)
            self.drain()
            yield event

    def closed(self, command: Command) -> None:
        self.search.closed(command, *self.play.tuples[command.index])

    def drain(self) -> None:
        self.decided += self.search.take()

    def read(self) -> Decisions:
        for _ in self.go():
            pass
        return self.over()

    def over(self) -> Decisions:
        self.search.finish()
        self.drain()
        return plain(self.decided)


def plain(decided: list[Told]) -> Decisions:
    return [(piece.index, told.command, piece.index in told.ambiguous) for told in decided for piece in told.pieces]


def joined(play: Play, decisions: Decisions) -> list[Said]:
    """What each command has said by the decisions."""
    texts = [(b"", b"") for _ in play.tuples]
    for chunk, command, _ in sorted(decisions):
        text, stderr, _ = play.pieces[chunk]
        out, err = texts[command]
        texts[command] = (out, err + text) if stderr else (out + text, err)
    return texts


# ---------------------------------------------------------------------------------------------------------------
# What holds of any run.


@given(plays())
def test_nothing_is_invented_and_every_chunk_is_decided_once_at_most(play: Play) -> None:
    reader = Reader(play)
    decisions = reader.read()
    chunks = [chunk for chunk, _, _ in decisions]
    assert len(set(chunks)) == len(chunks)
    assert all(reader.chunks[piece.index] is piece for told in reader.decided for piece in told.pieces)
    for (out, err), said in zip(play.tuples, joined(play, decisions), strict=True):
        assert (out[: len(said[0])], err[: len(said[1])]) == said
    # Of one command, as they are decided, they come in the log's order.
    for _, group in groupby(decisions, key=lambda decision: decision[1]):
        own = [chunk for chunk, _, _ in group]
        assert own == sorted(own)


@given(plays())
def test_a_chunk_goes_to_a_command_that_is_open(play: Play) -> None:
    decisions = Reader(play).read()
    opened, spans, chunk = {}, {}, 0
    for event in play.events:
        if event.word == "open":
            opened[event.command] = chunk
        elif event.word == "close":
            spans[event.command] = range(opened[event.command], chunk)
        else:
            chunk += 1
    assert [chunk for chunk, command, _ in decisions if chunk not in spans[command]] == []
    for chunk, _, ambiguous in decisions:
        # Said to be ambiguous only where another open command has such a text in that pipe.
        text, stderr, _ = play.pieces[chunk]
        able = [c for c, texts in enumerate(play.tuples) if chunk in spans[c] and text in texts[stderr]]
        assert not ambiguous or len(able) > 1


@given(plays())
def test_the_same_events_give_the_same_decisions(play: Play) -> None:
    assert Reader(play).read() == Reader(play).read()


@given(plays(), st.integers(1, 4))
def test_a_look_in_between_changes_nothing(play: Play, every: int) -> None:
    looked = Reader(play)
    for number, _ in enumerate(looked.go()):
        if number % every == 0:
            decided = {chunk for chunk, _, _ in plain(looked.decided)}
            waiting = plain(looked.search.provisional())
            assert waiting == plain(looked.search.provisional())
            chunks = [chunk for chunk, _, _ in waiting]
            assert len(set(chunks)) == len(chunks)
            assert decided.isdisjoint(chunks)
    assert looked.over() == Reader(play).read()


@given(plays())
def test_the_last_look_is_what_the_end_decides(play: Play) -> None:
    reader = Reader(play)
    for _ in reader.go():
        pass
    last = plain(reader.search.provisional())
    before = len(plain(reader.decided))
    assert reader.over()[before:] == last
    assert reader.search.pending() == set()
    assert plain(reader.search.provisional()) == []


# By burst, in percent, measured on these very runs, and a little less: commands whose chunks make up their tuple,
# chunks that are their true command's (many are the same), and, at most, chunks that nobody has.
SHARES = {0.0: (99.8, 87.7, 0.1), 0.5: (99.8, 94.9, 0.15), 0.8: (100.0, 99.0, 0.0)}


@pytest.mark.parametrize("burst", SHARES)
def test_nearly_every_command_is_put_together_again(burst: float) -> None:
    commands = whole = chunks = right = decided = 0
    for seed in range(400):
        play = random_play(seed, 2 + seed % 5, burst)
        decisions = Reader(play).read()
        commands += len(play.tuples)
        whole += sum(said == real for said, real in zip(joined(play, decisions), play.tuples, strict=True))
        chunks += len(play.owners)
        right += sum(play.owners[chunk] == command for chunk, command, _ in decisions)
        decided += len(decisions)
    least_whole, least_right, most_lost = SHARES[burst]
    assert 100 * whole / commands >= least_whole
    assert 100 * right / chunks >= least_right
    assert 100 * (chunks - decided) / chunks <= most_lost


# ---------------------------------------------------------------------------------------------------------------
# One mechanism at a time. A word is one chunk: `A:text` of A's stdout, `A!text` of its stderr, `A+` opens, `A-` closes.


def told(script: str, **tuples: bytes | Said | None) -> tuple[dict[str, list[str]], Decisions]:
    """Whose chunks are whose, by the chunk's word in the script; a command with no tuple never ends."""
    search, names = Search(), list(tuples)
    commands = {name: a_command(place) for place, name in enumerate(names)}
    words: dict[int, str] = {}
    for word in script.split():
        name, kind, text = word[0], word[1], word[2:]
        if kind == "+":
            search.opened(commands[name])
        elif kind == "-":
            said = tuples[name]
            assert said is not None
            out, err = said if isinstance(said, tuple) else (said, b"")
            search.closed(commands[name], out, err)
        else:
            stream = ERR if kind == "!" else OUT
            index = len(words)
            words[index] = word
            search.chunk(a_piece(text.replace("_", " ").encode(), stream, number=index))
    search.finish()
    found: dict[str, list[str]] = {name: [] for name in names}
    decided = plain(search.take())
    for chunk, command, _ in decided:
        found[names[command]].append(words[chunk])
    return found, decided


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """One state, so that each wrong choice has to be mended."""
    monkeypatch.setattr(beam, "BEAM", 1)


@pytest.mark.usefixtures("narrow")
def test_a_wrong_choice_is_mended_when_a_chunk_fits_nobody() -> None:
    # Both can have the first one; it goes to A, and B's next one shows that it was B's.
    found, _ = told("A+ B+ B:1 B:b A:1 A:2a A: A! B: B! A- B-", A=b"12a", B=b"1b")
    assert found == {"A": ["A:1", "A:2a", "A:", "A!"], "B": ["B:1", "B:b", "B:", "B!"]}


@pytest.mark.usefixtures("narrow")
def test_a_wrong_choice_is_mended_in_two_steps() -> None:
    # What B has said went to A and to C.
    found, decided = told("A+ C+ B+ B:1 B:2 B:b A:1a C:2c A- B- C-", A=b"1a", B=b"12b", C=b"2c")
    assert found == {"A": ["A:1a"], "B": ["B:1", "B:2", "B:b"], "C": ["C:2c"]}
    assert len(decided) == 5


@pytest.mark.usefixtures("narrow")
def test_a_command_that_ends_unfinished_gets_what_is_missing() -> None:
    found, _ = told("A+ B+ B:1 B- A:1 A:a A-", A=b"1a", B=b"1")
    assert found == {"A": ["A:1", "A:a"], "B": ["B:1"]}


@pytest.mark.usefixtures("narrow")
def test_a_hanging_command_gives_back_what_another_one_ends_without() -> None:
    found, _ = told("H+ A+ B+ A:1 B:1 A:2 B:2 A- B-", H=None, A=b"12", B=b"12")
    assert found["H"] == []
    assert [len(words) for words in found.values()] == [0, 2, 2]


@pytest.mark.usefixtures("narrow")
@pytest.mark.parametrize("order", list(permutations("ABC")))
def test_ends_that_went_round_find_back(order: tuple[str, ...]) -> None:
    """All have said the same; who ends first needs an end from before, and the others' come later."""
    script = "A+ B+ C+ A!debug1:_x B!debug1:_x C!debug1:_x " + " ".join(f"{name}: {name}! {name}-" for name in order)
    same = (b"", b"debug1: x")
    found, decided = told(script, A=same, B=same, C=same)
    assert len(decided) == 9
    for name, words in found.items():
        assert sorted(word[1:] for word in words) == ["!", "!debug1:_x", ":"], name


@pytest.mark.usefixtures("narrow")
def test_what_the_only_state_says_of_a_command_that_ended_can_still_be_mended() -> None:
    # The second's word went to the first and the third's to the second, which has ended when the third lacks it.
    found, decided = told("A+ B+ B:1 C+ C:1 B- C- A:1a A-", A=b"1a", B=b"1", C=b"1")
    assert found == {"A": ["A:1a"], "B": ["B:1"], "C": ["C:1"]}
    assert len(decided) == 3


def test_where_repairs_find_nothing_again_and_again_they_are_tried_seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    """A log that has lost lines has a chunk without a command at every turn."""
    tried: list[bool] = []

    class Counted(Repair):
        def for_chunk(self, state: State, piece: Piece, *, deep: bool = False) -> Iterator[State]:
            tried.append(deep)
            return super().for_chunk(state, piece, deep=deep)

    monkeypatch.setattr(beam, "Repair", Counted)
    monkeypatch.setattr(beam, "_VAIN", 3)
    monkeypatch.setattr(beam, "_SELDOM", 10)
    lost = " ".join(f"A:z{number}" for number in range(30))
    found, _ = told(f"A+ B+ {lost} A:1 A:2a B:1b A- B-", A=b"12a", B=b"1b")
    assert found == {"A": ["A:1", "A:2a"], "B": ["B:1b"]}
    assert tried.count(True) == 3 + 2


def test_the_one_that_spoke_last_goes_on() -> None:
    found, decided = told("A+ B+ A:x A:y A:z B:x B:y B:z A- B-", A=b"xyz", B=b"xyz")
    assert [len(words) for words in found.values()] == [3, 3]
    owners = [command for _, command, _ in sorted(decided)]
    assert owners in ([0, 0, 0, 1, 1, 1], [1, 1, 1, 0, 0, 0])


@pytest.mark.parametrize(
    ("script", "tuples", "ambiguous"),
    [
        ("A+ B+ A:x B:x A- B-", {"A": b"x", "B": b"x"}, [True, False]),  # the second place is the only one left
        ("A+ B+ A:x B:y A- B-", {"A": b"x", "B": b"y"}, [False, False]),
        ("A+ A:x A- B+ B:x B-", {"A": b"x", "B": b"x"}, [False, False]),
        ("A+ B+ A:x B!x A- B-", {"A": (b"x", b""), "B": (b"", b"x")}, [False, False]),
    ],
)
def test_ambiguous_where_another_open_command_could_have_had_it(
    script: str, tuples: dict[str, bytes | Said], ambiguous: list[bool]
) -> None:
    _, decided = told(script, **tuples)
    assert [unsure for _, _, unsure in sorted(decided)] == ambiguous


def test_a_command_that_never_ends_gets_what_names_its_address() -> None:
    naming = "!debug1:_Connecting_to_192.0.2.{}_[192.0.2.{}]_port_22."
    one, other = naming.format(1, 1), naming.format(2, 2)
    found, _ = told(f"A+ B+ C+ B{other} A{one} C:x C- B!more", A=None, B=None, C=b"x")
    assert found["A"][:1] == [f"A{one}"]
    assert found["B"][:1] == [f"B{other}"]
    assert found["C"] == ["C:x"]


def test_what_finished_commands_said_is_not_the_hanging_ones() -> None:
    found, decided = told("H+ A+ A:a H:h A:b B+ B:b A- B:c H:i B-", H=None, A=b"ab", B=b"bc")
    assert found == {"H": ["H:h", "H:i"], "A": ["A:a", "A:b"], "B": ["B:b", "B:c"]}
    assert len(decided) == 6


def test_escalations_lines_go_to_the_command_that_asked_for_them() -> None:
    search = Search()
    commands = [
        a_command(place, f"sudo -H sh -c 'echo BECOME-SUCCESS-{key} ; id'", become=True)
        for place, key in enumerate((KEY, OTHER_KEY))
    ]
    for command in commands:
        search.opened(command)
    texts = [f"BECOME-SUCCESS-{OTHER_KEY}\n".encode(), f"BECOME-SUCCESS-{KEY}\nuid=0\n".encode(), b"uid=0\n"]
    for place, text in enumerate(texts):
        search.chunk(a_piece(text, number=place, state=3 if place == 2 else 1))
    for command in commands:
        search.closed(command, b"uid=0\n", b"")
    search.finish()
    assert {chunk: command for chunk, command, _ in plain(search.take())} == {0: 1, 1: 0, 2: 1}


def test_a_greeting_that_went_to_the_wrong_command_is_given_to_the_one_that_hangs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """ssh greets once: when the second greeting comes, the first was not the younger command's."""
    # As where many hosts connect at once, and what came to be right is long gone.
    monkeypatch.setattr(beam, "BEAM", 1)
    search = Search()
    hanging, other = a_command(0), a_command(1)
    search.opened(hanging)
    search.opened(other)
    greeting = b"OpenSSH_9.2p1 Debian-2+deb12u10, OpenSSL 3.0.19 27 Jan 2026\n"
    reading = b"debug1: Reading configuration data /etc/ssh/ssh_config\n"
    texts = [
        greeting,
        b"debug2: resolve_canonicalize: hostname 192.0.2.1 is address\n",
        b"debug1: Connecting to 192.0.2.1 [192.0.2.1] port 22.\n",
        greeting,
        reading,
        b"debug1: connect to address 192.0.2.2 port 22: Connection timed out\n",
    ]
    for place, text in enumerate(texts):
        search.chunk(a_piece(text, ERR, number=place))
    search.closed(other, b"", greeting + reading + texts[-1])
    search.finish()
    owners = {chunk: command for chunk, command, _ in plain(search.take())}
    assert owners == {0: 0, 1: 0, 2: 0, 3: 1, 4: 1, 5: 1}


# ---------------------------------------------------------------------------------------------------------------
# The limit on what waits.


@pytest.mark.parametrize("limit", [2, 4, 9])
def test_a_command_that_hangs_does_not_keep_all_others_waiting(limit: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(window, "WAITING", limit)
    monkeypatch.setattr(course, "_BLOCK", 4)
    search, hanging = Search(), a_command(0)
    search.opened(hanging)
    search.chunk(a_piece(b"debug1: Connecting to 192.0.2.1 [192.0.2.1] port 22.\n", ERR, number=0))
    number = 1
    for place in range(1, 41):
        command = a_command(place)
        search.opened(command)
        for text in (b"home ", b"%d\n" % place):
            search.chunk(a_piece(text, number=number))
            number += 1
        search.closed(command, b"home %d\n" % place, b"")
    early = plain(search.take())
    # Sixteen commands may still be told otherwise, and two blocks.
    assert len(early) >= number - limit - 2 * 17 - 2 * 4
    search.finish()
    decided = early + plain(search.take())
    every = {chunk: command for chunk, command, _ in decided}
    assert len(decided) == len(every) == number
    assert every[0] == 0
    assert [every[chunk] for chunk in range(1, number)] == [1 + chunk // 2 for chunk in range(number - 1)]


@given(plays())
def test_the_limit_never_decides_a_chunk_twice_nor_invents_one(play: Play) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(window, "WAITING", 3)
        reader = Reader(play)
        chunks = [chunk for chunk, _, _ in reader.read()]
    assert len(set(chunks)) == len(chunks)
    assert set(chunks) <= set(range(len(play.pieces)))
