"""Stamps each debug line that a worker makes with its host, so that every chunk of a log can be told whose it is.

A callback plugin of Ansible's own kind, loaded in the parent before the workers fork. It wraps two methods:
`TaskExecutor.run`, to remember the inventory host, and `Display.debug`, to pass it on as `host`, which Ansible prints
as `PID TIME [HOST]: …` (2.6-2.21). From 2.17 on a worker's debug lines are printed by the parent, with the parent's
pid and time; the worker's own stand before the message then: `[HOST]: @PID/TIME message`.

Whatever goes wrong here leaves the run as it is, unstamped. Only what ansible-core 2.13 to 2.21 have is used.
"""

from __future__ import annotations

import functools
import os
import time
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
    name: sshdebug_stamp
    type: notification
    short_description: names the host of each debug line
    description: Names the host, and the worker's process and time, of each debug line that a worker writes.
"""

ON = "sshdebug_stamp: each worker's debug lines name its host"
OFF = "sshdebug_stamp: debug lines stay unstamped"


class CallbackModule(CallbackBase):
    """Nothing but the wrapping: it reacts to no event."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "sshdebug_stamp"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        try:
            _wrap()
        except Exception as error:  # noqa: BLE001 - a run must not end because its log is read
            self._display.debug(f"{OFF} ({type(error).__name__}: {error})")
        else:
            self._display.debug(ON)


def _wrap() -> None:
    from ansible.executor.task_executor import TaskExecutor
    from ansible.release import __version__
    from ansible.utils.display import Display

    if getattr(Display, "sshdebug_stamp", False):
        return
    proxied = tuple(int(part) for part in __version__.split(".")[:2]) >= (2, 17)
    parent = os.getpid()
    current: list[str] = []
    run, debug = TaskExecutor.run, Display.debug

    @functools.wraps(run)
    def stamped_run(self: Any, *args: Any, **kwargs: Any) -> Any:
        current.append(self._host.name)
        try:
            return run(self, *args, **kwargs)
        finally:
            current.pop()

    @functools.wraps(debug)
    def stamped_debug(self: Any, msg: str, *args: Any, **kwargs: Any) -> Any:
        if current and os.getpid() != parent and not args and kwargs.get("host") is None:
            kwargs["host"] = current[-1]
        if current and proxied and os.getpid() != parent:
            msg = f"@{os.getpid()}/{time.time():0.5f} {msg}"
        return debug(self, msg, *args, **kwargs)

    Display.sshdebug_stamp = True
    TaskExecutor.run = stamped_run
    Display.debug = stamped_debug
