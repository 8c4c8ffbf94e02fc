"""The two themes: calm surfaces, and colour only where it says something."""

from __future__ import annotations

from textual.theme import Theme

DARK = Theme(
    name="sshdebug-dark",
    primary="#7aa2d8",
    secondary="#9a8fd0",
    accent="#6fb7c4",
    success="#86b97f",
    warning="#dba65c",
    error="#e5707a",
    foreground="#d3d8e0",
    background="#12151b",
    surface="#161a21",
    panel="#2b323d",
    dark=True,
)

LIGHT = Theme(
    name="sshdebug-light",
    primary="#2f62a8",
    secondary="#6a55b0",
    accent="#14748a",
    success="#2f7d33",
    warning="#96610a",
    error="#b8232f",
    foreground="#20252d",
    background="#f4f5f7",
    surface="#fbfbfc",
    panel="#d5dae2",
    dark=False,
)
