"""A name, a logo and a colour of one's own, on every page and before signing in."""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from httpx2 import Response
from starlette.applications import Starlette

from backoffice.admin.branding.brand import load_brand
from backoffice.cli.outcome import SETTINGS
from backoffice.config import CHECKOUT, Settings, SettingsError
from backoffice.db import Database
from backoffice.web.app import create_app
from tests.cast import Browser, add_user, signed_in
from tests.databases import child_environment

pytestmark = pytest.mark.databases("sqlite")

NAME = "Nuts & <Bolts>"
SHOWN = "Nuts &amp; &lt;Bolts&gt;"
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {} 10"><script>alert(1)</script></svg>'
YEAR = "public, max-age=31536000, immutable"

Make = Callable[..., Settings]


@pytest.fixture
def logo(tmp_path: Path) -> Path:
    file = tmp_path / "our logo.svg"
    file.write_text(SVG.format(50) + f"<!-- {'long enough to be packed ' * 80}-->")
    return file


@pytest.fixture
def app(make_settings: Make, database: Database, logo: Path) -> Starlette:
    """The application of a company with a name, a logo and a colour."""
    settings = make_settings(product_name=NAME, brand_logo=str(logo), brand_colour="#007A3D")
    return create_app(settings, database)


def address(page: Response, name: str) -> str:
    """Where a page finds a file of the brand."""
    (found,) = set(re.findall(rf'(?:src|href)="(/static/brand/{name}\?v=\w+)"', page.text))
    return str(found)


def title(page: Response) -> str:
    found = re.search(r"<title>(.*)</title>", page.text)
    assert found is not None
    return found[1]


def test_the_name_is_on_every_page(app: Starlette, ada: Browser) -> None:
    stranger = Browser(app)
    login = stranger.get("/admin/login")
    assert title(login) == f"Sign in · {SHOWN}"
    assert f"<span>{SHOWN}</span>" in login.text
    for path in ("/admin/", "/admin/item/list", "/admin/user/create", "/admin/password"):
        page = ada.get(path)
        assert title(page).endswith(f" · {SHOWN}"), path
        assert f"<span>{SHOWN}</span></a>" in page.text, path
        assert "Back office" not in page.text, path
    missing = ada.get("/admin/nothing/list")
    assert missing.status_code == 404
    assert title(missing).endswith(f" · {SHOWN}")


def test_the_logo_is_beside_the_name_and_needs_no_text_of_its_own(
    app: Starlette, ada: Browser
) -> None:
    for page in (Browser(app).get("/admin/login"), ada.get("/admin/item/list")):
        (image,) = re.findall(r"<img[^>]*>", page.text)
        assert address(page, "logo.svg") in image
        assert 'width="130" height="26" alt=""' in image
        assert "product-mark" not in page.text


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_a_stranger_gets_the_logo_for_a_year_and_it_runs_nothing(
    app: Starlette, logo: Path, encoding: str
) -> None:
    stranger = Browser(app)
    href = address(stranger.get("/admin/login"), "logo.svg")
    answer = stranger.get(href, headers={"Accept-Encoding": encoding})
    assert answer.status_code == 200
    assert answer.headers.get("content-encoding", "identity") == encoding
    assert answer.text == logo.read_text()
    assert answer.headers["content-type"] == "image/svg+xml"
    assert answer.headers["cache-control"] == YEAR
    assert answer.headers["x-content-type-options"] == "nosniff"
    policies = answer.headers.get_list("content-security-policy")
    assert policies == ["default-src 'none'; style-src 'unsafe-inline'; sandbox"]
    assert stranger.get(href.partition("?")[0]).headers["cache-control"] == "no-cache"


def test_another_logo_has_another_address(make_settings: Make, logo: Path) -> None:
    def href() -> str:
        picture = load_brand(make_settings(brand_logo=str(logo))).shown.logo
        assert picture is not None
        return picture.href

    before = href()
    assert href() == before
    logo.write_text(SVG.format(51))
    assert href() != before


def test_the_colour_is_a_stylesheet_after_all_others(app: Starlette, ada: Browser) -> None:
    sheets = [""]
    for page in (Browser(app).get("/admin/login"), ada.get("/admin/item/list")):
        sheets = re.findall(r'<link rel="stylesheet" href="([^"]+)"', page.text)
        assert sheets[-1] == address(page, "brand.css")
        assert "style=" not in page.text
    answer = Browser(app).get(sheets[-1])
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert answer.headers["cache-control"] == YEAR
    assert "--accent-fill: light-dark(#007a3d, " in answer.text


def test_the_icon_of_a_tab_has_the_colour_or_is_a_logo_that_is_nearly_square(
    app: Starlette, make_settings: Make, logo: Path
) -> None:
    stranger = Browser(app)
    assert "#007a3d" in stranger.get(address(stranger.get("/admin/login"), "favicon.svg")).text
    logo.write_text(SVG.format(11))
    shown = load_brand(make_settings(brand_logo=str(logo))).shown
    assert shown.logo is not None
    assert (shown.icon, shown.icon_type) == (shown.logo.href, "image/svg+xml")


@pytest.mark.parametrize(("width", "size"), [(10, (26, 26)), (50, (130, 26)), (400, (160, 4))])
def test_a_logo_has_its_shape_and_room_in_the_bar(
    make_settings: Make, logo: Path, width: int, size: tuple[int, int]
) -> None:
    logo.write_text(SVG.format(width))
    picture = load_brand(make_settings(brand_logo=str(logo))).shown.logo
    assert picture is not None
    assert (picture.width, picture.height) == size


def test_without_settings_the_product_has_its_own_mark_and_colours(
    settings: Settings, database: Database
) -> None:
    add_user(database, "ada@example.com", superuser=True)
    page = signed_in(create_app(settings, database), "ada@example.com").get("/admin/")
    assert "/static/brand/" not in page.text
    assert "product-mark" in page.text
    assert "<img" not in page.text
    assert re.search(
        r'<link rel="icon" type="image/svg\+xml" href="/static/favicon\.svg', page.text
    )


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"brand_colour": "#ffcc00"}, "BRAND_COLOUR #ffcc00 is hard to read"),
        ({"brand_logo": "no/such/file.svg"}, "BRAND_LOGO cannot be read (No such file"),
    ],
)
def test_what_cannot_be_shown_stops_the_start(
    make_settings: Make, database: Database, change: dict[str, str], sentence: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        create_app(make_settings(**change), database)
    assert str(caught.value).startswith(sentence)


@pytest.mark.parametrize("command", ["serve", "check"])
def test_a_command_ends_with_the_sentence_and_78(settings: Settings, command: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "backoffice", command],
        cwd=CHECKOUT,
        env=child_environment(settings, BRAND_COLOUR="#ffcc00", PORT="1"),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.returncode == SETTINGS, ran.stderr
    assert "BRAND_COLOUR #ffcc00 is hard to read" in ran.stderr
    assert "Traceback" not in ran.stderr
