"""Tables of checkboxes of a record's form, to read on its page: what a role permits."""

from collections.abc import Iterator
from typing import Any

from backoffice.admin.forms.fields import MatrixField
from backoffice.admin.pages.details import Matrix
from backoffice.admin.view import Context, RecordView


def is_matrix(view: RecordView, name: str) -> bool:
    """Whether a field is a table of checkboxes in the form."""
    field: Any = view.form_extra_fields.get(name)
    return field is not None and issubclass(field.field_class, MatrixField)


def matrices(context: Context, view: RecordView, record: Any) -> Iterator[Matrix]:
    """The tables of checkboxes among the fields of a loaded record that the person may see."""
    for name in view.get_details_columns():
        if is_matrix(view, name) and context.may_see(view, name):
            groups = view.option_groups(context, name, view.values_of(record)[name])
            yield Matrix(view.label_for(name), groups)
