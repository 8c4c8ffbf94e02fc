"""The stylesheets, one a screen, and the themes."""
