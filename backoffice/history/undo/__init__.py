"""Undo: a changeset is undone by a new one, planned and written by SQL over all of its rows.

A deleted record is restored, an updated one reverted field by field, a created one removed.
"""
