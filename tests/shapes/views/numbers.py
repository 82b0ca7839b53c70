"""Screens of the shapes in ``models.numbers``."""

from backoffice.admin.view import RecordView
from tests.shapes.models.numbers import (
    Amount,
    Fortune,
    Measure,
    Oven,
    Ratio,
    Switch,
    Tally,
)


class TallyView(RecordView, model=Tally):
    name, name_plural = "Tally", "Tallies"
    column_list = [
        Tally.name,
        Tally.small,
        Tally.small_or_none,
        Tally.normal,
        Tally.normal_or_none,
        Tally.big,
        Tally.big_or_none,
    ]
    column_searchable_list = [Tally.name]
    column_sortable_list = [Tally.small, Tally.small_or_none, Tally.normal, Tally.big_or_none]
    column_default_sort = (Tally.big, True)
    list_filters = [Tally.small, Tally.normal_or_none, Tally.big]
    form_columns = [
        Tally.name,
        Tally.small,
        Tally.small_or_none,
        Tally.normal,
        Tally.normal_or_none,
        Tally.big,
        Tally.big_or_none,
    ]


class AmountView(RecordView, model=Amount):
    name, name_plural = "Amount", "Amounts"
    column_list = [
        Amount.name,
        Amount.price,
        Amount.price_or_none,
        Amount.rate,
        Amount.whole,
        Amount.loose,
        Amount.loose_or_none,
        Amount.money,
    ]
    column_searchable_list = [Amount.name]
    column_sortable_list = [Amount.price, Amount.price_or_none, Amount.rate, Amount.loose]
    column_units = {Amount.money: "currency"}
    list_filters = [Amount.price, Amount.rate, Amount.loose, Amount.money]
    form_columns = [
        Amount.name,
        Amount.price,
        Amount.price_or_none,
        Amount.rate,
        Amount.whole,
        Amount.loose,
        Amount.loose_or_none,
        Amount.money,
    ]


class FortuneView(RecordView, model=Fortune):
    name, name_plural = "Fortune", "Fortunes"
    column_list = [Fortune.name, Fortune.sum, Fortune.sum_or_none]
    column_searchable_list = [Fortune.name]
    column_sortable_list = [Fortune.sum, Fortune.sum_or_none]
    list_filters = [Fortune.sum]
    form_columns = [Fortune.name, Fortune.sum, Fortune.sum_or_none]


class RatioView(RecordView, model=Ratio):
    name, name_plural = "Ratio", "Ratios"
    column_list = [Ratio.name, Ratio.value, Ratio.value_or_none]
    column_sortable_list = [Ratio.value, Ratio.value_or_none]
    list_filters = [Ratio.value]
    form_columns = [Ratio.name, Ratio.value, Ratio.value_or_none]


class MeasureView(RecordView, model=Measure):
    name, name_plural = "Measure", "Measures"
    column_list = [Measure.name, Measure.value, Measure.value_or_none, Measure.plain]
    column_searchable_list = [Measure.name]
    column_sortable_list = [Measure.value, Measure.value_or_none, Measure.plain]
    list_filters = [Measure.value]
    form_columns = [Measure.name, Measure.value, Measure.value_or_none, Measure.plain]


class OvenView(RecordView, model=Oven):
    name, name_plural = "Oven", "Ovens"
    column_list = [Oven.name, Oven.heat, Oven.heat_or_none]
    column_searchable_list = [Oven.name]
    column_sortable_list = [Oven.heat, Oven.heat_or_none]
    form_columns = [Oven.name, Oven.heat, Oven.heat_or_none]


class SwitchView(RecordView, model=Switch):
    name, name_plural = "Switch", "Switches"
    column_list = [Switch.name, Switch.is_on, Switch.is_on_or_none]
    column_searchable_list = [Switch.name]
    column_sortable_list = [Switch.is_on, Switch.is_on_or_none]
    list_filters = [Switch.is_on, Switch.is_on_or_none]
    form_columns = [Switch.name, Switch.is_on, Switch.is_on_or_none]


VIEWS: tuple[type[RecordView], ...] = (TallyView, AmountView, MeasureView, OvenView, SwitchView)
SERVER_VIEWS: tuple[type[RecordView], ...] = (FortuneView,)
POSTGRESQL_VIEWS: tuple[type[RecordView], ...] = (RatioView,)
