"""The words for every reason: of a sheet that cannot be read, and of a row that is refused. They name the way out."""

from typing import Any

from app.kit.errors import N_, Invalid
from app.kit.sheets import SheetRefused
from models.appointments import Column, Reason

COLUMN = {
    Column.NAME: N_("Name"), Column.PHONE: N_("Phone"), Column.ROLE: N_("Duty"), Column.PLACE: N_("Place"),
    Column.CITY: N_("City"), Column.COUNTY: N_("County"), Column.TOWNSHIP: N_("Township"),
    Column.VILLAGE: N_("Village"), Column.GRID: N_("Grid"), Column.LEAD: N_("Lead"),
    Column.DEPARTMENT: N_("Home department"), Column.GROUP: N_("Work group"), Column.VALID_FROM: N_("First day"),
    Column.VALID_TO: N_("Last day"), Column.SUBSTITUTE: N_("Substitute's phone"),
}  # fmt: skip

# `%(hint)s` is the other row, or the places that may be meant.
ROW = {
    Reason.NO_NAME: N_("The name is missing."),
    Reason.NAME_TOO_LONG: N_("The name has more than 50 characters."),
    Reason.NO_PHONE: N_("The phone number is missing."),
    Reason.PHONE_SHAPE: N_("This is not a mobile number of 11 digits."),
    Reason.NO_ROLE: N_("The duty is missing."),
    Reason.ROLE_UNKNOWN: N_(
        "This duty is not known. The words are: 网格员, 村社干部, 联户党员, 医生, 卡口值守员, 车站核验员, 数据专员, "
        "审核员, 市场监管员, 督导, 管理员, 审计员 (or their English names)."
    ),
    Reason.ROLE_NOT_HERE: N_("This duty does not exist at the level of this place."),
    Reason.ABOVE_YOU: N_("This place stands above your own. Only the level above can appoint there."),
    Reason.NO_PLACE: N_("The place is missing."),
    Reason.PLACE_UNKNOWN: N_(
        "This place is not known in your region. A grid has to be made before people serve in it."
    ),
    Reason.PLACE_AMBIGUOUS: N_("Several places are called that. Please write the township as well: %(hint)s"),
    Reason.LEAD_UNCLEAR: N_("Please write 是 or 否."),
    Reason.TOO_LONG: N_("This is too long."),
    Reason.DATE_SHAPE: N_("This is not a day, such as 2020-02-05."),
    Reason.DATES_BACKWARDS: N_("The last day comes before the first."),
    Reason.OVER_ALREADY: N_("The last day has passed. To end a post, dismiss the person on their own page."),
    Reason.SUBSTITUTE_SHAPE: N_("The substitute's number is not a mobile number of 11 digits."),
    Reason.SUBSTITUTE_UNKNOWN: N_("The substitute holds no post in this county, neither here nor in this sheet."),
    Reason.SWAPPED: N_("Name and phone seem to be swapped. Please correct the columns below."),
    Reason.DUPLICATE: N_("The same person with the same duty stands in row %(hint)s already."),
    Reason.TWO_NAMES: N_("Row %(hint)s has the same phone with another name. Which one is right?"),
    Reason.SCIENTIFIC: N_(
        "The spreadsheet has cut this number off. Please format the column as text and type it again."
    ),
    Reason.FORMULA: N_("This is a formula. Please paste the value instead."),
    Reason.MERGED: N_("This cell is merged with others. Please split it and fill in every row."),
    Reason.CONTROL_CHARACTERS: N_("This contains characters that cannot be stored. Please type it again."),
    Reason.EXTRA_CELLS: N_("This row has more cells than the header: something has slipped."),
    Reason.UNREADABLE: N_("A quotation mark opens here and never closes."),
    Reason.OWN: N_("Nobody appoints themselves: please ask another administrator."),
    Reason.SEPARATE: N_("Administrator and auditor are two persons: the ledger is about administrators as well."),
    Reason.ADMINISTRATOR_END: N_(
        "A sheet does not cut an administrator's service short. The last day is set on the page of the post."
    ),
}

SHEET = {
    "too_large": N_("This file is too large. Larger lists are read by the operator: shouwang appointments import."),
    "too_many_rows": N_(
        "This sheet has more than %(limit)s rows. Larger lists are read by the operator: shouwang appointments import."
    ),
    "too_many_columns": N_("This sheet has more than %(limit)s columns. Please leave out what is not needed."),
    "too_many_cells": N_("This sheet has too many cells. Please save it as CSV and try again."),
    "wrong_kind": N_("This is not a sheet that can be read here. Please save it as XLSX or CSV, without macros."),
    "encrypted": N_("This file is locked with a password. Please save it without one."),
    "bomb": N_("This file unpacks to far more than a list of people. It was not opened."),
    "empty": N_("There is nothing in this sheet."),
    "encoding": N_("The characters of this file cannot be read. Please save it as CSV UTF-8 or as XLSX."),
    "broken": N_("This file is damaged or was cut off. Please save it again."),
    "timed_out": N_("Reading this file took too long. Please save it as CSV and try again."),
}  # fmt: skip


NO_ROWS = N_("There is no row of a person in this sheet, only its header. Nothing was stored.")


class SheetUnreadable(Invalid):
    """The whole sheet cannot be read; nothing of it was stored."""

    detail = N_("This sheet cannot be read. Nothing of it was stored.")


def unreadable(refused: SheetRefused) -> SheetUnreadable:
    """What is wrong with a sheet, in words."""
    params: dict[str, Any] = dict(refused.params)
    return SheetUnreadable(SHEET[refused.code], **params)
