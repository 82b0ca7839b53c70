"""Demo records: a realistic hardware catalogue and some users, the same ones each time.

``python -m backoffice demo`` and ``serve --prepare`` put them into a database.
"""

from examples.demo.records import fill

__all__ = ["fill"]
