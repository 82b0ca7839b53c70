"""Saved views: a list's address under a name."""
