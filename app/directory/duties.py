"""The words by which people look for a duty: its names in both languages, and what it is called in the field."""

from models.staff import Role

CALLED: dict[Role, str] = {
    Role.GRID_WORKER: "网格员 网格长 网格 专职网格员 gridworker",
    Role.VILLAGE_CADRE: "村社干部 村干部 村干 社区干部 社工 社区工作者 村支书 村书记 村主任 两委 villagecadre cadre",
    Role.PARTY_MEMBER: "党员 联系党员 党员联系人 联户党员 党员志愿者 partymember partymembercontact",
    Role.DOCTOR: "医生 大夫 村医 家庭医生 医师 医务 医务人员 乡村医生 doctor",
    Role.CHECKPOINT_OFFICER: "卡口值守员 卡口 卡口人员 检查点 检查站 卡点 查验点 值守 checkpoint checkpointofficer",
    Role.GATE_OFFICER: "车站核验员 核验员 查验员 站口 道口 门岗 gate gateofficer",
    Role.LIST_CLERK: "名单员 名单 名单专员 数据员 信息员 数据专员 clerk listclerk",
    Role.REVIEWER: "审核员 审核 复核员 审批员 reviewer",
    Role.MARKET_INSPECTOR: "市场监管员 市场监管 市监 市场检查员 监管员 inspector marketinspector",
    Role.SUPERVISOR: "主管 督导 督导员 负责人 指挥长 supervisor",
    Role.ADMINISTRATOR: "管理员 系统管理员 admin administrator",
    Role.AUDITOR: "审计员 审计 安全审计员 auditor",
}
DUTIES: dict[str, Role] = {word: role for role, words in CALLED.items() for word in (*words.split(), role.value)}
