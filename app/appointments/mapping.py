"""Which column holds what: by its header in the words people use, else by what stands below it."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import chain, islice

from app.appointments import words
from app.kit.identifiers import BadIdentifier, mobile
from app.kit.sheets import Sheet
from models.appointments import Column

Mapping = dict[Column, int]

_HEADERS: dict[Column, str] = {
    Column.NAME: "姓名 名字 人员姓名 人员 工作人员 name fullname",
    Column.PHONE: "手机号 手机 手机号码 电话 电话号码 联系电话 联系方式 联系手机 移动电话 phone mobile tel telephone",
    Column.ROLE: "职务 岗位 角色 职责 身份 岗位名称 担任职务 role duty post position",
    Column.PLACE: "单位 地区 区域 所属单位 所属地区 所在地 所属区域 负责区域 包联区域 地址 地区代码 区划代码 "
    "行政区划代码 区划 统计用区划代码 代码 编码 place region unit area code regioncode",
    Column.CITY: "市 地市 设区市 地级市 city",
    Column.COUNTY: "县 区县 县区 县市区 县(市区) 县(市、区) 区 county district",
    Column.TOWNSHIP: "乡镇 镇 乡 街道 乡镇街道 镇街 乡镇(街道) 乡镇/街道 镇乡街道 township town street",
    Column.VILLAGE: "村 社区 村社 村社区 村(社区) 村/社区 行政村 村居 所在村 village community",
    Column.GRID: "网格 网格号 所属网格 网格名称 网格编号 grid",
    Column.LEAD: "负责人 是否负责人 是否为负责人 组长 是否组长 lead isleader leader",
    Column.DEPARTMENT: "部门 原单位 所在部门 派出单位 原部门 工作单位 department office",
    Column.GROUP: "工作组 组别 专班 所属工作组 小组 group workgroup",
    Column.VALID_FROM: "起 开始 开始日期 起始日期 起始 上岗日期 生效日期 到岗日期 from start startdate validfrom",
    Column.VALID_TO: "止 结束 结束日期 截止日期 终止日期 到期日期 to until end enddate validto",
    Column.SUBSTITUTE: "替补 ab角 b角 替补电话 替补手机 替补手机号 b角电话 b角手机号 代班人电话 ab角电话 "
    "substitute backup substitutephone",
}
_BY_HEADER = {word: column for column, line in _HEADERS.items() for word in line.split()}

_CODE = re.compile(r"[1-9](?:[0-9]{11}|[0-9]{14})")
_SAID = re.compile(r"[是否√✓]|是的|不是")
_ENDINGS: dict[Column, tuple[str, ...]] = {
    Column.GRID: ("网格",),
    Column.VILLAGE: ("村", "社区", "委会"),
    Column.TOWNSHIP: ("街道", "镇", "乡"),
    Column.COUNTY: ("县", "区"),
    Column.CITY: ("市",),
}
_HAN = re.compile(r"[㐀-鿿豈-﫿\U00020000-\U0003ffff·•]{2,5}")
MOST_OF_THEM = 0.6
TITLES = 4  # lines of one cell that may stand above the names of the columns


def _folded(text: str) -> str:
    """A header as it is compared: NFKC, lower case, no blanks, no stars or colons around it."""
    return "".join(unicodedata.normalize("NFKC", text).lower().split()).strip("*:").replace("_", "")


def guess(headers: Sequence[str], sample: Sequence[Sequence[str]]) -> Mapping:
    """The columns of a sheet: those whose header says it, and for what is then still missing, by their content.

    Of two columns of one meaning the first counts. A column that nothing speaks for is not read.
    """
    found: Mapping = {}
    for at, header in enumerate(headers):
        column = _BY_HEADER.get(_folded(header))
        if column is not None and column not in found:
            found[column] = at
    for at in range(len(headers)):
        if at in found.values() or _folded(headers[at]):
            continue
        cells = [row[at] for row in sample if at < len(row) and row[at]]
        column = _by_content(cells, found)
        if column is not None:
            found[column] = at
    return found


def named(sheet: Sheet) -> Sheet:
    """The sheet with a header if its first row, or the first below its title, names columns in words that we know;
    else every row is somebody."""
    if sheet.header is None:
        rows = iter(sheet.rows)
        first = list(islice(rows, TITLES + 1))
        at = next((nth for nth, row in enumerate(first) if sum(map(bool, row.cells)) > 1), 0)
        if first and _names_columns(first[at].cells):  # 姓名, 手机号, 2020; above it at most a title
            return replace(sheet, columns=first[at].cells, rows=chain(first[at + 1 :], rows), header=first[at])
        return replace(sheet, rows=chain(first, rows))
    if _names_columns(sheet.columns):
        return sheet
    return replace(sheet, columns=("",) * len(sheet.columns), rows=chain([sheet.header], sheet.rows), header=None)


def _names_columns(cells: Sequence[str]) -> bool:
    # One known word is not enough, since 负责人 is a duty as well, unless it is that of the name or the phone.
    known = {_BY_HEADER.get(_folded(cell)) for cell in cells} - {None}
    return len(known) > 1 or bool(known & {Column.NAME, Column.PHONE})


def _by_content(cells: list[str], taken: Mapping) -> Column | None:
    """What a column without a name holds, among what no other column holds yet."""
    for column, test in _TESTS:
        if column not in taken and cells and sum(map(test, cells)) >= MOST_OF_THEM * len(cells):
            return column
    return None


def is_phone(text: str) -> bool:
    """Is this a mobile number?"""
    try:
        return bool(mobile(text))
    except BadIdentifier:
        return False


def is_name(text: str) -> bool:
    """Could this be a person's name, written in characters?"""
    return _HAN.fullmatch(text) is not None


def _ends(column: Column) -> Callable[[str], bool]:
    return lambda text: text.endswith(_ENDINGS[column]) and len(text) <= 12


def _path(text: str) -> bool:
    return (
        bool(_CODE.fullmatch(text)) or sum(text.count(ending) > 0 for ending in ("县", "镇", "街道", "村", "网格")) > 1
    )


# In this order: a role is two or three characters as well, and a village's name could be somebody's.
_TESTS: tuple[tuple[Column, Callable[[str], bool]], ...] = (
    (Column.PHONE, is_phone),
    (Column.SUBSTITUTE, is_phone),
    (Column.ROLE, lambda text: words.role_of(text) is not None),
    (Column.PLACE, _path),
    (Column.LEAD, lambda text: bool(_SAID.fullmatch(text))),
    (Column.GRID, _ends(Column.GRID)),
    (Column.VILLAGE, _ends(Column.VILLAGE)),
    (Column.TOWNSHIP, _ends(Column.TOWNSHIP)),
    (Column.COUNTY, _ends(Column.COUNTY)),
    (Column.CITY, _ends(Column.CITY)),
    (Column.NAME, is_name),
)
