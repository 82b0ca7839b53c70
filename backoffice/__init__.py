"""A back office on SQLAdmin: list, edit and delete the records that other programs share.

Layers, from the top: ``cli`` → ``web`` → ``views`` → ``admin`` → ``auth`` → ``history`` →
``models`` → ``columns`` → ``db`` → ``config`` → ``language`` → ``logfmt``. Imports go
down this list only (``pyproject.toml`` holds it).
"""

__version__ = "0.1.0"
