"""An example of every shape that crosses the doors, one file a room. A new room adds its file and its line here."""

from typing import Any

from routers.kit.examples import (
    accounts,
    appointments,
    audit,
    calls,
    core,
    directory,
    exports,
    messages,
    my_data,
    notices,
    staff,
    tasks,
)
from routers.kit.examples.core import AT, PARAMETERS

__all__ = ["AT", "EXAMPLES", "PARAMETERS"]

EXAMPLES: dict[str, dict[str, Any]] = {}
for room in (accounts, appointments, audit, calls, core, directory, exports, messages, my_data, notices, staff, tasks):
    EXAMPLES |= room.EXAMPLES
PARAMETERS |= appointments.PARAMETERS | exports.PARAMETERS | notices.PARAMETERS | accounts.PARAMETERS | staff.PARAMETERS
PARAMETERS |= my_data.PARAMETERS | messages.PARAMETERS | tasks.PARAMETERS
AT |= messages.AT
