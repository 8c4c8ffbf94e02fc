"""The order in which workers were forked, by their process ids."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from parsers.model import Place
from parsers.workers.forks import in_order
from parsers.workers.naming import Names
from parsers.workers.ordering import forked
from parsers.workers.turns import workers_of
from parsers.workers.worker import Section, Worker


def a_task(*pids: int | None) -> Section:
    """A task whose workers began in that order."""
    section = Section(0, "Ping", Place(0, 1))
    for line, pid in enumerate(pids, 10):
        section.begin(Worker(section, Place(line, line), pid, address=f"192.0.2.{line}"))
    return section


def ordered(*pids: int | None) -> list[int | None]:
    """The ids in the order of the forks."""
    return [worker.pid for worker in in_order(a_task(*pids).workers)]


def test_ids_rise() -> None:
    assert ordered(4203, None, 4201, 4202) == [4201, 4202, 4203]


def test_behind_the_greatest_id_they_begin_anew() -> None:
    assert ordered(32_760, 301, 32_755, 330, 315) == [32_755, 32_760, 301, 315, 330]
    twice = [32_000, 400, 9_000, 17_000, 25_000, 32_500, 350, 9_500]
    assert ordered(*twice) == twice


def test_small_ids_as_in_a_container_are_no_new_beginning() -> None:
    assert ordered(90, 40, 12, 700, 655) == [12, 40, 90, 655, 700]


@given(st.integers(300, 32_767), st.lists(st.integers(1, 20), min_size=1, max_size=60), st.randoms())
def test_workers_that_begin_nearly_in_turn_are_in_order_wherever_the_ids_begin_anew(
    first: int, steps: list[int], random: object
) -> None:
    """Each is forked after the one before, and begins at its place or up to three later."""
    given_out, pids = first, []
    for step in steps:
        given_out += step
        pids.append(given_out if given_out < 32_768 else given_out - 32_768 + 300)
    begun = sorted(range(len(pids)), key=lambda place: place + random.random() * 3)  # type: ignore[attr-defined]
    cut = next((place for place in range(1, len(pids)) if pids[place] < pids[place - 1]), None)
    if cut is not None and begun[0] >= cut:
        return  # nothing tells that one with a low id which begins first was forked behind those with high ones
    assert ordered(*(pids[place] for place in begun)) == pids


def test_the_queue_and_the_turns_go_by_that_order() -> None:
    section = a_task(32_760, 301, 32_755)
    for name in ("web1", "web2", "web3"):
        section.queue(name, Place(0, 0))
    assert [section.workers[place].pid for place in forked(section)] == [32_755, 32_760, 301]
    assert [worker.pid for worker in workers_of(section, "web3")] == [301]
    names = Names()
    names.learn([], [section], {"web1": 0, "web2": 1, "web3": 2})
    settled = {section.workers[place].pid: name for place, name in names.settle(section).items()}
    assert settled == {32_755: "web1", 32_760: "web2", 301: "web3"}
