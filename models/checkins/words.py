"""The vocabulary of a report: slots, answers, symptoms, needs, verdicts. Numbers are what the database keeps."""

from enum import IntEnum, IntFlag, StrEnum


class Slot(IntEnum):
    """`day`: one report a day. `am` and `pm`: twice a day, the pm slot reaching to 05:59 of the next morning."""

    DAY = 0
    AM = 1
    PM = 2


class Answer(IntEnum):
    """Contact with a case or a key area since the last report."""

    NO = 0
    YES = 1
    UNSURE = 2


class Place(IntEnum):
    """Where the person was when reporting."""

    HOME = 0
    ELSEWHERE = 1


class Verdict(IntEnum):
    """What a report means, in rising order."""

    NORMAL = 0
    ATTENTION = 1
    URGENT = 2


class Via(IntEnum):
    """Who reported."""

    SELF = 0
    HOUSEHOLD = 1
    STAFF = 2


class Flag(IntFlag):
    """What else is true of a report."""

    LATE = 1
    MADE_UP = 2
    CLOCK_SUSPECT = 4


class Symptom(IntFlag):
    """The vocabulary in force since 2020-01-22, counted in 839 real case texts. `none` excludes all others."""

    NONE = 1 << 0
    FEVER = 1 << 1
    COUGH = 1 << 2
    DRY_COUGH = 1 << 3
    FATIGUE = 1 << 4
    SPUTUM = 1 << 5
    HEADACHE = 1 << 6
    SORE_THROAT = 1 << 7
    MUSCLE_PAIN = 1 << 8
    CHILLS = 1 << 9
    RUNNY_NOSE = 1 << 10
    CHEST_TIGHTNESS = 1 << 11
    DIARRHEA = 1 << 12
    NASAL_CONGESTION = 1 << 13
    DIZZINESS = 1 << 14
    SHORT_BREATH = 1 << 15
    VOMITING = 1 << 16
    SMELL_TASTE_LOSS = 1 << 17
    CONJUNCTIVITIS = 1 << 18


BREATHING = Symptom.CHEST_TIGHTNESS | Symptom.SHORT_BREATH


class Need(IntFlag):
    """What the person asks for."""

    MEDICINE = 1
    FOOD = 2
    HOSPITAL_ESCORT = 4
    COUNSELLING = 8


SYMPTOMS = {member.name.lower(): int(member) for member in Symptom if member.name}
NEEDS = {member.name.lower(): int(member) for member in Need if member.name}


def words_of(mask: int, vocabulary: dict[str, int]) -> list[str]:
    """The words of a bitmask, in the order of the vocabulary."""
    return [word for word, bit in vocabulary.items() if mask & bit]


class State(StrEnum):
    """Where a person stands in the roll call of a day; a higher verdict of any version outweighs the last one."""

    URGENT = "urgent"
    ATTENTION = "attention"
    MISSING = "missing"
    DONE = "done"
