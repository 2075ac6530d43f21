"""What a device is called in lists and in the ledger: kind of browser and system, and the address without its end."""

from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv6Address, ip_address

# In this order: browsers name those they descend from as well.
_BROWSERS = (
    ("MicroMessenger", "WeChat"), ("DingTalk", "DingTalk"), ("AliApp", "Alipay"), ("HuaweiBrowser", "Huawei Browser"),
    ("MiuiBrowser", "Mi Browser"), ("MQQBrowser", "QQ Browser"), ("QQBrowser", "QQ Browser"), ("UCBrowser", "UC"),
    ("Edg", "Edge"), ("Firefox", "Firefox"), ("FxiOS", "Firefox"), ("Chrome", "Chrome"), ("CriOS", "Chrome"),
    ("Safari", "Safari"),
)  # fmt: skip
_SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"), ("OpenHarmony", "HarmonyOS"), ("Android", "Android"), ("iPhone", "iPhone"),
    ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS X", "Mac"), ("Linux", "Linux"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Device:
    """Where somebody sits. `agent` is built from our own words alone: nothing a browser says is repeated."""

    agent: str
    address: str

    @property
    def origin(self) -> str:
        """As the ledger writes it: 10.0.0.*, Chrome on Android."""
        return f"{self.address}, {self.agent}"


@lru_cache(maxsize=4096)
def _agent(said: str) -> str:
    browser = next((name for mark, name in _BROWSERS if mark in said), "Program")
    system = next((name for mark, name in _SYSTEMS if mark in said), "")
    return f"{browser} on {system}" if system else browser


def masked(address: str) -> str:
    """An address without the part that names one machine: 10.0.0.*, 2001:db8:0:1:*."""
    try:
        known = ip_address(address.partition("%")[0])
    except ValueError:
        return "*"
    if isinstance(known, IPv6Address):
        if known.ipv4_mapped is None:
            return ":".join(f"{int(part, 16):x}" for part in known.exploded.split(":")[:4]) + ":*"
        known = known.ipv4_mapped
    return str(known).rpartition(".")[0] + ".*"


def device_of(agent: str, address: str) -> Device:
    """The device behind a request, from its User-Agent and its address."""
    return Device(_agent(agent[:400]), masked(address))
