"""The lists of records of every shape."""

from typing import Any, ClassVar

from backoffice.admin.options import ColumnTotal
from backoffice.admin.view import RecordView
from tests.admin.lists.shapes import (
    Badge,
    Host,
    Lathe,
    Machine,
    Oddly,
    Pair,
    Region,
    Thing,
    Town,
    Worker,
)


class _View(RecordView):
    can_create = can_edit = can_delete = has_history = False


class ThingView(_View, model=Thing):
    name, name_plural, identity = "Thing", "Things", "thing"
    NAMES: ClassVar = [
        *("colour", "word", "seen", "made", "opens", "takes", "code", "weight", "on", "cost"),
        *("note", "twice", "rounded", "name"),
    ]
    column_list: ClassVar[Any] = ["name", *NAMES[:-1]]
    column_sortable_list: ClassVar[Any] = ["id", *NAMES]
    column_searchable_list: ClassVar[Any] = ["name", "note"]
    list_filters: ClassVar[Any] = [*NAMES[:6], *NAMES[7:]]
    list_totals: ClassVar[Any] = [
        ColumnTotal("Weight", Thing.weight),
        ColumnTotal("Cost", Thing.cost),
    ]


class WorkerView(_View, model=Worker):
    name, name_plural, identity = "Worker", "Workers", "worker"
    column_list: ClassVar[Any] = ["name", "boss", "badge", "id"]
    column_sortable_list: ClassVar[Any] = ["name", "boss", "badge", "id"]
    column_searchable_list: ClassVar[Any] = ["name", "boss"]
    list_filters: ClassVar[Any] = ["boss", "badge"]


class BadgeView(_View, model=Badge):
    name, name_plural, identity = "Badge", "Badges", "badge"
    column_list: ClassVar[Any] = ["name", "worker", "code"]
    column_sortable_list: ClassVar[Any] = ["name", "worker", "code"]
    column_searchable_list: ClassVar[Any] = ["name", "worker"]
    list_filters: ClassVar[Any] = ["worker"]


class RegionView(_View, model=Region):
    name, name_plural, identity = "Region", "Regions", "region"
    column_list: ClassVar[Any] = ["name", "land", "number"]
    column_sortable_list: ClassVar[Any] = ["name", "land", "number"]
    column_searchable_list: ClassVar[Any] = ["name"]
    list_filters: ClassVar[Any] = ["land", "number"]


class TownView(_View, model=Town):
    name, name_plural, identity = "Town", "Towns", "town"
    column_list: ClassVar[Any] = ["name", "region", "mayor", "deputy", "lathe"]
    column_sortable_list: ClassVar[Any] = ["name", "region", "mayor", "deputy", "lathe"]
    column_searchable_list: ClassVar[Any] = ["name", "region", "mayor", "deputy", "lathe"]
    list_filters: ClassVar[Any] = ["region", "mayor", "deputy", "lathe"]


class MachineView(_View, model=Machine):
    name, name_plural, identity = "Machine", "Machines", "machine"
    column_list: ClassVar[Any] = ["name", "sort"]
    column_sortable_list: ClassVar[Any] = ["name", "sort"]
    column_searchable_list: ClassVar[Any] = ["name"]


class LatheView(_View, model=Lathe):
    name, name_plural, identity = "Lathe", "Lathes", "lathe"
    column_list: ClassVar[Any] = ["name", "turns", "id"]
    column_sortable_list: ClassVar[Any] = ["name", "turns", "id"]
    column_searchable_list: ClassVar[Any] = ["name"]
    list_filters: ClassVar[Any] = ["turns", "name"]


class OddlyView(_View, model=Oddly):
    name, name_plural, identity = "Odd one", "Odd ones", "oddly"
    NAMES: ClassVar = [
        *("search", "sort", "page", "view", "count", "columns", "version", "next", "saved"),
        "lost_find",
    ]
    column_list: ClassVar[Any] = ["name", *NAMES]
    column_sortable_list: ClassVar[Any] = ["name", *NAMES]
    column_searchable_list: ClassVar[Any] = ["search", "next"]
    list_filters: ClassVar[Any] = ["lost_find"]


class PairView(_View, model=Pair):
    name, name_plural, identity = "Pair", "Pairs", "pair"
    column_list: ClassVar[Any] = ["name", "worker", "boss"]
    column_sortable_list: ClassVar[Any] = ["name", "worker", "boss"]
    column_searchable_list: ClassVar[Any] = ["name"]
    list_filters: ClassVar[Any] = ["worker"]


class HostView(_View, model=Host):
    name, name_plural, identity = "Host", "Hosts", "host"
    column_list: ClassVar[Any] = ["name", "address", "network", "card", "load"]
    column_sortable_list: ClassVar[Any] = ["name", "id", "address", "network", "card", "load"]
    column_searchable_list: ClassVar[Any] = ["name"]
    list_filters: ClassVar[Any] = ["name", "load"]


LIST_VIEWS: list[type[RecordView]] = [
    ThingView,
    WorkerView,
    BadgeView,
    RegionView,
    TownView,
    MachineView,
    LatheView,
    OddlyView,
    PairView,
]
