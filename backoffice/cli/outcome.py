"""How a command can end."""

DONE = 0
FAILED = 1
USAGE = 2
SETTINGS = 78


class Refused(Exception):
    """The command cannot be done. Its text is a sentence for whoever typed it."""

    def __init__(self, sentence: str, code: int = FAILED) -> None:
        super().__init__(sentence)
        self.code = code
