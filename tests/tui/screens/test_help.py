"""The help's rows."""

from __future__ import annotations

from tui import keys
from tui.screens.help import HelpRows
from tui.widgets.rowsource import plain


def test_every_key_has_a_row_under_its_heading_and_a_remapped_one_shows_its_new_key() -> None:
    rows = HelpRows({"main.zoom": ["ctrl+o"]})
    said = [plain(rows.row(at, 76)) for at in range(len(rows))]
    assert said[0] == "Move"
    assert not rows.selectable(0)
    for key in keys.KEYS:
        assert any(key.description in line for line in said), key.id
    assert any(line.strip().startswith("ctrl+o") for line in said)
    assert not any(line.strip().startswith("z  +") for line in said)
