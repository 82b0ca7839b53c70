"""Measurements: ``python -m bench <name>``. They print figures and judge nothing."""
