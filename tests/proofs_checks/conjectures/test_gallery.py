"""The gallery of examples: every conjecture gets the verdict that its note begins with."""

import tomllib

import pytest

from scalecheck.proofs_checks.conjectures.files import read_file
from scalecheck.proofs_checks.conjectures.hearing import hear

pytestmark = pytest.mark.filterwarnings("default")


@pytest.mark.parametrize(
    "name",
    ["conjectures", "systems", pytest.param("transport", marks=pytest.mark.slow)],
)
def test_the_gallery(root, name):
    path = root / "examples" / f"{name}.toml"
    expected = {c["id"]: c["note"].partition(":")[0] for c in tomllib.loads(path.read_text())["conjecture"]}
    statements = read_file(path)
    found = {c.id: hear(c, statements.systems) for c in statements.conjectures}
    assert {key: item.judgement.verdict.value for key, item in found.items()} == expected
    assert not any(item.judgement.conflict for item in found.values())
