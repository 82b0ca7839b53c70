"""The screens of categories."""

from backoffice.admin.aggregates import RelatedCount, RelatedSum
from backoffice.admin.view import RecordView
from backoffice.language import N_
from backoffice.models import Category, Item


class CategoryView(RecordView, model=Category):
    name = "Category"
    name_plural = "Categories"
    icon = "tag"

    column_list = [Category.name, "item_count", "stock_value"]
    column_searchable_list = [Category.name]
    column_sortable_list = [Category.name, "item_count", "stock_value"]
    column_default_sort = (Category.name, False)

    column_aggregates = {
        "item_count": RelatedCount(N_("Items"), Category.items),
        "stock_value": RelatedSum(
            N_("Stock value"), Category.items, Item.price * Item.quantity, unit="currency"
        ),
    }

    column_details_list = [Category.name, "stock_value", Category.id, Category.items]
    column_labels = {Category.id: N_("ID")}
    form_columns = [Category.name]
