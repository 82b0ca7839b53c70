"""The exit codes of commands, and the error that ends one."""

DONE = 0
FAILED = 1
USAGE = 2
SETTINGS = 78


class Refused(Exception):
    """The command cannot run. Its text is a sentence for the person who typed it."""

    def __init__(self, sentence: str, code: int = FAILED) -> None:
        super().__init__(sentence)
        self.code = code
