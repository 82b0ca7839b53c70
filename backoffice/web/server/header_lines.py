"""How much of a partly received header consists of whole lines, for the parser."""


def whole_lines(text: bytes | bytearray, known: int, *, is_start: bool) -> tuple[int, bool]:
    """Where the last whole line ends, and whether that is the header's end.

    ``known``: so many bytes at the beginning were looked at before, and hold no line's end.
    ``is_start``: no byte of this header went to the parser yet.
    """
    if text.startswith(b"\r\n"):  # the header's end, or an empty line before its beginning
        return 2, True
    # The parser accepts only lines that end in CRLF.
    end = text.find(b"\n\r\n", max(0, known - 2)) + 3
    if end >= 3:
        return end, True
    end = text.rfind(b"\n", known) + 1
    # Not text at all, such as TLS: the parser refuses its first byte.
    if not end and is_start and not text[:1].isalpha():
        end = len(text)
    return end, False
