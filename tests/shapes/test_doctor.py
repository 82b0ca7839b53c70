"""The doctor asks about the list of every shape, whatever its columns, keys and places."""

from backoffice.admin.doctor.diagnosis import diagnose
from backoffice.cli.doctor_report import report
from backoffice.history import unit_of_work
from tests.shapes.place import Place
from tests.shapes.views import views_of


def test_the_doctor_says_something_of_every_shape(shapes: Place) -> None:
    with unit_of_work(shapes.database) as session:
        found = diagnose(session, shapes.site)
    told = "\n".join(report(found, behind=False))
    unsaid = [view.name_plural for view in views_of(shapes.kind) if view.name_plural not in told]
    assert unsaid == []
