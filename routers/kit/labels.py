"""The words for codes that people read: symptoms, needs, documents, relations, roles, next steps."""

from app.kit.errors import N_
from models.checkins import BREATHING, NEEDS, SYMPTOMS, Verdict
from models.residents import IdType, Relation

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
ROLE = {"grid_worker": N_("Grid worker"), "village_cadre": N_("Village cadre")}
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
