"""Find a Chromium for the browser tests; as root on a Debian system, install it when it is missing."""

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PACKAGES = ("chromium", "fonts-wqy-microhei")


def find() -> str | None:
    """The browser named by SHOUWANG_CHROMIUM, or the first one on the PATH."""
    return os.environ.get("SHOUWANG_CHROMIUM") or next((path for name in NAMES if (path := shutil.which(name))), None)


def install() -> None:
    """Debian's packages, a font for Chinese included."""
    for command in (
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *PACKAGES],
    ):
        subprocess.run(
            command, check=True, stdout=subprocess.DEVNULL, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        )


def main() -> None:
    if find() is None and os.geteuid() == 0 and shutil.which("apt-get"):
        print("installing Chromium from the system's packages ...")
        try:
            install()
        except subprocess.CalledProcessError as error:
            print(f"the packages could not be installed: {error}", file=sys.stderr)
    browser = find()
    if browser is None:
        sys.exit(
            "The browser tests need Chromium. Install it (Debian: apt-get install chromium fonts-wqy-microhei) "
            "or point SHOUWANG_CHROMIUM to one; `make unit` runs everything else."
        )
    print(f"browser: {browser}")


if __name__ == "__main__":
    main()
