"""Signing the end of the chain with a new key, after the key that signed the history was lost.

Signatures prove nothing about the history before that end; noted hashes still do. So only an
administrator can do it, on the command line, and a changeset records it.
"""

from datetime import UTC, datetime

import sqlalchemy as sa

from backoffice.db import Database
from backoffice.history.context import AuditContext
from backoffice.history.seals.chain import end_of_chain, newest_anchor, signed_seal
from backoffice.history.seals.lock import exclusive
from backoffice.history.seals.signing import HistoryKeys
from backoffice.history.session import RecordSession
from backoffice.models import HistoryAnchor, HistoryPruning


def sign_end(database: Database, keys: HistoryKeys, audit_context: AuditContext) -> bool:
    """Sign the last seal and the anchor if no key signed them; returns whether one was signed.

    A seal is signed by another one after it, which covers nothing. An anchor is replaced.

    Raises:
        Busy: another process is sealing or pruning.
    """
    with exclusive(database, audit_context=audit_context) as session:
        signed = _sign_anchor(session, keys)
        end = end_of_chain(session)
        if end.anchor is None and end.seal_id and not keys.fit_seal(end.hash, end.signature):
            session.add(
                signed_seal(
                    keys,
                    previous=end,
                    covers=[],
                    digests=b"",
                    settled=end.sealed_through,
                    settling=end.next_sealed_through,
                    seen=end.newest,
                    horizon=end.watermark,
                )
            )
            signed = True
        if signed:
            session.changeset_id()
    return signed


def _sign_anchor(session: RecordSession, keys: HistoryKeys) -> bool:
    anchor = newest_anchor(session)
    if anchor is None or keys.fit_anchor(anchor):
        return False
    new = HistoryAnchor(
        at=datetime.now(UTC),
        up_to=anchor.up_to,
        seal_id=anchor.seal_id,
        hash=anchor.hash,
        previous=anchor.signature,
    )
    keys.sign_anchor(new)
    session.expunge(anchor)
    session.add(HistoryPruning(up_to=new.up_to))
    session.flush()
    session.execute(sa.delete(HistoryAnchor))
    session.execute(sa.delete(HistoryPruning))
    session.add(new)
    return True
