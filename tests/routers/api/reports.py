"""Reports as phones send them: correct ones, and thousands of slightly or wildly wrong ones, from a seed."""

import json
import random
from datetime import UTC, datetime, timedelta
from typing import Any

from app.kit.ids import uuid7

SYMPTOMS = ["fever", "cough", "short_breath", "sore_throat", "fatigue", "none"]
TEXTS = [
    *[
        "",
        " ",
        "昨晚开始咳嗽",
        "\u200e王\u200f",
        "👩\u200d👩\u200d👧",
        "x" * 500,
        "x" * 501,
        "  kept  ",
        "\x00",
        "\x0bvt",
        "a\r",
    ],
    *[
        "\ud800",
        "<b>",
        '"',
        "\\",
        "{{ 7*7 }}",
        "\u3000宽\u3000",
        "\x85nel",
        "line\nline",
        "ＦＵＬＬ",
        "e\u0301",
        "\x7f",
    ],
]
FLOATS = [
    *[
        "36.6",
        "36.60",
        "3.66e1",
        "366e-1",
        "37.25",
        "36.60000001",
        "36.600000000000001",
        "36.6000001",
        "35.0",
        "34.9",
        "42.0",
        "42.1",
        "43.0",
        "43.1",
    ],
    *[
        "33.9",
        "12",
        "52",
        "366",
        "98.6",
        "0",
        "-36.6",
        "1e999",
        "-1e999",
        "NaN",
        "Infinity",
        "1e308",
        "5e-324",
        "36.6e0",
        "37",
        "37.3",
        "37.29999999999999",
    ],
    *["37.300000000000004", "true", '"36.6"', "null", "[]", "{}", '"NaN"', "36.", ".5", "+36.6", "0x24", "36,6"],
    "9" * 400,
]
NOTES = ["昨晚开始咳嗽", "", None, "  两边空格  ", '引号"和\\']
ODD = [
    *[
        "null",
        "0",
        "-1",
        "1",
        "true",
        "false",
        '""',
        '"none"',
        "[]",
        "[null]",
        '["none"]',
        '["none","cough"]',
        '["zzz"]',
        '["none","none"]',
        "{}",
        '{"a":1}',
    ],
    *[
        '["cough","fever","cough"]',
        "9223372036854775808",
        "1e999",
        "NaN",
        '"\\ud800"',
        '"\\u0000"',
        '"NONE"',
        '"day"',
        '"am"',
        '"pm"',
        '"no"',
    ],
    *["unsure", '" none "', f'["{"x" * 60}"]', "[" * 60 + "]" * 60, '"2020-02-05"', json.dumps(list("abcdefghi"))],
    *[json.dumps(["cough"] * 24), json.dumps(["cough"] * 25)],
]


def moment(dice: random.Random, now: datetime) -> str:
    """A fill time in JSON: near, far, or hardly a time at all."""
    near = now - timedelta(seconds=dice.randint(0, 3000))
    utc, local = near.isoformat(), (near + timedelta(hours=8)).replace(tzinfo=None).isoformat()
    whole = local[:19]
    good = [
        utc,
        utc.replace("+00:00", "Z"),
        f"{local}+08:00",
        f"{whole}.1234567+08:00",
        f"{whole}.9999999Z",
        f"{whole}+0800",
    ]
    odd = [f"{local[:10]} {local[11:19]}+08:00", f"{local[:16]}+08:00", local, utc.lower(), f"{utc}\n", f" {utc}"]
    odd += [
        f"{whole}+23:59",
        f"{whole}+24:00",
        f"{utc[:19]}.Z",
        f"{utc[:19]},5Z",
        str(int(now.timestamp())),
        "now",
        "",
        "0",
    ]
    odd += ["0001-01-01T00:00:00+08:00", "9999-12-31T23:59:59-08:00", "2026-02-30T00:00:00Z", "2016-12-31T23:59:60Z"]
    hours = (4 / 60, 6 / 60, -2, -47, -49, 7 * 24)
    far = [(now + timedelta(hours=away)).isoformat() for away in hours] + ["２０２６-11-22T00:00:00Z"]
    return json.dumps(dice.choice(dice.choice([good, odd, far])))


def ordinary(dice: random.Random, now: datetime) -> dict[str, str]:
    """A correct report, field by field as JSON text."""
    ill, ascii_only = dice.random() < 0.3, dice.random() < 0.5
    fields = {
        "id": json.dumps(str(uuid7())),
        "temperature": f"{dice.randint(350, 420) / 10}",
        "symptoms": json.dumps(dice.sample(SYMPTOMS[:-1], dice.randint(1, 3)) if ill else ["none"]),
        "exposed": json.dumps(dice.choice(["no", "yes", "unsure"])),
    }
    extras = {
        "place": json.dumps(dice.choice(["home", "elsewhere", None])),
        "needs": json.dumps(dice.sample(["medicine", "food", "hospital_escort", "counselling"], dice.randint(0, 4))),
        "note": json.dumps(dice.choice(NOTES), ensure_ascii=ascii_only),
        "filled_at": json.dumps((now - timedelta(seconds=dice.randint(1, 3000))).isoformat(timespec="milliseconds")),
        "slot": json.dumps(dice.choice(["day", None])),
        "day": "null",
        "person_id": "null",
        "temperature_confirmed": dice.choice(["false", "true"]),
    }  # fmt: skip
    fields |= {name: value for name, value in extras.items() if dice.random() < 0.5}
    if dice.random() < 0.1:
        fields.pop("temperature")
    return fields


def spoil(dice: random.Random, fields: dict[str, str], now: datetime) -> None:
    """One thing goes wrong, or at least gets unusual."""
    name = dice.choice([*fields, "temperature", "filled_at", "note", "extra"])
    how = dice.randrange(8)
    if how == 0:
        fields.pop(name, None)
    elif how == 1:
        fields[dice.choice(["verdict", "region_code", "received_at", "via", "\\ud800", "x" * 50])] = dice.choice(ODD)
    elif how == 2:
        fields["temperature"] = dice.choice(FLOATS)
    elif how == 3:
        fields["filled_at"] = moment(dice, now)
    elif how == 4:
        fields["note"] = json.dumps(dice.choice(TEXTS), ensure_ascii=dice.random() < 0.7)
    elif how == 5:
        uuid = str(uuid7())
        spellings = [uuid, uuid.upper(), uuid.replace("-", ""), f"{{{uuid}}}", f"urn:uuid:{uuid}", uuid[:-1], "x", ""]
        fields[dice.choice(["id", "person_id"])] = json.dumps(dice.choice(spellings))
    elif how == 6:
        days = [now.date(), now.date() - timedelta(days=1), "0001-01-01", "9999-12-31", "2020-02-30", "20200205"]
        fields["day"] = json.dumps(str(dice.choice(days)))
    else:
        fields[name] = dice.choice(ODD)


def written(dice: random.Random, fields: dict[str, str]) -> bytes:
    """The fields as bytes: mostly tidy JSON, sometimes with repeats, other orders, or cut in the middle."""
    pairs = list(fields.items())
    if dice.random() < 0.2:
        dice.shuffle(pairs)
    if dice.random() < 0.05 and pairs:
        pairs.append((pairs[0][0], dice.choice(ODD)))
    space = dice.choice(["", " ", "\n\t"])
    text = "{" + f",{space}".join(f'"{name}":{space}{value}' for name, value in pairs) + "}"
    body = text.encode("utf-8", "surrogatepass")
    wreck = dice.random()
    if wreck < 0.02:
        return body[: dice.randrange(len(body))]
    if wreck < 0.03:
        return body.replace(b"none", b"no\xffne") + b"}"
    if wreck < 0.04:
        return dice.choice(
            [b"", b"null", b"[]", b'"x"', b"\xef\xbb\xbf" + body, body.decode("utf-8", "replace").encode("utf-16")]
        )
    return body


def some(dice: random.Random) -> dict[str, Any]:
    """One generated report: its bytes, and whether its answer must agree to the byte."""
    now = datetime.now(UTC)
    fields = ordinary(dice, now)
    for _ in range(dice.choice([0, 0, 1, 1, 1, 2, 3])):
        spoil(dice, fields, now)
    return {"body": written(dice, fields), "filled": "filled_at" in fields}
