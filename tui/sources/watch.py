"""Waking up when a file changes: `FileWatch`."""

from __future__ import annotations

import threading
from pathlib import Path

_STEP = 5
"""Milliseconds without a further change after which a change is told."""

_AT_MOST = 25
"""Milliseconds for which changes that go on are gathered."""

_LOOK = 200
"""Milliseconds after which the watching thread looks whether it shall end."""


class FileWatch:
    """Tells when a file may have changed, so that nobody has to look all the time.

    The system's own notification (inotify, FSEvents) by way of `watchfiles`. It is a hint, never the truth: network
    file systems report nothing of what another machine writes, and a system may have no watch left to give. So `wait`
    takes a time limit, and whoever waits looks at the file when it is over: at worst, that is polling.
    """

    def __init__(self, path: Path) -> None:
        """Watches the folder of `path`, so that a file which is replaced is seen too. Never fails: see `trouble`."""
        self.trouble = ""
        """Why there is no notification, and polling instead; empty while there is."""
        self._path = path.absolute()
        self._changed = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)
        self._thread.start()

    def wait(self, seconds: float) -> None:
        """Returns when the file may have changed since the last call, at the latest after `seconds`."""
        if self._changed.wait(seconds):
            self._changed.clear()

    def close(self) -> None:
        """Ends the watch; whoever waits is woken."""
        self._stop.set()
        self._changed.set()

    @property
    def watching(self) -> bool:
        """Whether the notification is (still) there."""
        return self._thread.is_alive()

    def _run(self) -> None:
        # Not at the top: it costs a tenth of a second, which the first look at the log need not wait for.
        from watchfiles import Change, watch

        def own(_change: Change, path: str) -> bool:
            return Path(path).name == self._path.name

        try:
            for _ in watch(
                self._path.parent,
                watch_filter=own,
                debounce=_AT_MOST,
                step=_STEP,
                rust_timeout=_LOOK,
                stop_event=self._stop,
                recursive=False,
                raise_interrupt=False,
            ):
                self._changed.set()
        except (OSError, RuntimeError) as error:  # no watch left, a folder that is gone, or a system without any
            self.trouble = (
                f"{self._path.name}: no notification of changes ({error}); it is looked at ten times a second."
            )
