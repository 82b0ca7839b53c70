"""A logo that is not a picture stops the start with a sentence."""

import struct
import zlib
from pathlib import Path

import pytest

from backoffice.admin.branding.logo import MOST_BYTES, read_logo
from backoffice.config import CHECKOUT, SettingsError

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {} {}"><path d="M0 0h9"/></svg>'


def png(width: int, height: int) -> bytes:
    """A black picture of that size."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress((b"\0" + b"\0" * width) * height)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "logo"


def refusal(file: Path | str) -> str:
    with pytest.raises(SettingsError) as caught:
        read_logo(str(file))
    text = str(caught.value)
    assert text.startswith("BRAND_LOGO ")
    assert text.endswith(".")
    assert "\n" not in text
    return text


@pytest.mark.parametrize(
    ("content", "name", "shape"),
    [
        (png(40, 20), "logo.png", 2.0),
        (SVG.format(30, 10).encode(), "logo.svg", 3.0),
        (SVG.format(30, 10).encode("utf-16"), "logo.svg", 3.0),
        (b'<?xml version="1.0"?><!DOCTYPE svg>' + SVG.format(1, 1).encode(), "logo.svg", 1.0),
        (b'<svg xmlns="http://www.w3.org/2000/svg" width="9px" height="3"/>', "logo.svg", 3.0),
        (b'<svg xmlns="http://www.w3.org/2000/svg" width="100%"/>', "logo.svg", 2.0),
        (b'<s:svg xmlns:s="http://www.w3.org/2000/svg" viewBox="0,0,0,5"/>', "logo.svg", 2.0),
    ],
)
def test_what_it_is_is_found_by_its_content(
    file: Path, content: bytes, name: str, shape: float
) -> None:
    file.write_bytes(content)
    logo = read_logo(str(file))
    assert (logo.name, logo.content, logo.shape) == (name, content, shape)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "BRAND_LOGO is neither PNG nor well-formed SVG (no element found"),
        (b"\xff\xd8\xff\xe0 a photograph", "is neither PNG nor well-formed SVG"),
        (
            b"\x89PNG\r\n\x1a\n and then nothing of the kind, for long",
            "starts like a PNG file, but cannot be read",
        ),
        (png(1, 1)[:20], "starts like a PNG file, but cannot be read"),
        (png(0, 0), "without a size"),
        (png(1, 41), "more than 40 times as long one way as the other"),
        (SVG.format("1e300", "1e-300").encode(), "more than 40 times as long one way"),
        (SVG.format("1e999", "1e999").encode(), "more than 40 times as long one way"),
        (SVG.format("1e-300", "1e300").encode(), "more than 40 times as long one way"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><path></svg>', "mismatched tag"),
        (
            b"<svg><path/></svg>",
            "is not an SVG file (its first element is 'svg'): it must be an svg",
        ),
        (b"<html xmlns='http://www.w3.org/1999/xhtml'/>", "its first element is 'html'"),
        (
            b'<!DOCTYPE svg [<!ENTITY a "b">]><svg xmlns="http://www.w3.org/2000/svg">&a;</svg>',
            "declares entities",
        ),
    ],
)
def test_what_is_no_picture_is_refused_in_a_sentence(
    file: Path, content: bytes, sentence: str
) -> None:
    file.write_bytes(content)
    assert sentence in refusal(file)


def test_a_file_that_is_not_there_or_too_large_is_refused_in_a_sentence(file: Path) -> None:
    assert refusal(file) == (
        "BRAND_LOGO cannot be read (No such file or directory): name a PNG or SVG file."
    )
    assert "(Is a directory)" in refusal(file.parent)
    assert "not a path" in refusal("a\0b")
    padded = SVG.format(1, 1).encode().ljust(MOST_BYTES)
    file.write_bytes(padded)
    assert read_logo(str(file)).name == "logo.svg"
    file.write_bytes(padded + b" ")
    assert refusal(file) == "BRAND_LOGO is larger than 256 KB: make it smaller or save it as SVG."


def test_a_relative_path_begins_at_the_checkout() -> None:
    assert read_logo("backoffice/static/favicon.svg").content == (
        (CHECKOUT / "backoffice/static/favicon.svg").read_bytes()
    )
