"""Comparison: the records as they are stored, against their last known values in the history."""
