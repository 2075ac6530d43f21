"""The web processes under uvicorn. `python -m app.web` is one alone, without what only commands of operators need."""

import os
import signal
import tempfile
from contextlib import ExitStack
from types import FrameType

import uvicorn

from app.kit.settings import ROOT, Settings


def heed_sigterm() -> None:
    """Have SIGTERM unwind the stack as Ctrl-C does, so that whoever holds PostgreSQL up lets go of it.

    uvicorn raises the signal once more after its own shutdown; the system's handler would end the process there.
    """
    signal.signal(signal.SIGTERM, _leave)


def _leave(_number: int, _frame: FrameType | None) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # a second one must not cut short what the first one began
    raise SystemExit(0)


def serve(settings: Settings) -> None:
    """Serve until told to stop. With several workers, uvicorn restarts one that dies."""
    heed_sigterm()
    with ExitStack() as held:
        if settings.workers > 1:
            os.environ["PROMETHEUS_MULTIPROC_DIR"] = held.enter_context(tempfile.TemporaryDirectory(prefix="shouwang-"))
        uvicorn.run(
            "app.main:create",
            factory=True,
            app_dir=str(ROOT),
            host=settings.host,
            port=settings.port,
            workers=settings.workers,
            loop="uvloop",
            http="routers.kit.deadlines:PatientProtocol",
            lifespan="on",
            log_level="warning",
            access_log=False,
            server_header=False,
            backlog=4096,
            proxy_headers=not settings.development,
            forwarded_allow_ips="*" if settings.behind_proxy else "127.0.0.1",
            timeout_keep_alive=30,
            timeout_graceful_shutdown=10,
            ssl_certfile=settings.tls_cert,
            ssl_keyfile=settings.tls_key,
        )


if __name__ == "__main__":
    serve(Settings())
