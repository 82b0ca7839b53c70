"""The page that asks before an action acts on records."""

from dataclasses import dataclass

from backoffice.admin.pages.form import FormField
from backoffice.admin.pages.history import Entry, UndoStep
from backoffice.admin.pages.parts import Link


@dataclass(frozen=True, slots=True)
class RefusedRecord:
    """A record that the action may not change, and why, as a sentence."""

    record: Link
    reason: str


@dataclass(frozen=True, slots=True)
class ActionPage:
    """Asks before an action, with its form and what it would do.

    ``pks``: the keys of the records that it would act on, ``records``. ``refused``: those that it
    leaves out; ``refused_title`` says how many. ``confirm``: a sentence of the action's own.
    ``preview``: what would happen, None if that was not asked yet. ``buttons``: the first is the
    primary one; all are named ``do``, each with its value and text; none if it cannot act.
    ``links``: where else to go. ``hidden``: fields posted unchanged.
    """

    heading: str
    label: str
    action: str
    cancel_href: str
    pks: str = ""
    records: tuple[Link, ...] = ()
    refused: tuple[RefusedRecord, ...] = ()
    refused_title: str = ""
    confirm: str = ""
    fields: tuple[FormField, ...] = ()
    preview: tuple[Entry | UndoStep, ...] | None = None
    buttons: tuple[tuple[str, str], ...] = ()
    links: tuple[Link, ...] = ()
    problems: tuple[str, ...] = ()
    hidden: tuple[tuple[str, str], ...] = ()

    @property
    def steps(self) -> tuple[UndoStep, ...]:
        """The sentences of the preview."""
        return tuple(one for one in self.preview or () if isinstance(one, UndoStep))

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The records of the preview, with the values before and after."""
        return tuple(one for one in self.preview or () if isinstance(one, Entry))
