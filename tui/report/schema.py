"""The JSON Schema of the report; `python -m tui.report.schema > docs/report.schema.json` renews the kept copy."""

from __future__ import annotations

import json
import sys
from typing import Any

import msgspec

from tui.report.document import Document


def report_schema() -> dict[str, Any]:
    """The schema (JSON Schema 2020-12), made from the document's own types."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "sshdebug-tui report --format json",
        **msgspec.json.schema(Document),
    }


def schema_text() -> str:
    """The kept file's text."""
    return json.dumps(report_schema(), indent=2, ensure_ascii=False, sort_keys=True) + "\n"


if __name__ == "__main__":
    sys.stdout.write(schema_text())
