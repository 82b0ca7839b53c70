"""The delete page names all that happens to other records."""

import html
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
import sqlalchemy as sa

from backoffice import views
from backoffice.config import Settings
from backoffice.db import Database
from backoffice.history import audited, unit_of_work
from backoffice.models import Base
from backoffice.web.app import create_app
from tests.admin.records import company
from tests.admin.records.company import (
    Company,
    Contractor,
    Employee,
    Folder,
    Hall,
    Invoice,
    Letter,
    Rack,
    Skill,
    Timesheet,
)
from tests.cast import Browser, add_user, links_of, signed_in, statements, text_of

NORTH_1 = "%5B%22north%22%2C1%5D"
"""A key of two columns, as one of several."""


@pytest.fixture
def ada(
    settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Browser]:
    """Ada, in a back office that shows the company's records."""
    monkeypatch.setattr(audited, "BASES", (Base, Company))
    with database.engine.begin() as connection:
        Company.metadata.create_all(connection)
    app = create_app(settings, database, views=(*views.VIEWS, *company.VIEWS))
    add_user(database, "ada@example.com", superuser=True)
    yield signed_in(app, "ada@example.com")
    with database.engine.begin() as connection:
        Company.metadata.drop_all(connection)


def put(database: Database, *records: Any) -> None:
    with unit_of_work(database, writes=True) as session:
        for record in records:
            session.add(record)
            session.flush()


def asked(browser: Browser, model: str, keys: str) -> str:
    """What a delete page says, from its heading on."""
    page = browser.get(f"/admin/{model}/delete?pks={keys}")
    assert page.status_code == 200, text_of(page)
    main = page.text.partition("<main")[2].partition("</main")[0]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", main)).split()).replace(" :", ":")


def delete(browser: Browser, model: str, keys: str, **more: str) -> Any:
    """Press Delete on that page."""
    page = browser.get(f"/admin/{model}/delete?pks={keys}")
    found = re.search(r'name="seen" value="([^"]*)"', page.text)
    assert found
    typed = {"pks": keys, "seen": html.unescape(found[1]), **more}
    return browser.post(f"/admin/{model}/delete", typed)


def count(database: Database, table: str) -> int:
    with database.reader.connect() as connection:
        return int(connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one())


def test_references_that_are_emptied_are_named_by_what_they_are_called(
    ada: Browser, database: Database
) -> None:
    put(
        database,
        Employee(id=1, name="Grace"),
        Employee(id=2, name="Alan", manager_id=1),
        Employee(id=3, name="Barbara", manager_id=1, deputy_id=1),
    )
    said = asked(ada, "employee", "1")
    assert "2 employees lose their manager: Alan Barbara" in said
    assert "1 employee loses its deputy: Barbara" in said
    assert "deleted with" not in said

    assert delete(ada, "employee", "1").status_code == 303
    with unit_of_work(database) as session:
        left = session.scalars(sa.select(Employee).order_by(Employee.id)).all()
        assert [(one.name, one.manager_id, one.deputy_id) for one in left] == [
            ("Alan", None, None),
            ("Barbara", None, None),
        ]


def test_those_that_are_to_be_deleted_together_lose_nothing(
    ada: Browser, database: Database
) -> None:
    put(database, Employee(id=1, name="Grace"), Employee(id=2, name="Alan", manager_id=1))
    assert "lose" not in asked(ada, "employee", "1,2")


def test_memberships_that_end_are_named_from_both_sides(ada: Browser, database: Database) -> None:
    zinc, iron = Skill(id=1, name="Zinc"), Skill(id=2, name="Iron")
    put(
        database,
        Employee(id=1, name="Grace", skills=[zinc, iron]),
        Employee(id=2, name="Alan", skills=[zinc]),
    )
    assert "2 employees lose this skill: Alan Grace" in asked(ada, "skill", "1")
    assert "2 skills will no longer be linked to it: Iron Zinc" in asked(ada, "employee", "1")
    assert delete(ada, "skill", "1").status_code == 303
    assert count(database, "assignments") == 1


def test_people_who_may_not_list_them_see_only_their_number(
    ada: Browser, database: Database
) -> None:
    put(
        database,
        Employee(id=1, name="Grace", skills=[Skill(id=1, name="Zinc")]),
        Employee(id=2, name="Alan", manager_id=1),
    )
    ada.get("/admin/role/create")
    allowed = ["skill:list", "skill:delete"]
    assert ada.post("/admin/role/create", {"name": "Clerk", "grants": allowed}).status_code == 303
    add_user(database, "ben@example.com", role="Clerk")
    ben = signed_in(ada.client.app, "ben@example.com")
    said = asked(ben, "skill", "1")
    assert "1 employee loses this skill" in said
    assert "Grace" not in said
    assert "Grace" in asked(ada, "skill", "1")


def test_what_a_foreign_key_deletes_is_named_without_any_relation(
    ada: Browser, database: Database
) -> None:
    put(
        database,
        Contractor(id=1, name="Grace"),
        Timesheet(id=1, name="March", contractor_id=1),
        Timesheet(id=2, name="April", contractor_id=1),
    )
    assert "2 timesheets are deleted with it: April March" in asked(ada, "employee", "1")


def test_a_tree_is_named_to_its_last_leaf_even_where_it_is_a_ring(
    ada: Browser, database: Database
) -> None:
    put(
        database,
        Folder(id=1, name="A"),
        Folder(id=2, name="B", parent_id=1),
        Folder(id=3, name="C", parent_id=2),
        Folder(id=4, name="D", parent_id=3),
        Folder(id=9, name="Apart"),
        *(Letter(id=number, folder_id=1 + number % 4) for number in range(1, 9)),
    )
    said = asked(ada, "folder", "1")
    assert "3 folders are deleted with it: B C D" in said
    assert "8 rows of letters are deleted with it" in said
    with database.writer.begin() as connection:
        connection.exec_driver_sql("UPDATE folders SET parent_id = 4 WHERE id = 1")
    assert "3 folders are deleted with it: B C D" in asked(ada, "folder", "1")
    assert "2 folders are deleted with them: B C" in asked(ada, "folder", "1,4")


def test_a_key_of_two_columns_leads_to_what_is_below_it(ada: Browser, database: Database) -> None:
    put(
        database,
        Hall(site="north", number=1, name="Cold"),
        Hall(site="north", number=2, name="Warm"),
        Rack(id=1, name="R1", hall_site="north", hall_number=1),
        Rack(id=2, name="R2", hall_site="north", hall_number=2),
    )
    key = NORTH_1
    assert "1 rack is deleted with it: R1" in asked(ada, "hall", quote(key))
    page = ada.get(f"/admin/hall/delete?pks={quote(key)}").text
    assert f'name="pks" value="{key}"' in page


def test_what_forbids_a_delete_is_told_before_with_its_number(
    ada: Browser, database: Database
) -> None:
    put(
        database,
        Employee(id=1, name="Grace"),
        Invoice(id=1, name="I-1", by_id=1),
        Invoice(id=2, name="I-2", by_id=1),
    )
    said = asked(ada, "employee", "1")
    assert "2 invoices need this employee. Delete or change them first." in said
    assert "2 invoices need it: I-1 I-2" in said
    page = ada.get("/admin/employee/delete?pks=1").text
    assert 'class="btn btn-danger">Delete' not in page
    assert ada.post("/admin/employee/delete", {"pks": "1"}).status_code == 422
    assert count(database, "employees") == 1


def test_the_others_of_those_selected_can_be_deleted_without_them(
    ada: Browser, database: Database
) -> None:
    put(
        database,
        *(Employee(id=number, name=f"E{number}") for number in (1, 2, 3)),
        Invoice(id=1, name="I-1", by_id=1),
    )
    page = ada.get("/admin/employee/delete?pks=1,2,3")
    assert "1 invoice needs these employees. Delete or change it first." in text_of(page)
    others = [href for href in links_of(page) if "/delete?" in href]
    assert others == [f"/admin/employee/delete?pks={quote('2,3')}"]
    assert "Delete the other 2 employees" in text_of(page)
    assert "Delete the other employee" in text_of(ada.get("/admin/employee/delete?pks=1,2"))
    assert "Delete the other" not in text_of(ada.get("/admin/employee/delete?pks=1"))


def test_what_prevents_a_cascaded_delete_is_also_named(ada: Browser, database: Database) -> None:
    put(
        database,
        Hall(site="north", number=1, name="Cold"),
        Rack(id=1, name="R1", hall_site="north", hall_number=1),
        Invoice(id=1, name="I-1", rack_id=1),
    )
    said = asked(ada, "hall", quote(NORTH_1))
    assert "1 invoice needs racks that would be deleted with it. Delete or change it first." in said


def test_many_are_counted_to_a_limit(
    ada: Browser, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("records.counting", "records.cascade"):
        monkeypatch.setattr(f"backoffice.admin.{module}.COUNT_LIMIT", 30)
    put(database, Folder(id=1, name="A"))
    put(database, *(Folder(id=number, name=f"F{number}", parent_id=1) for number in range(2, 40)))
    said = asked(ada, "folder", "1")
    assert "30+ folders are deleted with it" in said
    assert "and 25+ more" in said


def test_it_takes_as_many_statements_for_fifty_records_as_for_one(
    ada: Browser, database: Database
) -> None:
    put(database, Employee(id=1, name="Grace"), Employee(id=2, name="Alan", manager_id=1))
    ada.get("/admin/employee/delete?pks=1")
    with statements(database) as few:
        ada.get("/admin/employee/delete?pks=1")
    put(
        database,
        *(Employee(id=n, name=f"E{n}", manager_id=1 + n % 3) for n in range(3, 53)),
    )
    with statements(database) as many:
        ada.get("/admin/employee/delete?pks=1,2,3")
    assert len(many) == len(few)


def test_something_that_happens_only_since_the_page_was_opened_brings_it_back(
    ada: Browser, database: Database
) -> None:
    put(database, Employee(id=1, name="Grace"), Employee(id=2, name="Alan", manager_id=1))
    page = ada.get("/admin/employee/delete?pks=1")
    seen = re.search(r'name="seen" value="([^"]*)"', page.text)
    assert seen
    put(database, Employee(id=3, name="Barbara", manager_id=1))
    again = ada.post("/admin/employee/delete", {"pks": "1", "seen": html.unescape(seen[1])})
    assert again.status_code == 409
    assert "Something changed after you opened this page" in text_of(again)
    assert count(database, "employees") == 3
