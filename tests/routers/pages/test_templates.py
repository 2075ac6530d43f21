"""Every page renders in both languages and in its main states, whole, accessible in outline and without inline code."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace as Thing
from typing import Any

import pytest
from starlette.requests import Request

from routers.kit.forms import Wrong
from routers.kit.i18n import LANGUAGES
from routers.kit.render import compile_all, environment, page

DAY = date(2020, 2, 9)
AT = datetime(2020, 2, 9, 8, 41, tzinfo=UTC)
CHAIN = ["浙江省", "衢州市", "常山县", "天马街道", "天马社区"]
MEI = Thing(person_id="mei", name="王小梅", is_self=True)
MOTHER = Thing(person_id="mother", name="李＊", is_self=False)
RESIDENT = Thing(account_id="a1", person_id="mei", is_staff=False, posts=[])
POST = Thing(region_code=330822102205001, role="grid_worker")
WORKER = Thing(account_id="a2", person_id=None, is_staff=True, posts=[POST])
GRID = Thing(code=330822102205001, name="第一网格", chain=CHAIN, level="grid")
COUNTS = Thing(due=312, urgent=1, attention=3, missing=14, done=294)
ERRORS = [
    Wrong("temperature", "请写一个数字，例如 36.6", "体温"),
    Wrong("symptoms", "请选一项"),
]
SYMPTOMS = [
    Thing(code="fever", label="发热", urgent=True),
    Thing(code="cough", label="咳嗽", urgent=False),
    Thing(code="short_breath", label="气促", urgent=True),
    Thing(code="smell_taste_loss", label="嗅味觉减退", urgent=False),
]
NEEDS = [
    Thing(code="medicine", label="药品"),
    Thing(code="food", label="食物"),
    Thing(code="hospital_escort", label="陪同就医"),
    Thing(code="counselling", label="心理支持"),
]
STATES = ("none", "late", "missed", "part", "attention", "urgent", "today")
WEEK = [Thing(day=DAY - timedelta(days=6 - i), state=state) for i, state in enumerate(STATES)]
FORTNIGHT = [Thing(day=DAY - timedelta(days=13 - i), state=state) for i, state in enumerate(("done",) * 7 + STATES)]
EARLIER = Thing(
    at=AT, temperature=Decimal("38.6"), verdict="urgent", symptoms=["发热", "咳嗽"], needs=["药品"], note="昨晚开始咳嗽"
)
BRIEF = Thing(at=AT, temperature=None, verdict="normal", symptoms=[], needs=[], note=None)
RECEIPT = Thing(
    id="r1", person_id="mei", number="0209-7K4Q-9PDM", day=DAY, slot="day", subject_name="王小梅",
    received_at=AT, filled_at=AT, verdict="normal", verdict_worst="normal", level="normal", temperature=Decimal("36.6"),
    symptoms=[], exposed="no", needs=[], note="", rule_version="1", late=False, made_up=False,
    clock_suspect=False, by_proxy=False, corrections=[], is_correction=False,
)  # fmt: skip
ILL = Thing(
    **{**vars(RECEIPT), "verdict": "normal", "verdict_worst": "urgent", "level": "attention", "symptoms": ["发热"]}
    | {"needs": ["药品"], "note": "昨晚开始咳嗽", "late": True, "clock_suspect": True, "corrections": [EARLIER, BRIEF]}
)  # fmt: skip
CAREFUL = Thing(
    **{**vars(RECEIPT), "verdict": "attention", "verdict_worst": "attention", "level": "attention", "made_up": True}
)
SERIOUS = Thing(**{**vars(RECEIPT), "verdict": "urgent", "verdict_worst": "urgent", "level": "urgent"})
PEOPLE = [
    Thing(person_id="mei", label="本人", reported=False, current=True),
    Thing(person_id="mother", label="李＊", reported=True, current=False),
]
CALLS = [Thing(label="急救", phone="120"), Thing(label="网格员 李桂芳", phone="13857001234")]
TODAY: dict[str, Any] = {
    "subject": MEI, "people": PEOPLE, "day": DAY, "report": None, "strip": WEEK, "asks_temperature": True,
    "report_id": "0170-id", "due_words": "请在 20:00 前打卡（北京时间）",
    "grid_worker": Thing(name="李桂芳", phone_masked="138****1234"),
}  # fmt: skip
FORM: dict[str, Any] = {
    "subject": MEI, "asks_temperature": True, "symptoms": SYMPTOMS, "needs": NEEDS, "correcting": None,
    "make_up_day": None, "on_behalf": False, "values": {"id": "0170-id", "day": "2020-02-09", "slot": "day"},
}  # fmt: skip
RESIDENT_FACTS = Thing(
    name="王小梅", id_mask="11**************2X", phone_mask="138****8000", address="桃源路 18 号 2 幢 301",
    place_chain=[*CHAIN, "第一网格"], identity="居民身份证",
)  # fmt: skip
ROWS = [
    Thing(person_id="p1", name="周＊", place_words="2 幢 301", state="urgent", temperature=Decimal("38.4"),
          symptoms=["咳嗽"], reported_at=AT, missed_days=0, by_proxy=True, needs=["药品", "食物"], missing_slot="",
          alert=Thing(temperature=Decimal("38.6"), symptoms=["咳嗽"], reported_at=AT)),
    Thing(person_id="p2", name="赵＊", place_words="1 幢 602", state="missing", temperature=None, symptoms=[],
          reported_at=None, missed_days=2, by_proxy=False, needs=[], missing_slot="pm", alert=None),
]  # fmt: skip
ROLL: dict[str, Any] = {
    "region": GRID, "day": DAY, "as_of": AT, "counts": COUNTS, "show": "todo", "rows": ROWS, "page": 1, "pages": 3,
    "counts_needs": 1,
    "previous_day": DAY - timedelta(days=1), "next_day": None,
}  # fmt: skip
GRIDS = [
    Thing(code=GRID.code + i, name=f"第{n}网格", due=104, urgent=i, attention=1, missing=5, done=98 - i, percent=95)
    for i, n in enumerate("一二三")
]
CODE: dict[str, Any] = {"phone": "13857001234", "phone_masked": "138****1234", "resend_after_s": 60}
REGISTER: dict[str, Any] = {"member_count": 1, "places": [GRID], "chosen": None, "area": None}
COUNTY = Thing(code=330822000000000, name="常山县", chain=CHAIN[:2], level="county")
AREA = Thing(code=330800000000000, way=[(330000000000000, "浙江省"), (330800000000000, "衢州市")], below=[COUNTY])
READ = Thing(at=AT, who="李桂芳", role="grid_worker", purpose="person_page")
FAMILY = [Thing(name="李秀英", relation_label="父母", person_id="mother")]
ME: dict[str, Any] = {"me": RESIDENT, "resident": RESIDENT_FACTS, "household": FAMILY, "reads": [READ]}
PERSON = Thing(person_id="p1", name="周建明", id_mask="33**************1X", phone_mask="138****1234",
               place_chain=CHAIN, age_words="62", relation_note="李桂芳")  # fmt: skip
STAFF_PAGE: dict[str, Any] = {
    "me": WORKER, "person": PERSON, "strip": FORTNIGHT, "reports": [ILL], "household": FAMILY,
}  # fmt: skip
WAY = Thing(label="回到今日", href="/today")

SAMPLES: dict[str, list[dict[str, Any]]] = {
    "home.html": [{}, {"me": RESIDENT}],
    "accounts/sign_in.html": [
        {"next": "/today"},
        {"next": "/today", "errors": [Wrong("phone", "请写 11 位手机号", "电话")], "values": {"phone": "138"}},
    ],
    "accounts/code.html": [{**CODE, "next": "/today"}],
    "accounts/phone_code.html": [{**CODE, "me": RESIDENT, "resend_after_s": 0}],
    "residents/new.html": [
        {"me": RESIDENT, **REGISTER},
        {**REGISTER, "chosen": GRID, "member_count": 6},
        {"me": RESIDENT, **REGISTER, "places": [], "area": AREA},
        {"me": RESIDENT, **REGISTER, "places": [], "area": Thing(code=AREA.code, way=AREA.way, below=[])},
    ],
    "residents/member.html": [{"me": RESIDENT}],
    "residents/me.html": [ME, {"me": WORKER, "resident": None, "household": [], "reads": []}],
    "residents/show.html": [STAFF_PAGE, {**STAFF_PAGE, "reports": [], "household": []}],
    "residents/call.html": [{"me": WORKER, "person_name": "周建明", "phone": "13857001234"}],
    "checkins/today.html": [
        {"me": RESIDENT, **TODAY},
        {"me": RESIDENT, **TODAY, "report": RECEIPT, "grid_worker": None},
        {"me": RESIDENT, **TODAY, "subject": MOTHER, "confirm": Thing(proposed="36.6"), "errors": ERRORS[:1]},
    ],
    "checkins/new.html": [
        {"me": RESIDENT, **FORM},
        {"me": RESIDENT, **FORM, "errors": ERRORS, "correcting": RECEIPT, "values": {"temperature": "abc"}},
        {"me": WORKER, **FORM, "subject": MOTHER, "on_behalf": True, "make_up_day": DAY},
        {"me": RESIDENT, **FORM, "confirm": Thing(proposed="36.6"), "asks_temperature": False},
    ],
    "checkins/show.html": [
        {"me": RESIDENT, "receipt": receipt, "next_steps": ["明天再报一次。"], "contacts": calls, "may_correct": True}
        for receipt, calls in ((RECEIPT, []), (CAREFUL, CALLS[1:]), (ILL, CALLS))
    ]
    + [
        {"me": WORKER, "receipt": receipt, "next_steps": (), "contacts": [], "may_correct": False}
        for receipt in (RECEIPT, CAREFUL, SERIOUS)
    ],
    "checkins/index.html": [
        {"me": RESIDENT, "subject": MEI, "people": PEOPLE, "strip": FORTNIGHT, "reports": reports, "make_up": [DAY]}
        for reports in ([], [RECEIPT, ILL, CAREFUL])
    ],
    "checkins/roll_call.html": [{"me": WORKER, **ROLL}, {"me": WORKER, **ROLL, "rows": [], "page": 2}],
    "checkins/roll_call_village.html": [{"me": WORKER, **ROLL, "grids": GRIDS}],
    "checkins/roll_calls.html": [
        {"me": WORKER, "posts": [Thing(region_code=1, name="第一网格", chain=CHAIN, role_label="网格员")]},
        {"me": WORKER, "posts": []},
    ],
    "regions/index.html": [{"region": None, "children": [GRID], "places": []}],
    "regions/show.html": [{"region": GRID, "children": [], "places": [GRID], "values": {"q": "天马"}}],
    "errors/problem.html": [
        {"title": "没有找到", "detail": "这个页面不存在。", "way_out": ways, "status": 404}
        for ways in ([WAY], [WAY, Thing(label="求助", href="/help")])
    ],
    "help.html": [{}],
    "privacy.html": [{}, {"me": RESIDENT}],
    "offline.html": [{"me": RESIDENT, "header_place": "桃源村"}],
    "dev/outbox.html": [
        {"messages": []},
        {"messages": [Thing(at=AT, phone="13857001234", template="sign_in_code", text="274918")]},
    ],
}
SHARED = {
    "me": None, "flash": "已保存", "header_place": "天马社区 · 第一网格", "text_size": "m", "path": "/today?for=mei",
    "development": True, "now": AT, "errors": [], "values": {}, "confirm": None, "tab": "", "status": 200,
}  # fmt: skip


def rendered(lang: str, name: str, context: dict[str, Any]) -> str:
    return environment(lang).get_template(name).render({**SHARED, **context})


def cases() -> Iterator[Any]:
    for lang in LANGUAGES:
        for name, contexts in SAMPLES.items():
            for index, context in enumerate(contexts):
                yield pytest.param(lang, name, context, id=f"{lang}-{name}-{index}")


def test_every_page_has_a_sample_and_compiles() -> None:
    names = environment("en").list_templates(extensions=["html"])
    pages = {name for name in names if "/_" not in name and not name.startswith(("layouts/", "shared/"))}
    assert pages == set(SAMPLES)
    assert compile_all() == len(names)


@pytest.mark.parametrize(("lang", "name", "context"), list(cases()))
def test_page_is_whole(lang: str, name: str, context: dict[str, Any]) -> None:
    html = rendered(lang, name, context)
    assert f'<html lang="{lang}"' in html
    assert html.count("<h1") == 1
    assert html.count("<main ") == 1
    title = re.search(r"<title>(.*?)</title>", html)
    assert title
    assert title[1].startswith(("错误", "Error")) is bool(context.get("errors"))
    # Nothing inline, nothing foreign: the security policy would block it.
    assert not re.search(r"<script(?![^>]* src=)|\sstyle=|\son\w+=|javascript:|https?://(?!www\.w3\.org)", html)
    ids = re.findall(r'\sid="([^"]+)"', html)
    assert len(ids) == len(set(ids)), "an id is used twice"
    assert set(re.findall(r'<label for="([^"]+)"', html)) <= set(ids)
    for described in re.findall(r'aria-describedby="([^"]+)"', html):
        assert set(described.split()) <= set(ids)
    for error in context.get("errors", []):
        assert f'href="#{error.field}"' in html
        assert error.field in ids


@pytest.mark.parametrize("name", sorted(set(SAMPLES) - {"dev/outbox.html"}))
def test_chinese_page_holds_no_english(name: str) -> None:
    for context in SAMPLES[name]:
        html = rendered("zh-Hans", name, context)
        text = re.sub(r"<[^>]*>", " ", html[html.index("<main") : html.index("</main>")])
        assert not re.findall(r"[a-z]{3,}", text.replace("English", ""))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_nothing_is_preselected_in_a_new_report(lang: str) -> None:
    assert " checked" not in rendered(lang, "checkins/new.html", {"me": RESIDENT, **FORM})


def test_words_of_the_visitor_are_kept_and_escaped() -> None:
    values = {"note": "<img onerror=alert(1)>", "symptoms": {"cough"}, "exposed": "yes", "temperature": "36,x"}
    html = rendered("en", "checkins/new.html", {"me": RESIDENT, **FORM, "errors": ERRORS, "values": values})
    assert "&lt;img onerror=alert(1)&gt;" in html
    assert "<img" not in html
    assert 'value="36,x"' in html
    assert html.count(" checked") == 2


def test_offline_page_says_nothing_about_a_person() -> None:
    html = rendered("zh-Hans", "offline.html", SAMPLES["offline.html"][0])
    assert 'data-owner=""' in html
    assert "桃源村" not in html
    assert "tabs" not in html


def test_figures_of_a_village_add_up() -> None:
    html = rendered("en", "checkins/roll_call_village.html", SAMPLES["checkins/roll_call_village.html"][0])
    foot = re.findall(r'<td[^>]*>(\d+)</td>', html[html.index("<tfoot"):])  # fmt: skip
    assert foot == ["312", "3", "3", "15", "291"]


def asked(path: str = "/help", method: str = "GET", **headers: str) -> Request:
    app = Thing(state=Thing(settings=Thing(development=False)))
    lines = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request(
        {"type": "http", "method": method, "path": path, "query_string": b"q=1", "headers": lines, "app": app}
        | {"server": ("example.org", 443), "scheme": "https", "state": {}}
    )


@pytest.mark.parametrize(("accept", "encoding"), [("gzip, br", "br"), ("gzip", "gzip"), ("br;q=0", None), ("", None)])
def test_answer_is_compressed_as_asked(accept: str, encoding: str | None) -> None:
    response = page(asked(accept_encoding=accept), "help.html")
    assert response.headers.get("content-encoding") == encoding
    assert response.headers["vary"] == "Accept-Encoding"
    assert response.headers["content-length"] == str(len(response.body))
    assert response.headers["cache-control"] == "private, no-cache"


def test_page_with_other_peoples_data_is_not_stored() -> None:
    response = page(asked(), "residents/call.html", store=False, status=200, person_name="周", phone="13857001234")
    assert response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("method", "referer", "back"),
    [
        ("GET", "", "/help?q=1"),
        ("POST", "https://example.org/sign-in?next=/me", "/sign-in?next=/me"),
        ("POST", "https://elsewhere.org/x", "/"),
    ],
)
def test_language_switch_leads_back_to_the_page(method: str, referer: str, back: str) -> None:
    html = page(asked("/help", method, referer=referer), "help.html").body.decode()
    assert f'name="next" value="{back}"' in html


def test_text_size_and_language_come_from_cookies() -> None:
    html = page(asked(cookie="text=xl; lang=en"), "help.html").body.decode()
    assert 'class="text-xl"' in html
    assert "<h1>Help</h1>" in html


def test_lone_surrogate_in_kept_words_does_not_fail() -> None:
    response = page(asked(), "accounts/sign_in.html", next="/", values={"phone": "\ud800"})
    assert response.status_code == 200
