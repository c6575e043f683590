"""A census part by part: what is told on the way, and a record that a run goes on with."""

import json

import pytest

from scalecheck import census
from scalecheck.census_runs import Listener, Part, Record, hear_parts
from scalecheck.proofs_checks.errors import InputError
from scalecheck.proofs_checks.mutation.census import Heard
from scalecheck.proofs_checks.verdicts import Verdict

ONE = Heard("X", "sign", False, "f: the other sign", "", Verdict.REFUTED, "no", ("symbolic",))
OF = {"claims": ["X"], "sample": None, "seed": 0}


def parts(asked):
    def work(name):
        asked.append(name)
        return [ONE, ONE]

    return [Part(name, work, (name,)) for name in ("one", "two", "three")]


def test_every_part_is_told_and_every_mutant():
    told, heard = [], []
    listener = Listener(lambda *step: told.append(step), heard.append)
    assert hear_parts(parts([]), None, Record(None, OF), listener) == (ONE,) * 6
    assert told == [("one", 1, 3), ("two", 2, 3), ("three", 3, 3)]
    assert heard == [ONE] * 6


@pytest.mark.parametrize("lost", [0, 1, 40])
def test_a_run_goes_on_where_it_was_killed(tmp_path, lost):
    place = tmp_path / "census.jsonl"
    hear_parts(parts([])[:2], None, Record(place, OF), Listener())
    place.write_text(place.read_text()[: len(place.read_text()) - lost])
    asked = []
    assert hear_parts(parts(asked), None, Record(place, OF), Listener()) == (ONE,) * 6
    assert asked == (["three"] if lost < 2 else ["two", "three"])
    asked.clear()
    assert hear_parts(parts(asked), None, Record(place, OF), Listener()) == (ONE,) * 6
    assert asked == []


def test_a_record_of_something_else_is_refused(tmp_path):
    place = tmp_path / "census.jsonl"
    Record(place, OF)
    with pytest.raises(InputError, match="record: got"):
        Record(place, {**OF, "seed": 1})
    place.write_text("something of my own\n")
    with pytest.raises(InputError, match="record: got"):
        Record(place, OF)
    assert place.read_text() == "something of my own\n"
    with pytest.raises(InputError, match="record: got"):
        Record(tmp_path / "nowhere" / "census.jsonl", OF)


def test_conjectures_are_told_as_they_are_heard(tmp_path):
    place, told = tmp_path / "census.jsonl", []
    given = {"conjectures": True, "only": ["diagonal"], "sample": 2, "jobs": 1, "record": place}
    found = census(**given, each=told.append)
    assert list(found.heard) == told
    rows = [json.loads(line) for line in place.read_text().splitlines() if line]
    assert sum("verdict" in row for row in rows) == len(told)
    told.clear()
    assert census(**given, each=told.append).heard == found.heard
    assert told == []
