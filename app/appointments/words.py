"""The words of a cell as people write them: roles, yes and no, days, ordinals, the numbers of grids."""

import re
import unicodedata
from datetime import date
from functools import lru_cache

from models.staff import Role

_ROLES: dict[Role, str] = {
    Role.GRID_WORKER: "网格员 网格长 专职网格员 兼职网格员 网格工作人员 网格 gridworker",
    Role.VILLAGE_CADRE: "村干部 驻村干部 村社干部 社区干部 村长 村书记 村支书 村主任 社区书记 社区主任 "
    "村两委 包村干部 villagecadre",
    Role.PARTY_MEMBER: "联户党员 党员 包户党员 党员联户 党员联系户 党员志愿者 党员联系人 "
    "partymember partymembercontact",
    Role.DOCTOR: "医生 护士 医护人员 家庭医生 村医 社区医生 签约医生 家庭签约医生 医务人员 医务 doctor",
    Role.CHECKPOINT_OFFICER: "卡口 卡口人员 卡点 卡点人员 卡口值守 检查点 检查站 "
    "卡口工作人员 卡口值守员 卡点值守 卡点值守员 checkpointofficer checkpoint",
    Role.GATE_OFFICER: "车站 车站人员 站点 站点人员 车站值守 机场 码头 车站工作人员 车站核验员 "
    "入城口 门岗 门卫 gateofficer gate",
    Role.LIST_CLERK: "数据专员 数据员 名单专员 数据 信息员 数据专班 名单员 录入员 listclerk clerk",
    Role.REVIEWER: "审核 审核员 审核人员 复核 复核员 reviewer",
    Role.MARKET_INSPECTOR: "市场监管 市场监管员 市场监督 市场检查员 市场监管人员 marketinspector inspector",
    Role.SUPERVISOR: "督导 督导员 负责人 主管 督查 督查员 督察 督察员 监督员 指挥长 副指挥长 supervisor",
    Role.ADMINISTRATOR: "管理员 系统管理员 平台管理员 administrator admin",
    Role.AUDITOR: "审计 审计员 auditor",
}
_BY_WORD = {word: role for role, line in _ROLES.items() for word in line.split()}

_YES = frozenset(
    [
        "是",
        "是的",
        "有",
        "对",
        "√",
        "✓",
        "✔",
        "☑",
        "1",
        "y",
        "yes",
        "true",
        "t",
        "lead",
        "leader",
        "负责人",
        "组长",
        "牵头",
        "主要负责人",
    ]
)
_NO = frozenset(["否", "不是", "无", "没有", "×", "0", "n", "no", "false", "f", "-", "—", "非", "成员", "组员"])

_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:00:00(?::00)?)?|(\d{4})(\d{2})(\d{2})")
_DIGITS = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_NUMBER = r"([0-9]{1,3}|[零〇一二两三四五六七八九十百]{1,7})"
_GRID = re.compile(rf"(?:第?{_NUMBER}号?网格|网格{_NUMBER}|{_NUMBER})")


def folded(text: str) -> str:
    """A cell as it is compared: NFKC, lower case, no blanks."""
    return "".join(unicodedata.normalize("NFKC", text).lower().split())


@lru_cache(maxsize=4096)
def role_of(text: str) -> Role | None:
    """The role that a word names, in Chinese or as our own code; None for an unknown word."""
    return _BY_WORD.get(folded(text).replace("_", "").replace("-", ""))


@lru_cache(maxsize=1024)
def yes_or_no(text: str) -> bool | None:
    """是 and 否 in their many spellings, blank = no; None when it is neither."""
    word = folded(text)
    if not word or word in _NO:
        return False
    return True if word in _YES else None


@lru_cache(maxsize=4096)
def day_of(text: str) -> date | None:
    """A day as offices write it: 2026-11-22, 2026/11/22, 2026.11.22, 2026年11月22日, 20261122. Else None."""
    found = _DAY.fullmatch(folded(text))
    if found is None:
        return None
    year, month, day = (int(part) for part in found.groups() if part is not None)
    try:
        return date(year, month, day)
    except ValueError:
        return None


def number_of(text: str) -> int | None:
    """A whole number below 1,000 in digits or characters: 12, 十二, 一百零三; None for anything else."""
    if text.isascii() and text.isdigit():
        return int(text)
    total = current = 0
    for char in text:
        if char in _DIGITS:
            current = _DIGITS[char]
        elif char in "十百":
            total += (current or 1) * (100 if char == "百" else 10)
            current = 0
        else:
            return None
    return total + current


@lru_cache(maxsize=4096)
def grid_number(text: str) -> int | None:
    """Which grid of its village: 第三网格, 三网格, 3网格, 网格3, 03, 3. None when the text is no grid."""
    found = _GRID.fullmatch(text)
    return number_of(next(part for part in found.groups() if part)) if found else None
