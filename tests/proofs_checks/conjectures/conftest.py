"""Conjectures made from short descriptions, and heard."""

import pytest

from scalecheck.proofs_checks.conjectures.files import read_document
from scalecheck.proofs_checks.conjectures.grounds import system_ground
from scalecheck.proofs_checks.conjectures.hearing import hear

BULK = {
    "id": "x",
    "theory": "diagonal",
    "observable": "risk",
    "path": {"samples": "dim**(3/2)", "weight_decay": "1/dim"},
    "exponent": "-1/2",
    "where": {"decay": "1 < decay < 2"},
}


def heard(systems=(), **changes):
    table = {key: value for key, value in {**BULK, **changes}.items() if value is not None}
    statements = read_document({"conjecture": [table], "system": list(systems)})
    return hear(statements.conjectures[0], statements.systems)


@pytest.fixture(scope="session")
def verdict():
    """Verdict of the bulk law of the diagonal network with changes."""
    return lambda systems=(), **changes: heard(systems, **changes).judgement.verdict.value


@pytest.fixture(scope="session")
def hearing():
    return heard


@pytest.fixture
def nothing_remembered():
    """For tests that break what a ground is made by: a sound one would hide it, a broken one outlive it."""
    system_ground.cache_clear()
    yield
    system_ground.cache_clear()
