"""The forms for staff and of one's own data, with their fields: what the hostile words are typed into."""

from models.appointments import Column

NAMED = ("id", "words")
STAFF_FORMS: dict[str, tuple[str, ...]] = {
    "/staff/units/{code}/posts/new": (
        "name", "phone", "role", "lead", "group", "department", "valid_from", "valid_to",
    ),
    "/staff/posts/{post_id}/change": ("name", "lead", "department", "valid_to", "substitute_id"),
    "/staff/posts/{post_id}/dismissal": ("successor_id", "reason"),
    "/staff/posts/{post_id}/transfer": ("role", "region_code", "successor_id", "reason"),
    "/staff/duty/{code}/shifts": ("post_id", "starts_at", "ends_at"),
    "/staff/duty/{code}/absences": ("post_id", "from_at", "until_at", "substitute_id", "reason"),
    "/audit": ("person_id", "account_id", "actor_name", "act", "since", "until", "page"),
    "/directory": ("q", "region", "role", "after"),
    "/me/messages": ("lang", "quiet_from", "quiet_until", "push", "sms"),
    "/staff/gateways/trials": ("channel",),
    "/staff/templates/{name}/codes": ("provider", "lang", "code"),
    "/staff/units/{code}/robots": ("name", "webhook", "secret", "lang"),
    "/notices": (*NAMED, "region_code", "roles", "title", "must_confirm", "numbers_confirmed"),
    "/messages/{post_id}": (*NAMED, "from_post_id"),
    "/appointments": ("paste", "region_code"),
    "/appointments/codes": ("region_code",),
    "/appointments/{sheet_id}/columns": tuple(column.value for column in Column),
    "/activate/{token}": ("phone",),
    "/exports/new": (*NAMED, "region_code", "place_code", "columns", "day", "purpose"),
    "/exports/trace": ("passage",),
    "/exports/{export_id}/file": ("format",),
    "/responses/stand-down": ("name",),
    "/me/edit": ("person_id", "name", "address", "phone", "region_code", "together"),
    "/me/place": ("person_id", "region_code", "until", "back"),
    "/me/copy": ("slip", "code", "as"),
    "/me/appeals": (*NAMED, "kind", "decision_id", "person_id"),
    "/appeals/{appeal_id}/answer": ("outcome", "words"),
    "/glass": ("id_type", "id_number", "purpose", "words", "hours"),
    "/sign-in/passkey": ("credential", "next"),
    "/second-factor": ("totp", "next"),
    "/second-factor/passkey": ("credential", "next"),
    "/step-up": ("totp", "next"),
    "/step-up/passkey": ("credential", "next"),
    "/step-up/code/check": ("code", "next"),
    "/me/security/passkeys": ("credential", "passkey_name", "next"),
    "/me/security/authenticator/confirmation": ("totp", "next"),
}  # fmt: skip
# What was typed stands there again when the form comes back.
KEPT = {"title", "words", "department", "group"}
