"""Names that are too long for their column, cut so that no two of them look alike: `cut_apart`, `file_names`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from parsers.showable import showable
from tui.widgets.rowsource import fit

_LEAST = 8
"""In fewer cells than these there is no room for a name's beginning beside what tells it apart."""

_NONE = 4
"""In fewer there is room for neither."""


@lru_cache(maxsize=32)
def cut_apart(names: frozenset[str], width: int) -> dict[str, str]:
    """Each of `names` in at most `width` cells: as it is, or cut at the end where that tells it from the others.

    Else what they all begin with is cut out: `prod-…web1`, `prod-…web2`.
    """
    shown: dict[str, list[str]] = {}
    for name in names:
        shown.setdefault(fit(name, width).rstrip(), []).append(name)
    out: dict[str, str] = {}
    for cut, alike in shown.items():
        if len(alike) == 1 or width < _NONE:
            out.update((name, cut) for name in alike)
            continue
        # The end of what they share leads up to where they differ; the beginning is what they are known by.
        head = fit(showable(alike[0][: width * 4]), width // 3).rstrip("… ") if width >= _LEAST else ""
        room = max(0, width - len(head) - 1)
        begin = _same(alike, width // 3)
        begin = max(0, begin - max(0, room - max(len(name) - begin for name in alike)))
        rests = cut_apart(frozenset(name[begin:] for name in alike), room)
        out.update((name, fit(f"{head}…{rests[name[begin:]]}", width).rstrip()) for name in alike)
    return out


def _same(names: Sequence[str], most: int) -> int:
    """How many characters at the beginning say nothing: up to the word in which they differ.

    A word of which they share more than `most` characters is left out as well.
    """
    # What the first and the last of them share, in their order, all of them do.
    pairs = enumerate(zip(min(names), max(names), strict=False))
    shared = next((place for place, (one, other) in pairs if one != other), len(min(names)))
    word = shared
    while word and names[0][word - 1].isalnum():
        word -= 1
    return word if word and shared - word <= most else shared


def file_names(paths: Iterable[str]) -> dict[str, str]:
    """What each file of `paths` is called: its own name, with as many folders as tell it from the others."""
    out = {path: path.rpartition("/")[2] or path for path in paths}
    for depth in range(2, 10):
        called: dict[str, list[str]] = {}
        for path, name in out.items():
            called.setdefault(name, []).append(path)
        same = [path for paths_alike in called.values() if len(paths_alike) > 1 for path in paths_alike]
        if not same:
            break
        out.update((path, "/".join(path.split("/")[-depth:])) for path in same)
    return out
