"""From a log's bytes to findings; knows nothing of the screen.

bytes → `lines` (records and events) → `building` (the run model) → `stages` → `conclude` (findings), from `analysis`,
the one door. On the way `workers` tells whose each line and command is, and `attribution` whose each chunk; `ssh`
reads what ssh itself says. `sshd` and `ends` are the managed node's log, alone and beside the control node's, and
`rules` the catalogue of failures. pyproject.toml has the order in which they may know each other.
"""
