"""Who can do what: role x right x level, as one table. Pages show it as it stands here; rooms ask nothing else.

A right is always held *over the region of the post* and nowhere else. The post, not the person, gives it.
"""

from enum import StrEnum

from models.regions import Level


class Role(StrEnum):
    """Duties on the tree."""

    GRID_WORKER = "grid_worker"
    VILLAGE_CADRE = "village_cadre"
    PARTY_MEMBER = "party_member"
    DOCTOR = "doctor"
    CHECKPOINT_OFFICER = "checkpoint_officer"
    GATE_OFFICER = "gate_officer"
    LIST_CLERK = "list_clerk"
    REVIEWER = "reviewer"
    MARKET_INSPECTOR = "market_inspector"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"


class Right(StrEnum):
    """What a post may be good for. Each is a purpose as well: nothing is looked at for no reason."""

    DIRECTORY = "directory"  # look colleagues up, see and dial duty phones
    MESSAGE = "message"  # write to colleagues, read notices
    PEOPLE = "people"  # roll call and the pages of residents
    CALL = "call"  # see a resident's phone number in full
    REPORT_FOR = "report_for"  # report on behalf of a resident
    NOTICE = "notice"  # send a notice to a region and roles
    PLAN_DUTY = "plan_duty"  # shifts and absences of others
    BOARD = "board"  # the board of units without a lead, grids without a worker
    APPOINT = "appoint"  # invite, change, transfer and dismiss; sheets
    APPEALS = "appeals"  # answer appeals and corrections
    BREAK_GLASS = "break_glass"  # a named person outside one's region, for hours, with a reason
    EXPORT = "export"  # ask for rows about people as a file
    APPROVE = "approve"  # be the second person
    AUDIT = "audit"  # search the ledger
    RESPONSE = "response"  # stand a response down
    ROBOTS = "robots"  # robots of group chats: their addresses and secrets
    GATEWAYS = "gateways"  # approved texts, test messages, what is stuck; never whom a message is for


P, C, Y, T, V, G = Level.PROVINCE, Level.CITY, Level.COUNTY, Level.TOWNSHIP, Level.VILLAGE, Level.GRID
ALL = (P, C, Y, T, V, G)
OFFICES = (P, C, Y, T)

# The levels at which a role can be held at all.
SERVES: dict[Role, tuple[Level, ...]] = {
    Role.GRID_WORKER: (G,),
    Role.VILLAGE_CADRE: (V,),
    Role.PARTY_MEMBER: (V, G),
    Role.DOCTOR: (Y, T, V),
    Role.CHECKPOINT_OFFICER: (C, Y, T, V),
    Role.GATE_OFFICER: (C, Y, T),
    Role.LIST_CLERK: OFFICES,
    Role.REVIEWER: OFFICES,
    Role.MARKET_INSPECTOR: OFFICES,
    Role.SUPERVISOR: (P, C, Y, T, V),
    Role.ADMINISTRATOR: (P, C, Y, T, V),
    Role.AUDITOR: (P, C, Y),
}

# Right -> role -> the levels of the post at which the role gives it.
RIGHTS: dict[Right, dict[Role, tuple[Level, ...]]] = {
    Right.DIRECTORY: dict.fromkeys(Role, ALL),
    Right.MESSAGE: dict.fromkeys(Role, ALL),
    Right.PEOPLE: {
        Role.GRID_WORKER: (G,), Role.VILLAGE_CADRE: (V,), Role.PARTY_MEMBER: (V, G), Role.DOCTOR: (Y, T, V),
        Role.SUPERVISOR: (P, C, Y, T, V),
    },
    Right.CALL: {
        Role.GRID_WORKER: (G,), Role.VILLAGE_CADRE: (V,), Role.PARTY_MEMBER: (V, G), Role.DOCTOR: (Y, T, V),
        Role.SUPERVISOR: (P, C, Y, T, V),
    },
    Right.REPORT_FOR: {
        Role.GRID_WORKER: (G,), Role.VILLAGE_CADRE: (V,), Role.PARTY_MEMBER: (V, G), Role.DOCTOR: (Y, T, V),
    },
    Right.NOTICE: {Role.VILLAGE_CADRE: (V,), Role.SUPERVISOR: (P, C, Y, T, V), Role.ADMINISTRATOR: (P, C, Y, T, V)},
    Right.PLAN_DUTY: {Role.VILLAGE_CADRE: (V,), Role.SUPERVISOR: (P, C, Y, T, V), Role.ADMINISTRATOR: (P, C, Y, T, V)},
    Right.BOARD: {
        Role.VILLAGE_CADRE: (V,), Role.SUPERVISOR: (P, C, Y, T, V), Role.ADMINISTRATOR: (P, C, Y, T, V),
        Role.AUDITOR: (P, C, Y),
    },
    Right.APPOINT: {Role.ADMINISTRATOR: (P, C, Y, T, V)},
    Right.APPEALS: {Role.VILLAGE_CADRE: (V,), Role.REVIEWER: OFFICES, Role.SUPERVISOR: (P, C, Y, T, V)},
    Right.BREAK_GLASS: {Role.DOCTOR: (Y,), Role.SUPERVISOR: (P, C, Y, T)},
    Right.EXPORT: {Role.LIST_CLERK: OFFICES, Role.SUPERVISOR: OFFICES},
    Right.APPROVE: {Role.REVIEWER: OFFICES, Role.SUPERVISOR: OFFICES},
    Right.AUDIT: {Role.AUDITOR: (P, C, Y)},
    Right.RESPONSE: {Role.ADMINISTRATOR: (P, C, Y)},
    Right.ROBOTS: {Role.ADMINISTRATOR: (P, C, Y, T, V)},
    Right.GATEWAYS: {Role.ADMINISTRATOR: (P, C, Y)},
}  # fmt: skip

# A second factor is asked of every post from township level up, and of these roles wherever they serve.
GUARDED_ROLES = frozenset({Role.ADMINISTRATOR, Role.AUDITOR})


def may(role: Role, right: Right, level: Level) -> bool:
    """Does a post of this role at this level give the right over its region?"""
    return level in RIGHTS[right].get(role, ())


def guarded(role: Role, level: Level) -> bool:
    """Is a second factor asked of this post?"""
    return level in OFFICES or role in GUARDED_ROLES
