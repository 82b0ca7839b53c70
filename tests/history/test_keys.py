"""Records of any key: recorded, undone and compared like those with a number."""

from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from backoffice.db import Database
from backoffice.history import RecordSession, delete_where, load, unit_of_work, update_where
from backoffice.models import InvalidValue
from tests.history.comparison import compare
from tests.history.ledger import (
    changes_of,
    check_history,
    only_change,
    plan,
    take_back,
    write,
)
from tests.history.odd_models import Big, City, Country, Day, Line, Piece
from tests.history.odd_models import odd_live as live

RECORDS: list[tuple[type[Any], Any, str, dict[str, Any], str]] = [
    (Country, "Ca/n,a%d a:\"ä' ", "Ca/n,a%d a:\"ä' ", {"name": "Kanada"}, "name"),
    (Day, date(2026, 3, 31), "2026-03-31", {"note": "a"}, "note"),
    (Big, 2**62, str(2**62), {"name": "Big"}, "name"),
    (Line, (7, 'a"b\\c'), r'[7,"a\"b\\c"]', {"what": "a"}, "what"),
]


def key_parts(model: type[Any], key: Any) -> dict[str, Any]:
    names = [column.key for column in sa.inspect(model).primary_key]
    return dict(zip(names, key if isinstance(key, tuple) else (key,), strict=True))


@pytest.mark.parametrize(
    ("model", "key", "text", "values", "field"),
    RECORDS,
    ids=lambda one: getattr(one, "__name__", ""),
)
def test_a_record_of_any_key_is_recorded_and_each_act_undone(
    odd: Database, model: type[Any], key: Any, text: str, values: dict[str, Any], field: str
) -> None:
    made = write(odd, lambda session: session.add(model(**key_parts(model, key), **values)))
    assert only_change(odd, made).record_id == text
    acts = [
        lambda session: setattr(session.get_one(model, key), field, "by hand"),
        lambda session: update_where(session, model, {field: "all at once"}),
        lambda session: session.delete(session.get_one(model, key)),
        lambda session: delete_where(session, model),
    ]
    for act in acts:
        before = live(odd, versions=False)
        number = write(odd, act)
        assert only_change(odd, number).record_id == text
        assert live(odd, versions=False) != before
        assert plan(odd, number).number == 1
        redo = take_back(odd, number)
        assert live(odd, versions=False) == before
        take_back(odd, take_back(odd, redo))
        assert live(odd, versions=False) == before
        check_history(odd)
    take_back(odd, made)  # written since by undos alone, which left it as it was
    assert live(odd) == {}
    check_history(odd)


def test_keys_of_one_model_stop_the_undo_of_no_other(odd: Database) -> None:
    def work(session: RecordSession) -> None:
        session.add(Country(code="DE", name="Germany"))
        session.add(City(id=1, name="Rome"))
        session.add(Day(day=date(2026, 1, 1)))
        session.add(Line(number=1, kind="a", what="one"))
        session.add(Big(id=2**40, name="Big"))

    before = live(odd)
    number = write(odd, work)
    assert plan(odd, number).number == 5
    removed = take_back(odd, number)
    assert live(odd) == before
    take_back(odd, removed)
    assert len(live(odd)) == 5
    check_history(odd)


def test_a_foreign_key_that_is_no_number_is_followed_by_a_delete_and_its_undo(
    odd: Database,
) -> None:
    def work(session: RecordSession) -> None:
        session.add(Country(code="DE", name="Germany"))
        session.flush()
        session.add_all([City(name="Ulm", country_code="DE"), City(name="Jena", country_code="DE")])
        session.add(City(name="Nowhere"))

    write(odd, work)
    before = live(odd, versions=False)
    for act in (
        lambda session: session.delete(session.get_one(Country, "DE")),
        lambda session: delete_where(session, Country, Country.name == "Germany"),
    ):
        number = write(odd, act)
        assert [change.operation for change in changes_of(odd, number)] == ["delete"] * 3
        assert plan(odd, number).number == 3
        take_back(odd, number)
        assert live(odd, versions=False) == before
        check_history(odd)


def test_a_reference_to_several_columns_is_an_obstacle_as_a_whole(odd: Database) -> None:
    def work(session: RecordSession) -> None:
        session.add_all([Line(number=n, kind=kind, what="a") for n in (1, 2) for kind in "ab"])
        session.flush()
        session.add(Piece(id=1, name="p", line_number=1, line_kind="b"))

    write(odd, work)
    before = live(odd, versions=False)
    one = sa.and_(Line.number == 1, Line.kind == "b")
    number = write(odd, lambda session: delete_where(session, Line, one))
    assert sorted(change.model for change in changes_of(odd, number)) == ["odd_lines", "odd_pieces"]
    take_back(odd, number)
    assert live(odd, versions=False) == before
    piece = write(odd, lambda session: session.delete(session.get_one(Piece, 1)))
    write(odd, lambda session: delete_where(session, Line, one))
    (step,) = plan(odd, piece).steps
    assert [skipped.reason for skipped in step.skipped] == ["its line number and line kind is gone"]
    made = write(odd, lambda session: session.add(Line(number=9, kind="x", what="a")))
    write(odd, lambda s: s.add(Piece(id=2, name="q", line_number=9, line_kind="x")))
    (step,) = plan(odd, made).steps
    assert [skipped.reason for skipped in step.skipped] == [
        "it has odd pieces that were added since"
    ]
    check_history(odd)


def test_a_key_stays_as_it_is(odd: Database) -> None:
    write(odd, lambda session: session.add(Country(code="DE", name="Germany")))
    with pytest.raises(InvalidValue, match="keeps its key") as caught:
        write(odd, lambda session: setattr(session.get_one(Country, "DE"), "code", "D"))
    assert caught.value.field == "code"
    with pytest.raises(InvalidValue, match="keeps its key"):
        write(odd, lambda session: update_where(session, Country, {"code": "D"}))
    check_history(odd)


def test_a_natural_key_that_is_used_again_is_another_life(odd: Database) -> None:
    first = write(odd, lambda session: session.add(Country(code="DE", name="Germany")))
    edited = write(odd, lambda s: setattr(s.get_one(Country, "DE"), "name", "West"))
    gone = write(odd, lambda session: session.delete(session.get_one(Country, "DE")))
    write(odd, lambda session: session.add(Country(code="DE", name="West")))
    for number, why in (
        (first, "it has been deleted since"),
        (edited, "it has been deleted since"),
        (gone, "it exists again"),
    ):
        (step,) = plan(odd, number).steps
        assert (step.number, [skipped.reason for skipped in step.skipped]) == (0, [why])
        before = live(odd)
        take_back(odd, number)
        assert live(odd) == before
    check_history(odd)


def test_what_an_undo_brings_back_is_the_same_life(odd: Database) -> None:
    write(odd, lambda session: session.add(Country(code="DE", name="Germany")))
    edited = write(odd, lambda s: setattr(s.get_one(Country, "DE"), "name", "West"))
    gone = write(odd, lambda session: session.delete(session.get_one(Country, "DE")))
    take_back(odd, gone)
    take_back(odd, edited)
    with unit_of_work(odd) as session:
        assert session.get_one(Country, "DE").name == "Germany"
    check_history(odd)


def test_records_of_any_key_are_loaded_and_compared(odd: Database) -> None:
    with load(odd) as session:
        session.add(Country(code="DE", name="Germany"))
        session.add_all([Line(number=1, kind=kind, what="a") for kind in "ab"])
        session.flush()
    check_history(odd)
    write(odd, lambda session: update_where(session, Line, {"what": "b"}, Line.kind == "b"))
    check_history(odd)
    with odd.writer.begin() as connection:
        connection.execute(sa.delete(Line).where(Line.kind == "a"))
    assert compare(odd).first_difference.startswith('Line #[1,"a"] is gone')
