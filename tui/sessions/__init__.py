"""Recorded sessions: what was launched, kept in a folder that only the user can enter; listed, opened, removed."""
