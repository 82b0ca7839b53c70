"""A terminal sees how far a command is."""

import io

from backoffice.cli.progress import with_progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_sees_a_bar_and_a_file_nothing() -> None:
    terminal, file = Terminal(), io.StringIO()
    assert list(with_progress(range(2_000), 2_000, terminal)) == list(range(2_000))
    assert list(with_progress(range(5), 5, file)) == list(range(5))
    assert terminal.getvalue().endswith("2,000 of 2,000\n")
    assert file.getvalue() == ""
