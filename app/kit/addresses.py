"""Which addresses lie on the public internet: asked when one is given to us, and again by `Outgoing` at each call."""

import re
from collections.abc import Collection
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

# Not on the public internet, by the registries of IANA. 100.64.0.0/10 holds a cloud's metadata service
# (100.100.100.200) beside the carriers' own networks; 168.63.129.16 is another's, on a public address.
_CLOSED_V4 = tuple(
    ip_network(block)
    for block in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "168.63.129.16/32", "169.254.0.0/16",
        "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15",
        "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
    )
)  # fmt: skip
# Turned round for IPv6: only global unicast is open. That alone closes ::1, mapped and translated IPv4
# (::ffff:0:0/96, 64:ff9b::/96), local and multicast ranges; 2001::/23 holds Teredo, 2002::/16 is 6to4.
_OPEN_V6 = ip_network("2000::/3")
_CLOSED_V6 = tuple(ip_network(block) for block in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"))
# A name as people register one: labels, the last of them of letters, so that no spelling of a number is a name.
_NAME = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?:[a-z]{2,63}|xn--[a-z0-9-]{1,59})")
# Names that lead nowhere on the public internet: RFC 6761, 6762, 7686, 8375, and what organisations use inside.
_INSIDE = {"localhost", "local", "internal", "intranet", "lan", "home", "corp", "arpa", "test", "invalid", "onion"}


def is_public(address: str) -> bool:
    """Is this an address of the public internet? What is no address at all is not."""
    try:
        ip: IPv4Address | IPv6Address = ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, IPv4Address):
        return not any(ip in block for block in _CLOSED_V4)
    return ip in _OPEN_V6 and not any(ip in block for block in _CLOSED_V6)


def is_public_name(host: str) -> bool:
    """May this name lie on the public internet? Nobody is asked; a number is no name, however it is spelled."""
    return len(host) <= 253 and bool(_NAME.fullmatch(host)) and host.rpartition(".")[2] not in _INSIDE


def leads_out(url: str, private: Collection[str] = ()) -> bool:
    """Is this an https address of a public name, or within one of these private origins? Nothing is resolved here."""
    if not url.isascii() or not url.isprintable() or " " in url or "#" in url:
        return False
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    if f"{parts.scheme}://{parts.netloc}" in private:
        return True
    plain = parts.scheme == "https" and "@" not in parts.netloc and port in (None, 443)
    return plain and is_public_name(parts.hostname or "")
