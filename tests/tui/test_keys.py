"""The table of keys: unique, resolvable, and what help and README say."""

from __future__ import annotations

import pytest
from textual.binding import Binding

from tui import keys
from tui.app import SshDebugApp
from tui.screens.channels import ChannelsScreen
from tui.screens.findings import FindingsScreen
from tui.screens.main import MainScreen
from tui.screens.raw import RawScreen
from tui.widgets.rows import RowView

OWNERS = {
    keys.APP: SshDebugApp,
    keys.MAIN: MainScreen,
    keys.RAW: RawScreen,
    keys.FINDINGS: FindingsScreen,
    keys.CHANNELS: ChannelsScreen,
    keys.ROWS: RowView,
}


@pytest.mark.parametrize("key", [key for key in keys.KEYS if not key.built_in], ids=lambda key: key.id)
def test_every_action_exists_where_its_key_is_bound(key: keys.Key) -> None:
    for context in key.contexts:
        assert callable(getattr(OWNERS[context], f"action_{key.action.split('(')[0]}"))


@pytest.mark.parametrize("context", OWNERS)
def test_a_key_has_one_meaning_in_a_context(context: str) -> None:
    # What a pane binds comes before what its screen binds: the two must not share a key either.
    contexts = {context, keys.APP, keys.ROWS}
    names = [name for key in keys.KEYS if contexts & set(key.contexts) for name in key.keys.split(",")]
    assert len(names) == len(set(names))


def test_ids_are_unique_and_the_bar_knows_only_them() -> None:
    ids = [key.id for key in keys.KEYS]
    assert len(ids) == len(set(ids))
    assert set(keys.BAR) <= set(ids)
    assert all(key.bar for key in keys.KEYS if key.id in keys.BAR)


def test_ctrl_c_never_quits() -> None:
    assert not [key for key in keys.KEYS if "ctrl+c" in key.keys and "quit" in key.action]


def test_bindings_carry_the_ids_that_a_keymap_refers_to() -> None:
    for binding in keys.bindings(keys.MAIN):
        assert isinstance(binding, Binding)
        assert binding.id in {key.id for key in keys.KEYS}


def test_markdown_has_a_row_for_each_key() -> None:
    table = keys.markdown_table()
    assert table.count("\n") == len(keys.KEYS) + 2
    assert "| `[` | previous task of the host | main screen |" in table
