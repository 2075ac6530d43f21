"""The words for codes that people read: symptoms, needs, documents, relations, roles, next steps."""

from app.kit.errors import N_
from models.appeals import AppealKind, AppealOutcome, AppealStage
from models.audit import Act, Purpose
from models.checkins import BREATHING, NEEDS, SYMPTOMS, Verdict
from models.glass import GlassReason
from models.regions import Level
from models.residents import IdType, Relation
from models.staff import Right

SYMPTOM = {
    "none": N_("No symptoms"), "fever": N_("Fever"), "cough": N_("Cough"), "dry_cough": N_("Dry cough"),
    "fatigue": N_("Fatigue"), "sputum": N_("Phlegm"), "headache": N_("Headache"), "sore_throat": N_("Sore throat"),
    "muscle_pain": N_("Muscle pain"), "chills": N_("Chills"), "runny_nose": N_("Runny nose"),
    "chest_tightness": N_("Chest tightness"), "diarrhea": N_("Diarrhoea"), "nasal_congestion": N_("Blocked nose"),
    "dizziness": N_("Dizziness"), "short_breath": N_("Short of breath"), "vomiting": N_("Vomiting or nausea"),
    "smell_taste_loss": N_("Loss of smell or taste"), "conjunctivitis": N_("Red, sore eyes"),
}  # fmt: skip
NEED = {
    "medicine": N_("Medicine"),
    "food": N_("Food"),
    "hospital_escort": N_("Company to the hospital"),
    "counselling": N_("Somebody to talk to"),
}
DOCUMENT = {
    IdType.NONE: N_("No document yet"),
    IdType.RESIDENT_ID: N_("Resident ID card"),
    IdType.HMT_PERMIT: N_("Hong Kong or Macao permit"),
    IdType.TAIWAN_PERMIT: N_("Taiwan permit"),
    IdType.PASSPORT: N_("Passport"),
    IdType.FOREIGN_PERMANENT: N_("Foreign permanent resident card"),
    IdType.OTHER: N_("Other document"),
}
RELATION = {
    Relation.SPOUSE: N_("Spouse"),
    Relation.CHILD: N_("Child"),
    Relation.PARENT: N_("Parent"),
    Relation.GRANDPARENT: N_("Grandparent"),
    Relation.OTHER: N_("Other"),
}
ROLE = {
    "grid_worker": N_("Grid worker"),
    "village_cadre": N_("Village cadre"),
    "party_member": N_("Party-member contact"),
    "doctor": N_("Doctor"),
    "checkpoint_officer": N_("Checkpoint officer"),
    "gate_officer": N_("Gate officer"),
    "list_clerk": N_("List clerk"),
    "reviewer": N_("Reviewer"),
    "market_inspector": N_("Market inspector"),
    "supervisor": N_("Supervisor"),
    "administrator": N_("Administrator"),
    "auditor": N_("Auditor"),
}
RIGHT = {
    Right.DIRECTORY: (N_("Look up colleagues"), N_("Name, duty and place; phones are masked, each call is recorded")),
    Right.MESSAGE: (N_("Write to colleagues"), N_("Messages from post to post, and reading notices")),
    Right.PEOPLE: (N_("See residents"), N_("Roll call and personal pages; the person sees each look")),
    Right.CALL: (N_("Call residents"), N_("A number in full, one person at a time")),
    Right.REPORT_FOR: (N_("Report for residents"), N_("Who cannot use a phone is called or visited")),
    Right.NOTICE: (N_("Send notices"), N_("To a region and roles, with the list of who has not read it")),
    Right.PLAN_DUTY: (N_("Plan duty"), N_("Shifts, absences and substitutes of others")),
    Right.BOARD: (N_("See the board"), N_("Units without a lead, grids without a worker")),
    Right.APPOINT: (N_("Appoint"), N_("Invite, change, transfer and dismiss; never above oneself, never elsewhere")),
    Right.APPEALS: (N_("Answer appeals"), N_("Never about one's own act")),
    Right.BREAK_GLASS: (
        N_("Emergency access"), N_("A named person outside one's region, for hours, with a reason; they are told")
    ),
    Right.EXPORT: (
        N_("Ask for an export"),
        N_(
            "With a purpose; more than 200 people within seven days, reports of the day, phones, addresses or "
            "documents need a second person"
        ),
    ),
    Right.APPROVE: (N_("Be the second person"), N_("Approve what a colleague asked for, never one's own")),
    Right.AUDIT: (N_("Search the ledger"), N_("Who did what, when and why")),
    Right.RESPONSE: (N_("Stand the response down"), N_("Ends all posts and destroys the key; needs a second person")),
    Right.ROBOTS: (
        N_("Robots of group chats"), N_("They post counts and links, never people; a secret is never shown again")
    ),
    Right.GATEWAYS: (
        N_("Look after messages"), N_("Approved texts, test messages, what is stuck; never whom a message is for")
    ),
}  # fmt: skip
LEVEL = {
    Level.PROVINCE: N_("Province"), Level.CITY: N_("City"), Level.COUNTY: N_("County or district"),
    Level.TOWNSHIP: N_("Township or street"), Level.VILLAGE: N_("Village or community"), Level.GRID: N_("Grid"),
}  # fmt: skip
NEXT_STEPS = {
    Verdict.NORMAL: (
        N_("Report again tomorrow at the same time."),
        N_("If you feel unwell later today, add it at once; do not wait for tomorrow."),
    ),
    Verdict.ATTENTION: (
        N_("Your grid worker sees this report and will get in touch."),
        N_("Stay at home, keep the window open, and measure your temperature this evening."),
        N_("If breathing becomes hard or the fever rises, call 120 at once."),
    ),
    Verdict.URGENT: (
        N_("If breathing is hard, the chest hurts or somebody is not fully awake: call 120 now."),
        N_("Your grid worker sees this report at the top of the list and will call you."),
        N_("Wear a mask, stay in a room of your own, and take no bus, train or taxi."),
    ),
}


def symptoms() -> list[dict[str, object]]:
    """The boxes of the symptom question; breathing trouble is marked."""
    return [{"code": code, "label": SYMPTOM[code], "urgent": bool(bit & BREATHING)} for code, bit in SYMPTOMS.items()]


def needs() -> list[dict[str, str]]:
    """The boxes of the needs question."""
    return [{"code": code, "label": NEED[code]} for code in NEEDS]


# Acts of the ledger and why they were done, in words that the person they are about reads as well.
ACT = {
    Act.SAW_PERSON: N_("Opened a personal page"), Act.SAW_LIST: N_("Opened a list"),
    Act.REVEALED_PHONE: N_("Looked up a phone number"), Act.SAW_PHOTO: N_("Looked at a photo of a task"),
    Act.BROKE_GLASS: N_("Used emergency access"),
    Act.GLASS_TRIED: N_("Asked for emergency access; nothing was opened"),
    Act.GLASS_ENDED: N_("Ended emergency access"), Act.REPORTED_FOR: N_("Reported on behalf"),
    Act.CORRECTED: N_("Corrected a record"), Act.APPEALED: N_("Objected"),
    Act.APPEAL_ANSWERED: N_("Answered an objection"),
    Act.COPIED_OWN_DATA: N_("Copied own data"), Act.ERASED: N_("Erased"), Act.EXPORTED: N_("Was part of an export"),
    Act.EXPORT_REQUESTED: N_("Asked for an export"), Act.EXPORT_APPROVED: N_("Decided about an export"),
    Act.EXPORT_TAKEN: N_("Downloaded an export"), Act.INVITED: N_("Invited to a post"),
    Act.ACTIVATED: N_("Took up a post"),
    Act.APPOINTED: N_("Appointed"), Act.CHANGED_POST: N_("Changed a post"), Act.DISMISSED: N_("Ended a post"),
    Act.TRANSFERRED: N_("Transferred"), Act.IMPORTED: N_("Applied a sheet"), Act.UNDONE_IMPORT: N_("Undid a sheet"),
    Act.RESPONSE_STARTED: N_("Started a response"), Act.STOOD_DOWN: N_("Stood a response down"),
    Act.PLANNED_DUTY: N_("Planned duty"), Act.ABSENCE: N_("Noted an absence"),
    Act.DIALLED_STAFF: N_("Looked up a duty phone"), Act.NOTICE_SENT: N_("Sent a notice"),
    Act.ROBOT_ADDED: N_("Added a group robot"), Act.ROBOT_ENDED: N_("Ended a group robot"),
    Act.TEMPLATE_CODE: N_("Changed the code of an approved text"), Act.MESSAGE_TRIED: N_("Sent a test message"),
    Act.LADDER_ADDED: N_("Decided what happens when nobody acts"),
    Act.MESSAGE_AGAIN: N_("Had a message sent again"),
    Act.SIGNED_IN_STAFF: N_("Signed in as staff"), Act.SIGNED_OUT_STAFF: N_("Signed out of staff work"),
    Act.SECOND_FACTOR_ADDED: N_("Added a second factor"),
    Act.SECOND_FACTOR_REMOVED: N_("Removed a second factor"), Act.SECOND_FACTOR_RESET: N_("Second factors were reset"),
    Act.STEPPED_UP: N_("Proved who they are once more"), Act.REFUSED_STEP_UP: N_("Failed to prove who they are"),
    Act.SEARCHED_LEDGER: N_("Searched the ledger"),
}  # fmt: skip
# Why a record outside one's region was opened; what an appeal is about and where it stands.
REASON = {
    GlassReason.MEDICAL_EMERGENCY: N_("Medical emergency"), GlassReason.CONTACT_TRACING: N_("Contact tracing"),
    GlassReason.TRANSFER: N_("Transfer to another place"), GlassReason.MISSING_PERSON: N_("Missing person"),
}  # fmt: skip
APPEAL = {
    AppealKind.VERDICT: N_("What a report was taken to mean"), AppealKind.RECORD: N_("Something in my record is wrong"),
    AppealKind.LOOK: N_("Somebody looked at my information"), AppealKind.GLASS: N_("Somebody outside opened my record"),
    AppealKind.REFUSAL: N_("Something was refused"), AppealKind.OTHER: N_("Something else"),
}  # fmt: skip
STEP = {
    AppealStage.FILED: N_("Waits for somebody to take it on"), AppealStage.OWNED: N_("Somebody is on it"),
    AppealStage.ANSWERED: N_("Answered"), AppealStage.SECOND_LOOK: N_("Second look, one level up"),
    AppealStage.MOVED: N_("Not answered in time: moved one level up"), AppealStage.CLOSED: N_("Closed"),
}  # fmt: skip
OUTCOME = {
    AppealOutcome.UPHELD: N_("It stays as it is"),
    AppealOutcome.CORRECTED: N_("Corrected"),
    AppealOutcome.PARTLY: N_("Partly corrected"),
}
PURPOSE = {
    **{right.value: words for right, (words, _) in RIGHT.items()},
    Purpose.PEOPLE.value: N_("To look after the people of the place"),
    Purpose.PERSON_PAGE.value: N_("To look after you"), Purpose.CALL.value: N_("To call you"),
    Purpose.REPORT_FOR.value: N_("To report for you"), Purpose.OWN_DATA.value: N_("Own data"),
    Purpose.OPERATOR.value: N_("Operation of the house"), Purpose.POLICY.value: N_("By the house's own rules"),
}  # fmt: skip
