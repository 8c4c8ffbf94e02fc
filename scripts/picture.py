"""Makes docs/screen.svg, README's picture: the real screen on a real sample log."""

from __future__ import annotations

import asyncio
import re
import time
from pathlib import Path

from tui.app import SshDebugApp
from tui.sources.opening import open_log

REPOSITORY = Path(__file__).resolve().parents[1]
SAMPLE = "tmpdir-permission-2.19.log"
PICTURE = REPOSITORY / "docs" / "screen.svg"
SIZE = (130, 40)
SECONDS = 30.0

# Fetched from the network by whoever looks; a picture in a repository should not.
_FONT_FACE = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)


async def taken() -> str:
    """The screen as SVG, once the log has been read and its problem is shown."""
    source = open_log(str(REPOSITORY / "sample_logs" / SAMPLE))
    app = SshDebugApp([source], title=f"sample_logs/{SAMPLE}")
    try:
        async with app.run_test(size=SIZE) as pilot:
            deadline = time.monotonic() + SECONDS
            while not app.logs[0].finished:
                if time.monotonic() > deadline:
                    raise TimeoutError("the log was not read")
                await pilot.pause(0.05)
            await pilot.press("e")
            await pilot.pause(0.5)
            app.clear_notifications()
            await pilot.pause(0.5)
            return app.export_screenshot(title="sshdebug-tui")
    finally:
        source.close()


def main() -> None:
    picture = _FONT_FACE.sub("", asyncio.run(taken())).replace("Fira Code, ", "")
    # Some viewers trim a text's blanks otherwise, and keys run into their words.
    picture = picture.replace("<svg ", '<svg xml:space="preserve" ', 1)
    PICTURE.write_text("\n".join(line.rstrip() for line in picture.splitlines()) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
