"""What a device is called, in the language of whoever reads: in one's own list of devices and in the ledger."""

from app.kit.errors import N_
from routers.kit.i18n import gettext

# Kinds of browsers and systems that have a name of their own in Chinese.
NAMES = {
    "Program": N_("A program"), "WeChat": N_("WeChat"), "DingTalk": N_("DingTalk"), "Alipay": N_("Alipay"),
    "Huawei Browser": N_("Huawei Browser"), "Mi Browser": N_("Mi Browser"), "QQ Browser": N_("QQ Browser"),
    "Android": N_("Android"), "HarmonyOS": N_("HarmonyOS"),
}  # fmt: skip


def agent_words(lang: str, agent: str) -> str:
    """Chrome on Android, as the house writes it, in words."""
    name, *system = [gettext(lang, NAMES[part]) if part in NAMES else part for part in agent.split(" on ")]
    if not system:
        return name
    # Chinese sets a space between its own letters and Latin ones, and none between its own.
    if lang != "en" and system[0].isascii():
        system[0] += " "
    return gettext(lang, N_("%(browser)s on %(system)s"), browser=name, system=system[0])


def origin_words(lang: str, origin: str) -> str:
    """An origin of the ledger, 10.0.0.*, Chrome on Android: the address as it is, the device in words."""
    address, comma, agent = origin.rpartition(", ")
    return address + comma + agent_words(lang, agent)
