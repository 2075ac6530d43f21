"""Guards whose absence no row can show, and why."""

from tests.mutations.guards import Site

_LEDGER = "chooses the post that the ledger names; whether the look is allowed was asked before"
_HINT = "shows or hides a button or a link; the act behind it asks again"
_ALL = "every post gives this right"
_BESIDE = "a second condition beside the guard of the row; the tests of the room ask it (tests/app/test_staff.py)"
_LATER = "bites only when the right was lost between asking and taking; the tests of the room do that"

# Taking one of these away lets nobody in.
NEEDLESS: dict[Site, str] = {
    Site(guard, file, function): why
    for file, function, why in (
        ("app/checkins/roll.py", "saw_list", _LEDGER),
        ("app/residents/people.py", "open_record", _LEDGER),
        ("app/residents/people.py", "allowed", _LEDGER),
        ("app/glass.py", "_opened", "asks whether there is a glass to break at all; without it nothing opens"),
        ("app/exports/taking.py", "take", _LATER),
        ("app/staff/appointing.py", "reset_factors", _BESIDE),
        ("app/staff/planning.py", "absences_of", "hides the reason of an absence; the list itself is allowed"),
        ("app/directory/colleagues.py", "dials", _ALL),
        ("app/directory/searching.py", "standing_at", _ALL),
        ("routers/kit/render.py", "page", _HINT),
        ("routers/pages/duty.py", "_plan", _HINT),
        ("routers/pages/posts.py", "_post", _HINT),
        ("routers/pages/exports.py", "_shown", _HINT),
        ("routers/pages/exports.py", "found", _HINT),
        ("routers/pages/glass.py", "open_glass", _HINT),
        ("routers/pages/notices.py", "index", _HINT),
        ("routers/pages/roll.py", "choose", _HINT),
        ("routers/pages/staff.py", "desk", _HINT),
        ("routers/pages/staff.py", "unit", _HINT),
    )
    for guard in ("covered", "with_right", "post_over")
}
# (file, function) that no row of the matrix reaches; the tests of the room do.
UNASKED = {
    ("app/residents/people.py", "_broke"): "only for who came through broken glass",
    ("app/notices/receiving.py", "sent"): "the other box of the list of notices",
    ("routers/pages/roll.py", "_units"): "the roll call of a region above the village",
    ("app/tasks/giving.py", "where"): "a new task about somebody; the tests of the room and of pages ask",
    ("app/checkins/roll.py", "_states"): "the roll call of a village, which the oracle of random organisations asks",
}
