"""The ledger: every act and every look at a person is written down, sealed, and told to the person."""

from app.audit.breaks import Finding
from app.audit.dropping import drop_before
from app.audit.heads import digest_of, heads_file, newest_heads
from app.audit.notary import Notary
from app.audit.reading import about
from app.audit.recording import Deed, operator, record, record_all, unsealed
from app.audit.sealer import Sealer
from app.audit.searching import search
from app.audit.verifying import Report, verify

__all__ = [
    "Deed", "Finding", "Notary", "Report", "Sealer", "about", "digest_of", "drop_before", "heads_file", "newest_heads",
    "operator", "record", "record_all", "search", "unsealed", "verify",
]  # fmt: skip
