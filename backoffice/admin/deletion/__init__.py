"""Deleting records: what it does to other records, and how the page describes that."""
