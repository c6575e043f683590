"""Pages that are computed from the records of the theories, so that they cannot go stale."""

from collections import Counter
from pathlib import Path

from scalecheck.proofs_checks.registry import theories

OPERATIONS = {
    "derive": ("derive", "exact: every step is an identity that was checked to zero (proved, given its assumptions)"),
    "phases": ("phases", "exact: dominant balance in rational arithmetic; that the regions tile the plane is proved"),
    "phases --plot": ("phase_map", "numerical: local exponents of the solved equations, no error on each pixel"),
    "solve, or a command of its own": (
        "solve",
        "numerical: each number with its error, `error_kind` bound or estimate",
    ),
    "spectrum": ("spectrum", "numerical, with the tail's exponent and window derived"),
    "certify": ("certify", "certified: an interval that contains the truth, checked again from its file"),
    "--simulate": ("simulate", "simulated: problems really drawn and minimised, with a standard error"),
}


def table(head, rows):
    """Rows as a table in Markdown."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join([*lines, *("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows)])


def operations():
    """Which operation is proved, certified, numerical or simulated, and for which theory it exists."""
    records = theories()
    rows = []
    for command, (part, standing) in OPERATIONS.items():
        rows.append(
            [f"`{command}`", standing, ", ".join(n for n, r in records.items() if getattr(r, part) is not None)]
        )
    rows.append(["`check`, `verify`", "as the verdict says: the firmest evidence that nothing contradicts", "all"])
    return table(["operation", "standing", "theories"], rows)


def ledger():
    """How many claims of each theory have which witnesses, where they come from, and how many twins guard them."""
    rows = []
    for name, record in theories().items():
        claims = list(record.claims())
        if missing := [claim.assertion.describe() for claim in claims if claim.unmade]:
            raise RuntimeError("; ".join(missing))
        both = sum(claim.symbolic is not None and claim.numeric is not None for claim in claims)
        one = sum(claim.symbolic is not None for claim in claims) - both
        sources = Counter(claim.source.status for claim in claims)
        told = ", ".join(f"{count} {status}" for status, count in sorted(sources.items()))
        twins = sum(len(claim.twins) for claim in claims)
        rows.append([name, str(len(claims)), str(both), str(one), str(len(claims) - both - one), told, str(twins)])
    return table(["theory", "claims", "both witnesses", "exact alone", "numbers alone", "source", "false twins"], rows)


def notation():
    """Letters of the papers against names in the code."""
    parts = []
    for name, record in theories().items():
        rows = [[item.letter or "-", f"`{item.name}`", item.meaning] for item in record.conventions]
        rows += [[item.letter, f"`{item.name}`", f"{item.help}: {item.domain.describe()}"] for item in record.controls]
        parts.append(f"## {name}: {record.title}\n\nFrom: {', '.join(f'`{key}`' for key in record.references)}\n\n")
        parts.append(table(["letter", "name", "meaning"], rows) + "\n\n")
    return "".join(parts)


PAGES = {
    "operations": lambda: (
        "# Proved, certified, numerical, simulated\n\nComputed from the records of the theories when this page was built.\n\n"
        f"{operations()}\n\n## The ledger\n\n{ledger()}\n\nA claim gets the verdict of its firmest evidence, provided nothing"
        " contradicts it; `scalecheck verify` says which, and the graph of its report shows on what each rests.\n"
    ),
    "notation": lambda: (
        "# Notation of the papers\n\nThe letter `a` is a weight vector, the source exponent of the shells, and the exponent of the effective"
        " samples in a phase diagram; the names keep them apart. Also `scalecheck conventions`.\n\n" + notation()
    ),
}


def write(folder):
    """Write all pages; a page that did not change keeps its time stamp."""
    folder = Path(folder)
    folder.mkdir(exist_ok=True)
    for name, page in PAGES.items():
        path, text = folder / f"{name}.md", page()
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
