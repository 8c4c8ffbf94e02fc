"""Whose each chunk is, where no header says it: ansible-core 2.17 and later.

`search` is the way in, and shares the work among processes (`lanes`) by `events`. `window` holds what must wait,
`course` goes back where the search lost its way, or was told that `results` were each other's (`crossing`); `beam` is
the search itself, over `states` of what each open command has `said`, one chunk after another (`steps`).

What is likelier: `likely`, with the numbers of `habits`; for a command that never ended `guess`, by the order of ssh's
own lines and by what others have said behind the same line (`follows`). Where it goes no further, `repair` tells anew
what was told wrong: two commands change what they have said (`exchange`), or all that it takes (`resettle`).
"""
