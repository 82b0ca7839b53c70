"""Query shapes of lists, and how indexes cover them if there are few, odd ones or none."""

from typing import ClassVar

import pytest
import sqlalchemy as sa
from starlette.applications import Starlette

from backoffice.admin.doctor.diagnosis import IndexCoverage, diagnose
from backoffice.admin.doctor.query_shapes import needs_of, query_shapes_of
from backoffice.admin.lists.address import read_address
from backoffice.admin.lists.fetch import select_page
from backoffice.admin.lists.filters import filters_of
from backoffice.admin.lists.query import ListQuery
from backoffice.admin.lists.sorting import is_index_backed
from backoffice.admin.routes import BackOffice
from backoffice.admin.view import RecordView
from backoffice.auth.backend import SignInBackend
from backoffice.config import Settings
from backoffice.db import Database
from backoffice.db.queries.indexes import Need, declared_indexes, held_indexes
from backoffice.db.queries.plans import plan_of
from backoffice.history import unit_of_work
from backoffice.models import Base, Category, Changeset, Item
from tests.cast import Browser, add_items, links_of, statements, text_of


class ActView(RecordView, model=Changeset):
    """Acts, sorted by columns that the real view does not offer."""

    name, name_plural, identity = "Act", "Acts", "act"
    can_create = can_edit = can_delete = has_history = False
    column_list: ClassVar = [Changeset.id, Changeset.at, Changeset.actor_id, Changeset.reason]
    column_sortable_list: ClassVar = [Changeset.at, Changeset.actor_id, Changeset.reason]
    column_searchable_list: ClassVar = [Changeset.reason]
    list_filters: ClassVar = [Changeset.actor_id, Changeset.reason]


@pytest.fixture
def acts(settings: Settings, database: Database) -> RecordView:
    back_office = BackOffice(
        Starlette(),
        settings=settings,
        database=database,
        views=[ActView],
        authentication_backend=SignInBackend(settings, database),
    )
    (view,) = back_office.site.record_views
    return view


def coverages_of(view: RecordView, database: Database) -> dict[str, list[IndexCoverage]]:
    with unit_of_work(database) as session:
        (found,) = diagnose(session, view.site).views
    coverages: dict[str, list[IndexCoverage]] = {}
    for shape, coverage in found.coverages:
        coverages.setdefault(shape.title, []).append(coverage)
    return coverages


@pytest.mark.databases("sqlite", "postgresql")
def test_an_index_on_what_may_be_null_serves_its_filter_and_not_its_order(
    acts: RecordView, database: Database
) -> None:
    coverages = coverages_of(acts, database)

    assert all(coverage.is_covered for coverage in coverages["Sort by At"])
    assert is_index_backed(acts, "at")
    assert not any(coverage.is_covered for coverage in coverages["Sort by Actor"])
    assert not is_index_backed(acts, "actor_id")
    (filtered, rows) = coverages["Filter Actor"]
    assert filtered == rows == IndexCoverage(("ix_changesets_actor_id",))


@pytest.mark.databases("sqlite", "postgresql")
def test_a_column_without_an_index_is_read(acts: RecordView, database: Database) -> None:
    coverages = coverages_of(acts, database)
    why = "few" if database.dialect == "postgresql" else "none"
    for what in ("Filter Reason", "Search (3 characters or more)"):
        assert {
            (scan.table, scan.why) for coverage in coverages[what] for scan in coverage.scans
        } == {("changesets", why)}
    assert not any(coverage.is_covered for coverage in coverages["Sort by Reason"])
    assert not is_index_backed(acts, "reason")


@pytest.mark.databases("sqlite")
def test_every_query_shape_has_its_own_title_and_every_filter_has_one(app: Starlette) -> None:
    for view in app.state.site.record_views:
        shapes = list(query_shapes_of(view))
        assert len({(shape.title, shape.variant) for shape in shapes}) == len(shapes)
        assert {f"Filter {one.label}" for one in filters_of(view).values()} <= {
            shape.title for shape in shapes
        }


@pytest.mark.databases("sqlite")
def test_what_is_explained_is_what_a_list_sends(
    app: Starlette, ada: Browser, database: Database
) -> None:
    add_items(database, 60)
    view = app.state.site.find_view("item")
    (shape,) = (
        one
        for one in query_shapes_of(view)
        if (one.title, one.variant) == ("Sort by Price", "descending")
    )

    with statements(database) as seen:
        ada.get("/admin/item/list?sort=-price")

    assert shape.statement is not None
    with database.reader.connect() as connection:
        printed = str(shape.statement.compile(connection))
    assert any(statement.split() == printed.split() for statement in seen)


@pytest.mark.databases("sqlite")
def test_a_condition_needs_an_index_for_each_column_it_compares_with_a_value(
    app: Starlette,
) -> None:
    view = app.state.site.find_view("item")
    searched = ListQuery.of_words(view, "bolt", None).predicate()
    assert set(needs_of(searched)) == {
        Need("items", "name", "trigram"),
        Need("items", "description", "trigram"),
        Need("items", "category_id"),
        Need("categories", "name", "trigram"),
    }
    compared = sa.and_(Item.price >= 1, Item.price < 2, Item.category_id == Category.id)
    assert needs_of(compared) == (Need("items", "price"),)


def test_a_database_just_migrated_has_every_index_that_the_models_declare(
    database: Database,
) -> None:
    with database.reader.connect() as connection:
        held = held_indexes(connection, Base.metadata.tables)
    declared = list(declared_indexes(Base.metadata.sorted_tables, database.dialect))
    assert len(declared) > 15
    assert [one.name for one in declared if not one.is_held(held)] == []


@pytest.mark.databases("postgresql")
def test_the_search_indexes_are_those_that_the_models_declare(database: Database) -> None:
    with database.reader.connect() as connection:
        held = held_indexes(connection, Base.metadata.tables)
    declared = declared_indexes(Base.metadata.sorted_tables, database.dialect)
    assert {one.name for one in held if one.kind == "trigram"} == {
        one.name for one in declared if one.kind == "trigram"
    }


@pytest.mark.databases("mariadb")
def test_mariadb_reads_a_page_in_the_order_of_an_index(app: Starlette, database: Database) -> None:
    """It would begin with the other table, whose rows the list only shows, and sort everything."""
    with database.writer.begin() as connection:
        connection.exec_driver_sql("INSERT INTO categories (name) VALUES ('Bolts'), ('Nuts')")
        connection.exec_driver_sql(
            "INSERT INTO items (name, description, price, quantity, category_id)"
            " SELECT concat('Item ', seq), repeat('Hex ', 20), mod(seq, 907), mod(seq, 500), c.id"
            " FROM seq_1_to_10000 JOIN categories c ON c.name = 'Bolts'"
        )
    with database.writer.begin() as connection:
        connection.exec_driver_sql("ANALYZE TABLE items, categories")
    query = read_address(app.state.site.find_view("item"), [("sort", "-price")], None)

    with database.reader.connect() as connection:
        plan = plan_of(connection, *select_page(query))

    assert plan.sorted == set()
    assert [read.index for read in plan.of("items")] == ["ix_items_price_id"]


# Without its indexes a list still answers ----------------------------------------------------


@pytest.mark.databases("sqlite", "postgresql")
def test_pages_answer_without_the_indexes(ada: Browser, database: Database) -> None:
    add_items(database, 120, ("Bolts", "Nuts"))
    asked = (
        "?sort=price",
        "?sort=-price",
        "?sort=category",
        "?search=description+of+item+77",
        "?search=category:bol",
        "?price_from=7&price_to=9",
        "?name=0077",
    )

    def read() -> list[list[str]]:
        pages = []
        for query in asked:
            page = ada.get(f"/admin/item/list{query}")
            assert page.status_code == 200, query
            assert "No items match" not in text_of(page), query
            pages.append([href for href in links_of(page) if "/item/edit/" in href])
        onward = links_of(ada.get("/admin/item/list?sort=price"), rel="next")
        assert "Item 0050" in text_of(ada.get(onward[0]))
        return pages

    with_them = read()
    names = ["ix_items_price_id", "ix_items_category_id_name_id"]
    if database.dialect == "postgresql":
        names += ["ix_items_description_trgm", "ix_items_name_trgm", "ix_categories_name_trgm"]
    with database.writer.begin() as connection:
        for name in names:
            connection.exec_driver_sql(f"DROP INDEX {name}")

    assert read() == with_them
