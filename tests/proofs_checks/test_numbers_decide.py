"""Claims whose numeric witness once decided nothing: it must decide, and refute every twin by itself."""

import pytest

from scalecheck.proofs_checks.court import hear
from scalecheck.proofs_checks.evidence import Outcome
from scalecheck.proofs_checks.registry import theory

HEARD = (
    ("quadratic", "N5.quadratic.boundary.IV-II"),
    ("quadratic", "N5.quadratic.boundary.Ia-IV"),
    ("quadratic", "N5.quadratic.boundary.IV-V"),
    ("quadratic", "N8.quadratic.VIa.rank"),
    ("quadratic", "N8.quadratic.VIb.rank"),
    ("ridge", "X.l1-l2.equal.II-few"),
    ("ridge", "R.ridge.line.effective"),
    ("ridge", "R.ridge.line.regularised"),
    ("ridge", "R.ridge.line.over-regularised"),
    ("ridge", "R.ridge.line.effective-saturated"),
    ("ridge", "R.ridge.line.regularised-saturated"),
)


@pytest.mark.parametrize(("name", "claim_id"), HEARD, ids=[row[1] for row in HEARD])
def test_the_numbers_decide_the_claim_and_refute_its_twins(name, claim_id):
    (claim,) = [item for item in theory(name).claims() if item.id == claim_id]
    found = hear(claim)
    assert found.as_expected
    assert not found.silent
    for twin in found.twins:
        said = {item.witness: item.outcome for item in twin.evidence}
        assert said["numeric"] is Outcome.FAILS, twin.twin.id
