"""Pictures of screens in few bytes: 256 colours are enough for text on plain grounds."""

import struct
import zlib
from collections import Counter
from collections.abc import Iterator

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MOST_COLOURS = 256
BITS_KEPT = 5
"""Of each channel's eight, to tell which colours are nearly one."""

Colour = tuple[int, int, int]


def smaller(picture: bytes) -> bytes:
    """The same picture as a PNG with a palette.

    ``picture``: a PNG as browsers write it: 8 bits a channel, RGB or RGBA, not interlaced.

    Raises:
        ValueError: it is another kind of PNG, or none.
    """
    width, height, channels, data = _read(picture)
    rows = [_colours(row, channels) for row in _unfiltered(data, width * channels, channels)]
    counts = Counter(colour for row in rows for colour in row)
    numbers, palette = _palette(counts)
    lines = b"".join(b"\0" + bytes(numbers[colour] for colour in row) for row in rows)
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    return SIGNATURE + b"".join(
        _chunk(kind, body)
        for kind, body in (
            (b"IHDR", header),
            (b"PLTE", bytes(channel for colour in palette for channel in colour)),
            (b"IDAT", zlib.compress(lines, 9)),
            (b"IEND", b""),
        )
    )


def _read(picture: bytes) -> tuple[int, int, int, bytes]:
    """Width, height, channels of a pixel, and the lines with their filters."""
    if not picture.startswith(SIGNATURE):
        raise ValueError("this is not a PNG")
    place, data, header = len(SIGNATURE), b"", b""
    while place < len(picture):
        length, kind = struct.unpack(">I4s", picture[place : place + 8])
        body = picture[place + 8 : place + 8 + length]
        place += 12 + length
        if kind == b"IHDR":
            header = body
        elif kind == b"IDAT":
            data += body
    width, height, depth, colours, _compression, _filter, interlaced = struct.unpack(
        ">IIBBBBB", header
    )
    channels = {2: 3, 6: 4}.get(colours, 0)
    if depth != 8 or not channels or interlaced:
        raise ValueError("this is not a PNG of 8 bits a channel, in RGB or RGBA")
    return width, height, channels, zlib.decompress(data)


def _unfiltered(data: bytes, length: int, channels: int) -> Iterator[bytearray]:
    """The lines' bytes. The filters are those of the PNG specification, section 9."""
    before = bytearray(length)
    for start in range(0, len(data), length + 1):
        kind = data[start]
        line = bytearray(data[start + 1 : start + 1 + length])
        for place in range(length):
            left = line[place - channels] if place >= channels else 0
            above = before[place]
            corner = before[place - channels] if place >= channels else 0
            if kind == 1:
                line[place] = line[place] + left & 255
            elif kind == 2:
                line[place] = line[place] + above & 255
            elif kind == 3:
                line[place] = line[place] + (left + above >> 1) & 255
            elif kind == 4:
                line[place] = line[place] + _paeth(left, above, corner) & 255
        yield line
        before = line


def _paeth(left: int, above: int, corner: int) -> int:
    guess = left + above - corner
    return min((left, above, corner), key=lambda value: abs(guess - value))


def _colours(line: bytearray, channels: int) -> list[Colour]:
    return list(zip(line[0::channels], line[1::channels], line[2::channels], strict=True))


def _palette(counts: Counter[Colour]) -> tuple[dict[Colour, int], list[Colour]]:
    """Each colour's number, and the palette: the most frequent of those that are nearly one."""
    chosen: dict[Colour, Colour] = {}
    for colour, _number in counts.most_common():
        kept = _rounded(colour)
        if kept not in chosen and len(chosen) < MOST_COLOURS:
            chosen[kept] = colour
    palette = list(chosen.values())
    places = {colour: place for place, colour in enumerate(palette)}
    numbers = {}
    for colour in counts:
        near = chosen.get(_rounded(colour)) or min(palette, key=lambda one: _distance(one, colour))
        numbers[colour] = places[near]
    return numbers, palette


def _rounded(colour: Colour) -> Colour:
    red, green, blue = (channel >> 8 - BITS_KEPT for channel in colour)
    return red, green, blue


def _distance(one: Colour, other: Colour) -> int:
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))


def _chunk(kind: bytes, body: bytes) -> bytes:
    checksum = zlib.crc32(kind + body)
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", checksum)
