"""Settings for the properties: no deadline, since a whole log may be read in one example on a busy machine."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("parsers", deadline=None)
settings.load_profile("parsers")
