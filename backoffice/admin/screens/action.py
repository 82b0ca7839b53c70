"""An action on records: a page with its form and preview, then the act, once."""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

from backoffice.admin.acting.chosen import (
    Chosen,
    ChosenKeys,
    load_chosen,
    purpose_of,
    read_keys,
)
from backoffice.admin.acting.form import ACT, DO, ONCE, open_action_form, read_action_form
from backoffice.admin.acting.page import ActionState, action_response, back_href, done_response
from backoffice.admin.acting.preview import seen_digest
from backoffice.admin.acting.run import respond, run_action
from backoffice.admin.actions import Action
from backoffice.admin.forms.refusals import Refusal
from backoffice.admin.posted import posted_text
from backoffice.admin.records.keys import join_keys, write_key
from backoffice.admin.refusal import permission_refusal
from backoffice.admin.view import Context, RecordView
from backoffice.auth.one_time_keys import (
    KeyUsed,
    OneTimeKey,
    note_changeset,
    read_key,
    use_key,
)
from backoffice.language import _


def action_screen(context: Context, view: RecordView) -> Response:
    """GET asks. POST shows the preview, or acts on all of the chosen records or on none.

    Raises:
        HTTPException: 403 without the permission; 404 for an unknown action, and where none of the
            records exists.
    """
    action = _find_action(view, context.request.path_params["name"])
    if not context.may(action.permission, view):
        raise HTTPException(403, permission_refusal(view, action.permission))
    keys = read_keys(context, view, action)
    if keys.problem:
        refusal = Refusal(problems=[keys.problem], status=400)
        return action_response(context, view, action, ActionState(refusal=refusal))
    if not context.posted:
        chosen = _load(context, view, action, keys)
        form = open_action_form(context, action)
        return action_response(context, view, action, ActionState(chosen, form, _against(chosen)))
    if posted_text(context.form, DO) == ACT:
        return _act(context, view, action, keys)
    chosen = _load(context, view, action, keys)
    form = open_action_form(context, action)
    refusal = _against(chosen) or read_action_form(context, form)
    state = ActionState(chosen, form, refusal, with_preview=True)
    response = action_response(context, view, action, state)
    context.session.rollback()  # a preview leaves nothing, whatever its method did
    return response


def _find_action(view: RecordView, name: str) -> Action:
    for action in view.actions:
        if action.name == name:
            return action
    raise HTTPException(404)


def _load(
    context: Context, view: RecordView, action: Action, keys: ChosenKeys, *, lock: bool = False
) -> Chosen:
    chosen = load_chosen(context, view, action, keys, lock=lock)
    if not chosen.records and not chosen.refused:
        raise HTTPException(
            404,
            _("These {labels} don't exist. They may have been deleted.", labels=view.label_plural),
        )
    return chosen


def _against(chosen: Chosen) -> Refusal:
    """The refusal where the person may act on none of the records, which the page names."""
    if chosen.records:
        return Refusal()
    return Refusal(problems=[_("This can't be done.")], status=403)


def _act(context: Context, view: RecordView, action: Action, keys: ChosenKeys) -> Response:
    """Act on the records, or show the page with what is wrong, and nothing is written."""
    now = context.site.sign_in_backend.clock()
    key = read_key(
        context.settings,
        context.person.user_id,
        purpose_of(view, action, keys.keys),
        now,
        posted_text(context.form, ONCE),
    )
    if key.state == "valid":
        # First, so that a second request with this key waits here and sees nothing half-done.
        try:
            use_key(context.session, key, now)
        except KeyUsed as used:
            pks = join_keys(write_key(view, one) for one in keys.keys)
            return done_response(context, view, action, pks, used.changeset_id)
    chosen = _load(context, view, action, keys, lock=True)
    form = open_action_form(context, action)
    refusal = _why_not(context, view, action, chosen, form, key)
    result: Any = None
    if not refusal:
        result, refusal = run_action(context, view, action, chosen.records, form)
    if not refusal:
        response = respond(
            context, view, action, result, back_href(context, view, _living(context, chosen))
        )
        note_changeset(context.session, key)
        return response
    context.session.rollback()
    chosen = _load(context, view, action, keys)
    with_preview = refusal.status == 409
    state = ActionState(chosen, form, refusal, with_preview=with_preview)
    return action_response(context, view, action, state)


def _why_not(
    context: Context,
    view: RecordView,
    action: Action,
    chosen: Chosen,
    form: Any | None,
    key: OneTimeKey,
) -> Refusal:
    """What prevents the act before it begins; an empty refusal if nothing does."""
    label = _(action.label)
    wrong = read_action_form(context, form)
    if chosen.refused:
        problem = _("Nothing was done, because it can't be done to all of them.")
        return Refusal(wrong.fields, [problem, *wrong.problems], status=403)
    if wrong:
        return wrong
    if key.state == "foreign":
        problem = _(
            "This page was for other {labels}. Check these, then press “{action}”.",
            labels=view.label_plural,
            action=label,
        )
        return Refusal(problems=[problem], status=409)
    if key.state == "expired":
        problem = _(
            "This page was open for more than a day. Check it, then press “{action}”.",
            action=label,
        )
        return Refusal(problems=[problem], status=409)
    if chosen.missing:
        problem = _("Nothing was done. Check the others, then press “{action}”.", action=label)
        return Refusal(problems=[problem], status=409)
    if action.preview and key.seen != seen_digest(context, view, chosen.records, form):
        problem = _(
            "Something changed after the preview. Check it again, then press “{action}”.",
            action=label,
        )
        return Refusal(problems=[problem], status=409)
    return Refusal()


def _living(context: Context, chosen: Chosen) -> list[Any]:
    """The records that the action did not delete."""
    return [record for record in chosen.records if record in context.session]
