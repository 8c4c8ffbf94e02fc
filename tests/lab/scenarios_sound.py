"""Runs that end well, by the ways Ansible has of running things."""

from __future__ import annotations

from tests.lab.model import (
    DB1_LINE,
    PING,
    THREE,
    WEB1_LINE,
    WEB2_LINE,
    Scenario,
    inventory,
    ok,
)

INVENTORY = inventory(WEB1_LINE, WEB2_LINE, DB1_LINE)
ALL_OK = ok("web1", "web2", "db1")

SOUND = (
    Scenario(
        "ping-ok",
        "three sound hosts",
        THREE,
        INVENTORY,
        (("ping.yml", PING),),
        ALL_OK,
        versions=("2.13", "2.16", "2.17", "2.18", "2.19"),
    ),
)
