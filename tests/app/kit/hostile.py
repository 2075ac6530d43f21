"""What a stranger may name as an address of theirs; {port} is where a trap listens on both loopbacks."""

_HOSTS = """
127.0.0.1 127.0.0.2 127.255.255.254 127.1 127.0.1 2130706433 0x7f000001 0x7f.0.0.1 0x7f.1 0177.0.0.1 0177.0.0.01
017700000001 0x7f.0x0.0x0.0x1 127.0x1 0 0.0.0.0 00.0.0.0 127。0。0。1 ①②⑦.⓪.⓪.① 127.0.0.1.
[::1] [::] [0:0:0:0:0:0:0:1] [::ffff:127.0.0.1] [::ffff:7f00:1] [::127.0.0.1] [64:ff9b::127.0.0.1] [64:ff9b::7f00:1]
[64:ff9b:1::7f00:1] [2002:7f00:1::] [2001:0:7f00:1::] [fe80::1] [fc00::1] [fd00:ec2::254] [ff02::1] [2001:db8::1]
[fec0::1] [fe80::1%25lo] [::1%25lo] [::1%lo] [127.0.0.1]
localhost localhost. LOCALHOST %6cocalhost 127.0.0.1%00.example 127.0.0.1.nip.io localtest.me six.example
mapped.example mixed.example nothing.example xn--fiq228c.example 中文.example metadata.internal
10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 169.254.169.254 100.100.100.200 100.64.0.1 168.63.129.16 198.18.0.1
224.0.0.1 255.255.255.255 240.0.0.1 192.0.0.8
user:pass@localhost push.example@127.0.0.1 push.example\\@127.0.0.1 :secret@push.example
"""
_WHOLE = """
https://127.0.0.1:{port}#@push.example/ https://127.0.0.1:{port}?@push.example/ https://127.0.0.1:{port}\\.push.example/
https://push.example:0/ https://push.example:22/ https://push.example:8080/ https://push.example:99999/
https://push.example:-1/ http://127.0.0.1:{port}/ http://push.example/ ftp://127.0.0.1:{port}/ file:///etc/passwd
gopher://127.0.0.1:{port}/_x ws://127.0.0.1:{port}/ wss://127.0.0.1:{port}/ unix:///run/postgresql
unix://127.0.0.1:{port}/ data:text/plain,x javascript:alert(1) //127.0.0.1:{port}/ ///127.0.0.1:{port}/
127.0.0.1:{port} https:127.0.0.1:{port} https:/127.0.0.1:{port}/ https:/// https://:{port}/ https://[::1:{port}/
https:// :// x
"""
_ODD = ["", " ", "https://127.0.0.1\t:{port}/", "https://127.0.0.1\r\nHost: x/", "https://x\0.example:{port}/"]

SHAPES = [f"https://{host}:{{port}}/" for host in _HOSTS.split()] + _WHOLE.split() + _ODD

# How the names among them resolve. A trap answers at the loopback ones.
RESOLVED = {
    "localhost": ["127.0.0.1"],
    "localhost.": ["127.0.0.1"],
    "127.0.0.1.": ["127.0.0.1"],
    "127.0.0.1.nip.io": ["127.0.0.1"],
    "localtest.me": ["127.0.0.1"],
    "six.example": ["::1"],
    "mapped.example": ["::ffff:127.0.0.1"],
    "mixed.example": ["93.184.215.14", "127.0.0.1"],
    "nothing.example": [],
    "xn--fiq228c.example": ["127.0.0.1"],
    "metadata.internal": ["169.254.169.254"],
    "push.example": ["127.0.0.1"],
}


def hostile(port):
    """All of them, for a trap at this port."""
    return [shape.replace("{port}", str(port)) for shape in SHAPES]
