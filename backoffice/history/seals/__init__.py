"""Seals: a signed hash chain over the history, which shows later changes to it.

``docs/decisions/0005`` and ``0012`` give the reasons for the design.
"""
