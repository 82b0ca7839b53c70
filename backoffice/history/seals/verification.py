"""Verifying the hash chain: reports the first mismatch.

with unit_of_work(database) as session:
    verification = Verification(session, history_keys(settings))
    for _changeset_id in verification.steps():
        ...
    print(verification.sealed, verification.unsealed, verification.head)
"""

from collections.abc import Iterable, Iterator
from contextlib import closing

import sqlalchemy as sa

from backoffice.history.ranges import merge_ranges, to_ranges
from backoffice.history.seals.chain import (
    ADVICE,
    BEGINNING,
    SIGNED_BY,
    ChainEnd,
    NotSigned,
    check_anchor,
    newest_anchor,
    seal_hash,
)
from backoffice.history.seals.digests import SIZE, digests, stream
from backoffice.history.seals.formats import FORMATS
from backoffice.history.seals.notes import Note
from backoffice.history.seals.signing import HistoryKeys
from backoffice.history.session import RecordSession
from backoffice.models import Changeset, HistoryAnchor, HistoryPruning, Seal
from backoffice.models.tables import changesets

SEALS_AT_ONCE = 20


class Broken(Exception):
    """The history is not as it was sealed. The message says what is wrong, and where."""


class Verification:
    """One pass over the whole chain, in the order of the seals.

    It needs a transaction of its own, and sees the database as it was at its beginning: concurrent
    writes, seals and pruning make no difference.

    ``keys``: the keys that may have signed the chain. ``notes``: notes of seals, which must be in
    the chain.

    ``head``: the end of the chain so far. ``pruned_up_to``: the id of the last pruned changeset, 0
    if there is none. ``sealed``, ``unsealed``: how many changesets were counted. ``signed_from``:
    the first signed seal, whose hash covers the ``seals_before_signed``; 0 if there is none.
    ``noted``, ``noted_of_pruned``: how many notes are in the chain, and how many are of pruned
    seals, which nobody can check.
    """

    def __init__(
        self, session: RecordSession, keys: HistoryKeys, notes: Iterable[Note] = ()
    ) -> None:
        session.begin_snapshot()
        self.session = session
        self.keys = keys
        anchor = newest_anchor(session)
        self.head = ChainEnd() if anchor is None else ChainEnd.after_anchor(anchor)
        self.pruned_up_to = anchor.up_to if anchor is not None else 0
        self.seals = 0
        self.sealed = 0
        self.unsealed = 0
        self.signed_from = 0
        self.seals_before_signed = 0
        self.noted = 0
        self.noted_of_pruned = 0
        self.hashes = {self.head.hash} - {BEGINNING}
        self._notes = sorted(set(notes))
        self._next_note = 0
        self._covered: list[list[int]] = []

    @property
    def total(self) -> int:
        """The number of steps, at most; one statement."""
        return self.session.scalar(sa.select(sa.func.count()).select_from(Changeset)) or 0

    def steps(self) -> Iterator[int]:
        """Verify, and yield the id of each sealed changeset that fits.

        Raises:
            Broken: something does not fit.
        """
        self._refuse_open_switch()
        self._check_anchors()
        while seals := self._next_seals():
            for seal in seals:
                self._check_seal(seal)
                yield from self._check_changesets(seal)
                self.session.expunge(seal)
        if self.seals and not self.signed_from:
            raise Broken(f"None of the seals is signed {SIGNED_BY}. {ADVICE}")
        self._check_unsealed()
        self._check_remaining_notes()

    def expect(self, hash_: str) -> None:
        """After all steps: check that a hash, noted earlier, is in the chain.

        Raises:
            Broken: it is not.
        """
        if hash_.strip().lower() not in self.hashes:
            pruned = " or its part of the history was pruned" if self.pruned_up_to else ""
            raise Broken(
                f"No seal has the hash {hash_}: the chain was rebuilt or cut short{pruned}."
            )

    def _refuse_open_switch(self) -> None:
        up_to = self.session.scalar(sa.select(sa.func.max(HistoryPruning.up_to)))
        if up_to is not None:
            raise Broken(
                "The switch for pruning was left on, so anybody can delete the history up to "
                f"changeset #{up_to}. Find out who did that, then empty the table history_pruning."
            )

    def _check_anchors(self) -> None:
        """Check that there is one signed anchor at most, as pruning leaves it."""
        anchors = self.session.scalars(sa.select(HistoryAnchor).order_by(HistoryAnchor.id)).all()
        for anchor in anchors:
            try:
                check_anchor(anchor, self.keys)
            except NotSigned as error:
                raise Broken(str(error)) from None
        if len(anchors) > 1:
            raise Broken(
                f"There are {len(anchors)} anchors of pruned history, but prune-history leaves "
                "one: somebody put back an old one."
            )
        if self.head.anchor is not None:
            self._check_notes(self.head)

    def _next_seals(self) -> list[Seal]:
        return list(
            self.session.scalars(
                sa.select(Seal)
                .where(Seal.id > self.head.seal_id)
                .order_by(Seal.id)
                .limit(SEALS_AT_ONCE)
            )
        )

    def _check_seal(self, seal: Seal) -> None:
        if seal.previous_hash != self.head.hash:
            before = f"seal {self.head.seal_id}" if self.head.seal_id else "the beginning"
            raise Broken(
                f"Seal {seal.id} does not follow {before}: a seal in between is missing, or one "
                "of the two was replaced."
            )
        if seal.form not in FORMATS:
            raise Broken(
                f"Seal {seal.id} has the format {seal.form}, which this release does not know: "
                "verify with the newest release."
            )
        if seal_hash(seal) != seal.hash:
            raise Broken(f"Seal {seal.id} was changed: it does not match its own hash.")
        self._check_signature(seal)
        self.head = ChainEnd(
            seal.id, seal.hash, seal.settled, seal.settling, seal.seen, seal.horizon
        )
        self.seals += 1
        self.hashes.add(seal.hash)
        self._check_notes(self.head)

    def _check_signature(self, seal: Seal) -> None:
        """Check that all seals after the first signed one are signed. Its hash covers the rest."""
        if self.keys.fit_seal(seal.hash, seal.signature):
            self.signed_from = self.signed_from or seal.id
        elif not self.signed_from:
            self.seals_before_signed += 1
        else:
            signed = f"is not signed {SIGNED_BY}" if seal.signature else "has no signature"
            raise Broken(
                f"Seal {seal.id} {signed}, but seal {self.signed_from} before it is signed: the "
                "back office did not make it, or its key is not in HISTORY_OLD_KEYS."
            )

    def _check_notes(self, end: ChainEnd) -> None:
        """Check the notes of seals up to ``end``."""
        while self._next_note < len(self._notes):
            note = self._notes[self._next_note]
            if note.seal_id > end.seal_id:
                return
            self._next_note += 1
            if note.seal_id < end.seal_id and end.anchor is not None:
                self.noted_of_pruned += 1
            elif note.seal_id < end.seal_id:
                raise Broken(f"Seal {note.seal_id} was noted, but is not in the chain.")
            elif note.hash != end.hash:
                raise Broken(
                    f"Seal {note.seal_id} was noted with the hash {note.hash}, but has the hash "
                    f"{end.hash}: the chain was rebuilt."
                )
            else:
                self.noted += 1

    def _check_remaining_notes(self) -> None:
        if self._next_note < len(self._notes):
            last = self._notes[-1]
            raise Broken(
                f"Seal {last.seal_id} was noted, but the chain ends with seal "
                f"{self.head.seal_id}: its end was cut off, or an old backup was restored."
            )

    def _check_changesets(self, seal: Seal) -> Iterator[int]:
        """Compare the changesets under a seal, except pruned ones, with its digests."""
        expected = {
            id_: seal.digests[index * SIZE : (index + 1) * SIZE]
            for index, id_ in enumerate(_ids_in(seal.covers))
            if id_ > self.pruned_up_to
        }
        ids = list(expected)
        count = 0
        with closing(digests(self.session, to_ranges(ids), format_=FORMATS[seal.form])) as found:
            for id_, digest in found:
                if ids[count] != id_:
                    break
                if expected[id_] != digest:
                    raise Broken(_describe_change(id_, digest, expected, seal.id))
                count += 1
                self.sealed += 1
                yield id_
        if count < len(ids):
            raise Broken(f"Changeset #{ids[count]} is missing: seal {seal.id} covers it.")
        for first, last in seal.covers:
            if self._covered and first == self._covered[-1][1] + 1:
                self._covered[-1][1] = last
            else:
                self._covered.append([first, last])

    def _check_unsealed(self) -> None:
        """Check that changesets without a seal are new, not inserted into the complete past."""
        covered = merge_ranges(self._covered)
        index = 0
        every = sa.select(changesets.c.id).order_by(changesets.c.id)
        with closing(stream(self.session, every)) as ids:
            for (id_,) in ids:
                while index < len(covered) and covered[index][1] < id_:
                    index += 1
                if id_ <= self.pruned_up_to:
                    raise Broken(
                        f"Changeset #{id_} was inserted: everything up to #{self.pruned_up_to} "
                        "was pruned."
                    )
                if index < len(covered) and covered[index][0] <= id_:
                    continue
                if id_ <= self.head.sealed_through:
                    raise Broken(
                        f"Changeset #{id_} was inserted between sealed ones: it did not exist "
                        f"when everything up to #{self.head.sealed_through} was settled."
                    )
                self.unsealed += 1


def _ids_in(ranges: list[list[int]]) -> Iterator[int]:
    for first, last in ranges:
        yield from range(first, last + 1)


def _describe_change(id_: int, digest: bytes, expected: dict[int, bytes], seal_id: int) -> str:
    for other, other_digest in expected.items():
        if other_digest == digest:
            return (
                f"Changeset #{id_} has the content that #{other} had under seal {seal_id}: the "
                "history was reordered."
            )
    return f"Changeset #{id_} was changed after seal {seal_id} covered it."
