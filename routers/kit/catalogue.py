"""What the OpenAPI document says of refusals: each type in a line, and which routes give which of their own."""

from app.accounts import PasskeyRefused, StepUpNeeded
from app.accounts.codes import CodeGone, NoChannel
from app.appeals import AlreadyAppealed, AppealSentBefore
from app.appointments import NotApplied, NotPlanned, PlanOutdated, SheetUnreadable
from app.exports import AskedBefore, NotReleased, OwnRequest
from app.kit.errors import Confirm, KeyReused, Refusal
from app.messages import RobotEnded, RobotThere, SentAgain, TimeOver, TooManyRobots
from app.notices import (
    MessageSentBefore,
    NothingToConfirm,
    NoticeSentBefore,
    NumberInMessage,
    PostVacant,
    SomebodysNumber,
    TooManyMessages,
)
from app.residents.registration import AlreadyRegistered
from app.staff import NoResponse
from app.tasks import Closed, EnoughPhotos, NotYourOrder
from routers.kit.problems import TooLarge
from routers.kit.uploads import PhotosTooLarge, SheetTooLarge

# Type -> when.
SAID = {
    "wrong-host": "the Host header is not one of ours",
    "broken-request": "the body is not UTF-8, or not to be read at all",
    "not-signed-in": "no token, or one that is forged, run out or ended",
    "post-missing": "for staff only",
    "session-over": "no live staff session in `Staff-Session` (ended, idle for 30 minutes, or 12 hours old)",
    "second-factor": "the post asks for a second factor, and this session has seen none: `/api/v1/second-factor/...`",
    "step-up": "needs a proof of the last 10 minutes: `/api/v1/step-up...`; `methods` says with what",
    "passkey-refused": "forged, too late, used, of another site or account",
    "foreign-origin": "sent by another site's page",
    "not-found": "not there, or not yours to see; the same words for both",
    "erased": "sealed under a key that was destroyed when its response was stood down",
    "state-conflict": "something else stands in the way; `detail` says what",
    "already-registered": "one's own record exists, with another document",
    "too-large": "the body is over 64 KiB, or over what this route says of files",
    "wrong-kind": "the content is not `application/json` (or `application/...+json`), or its type is not said",
    "invalid": "every wrong field at once",
    "confirm": "odd but possible: `proposed` carries what was probably meant; send that, or `temperature_confirmed`; "
    "for a notice with somebody's number in it, `numbers_confirmed`",
    "key-reused": "this `id` came before with other content",
    "code-gone": "run out, used, or tried too often: ask for a new code",
    "quota-spent": "too many, too fast; `Retry-After` says when to come again",
    "overloaded": "busy or restarting: nothing is lost, send the same again after `Retry-After`",
    "no-code-channel": "this installation has no gateway yet that could carry a code",
}

# What a route can give beside what follows from its shape (body, sign-in, method) and its declared statuses.
ALSO: dict[str, tuple[type[Refusal], ...]] = {
    "POST /api/v1/sign-in/code": (NoChannel,),
    "POST /api/v1/sign-in": (CodeGone,),
    "POST /api/v1/sign-in/passkey": (PasskeyRefused,),
    "POST /api/v1/me/phone": (CodeGone,),
    "POST /api/v1/second-factor/passkey": (PasskeyRefused,),
    "POST /api/v1/step-up/passkey": (PasskeyRefused,),
    "POST /api/v1/step-up/code": (StepUpNeeded, NoChannel),
    "POST /api/v1/step-up": (StepUpNeeded, CodeGone),
    "POST /api/v1/passkeys/options": (StepUpNeeded,),
    "POST /api/v1/passkeys": (StepUpNeeded, PasskeyRefused),
    "DELETE /api/v1/passkeys/{passkey_id}": (StepUpNeeded,),
    "POST /api/v1/authenticator": (StepUpNeeded,),
    "POST /api/v1/authenticator/confirmation": (StepUpNeeded,),
    "DELETE /api/v1/authenticator": (StepUpNeeded,),
    "POST /api/v1/residents": (AlreadyRegistered,),
    "POST /api/v1/checkins": (Confirm, KeyReused),
    "POST /api/v1/me/copy/code": (NoChannel,),
    "POST /api/v1/me/copy": (StepUpNeeded, CodeGone),
    "POST /api/v1/me/appeals": (AlreadyAppealed, AppealSentBefore),
    "POST /api/v1/exports": (StepUpNeeded, AskedBefore),
    "POST /api/v1/exports/{export_id}/approval": (StepUpNeeded, OwnRequest, NotReleased),
    "POST /api/v1/exports/{export_id}/refusal": (OwnRequest, NotReleased),
    "POST /api/v1/exports/{export_id}/file": (StepUpNeeded, NotReleased),
    "POST /api/v1/receipts/{provider}/{token}": (TooLarge,),
    "POST /api/v1/sheets": (NoResponse,),
    "POST /api/v1/sheets/file": (SheetTooLarge, SheetUnreadable, NoResponse),
    "PUT /api/v1/sheets/{sheet_id}/columns": (NotPlanned,),
    "POST /api/v1/sheets/{sheet_id}/plan": (NotPlanned,),
    "POST /api/v1/sheets/{sheet_id}/application": (StepUpNeeded, PlanOutdated),
    "POST /api/v1/sheets/{sheet_id}/undoing": (StepUpNeeded, NotApplied),
    "POST /api/v1/activation-sheets": (StepUpNeeded,),
    "POST /api/v1/notices": (SomebodysNumber, NoticeSentBefore, NoResponse),
    "POST /api/v1/notices/{notice_id}/confirmation": (NothingToConfirm,),
    "POST /api/v1/staff/gateways/deliveries/{delivery_id}/again": (SentAgain, TimeOver),
    "PUT /api/v1/staff/templates/{name}/code": (StepUpNeeded,),
    "POST /api/v1/staff/robots": (StepUpNeeded, RobotThere, TooManyRobots),
    "POST /api/v1/staff/robots/{robot_id}/trial": (RobotEnded,),
    "POST /api/v1/messages/{post_id}": (NumberInMessage, MessageSentBefore, PostVacant, TooManyMessages),
    "POST /api/v1/tasks/{task_id}/acceptance": (Closed,),
    "POST /api/v1/tasks/{task_id}/start": (Closed,),
    "POST /api/v1/tasks/{task_id}/outcome": (Closed,),
    "POST /api/v1/tasks/{task_id}/hindrance": (Closed,),
    "PUT /api/v1/tasks/{task_id}/photos/{photo_id}": (PhotosTooLarge, EnoughPhotos),
    "POST /api/v1/tasks/{task_id}/hand-over": (NotYourOrder,),
    "POST /api/v1/tasks/{task_id}/cancellation": (NotYourOrder,),
}
