"""What is known of Ansible's own actions by their names, with or without a collection."""

from __future__ import annotations

_TRIES_AGAIN = ("wait_for_connection", "reboot")


def tries_again(action: str | None) -> bool:
    """Whether an action goes on where its host cannot be reached."""
    return (action or "").rpartition(".")[2] in _TRIES_AGAIN


_LOCAL_ACTIONS = frozenset(
    [
        "add_host",
        "assert",
        "debug",
        "fail",
        "group_by",
        "import_playbook",
        "import_role",
        "import_tasks",
        "include_role",
        "include_tasks",
        "include_vars",
        "meta",
        "pause",
        "set_fact",
        "set_stats",
        "validate_argument_spec",
    ]
)


def without_commands(action: str | None) -> bool:
    """Whether an action needs no command on any host."""
    return (action or "").rpartition(".")[2] in _LOCAL_ACTIONS
