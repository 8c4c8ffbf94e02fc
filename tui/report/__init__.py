"""The analysis with no screen: JSON for scripts, text for a terminal, Markdown for a ticket."""
