"""The ledger by the operator's hand: verify it, and take its heads elsewhere."""

from pathlib import Path
from typing import Annotated

import typer

from app import audit
from app.audit import Finding, Notary, Report
from app.commands.kit import Stop, bar, err, said, settings, with_house
from app.house import House
from app.kit import clock
from app.kit.signing import Signing

audit_app = typer.Typer(no_args_is_help=True, help="The ledger: verify it, take its heads elsewhere.")

NO_HEADS = "{path} holds no anchored heads yet: the worker writes them a minute after the first act"


@audit_app.command("verify")
def audit_verify(
    heads: Annotated[list[Path] | None, typer.Option(help="A copy of heads kept elsewhere; may be repeated")] = None,
) -> None:
    """Compute every chain again and compare it with the anchored heads. Exit code 1 when something is broken."""

    async def verify(house: House) -> Report:
        path = audit.heads_file(house.settings.data_dir)
        with bar("verifying") as told:
            return await audit.verify(house.database.dsn, house.signing, (path, heads or []), told)

    try:
        report = with_house(verify)
    except FileNotFoundError as missing:
        raise Stop(f"there is no file {missing.filename}") from None
    for finding in report.findings:
        said(_sentence(finding))
    said(f"{report.rows:,} acts in {report.chains:,} chains verified, {report.anchors:,} anchored lines read")
    if report.newest_anchor is not None:
        newest = clock.local(report.newest_anchor).isoformat(" ", "seconds")
        said(f"newest anchor {newest}; {report.unanchored:,} acts after it are not anchored yet")
    if report.behind:
        said(f"warning: the sealer is behind: {report.unsealed:,} acts wait, the oldest for {report.waiting_s:,.0f} s")
    if not report.good:
        raise typer.Exit(1)
    said("the ledger is whole")


def _sentence(finding: Finding) -> str:
    """One finding in one line: where, and what was done there."""
    if finding.chain is None:
        return f"BROKEN  {finding.kind}: {finding.words}"
    rows = f"{finding.seq:,}" if finding.seq == finding.upto else f"{finding.seq:,} to {finding.upto:,}"
    return f"BROKEN  chain {finding.chain}, act {rows}: {finding.kind}"


@audit_app.command("heads")
def audit_heads() -> None:
    """Print the newest signed heads as one line, to be kept where nobody of this machine reaches them."""
    current = settings()
    path = audit.heads_file(current.data_dir)
    notary = Notary(Signing.load(current.keys))
    found = audit.newest_heads(path, notary) if path.exists() else None
    if found is None:
        raise Stop(NO_HEADS.format(path=path))
    at, heads, line = found
    said(line.decode())
    when = clock.local(at).isoformat(" ", "seconds")
    for note in (
        f"anchored {when}; public key {notary.public_key()}",
        f"for paper, the digest over all {len(heads):,} heads: {audit.digest_of(heads)}",
    ):
        err.print(note, markup=False, highlight=False, soft_wrap=True)
