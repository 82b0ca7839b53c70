"""Related records of odd models: small lists on the pages of records, and counts and sums."""

import re
from typing import Any

from backoffice.admin.details.facts import is_to_many
from backoffice.admin.records.keys import key_text, quote_key
from backoffice.history import unit_of_work
from tests.cast import links_of
from tests.shapes.models.keys import Seat
from tests.shapes.models.relations import (
    Course,
    Enrolment,
    Person,
    Reservation,
    Song,
    SongLabel,
    Student,
    Worker,
)
from tests.shapes.place import Place
from tests.shapes.walking import Walk


def add(shapes: Place, *records: Any) -> list[str]:
    """Write records by a program; their keys as text."""
    with unit_of_work(shapes.database, writes=True) as session:
        session.add_all(records)
        session.flush()
        return [key_text(record) for record in records]


def cells_of(shapes: Place, model: type[Any], key: str, search: str = "") -> list[str]:
    """The texts of a record's row in its list."""
    walk = Walk(shapes, shapes.view_of(model))
    query = {"search": search} if search else {}
    page = shapes.ada.get(walk.href("list", pageSize="200", **query)).text
    for row in re.findall(r"(?s)<tr.*?</tr>", page):
        if re.search(rf'value="{re.escape(quote_key(key))}" form="bulk"', row):
            cells = re.findall(r"(?s)<td class=\"cell.*?</td>", row)
            return [re.sub(r"<[^>]+>", "", cell).strip() for cell in cells]
    raise AssertionError(f"{key} is not in the list")


def test_counts_of_records_in_the_same_table(shapes: Place) -> None:
    boss = Worker(name="Related boss")
    team = [Worker(name=f"Related {number}", boss=boss) for number in range(3)]
    key, *others = add(shapes, boss, *team)
    assert cells_of(shapes, Worker, key, "related")[-1] == "3"
    assert cells_of(shapes, Worker, others[0], "related")[-1] == "0"


def test_counts_and_sums_through_a_table_of_links(shapes: Place) -> None:
    songs = [Song(name=f"Related {number}") for number in range(2)]
    label, empty = SongLabel(name="Related", songs=songs), SongLabel(name="Related empty")
    first, second, key, other = add(shapes, *songs, label, empty)
    assert cells_of(shapes, SongLabel, key)[1:] == ["2", f"{int(first) + int(second):,}"]
    assert cells_of(shapes, SongLabel, other)[1:] == ["0", "0"]


def test_sums_pass_over_what_is_empty(shapes: Place) -> None:
    student, courses = Student(name="Related"), [Course(name=f"R{n}") for n in range(3)]
    key, *_others = add(shapes, student, *courses)
    with unit_of_work(shapes.database, writes=True) as session:
        for course, mark in zip(courses, (2, None, 5), strict=True):
            session.add(Enrolment(student_id=int(key), course_id=course.id, mark=mark))
    assert cells_of(shapes, Student, key)[1:] == ["3", "7"]
    walk = Walk(shapes, shapes.view_of(Student))
    sorted_list = shapes.ada.get(walk.href("list", sort="-marks")).text
    assert sorted_list.index(f"/{key}") > 0


def test_counts_by_a_key_of_two_columns(shapes: Place) -> None:
    seat, free = Seat(hall=77, row="R", name="Related"), Seat(hall=77, row="S", name="Related")
    key, other = add(shapes, seat, free)
    add(shapes, *(Reservation(name=f"Related {n}", hall=77, row="R") for n in range(2)))
    assert cells_of(shapes, Seat, key, "related")[-1] == "2"
    assert cells_of(shapes, Seat, other, "related")[-1] == "0"
    page = Walk(shapes, shapes.view_of(Seat)).shown("details", (77, "R"))
    assert "Reservations 2" in page
    assert "Related 1" in page


def test_each_is_listed_once_and_the_others_a_page_on(shapes: Place) -> None:
    """Also where no list of them can be filtered by this record."""
    friends = [Person(name=f"Related {number:02}") for number in range(13)]
    key, *_others = add(shapes, Person(name="Related popular", friends=friends))
    path = Walk(shapes, shapes.view_of(Person)).href("details", int(key))
    first = shapes.ada.get(path)
    (following,) = [href for href in links_of(first, rel="next") if "friends.page=" in href]
    second = shapes.ada.get(following)

    def names(page: str) -> list[str]:
        rows = page.partition('id="related-friends"')[2]
        return re.findall(r">(Related \d\d)<", rows)

    assert names(first.text) + names(second.text) == [f"Related {n:02}" for n in range(13)]
    (back,) = [href for href in links_of(second, rel="prev") if "friends.page=" in href]
    assert names(shapes.ada.get(back).text) == names(first.text)


def test_every_relation_to_many_can_be_sorted_by_what_its_list_can_be_sorted_by(
    shapes: Place,
) -> None:
    """Whatever the keys, the columns and the link tables are like."""
    boss = Worker(name="Aaron Related")  # the first of the list
    add(shapes, boss, *(Worker(name=f"Zoe Related {number}", boss=boss) for number in range(2)))
    followed = 0
    for view in shapes.site.record_views:
        relations = [name for name in view.get_details_columns() if is_to_many(view, name)]
        if not relations:
            continue
        listed = shapes.ada.get(shapes.site.href(view.identity, "list") + "?pageSize=1")
        found = re.search(rf'href="(/admin/{view.identity}/)(?:edit|details)/([^"?]+)', listed.text)
        if found is None:
            continue
        page = shapes.ada.get(f"{found[1]}details/{found[2]}")
        for name in relations:
            assert f'id="related-{name}"' in page.text, (view.identity, name)
            for href in links_of(page):
                if f"{name}.sort=" in href:
                    assert shapes.ada.get(href).status_code == 200
                    followed += 1
    assert followed


def test_no_two_fields_of_a_page_have_one_label(shapes: Place) -> None:
    for view in shapes.site.record_views:
        listed = shapes.ada.get(shapes.site.href(view.identity, "list")).text
        found = re.search(rf'href="(/admin/{view.identity}/)(?:edit|details)/([^"?]+)', listed)
        if found is not None and view.identity != "changeset":
            page = shapes.ada.get(f"{found[1]}details/{found[2]}").text
            labels = re.findall(r"<dt>(.*?)</dt>", page.partition('<dl class="facts">')[2])
            labels = [label for label in labels if "<kbd>" not in label]
            assert len(labels) == len(set(labels)), (view.identity, labels)
