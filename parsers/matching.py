"""Each one's own of several that fit: `matched`."""

from __future__ import annotations

from collections.abc import Sequence


def matched(able: Sequence[Sequence[int]]) -> list[int | None]:
    """For each entry one of those that fit it, none twice and as many entries served as can be.

    Of all ways to do so, the one in which the first entry has the first that it can, then the second, and so on.
    """
    owner: dict[int, int] = {}
    for entry in range(len(able)):
        _serve(able, entry, owner, set())
    found: list[int | None] = [None] * len(able)
    for choice, entry in owner.items():
        found[entry] = choice
    # As many as can be are served: now each in turn has the first choice that leaves the later ones served.
    for entry, current in enumerate(found):
        if current is None:
            continue
        settled = {choice for choice in found[:entry] if choice is not None}
        for choice in able[entry]:
            if choice in settled:
                continue
            if choice == found[entry]:
                break
            trial = {one: held for one, held in owner.items() if held != entry}
            loser = trial.get(choice)
            trial[choice] = entry
            if loser is None or _serve(able, loser, trial, settled | {choice}):
                owner = trial
                found = [None] * len(able)
                for one, held in owner.items():
                    found[held] = one
                break
    return found


def _serve(able: Sequence[Sequence[int]], entry: int, owner: dict[int, int], tried: set[int]) -> bool:
    """Gives an entry one of its choices, moving others if need be (an augmenting path)."""
    for choice in able[entry]:
        if choice in tried:
            continue
        tried.add(choice)
        if choice not in owner or _serve(able, owner[choice], owner, tried):
            owner[choice] = entry
            return True
    return False
