"""What script/screens makes of its pictures, and which screens it takes."""

import struct
import zlib

import pytest

from bench.screens.pictures import PICTURES
from bench.screens.png import smaller
from bench.screens.screens import SCREENS
from bench.screens.windows import file_name


def picture(rows: list[list[tuple[int, int, int]]], kind: int) -> bytes:
    """A PNG in RGB whose lines have that filter: 0 for none, 1 for the difference to the left."""
    lines = b""
    for row in rows:
        plain = [channel for colour in row for channel in colour]
        left = [0, 0, 0, *plain] if kind else [0] * len(plain)
        lines += bytes([kind, *(value - left[place] & 255 for place, value in enumerate(plain))])
    header = struct.pack(">IIBBBBB", len(rows[0]), len(rows), 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(lines)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in chunks
    )


@pytest.mark.parametrize("kind", [0, 1])
def test_a_picture_gets_a_palette_and_keeps_its_colours(kind: int) -> None:
    red, white = (200, 16, 32), (255, 255, 255)
    made = smaller(picture([[red, white, white], [white, white, red]], kind))
    palette = made.partition(b"PLTE")[2][:6]
    assert {tuple(palette[:3]), tuple(palette[3:])} == {red, white}
    data = made.partition(b"IDAT")[2]
    lines = zlib.decompressobj().decompress(data)
    assert len(lines) == 8
    assert [lines[1], lines[2], lines[7]] == [lines[7], lines[3], lines[1]]


def test_what_is_no_png_is_refused() -> None:
    with pytest.raises(ValueError, match="not a PNG"):
        smaller(b"GIF89a")


def test_screens_have_names_of_their_own_and_pictures_are_of_them() -> None:
    files = [file_name(screen) for screen in SCREENS]
    assert len(set(files)) == len(files)
    assert {picture.screen for picture in PICTURES} <= {screen.name for screen in SCREENS}
