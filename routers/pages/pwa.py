"""What makes the site an app on the phone, at stable addresses: worker, manifest, the page for no network."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from routers.kit.assets import manifest_source, service_worker_source
from routers.kit.render import page

router = APIRouter(include_in_schema=False)

_FRESH = {"Cache-Control": "no-cache"}


@router.get("/service-worker.js")
async def service_worker() -> Response:
    """The worker, with this release's list of files."""
    return Response(service_worker_source(), media_type="text/javascript", headers=_FRESH)


@router.get("/manifest.webmanifest")
async def manifest() -> Response:
    """The manifest, with this release's icons."""
    return Response(manifest_source(), media_type="application/manifest+json", headers=_FRESH)


@router.get("/offline")
async def offline(request: Request) -> Response:
    """Shown by the worker when the network is gone; the same for everybody."""
    return page(request, "offline.html")
