"""BibTeX for the software and for what the named claims or theories rest on."""

from __future__ import annotations

from collections.abc import Sequence

from scalecheck.proofs_checks.conjectures.hints import nearest
from scalecheck.proofs_checks.errors import InputError
from scalecheck.proofs_checks.references import bibtex
from scalecheck.proofs_checks.registry import theories

from . import __version__


def software() -> str:
    """The entry for scalecheck in this version."""
    return (
        "@misc{scalecheck,\n"
        "  title = {scalecheck: derive, check and cite neural scaling laws},\n"
        "  author = {{The scalecheck authors}},\n"
        f"  note = {{Version {__version__}}},\n"
        "  year = {2026},\n"
        "}"
    )


def citations(ids: Sequence[str]) -> str:
    """Entries for the software and for `ids`: names of theories, ids of claims or leading parts of them."""
    keys: list[str] = []
    for wanted in ids or list(theories()):
        keys += _keys_of(wanted)
    own = {key: entry for record in theories().values() for key, entry in record.bibliography.items()}
    return "\n\n".join(part for part in (software(), bibtex(keys, own)) if part)


def _keys_of(wanted: str) -> list[str]:
    if wanted in theories():
        return list(theories()[wanted].references)
    from .ledger import select

    try:
        chosen = select([wanted])
    except InputError as error:
        allowed = "a theory (" + ", ".join(theories()) + "), the id of a claim or the leading part of one"
        allowed += nearest(wanted, theories()) or "".join(error.allowed.partition("; did you mean")[1:])
        raise InputError("id", wanted, allowed) from error
    return [key for entry in chosen for key in entry.claim.source.keys]
