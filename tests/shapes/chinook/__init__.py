"""Chinook, the music shop of many a textbook: its eleven tables, with rows made by rule.

The tables are as the sample database has them: their names and those of their columns, lengths,
nullability and references. None of its data is here.
"""
