"""Activation by paper, as it crosses the doors: a page of codes, each for one post."""

from datetime import datetime

from pydantic import Field as Described

from models.base import RegionCode, Schema


class ActivationSheetCreate(Schema):
    """Ask for a sheet of QR codes for the invitations that wait in a region."""

    region_code: RegionCode


class ActivationSlip(Schema):
    """One QR code: whom it is for, as far as a printed page may say it."""

    url: str = Described(examples=["https://shouwang.example/activate/GbJmWvYf3sQ0r0mYxW1k9A"])
    name: str = Described(examples=["李＊"])
    role: str = Described(examples=["grid_worker"])
    place: list[str] = Described(examples=[["常山县", "天马街道", "天马社区", "第一网格"]])
    group: str | None = None


class ActivationSheet(Schema):
    """Slips to print and hand over; `left` invitations found no room on this sheet. `guarded` ones get no slip: those
    posts ask for a second factor and are taken up by signing in with a code."""

    region_code: RegionCode
    chain: list[str] = Described(examples=[["浙江省", "衢州市", "常山县", "天马街道"]])
    expires_at: datetime
    left: int = Described(examples=[0])
    guarded: int = Described(examples=[2])
    slips: list[ActivationSlip]
