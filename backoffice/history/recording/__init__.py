"""Recording: a change in the history for each row that a session or a bulk statement writes.

Each change is written in the transaction of the write itself.
"""
