"""What `certify` returns: a certificate for one point, already checked by the separate checker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scalecheck.proofs_checks.certificates.checker import check_certificate
from scalecheck.proofs_checks.errors import InputError
from scalecheck.proofs_checks.registry import theories

from .documents import dumps, write_whole

if TYPE_CHECKING:
    from scalecheck.proofs_checks.theory_record import Theory


@dataclass(frozen=True, repr=False)
class Certificate:
    """A certificate and what it proves.

    Parameters
    ----------
    document : Mapping[str, object]
        As JSON; `check(certificate=FILE)` verifies it again.
    statement : str
        What the checker found it to prove.
    """

    document: Mapping[str, Any]
    statement: str

    def to_json(self) -> dict[str, Any]:
        """The document itself."""
        return dict(self.document)

    def __repr__(self) -> str:
        told = {**self.document.get("enclosures", {}), **{k: self.document[k] for k in ("loss",) if k in self.document}}
        width = max((len(name) for name in told), default=0)
        lines = [f"{name:{width}}  {low} .. {high}" for name, (low, high) in told.items()]
        return "\n".join([f"certified: {self.statement}", *lines])


def certify_point(record: Theory, controls: Mapping[str, object], out: Path | None) -> Certificate:
    """Make a certificate, have it checked, and write it if a file is named."""
    if record.certify is None:
        able = [name for name, item in theories().items() if item.certify]
        raise InputError("theory", record.name, "one whose points can be certified: " + ", ".join(able))
    record.point(controls)  # domains first, in the words of `solve`
    document = record.certify(**controls)
    statement = check_certificate(document)
    if out is not None:
        try:
            write_whole(out, dumps(document).encode())
        except OSError as error:
            raise InputError("out", str(out), f"a file that can be written ({error.strerror})") from None
    return Certificate(document, statement)
