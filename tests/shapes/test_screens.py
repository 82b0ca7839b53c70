"""What the screens say and show of odd records, beyond what any record has."""

import re
from datetime import timedelta

import pytest

from backoffice.admin.attributes import attribute_words
from backoffice.admin.field_access import limitable_fields
from backoffice.history import unit_of_work
from backoffice.models import Role
from tests.cast import Browser, hidden_fields, links_of, text_of
from tests.shapes.chinook.models import Album, Artist
from tests.shapes.models.columns import Software
from tests.shapes.models.enums import Level, Size, State, Ticket
from tests.shapes.models.keys import Country
from tests.shapes.models.numbers import Measure, Tally
from tests.shapes.models.relations import Account, Song, SongLabel, Transfer, Worker
from tests.shapes.models.times import Lease
from tests.shapes.place import Place

pytestmark = pytest.mark.databases("sqlite")


@pytest.fixture
def ada(shapes: Place) -> Browser:
    return shapes.ada.browser


def test_the_bounds_of_a_filter_are_as_short_as_the_lists_numbers(
    shapes: Place, ada: Browser
) -> None:
    with unit_of_work(shapes.database, writes=True) as session:
        session.add(Measure(name="Least", value=-2.5e-300, plain=1.0))
        session.add(Measure(name="Most", value=1e300, plain=1.0))

    shown = text_of(ada.get("/admin/measure/list"))

    assert "-2.5e-300 to 1e+300" in shown


def test_a_role_of_seventy_views_fits_into_one_form_and_each_views_fields_into_another(
    shapes: Place, ada: Browser
) -> None:
    with unit_of_work(shapes.database, writes=True) as session:
        role = Role(name="Seventy views")
        session.add(role)
        session.flush()
        key = role.id
    form = ada.get(f"/admin/role/edit/{key}")
    ticks = re.findall(r'name="grants" value="([^"]+)"', form.text)
    assert len(ticks) > 400
    typed = {**hidden_fields(form), "name": "Seventy views", "grants": ticks, "save": "Save"}
    assert ada.post(f"/admin/role/edit/{key}", typed).status_code == 303

    widest = max(shapes.site.record_views, key=lambda view: len(limitable_fields(view)))
    path = f"/admin/role/fields/{widest.identity}/{key}"
    page = ada.get(path)
    names = set(re.findall(r'name="(field\.[^"]+)"', page.text))
    assert len(names) == len(limitable_fields(widest))
    chosen = dict.fromkeys(names, "read")
    assert ada.post(path, {"limited": "chosen", **chosen}).status_code == 303
    assert f"{len(names)} of {len(names)} fields" in text_of(ada.get(f"/admin/role/edit/{key}"))


def test_a_column_is_as_wide_as_its_longest_number(shapes: Place, ada: Browser) -> None:
    with unit_of_work(shapes.database, writes=True) as session:
        session.add(Tally(name="Small", small=1, normal=1, big=12))

    def width() -> int:
        page = ada.get("/admin/tally/list?search=Small").text
        return max(int(steps) for steps in re.findall(r'<col class="w-(\d+)', page))

    before = width()
    with unit_of_work(shapes.database, writes=True) as session:
        session.add(Tally(name="Small too", small=1, normal=1, big=2**62))

    assert width() > before


def test_a_number_far_out_of_range_is_told_the_range(shapes: Place, ada: Browser) -> None:
    ada.get("/admin/tally/create")
    for digits in ("9" * 25, "9" * 5000):
        values = {"name": "Far", "small": "1", "normal": "1", "big": digits, "save": "Save"}
        refused = ada.post("/admin/tally/create", values)
        assert refused.status_code == 422
        assert "Enter at most 9,223,372,036,854,775,807." in text_of(refused)


def test_a_form_says_how_to_write_what_is_not_plain(shapes: Place, ada: Browser) -> None:
    for address, hint in (
        ("lease", "For example 1 day 02:03:04, 02:03 or 90 min."),
        ("profile", 'JSON, for example {"name": "value"}.'),
        ("badge", "For example f47ac10b-58cc-4372-a567-0e02b2c3d479."),
    ):
        assert hint in text_of(ada.get(f"/admin/{address}/create"))


def test_a_choice_is_compared_as_a_whole(shapes: Place, ada: Browser) -> None:
    with unit_of_work(shapes.database, writes=True) as session:
        one = {"size": Size.SMALL, "level": Level.LOW, "word": "red", "as_text": State.NEW}
        ticket = Ticket(name="T", state=State.PAID, by_value=State.NEW, **one)
        session.add(ticket)
        session.flush()
        key = ticket.id
    with unit_of_work(shapes.database, writes=True) as session:
        session.get_one(Ticket, key).state = State.LOST

    page = ada.get(f"/admin/ticket/history/{key}").text

    assert "<del>Paid in full</del>" in page
    assert "<ins>Lost &amp; gone</ins>" in page


def test_two_references_that_forbid_a_delete_are_told_apart(shapes: Place, ada: Browser) -> None:
    with unit_of_work(shapes.database, writes=True) as session:
        account = Account(name="Both")
        session.add(Transfer(name="To myself", payer=account, payee=account))
        session.flush()
        key = account.id

    told = text_of(ada.get(f"/admin/account/delete?pks={key}"))

    assert "1 transfer needs this account as payer. Delete or change it first." in told
    assert "1 transfer needs it as payee" in told


def test_a_record_without_a_name_is_called_by_its_key(shapes: Place, ada: Browser) -> None:
    with unit_of_work(shapes.database, writes=True) as session:
        song = Song(name="Nameless labels", labels=[SongLabel(name=" "), SongLabel(name="Live")])
        artist, lonely = Artist(), Artist()
        album = Album(Title="Untitled", artist=artist)
        session.add_all([song, album, lonely])
        session.flush()
        single = lonely.ArtistId

    shown = text_of(ada.get("/admin/song/list?search=Nameless"))
    assert re.search(r"#\d+, Live", shown)
    history = text_of(ada.get(f"/admin/album/history/{album.AlbumId}"))
    assert f"#{artist.ArtistId}" in history
    assert "None" not in history
    assert f"Delete “#{single}”?" in text_of(ada.get(f"/admin/artist/delete?pks={single}"))
    assert ada.post("/admin/artist/delete", {"pks": str(single)}).status_code == 303
    assert f">#{single}</h1>" in ada.get(f"/admin/artist/history/{single}").text
    feed = ada.get("/admin/changeset/list").text
    deletion = re.search(r"/admin/changeset/details/\d+", feed)
    assert deletion
    assert f'href="/admin/artist/history/{single}" title="#{single}">#{single}</a>' in (
        ada.get(deletion[0]).text
    )


def test_a_record_that_is_not_there_leads_on_to_its_list(ada: Browser) -> None:
    for path in ("/admin/country/details/none", "/admin/reading/edit/nonsense"):
        page = ada.get(path)
        assert page.status_code == 404
        identity = path.split("/")[2]
        assert f"/admin/{identity}/list" in links_of(page)


def test_an_undo_that_would_do_nothing_says_so(shapes: Place, ada: Browser) -> None:
    with unit_of_work(shapes.database, writes=True) as session:
        session.add(Country(code="ZZ", name="Once"))
    with unit_of_work(shapes.database, writes=True) as session:
        session.delete(session.get_one(Country, "ZZ"))
        session.flush()
        number = session.changeset
    with unit_of_work(shapes.database, writes=True) as session:
        session.add(Country(code="ZZ", name="Again"))

    told = text_of(ada.get(f"/admin/changeset/undo/{number}"))

    assert "Nothing here can be undone now." in told
    assert "No countries will be restored 1 can't be undone: it exists again (Once)" in told
    assert "disabled" in ada.get(f"/admin/changeset/undo/{number}").text


def test_an_undo_that_waits_for_a_tick_says_so(shapes: Place, ada: Browser) -> None:
    with unit_of_work(shapes.database, writes=True) as session:
        lease = Lease(name="Flat", lasts=timedelta(days=1))
        session.add(lease)
        session.flush()
        key = lease.id
    numbers = []
    for days in (2, 3):
        with unit_of_work(shapes.database, writes=True) as session:
            session.get_one(Lease, key).lasts = timedelta(days=days)
            session.flush()
            numbers.append(session.changeset)

    told = text_of(ada.get(f"/admin/changeset/undo/{numbers[0]}"))

    assert "Nothing will be changed back unless you select it below" in told


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("category_id", "Category"),
        ("created_at", "Created at"),
        ("HireDate", "Hire date"),
        ("customerID", "Customer ID"),
        ("URLPath", "URL path"),
        ("VAT", "VAT"),
        ("big_or_none", "Big or none"),
    ],
)
def test_an_attributes_name_is_written_as_a_person_would(name: str, words: str) -> None:
    assert attribute_words(name) == words


def test_columns_of_mixed_case_have_readable_labels(ada: Browser) -> None:
    shown = text_of(ada.get("/admin/employee/list"))
    assert "Last name" in shown
    assert "Hire date" in shown


def test_a_record_is_shown_in_the_lists_order_without_our_count(
    shapes: Place, ada: Browser
) -> None:
    columns = shapes.view_of(Measure).get_details_columns()
    assert columns == ["name", "value", "value_or_none", "plain", "id"]
    assert "version" in shapes.view_of(Software).get_details_columns()


@pytest.mark.databases("sqlite", "postgresql")
def test_a_history_tells_the_fields_in_the_forms_order(shapes: Place, ada: Browser) -> None:
    with unit_of_work(shapes.database, writes=True) as session:
        worker = Worker(name="Ordered", boss=Worker(name="Chief"))
        tally = Tally(name="Ordered", small=1, normal=2, big=3)
        session.add_all([worker, tally])
        session.flush()
        keys = worker.id, tally.id

    assert _labels(ada, f"/admin/worker/history/{keys[0]}") == ["Name", "Boss"]
    labels = _labels(ada, f"/admin/tally/history/{keys[1]}")
    assert labels == [
        "Name", "Small", "Small or none", "Normal", "Normal or none", "Big", "Big or none"
    ]  # fmt: skip


def _labels(ada: Browser, path: str) -> list[str]:
    diff = ada.get(path).text.partition('<dl class="diff">')[2].partition("</dl>")[0]
    return re.findall(r"<dt>(.*?)</dt>", diff)
