"""The screens of categories."""

from backoffice.admin.view import RecordView
from backoffice.language import N_
from backoffice.models import Category


class CategoryView(RecordView, model=Category):
    name = "Category"
    name_plural = "Categories"
    icon = "tag"

    column_list = [Category.name]
    column_searchable_list = [Category.name]
    column_sortable_list = [Category.name]
    column_default_sort = (Category.name, False)

    column_details_list = [Category.name, Category.id, Category.items]
    column_labels = {Category.id: N_("ID")}
    form_columns = [Category.name]
