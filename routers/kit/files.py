"""Files as an answer: as an attachment, kept by no cache."""

import asyncio

from fastapi import Request
from starlette.responses import Response

from app import exports
from app.exports import Taken
from routers.kit.i18n import translator

KINDS = {
    "csv": (exports.csv_of, "text/csv; charset=utf-8"),
    "xlsx": (exports.xlsx_of, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


async def export_file(request: Request, taken: Taken, kind: str) -> Response:
    """The file of an export in the language of the visitor."""
    render, media_type = KINDS[kind]
    # Thousands of rows take a while: in a thread, so that nobody else waits for them.
    body = await asyncio.to_thread(render, taken, translator(request))
    name = f"export-{exports.number_of(taken)}.{kind}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(body, media_type=media_type, headers=headers)
