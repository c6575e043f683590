"""The report: whole or not at all, self-contained, LaTeX that compiles, JSON that can be compared."""

import json
import re
import shutil
import subprocess
from dataclasses import replace

import pytest

import scalecheck
from scalecheck import ledger
from scalecheck.against import (
    FOUND,
    LISTS,
    OPTIONAL,
    STATED,
    Earlier,
    check_apart,
    compare,
    read_verdicts,
    told_of_replaced,
)
from scalecheck.against_rows import row_counts
from scalecheck.cli import main
from scalecheck.ledger import scope
from scalecheck.proofs_checks.errors import InputError
from scalecheck.proofs_checks.references import bibliography
from scalecheck.proofs_checks.verdicts import Judgement, Verdict
from scalecheck.report import mathml, tex_prose, tex_word
from scalecheck.theory.symbols import latex
from scalecheck.verification import tex_values


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    out = tmp_path_factory.mktemp("run") / "report"
    result = scalecheck.verify(only=["N1"], quick=True, jobs=1, out=out)
    return result, out


def test_files(report):
    _, out = report
    assert sorted(path.name for path in out.iterdir()) == [
        "claims.tex",
        "index.html",
        "references.bib",
        "verdicts.json",
    ]


def test_page_is_self_contained(report):
    page = (report[1] / "index.html").read_text()
    links = re.findall(r'(?:src|href)="([^"]*)"', page)
    assert all(link.startswith(("#", "data:image/")) for link in links)
    assert "@import" not in page
    assert "url(http" not in page


def test_page_has_every_claim_and_twin(report):
    result, out = report
    page = (out / "index.html").read_text()
    for hearing in result.hearings:
        assert f'id="{hearing.claim.id}"' in page
        assert all(f"<td>{twin.twin.id}</td>" in page for twin in hearing.twins)


def test_links_inside_the_page_resolve(report):
    page = (report[1] / "index.html").read_text()
    names = set(re.findall(r' id="([^"]+)"', page))
    wanted = {link for link in re.findall(r'(?<!:)href="#([^"]+)"', page)}
    assert wanted <= names


def test_verdicts_record_how_to_rerun(report):
    document = json.loads((report[1] / "verdicts.json").read_text(), parse_constant=pytest.fail)
    assert document["command"] == "scalecheck verify --only N1 --quick"
    assert {"versions", "platform", "seed", "exit_status", "summary"} <= set(document)
    for claim in document["claims"]:
        assert claim["twins"]
        assert claim["evidence"]
        assert re.fullmatch("[0-9a-f]{16}", claim["hash"])


def test_against_itself_nothing_changed(report):
    result = scalecheck.verify(only=["N1"], quick=True, jobs=1, out=None, against=report[1] / "verdicts.json")
    assert result.changes == ("2 claims compared: 2 as before, 0 changed",)
    assert result.exit_status == 0


def test_against_a_different_verdict_is_a_failure(report, tmp_path):
    document = json.loads((report[1] / "verdicts.json").read_text())
    document["claims"][0]["verdict"] = "refuted"
    other = tmp_path / "verdicts.json"
    other.write_text(json.dumps(document))
    result = scalecheck.verify(only=["N1"], quick=True, jobs=1, out=None, against=other)
    assert result.exit_status == 1
    assert "was refuted" in result.changes[0]


EDITS = {
    "title": "another", "statement": "x < 1", "source": {"keys": []}, "hypotheses": ["a > 0"], "assumptions": ["none"],
    "comparison": "by eye", "rests_on": ["S1"], "tex_values": {"value": "2"}, "twins": [], "hash": "0" * 16, "hypotheses_latex": ["x>0"], "assuming": ["none"],
    "conflict": True, "as_expected": False, "evidence": [],
}  # fmt: skip
TOLD = {
    part: f"changed: {told}"
    for part, told in {**STATED, **FOUND, **{name: words for name, (words, _) in LISTS.items()}}.items()
} | {"hash": "the hash is not that of this claim and verdict"}


@pytest.fixture(scope="module")
def records(report):
    return json.loads((report[1] / "verdicts.json").read_text())["claims"]


@pytest.mark.parametrize("part", EDITS)
def test_every_edit_of_a_claim_is_seen(records, part):
    edited = {**records[0], part: EDITS[part]}
    earlier = Earlier(scalecheck.__version__, {claim["id"]: claim for claim in [edited, *records[1:]]})
    lines, differs = compare(earlier, records)
    assert differs
    assert lines[0] == f"{edited['id']}: {TOLD[part]}"
    dropped = {key: value for key, value in records[0].items() if key != part}
    assert compare(Earlier(scalecheck.__version__, {edited["id"]: dropped}), records[:1])[1]


@pytest.mark.parametrize("key", ["outcome", "firmness", "witness"])
def test_another_outcome_of_a_witness_is_seen(records, key):
    evidence = [{**records[0]["evidence"][0], key: "other"}, *records[0]["evidence"][1:]]
    earlier = Earlier(scalecheck.__version__, {records[0]["id"]: {**records[0], "evidence": evidence}})
    lines, differs = compare(earlier, records[:1])
    assert differs
    assert "outcomes of the witnesses" in lines[0]


def test_the_parts_that_are_compared_are_all_that_a_claim_states(records):
    """A part that is written and stands in no list here would not be compared; reasons are words and may differ."""
    assert records[0].keys() == {*STATED, *FOUND, *LISTS, *OPTIONAL, "id", "verdict", "reason", "hash"}


@pytest.mark.parametrize(
    ("inside", "edit", "told"),
    [
        (lambda claim: claim, {"endorsed": True}, "holds 'endorsed', which no run writes"),
        (lambda claim: claim["twins"][0], {"note": "x"}, "holds 'twins 1.note', which no run writes"),
        (lambda claim: claim["evidence"][1], {"\x1b[2J": 1}, "holds 'evidence 2.\\x1b[2J', which no run writes"),
        (lambda claim: claim, {"reason": None}, "lacks 'reason', which every run writes"),
        (lambda claim: claim["evidence"][1], {"reason": None}, "lacks 'evidence 2.reason', which every run writes"),
    ],
    ids=["claim", "twin", "evidence", "taken out", "taken out of one of two"],
)
def test_a_field_that_was_put_in_or_taken_out_is_seen(records, inside, edit, told):
    doctored = json.loads(json.dumps(records[0]))
    place = inside(doctored)
    for key, value in edit.items():
        place.pop(key) if value is None else place.update({key: value})
    for version, seen in ((scalecheck.__version__, True), ("0.0.9", False)):
        lines, differs = compare(Earlier(version, {doctored["id"]: doctored}), records[:1])
        assert differs is seen
        assert (f"{doctored['id']}: {told}" in lines) is seen


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        ({"summary": "2 claims: 2 refuted; 0 of 0 false twins refuted"}, "the summary"),
        ({"exit_status": 3}, "is 3, which is not what its claims give"),
        ({"exit_status": 1}, "is 1, which is not what its claims give"),
        ({"exit_status": 2}, "is 2, which is not what its claims give"),
        ({"exit_status": False}, "is False, which is not what its claims give"),
        ({"exit_status": 0.0}, "is 0.0, which is not what its claims give"),
        ({"exit_status": [0] * 99}, ", which is not what its claims give"),
        ({"exit_status": 3, "changes": ["1 claim compared: 1 as before, 0 changed"]}, "is 3, which is not"),
        ({"regressed": True}, "is 0, which is not what its claims give"),
        ({"undrawn": ["a figure: no reason"]}, "is 0, which is not what its claims give"),
        ({"endorsed": "by all"}, "the earlier run holds 'endorsed', which no run writes"),
        ({"undrawn": None}, "the earlier run lacks 'undrawn', which every run writes"),
    ],
    ids=lambda item: None if isinstance(item, str) else str(item)[:30],
)
def test_totals_that_are_not_those_of_the_claims_are_seen(report, tmp_path, edit, told):
    document = json.loads((report[1] / "verdicts.json").read_text())
    place = tmp_path / "verdicts.json"
    place.write_text(json.dumps({key: value for key, value in {**document, **edit}.items() if value is not None}))
    lines, differs = compare(read_verdicts(place), document["claims"])
    assert differs
    assert told in lines[0]


@pytest.mark.parametrize(
    ("verdict", "conflict", "twin"),
    [("refuted", False, "refuted"), ("undecided", True, "refuted"), ("proved", False, "supported")],
)
def test_a_refuted_claim_in_a_run_that_says_undecided_is_seen(report, tmp_path, verdict, conflict, twin):
    document = json.loads((report[1] / "verdicts.json").read_text())
    document["claims"][0] |= {"verdict": verdict, "conflict": conflict, "as_expected": False}
    document["claims"][0]["twins"][0]["verdict"] = twin
    faults = []
    for status in (1, 3):
        place = tmp_path / f"{status}.json"
        place.write_text(json.dumps({**document, "exit_status": status}))
        faults.append([line for line in read_verdicts(place).faults if "exit status" in line])
    assert faults == [[], ["the exit status of the earlier run is 3, which is not what its claims give"]]


@pytest.mark.parametrize(
    ("rows", "told"), [([], "0 rows in the earlier run"), (None, "rows are damaged"), ([1], "rows are damaged")]
)
def test_rows_of_evidence_that_were_taken_out_are_seen(records, rows, told):
    evidence = [{**records[0]["evidence"][0], "rows": rows}, *records[0]["evidence"][1:]]
    assert records[0]["evidence"][0]["rows"]
    earlier = Earlier(scalecheck.__version__, {records[0]["id"]: {**records[0], "evidence": evidence}})
    lines, differs = compare(earlier, records[:1], rows=row_counts)
    assert differs
    assert told in lines[0]
    assert not compare(Earlier(scalecheck.__version__, {records[0]["id"]: records[0]}), records[:1], rows=row_counts)[1]


def test_rows_are_counted_where_both_runs_took_the_same_effort(report, tmp_path):
    document = json.loads((report[1] / "verdicts.json").read_text())
    name = "N1.diagonal.minimum"
    claim = next(item for item in document["claims"] if item["id"] == name)
    claim["evidence"][0]["rows"] = []
    (tmp_path / "verdicts.json").write_text(json.dumps(document))
    found = [
        scalecheck.verify(only=[name], quick=quick, jobs=1, out=None, against=tmp_path / "verdicts.json")
        for quick in (True, False)
    ]
    assert [run.regressed for run in found] == [True, False]
    assert found[1].changes[0] == "the earlier run is quick, this one of full effort: their rows are not compared"


def test_a_run_that_differed_from_an_earlier_one_says_so_and_is_no_forgery(report, tmp_path):
    document = json.loads((report[1] / "verdicts.json").read_text())
    document["claims"][0]["title"] = "another"
    (tmp_path / "verdicts.json").write_text(json.dumps(document))
    found = scalecheck.verify(only=["N1"], quick=True, jobs=1, out=tmp_path / "out", against=tmp_path / "verdicts.json")
    assert found.exit_status == 1
    written = json.loads((tmp_path / "out" / "verdicts.json").read_text())
    assert written["changes"] == list(found.changes)
    assert written["regressed"]
    assert read_verdicts(tmp_path / "out" / "verdicts.json").faults == ()


def test_a_run_that_was_not_as_expected_and_says_so_is_seen(report, tmp_path):
    document = json.loads((report[1] / "verdicts.json").read_text())
    document["claims"][0]["as_expected"] = False
    place = tmp_path / "verdicts.json"
    place.write_text(json.dumps(document))
    lines, differs = compare(read_verdicts(place), document["claims"])
    assert differs
    assert "exit status" in lines[0]


def test_a_claim_that_is_not_in_the_ledger_is_seen(records):
    ghost = {**records[0], "id": "N1.diagonal.ghost"}
    earlier = Earlier(scalecheck.__version__, {claim["id"]: claim for claim in [*records, ghost]})
    assert compare(earlier, records)[0] == (
        "N1.diagonal.ghost: in the earlier run, not in this ledger",
        "2 claims compared: 2 as before, 0 changed, 1 only in the earlier run",
    )
    assert compare(earlier, records)[1]
    unasked = "2 claims compared: 2 as before, 0 changed, 1 of the earlier run not asked for now"
    assert compare(earlier, records, scope(["N10"])) == ((unasked,), False)


def test_another_version_is_told_and_its_hashes_are_not_compared(records):
    lines, differs = compare(Earlier("0.0.9", {records[0]["id"]: {**records[0], "hash": ""}}), records)
    assert "0.0.9" in lines[0]
    counted = "1 claim compared: 1 as before, 0 changed, 1 only in this run"
    assert lines[1:] == (f"{records[1]['id']}: new, {records[1]['verdict']}", counted)
    assert not differs


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"schema": "other"}',
        '{"schema": "scalecheck-verdicts-1"}',
        "[" * 5000,
        '{"schema": "scalecheck-verdicts-1", "scalecheck": "0", "claims": [], "seed": NaN}',
    ],
)
def test_against_rubbish(tmp_path, text):
    path = tmp_path / "x.json"
    path.write_text(text)
    with pytest.raises(InputError, match="against"):
        scalecheck.verify(only=["N1"], out=None, against=path)
    path.write_text('{"schema": "scalecheck-verdicts-1", "scalecheck": "0", "claims": [], "seed": 0}')
    assert read_verdicts(path).claims == {}


@pytest.mark.parametrize("inside", ["scalecheck-report", "link"])
def test_the_report_that_is_compared_with_is_not_replaced(report, tmp_path, monkeypatch, capsys, inside):
    """By its name or by a link to it; the earlier report is untouched, and another folder is accepted."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(report[1], "scalecheck-report")
    (tmp_path / "link").symlink_to("scalecheck-report")
    before = {path.name: path.read_bytes() for path in (tmp_path / "scalecheck-report").iterdir()}
    monkeypatch.setattr(ledger, "run", lambda *_, **__: pytest.fail("claims were heard before the input was looked at"))
    assert main(["verify", "--only", "N1", "--quick", "--against", f"{inside}/verdicts.json"]) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "against: got" in told
    assert "another --out" in told
    assert {path.name: path.read_bytes() for path in (tmp_path / "scalecheck-report").iterdir()} == before


def test_a_neighbouring_folder_with_the_same_beginning_is_no_overlap(tmp_path):
    check_apart(tmp_path / "scalecheck-report-2" / "verdicts.json", tmp_path / "scalecheck-report")


def test_an_earlier_report_is_replaced(tmp_path):
    out = tmp_path / "report"
    scalecheck.verify(only=["N1.diagonal.minimum"], quick=True, jobs=1, out=out)
    (out / "index.html").write_text("old")
    scalecheck.verify(only=["N1.diagonal.minimum"], quick=True, jobs=1, out=out)
    assert (out / "index.html").read_text() != "old"
    assert [path.name for path in tmp_path.iterdir()] == ["report"]


def test_a_report_of_claims_that_were_not_heard_now_is_said_to_be_replaced(report, tmp_path, capsys):
    wide, narrow = tmp_path / "wide", tmp_path / "narrow"
    shutil.copytree(report[1], wide)
    document = json.loads((wide / "verdicts.json").read_text())
    other = dict(document["claims"][0], id="N2.elsewhere")
    (wide / "verdicts.json").write_text(json.dumps({**document, "claims": [*document["claims"], other]}))
    count = len(document["claims"])
    assert main(["verify", "--only", "N1", "--quick", "--jobs", "1", "--out", str(wide)]) == 0
    told = [line for line in capsys.readouterr().out.splitlines() if line.startswith("replaced: ")]
    assert len(told) == 1
    assert f"the report of {count + 1} claims" in told[0]
    assert f"this one of {count}; 1 of them were not heard" in told[0]
    assert main(["verify", "--only", "N1", "--quick", "--jobs", "1", "--out", str(wide)]) == 0  # nothing is lost now
    assert "replaced: " not in capsys.readouterr().out
    assert told_of_replaced(narrow, set()) == ""


def test_somebody_elses_folder_is_not_replaced(tmp_path):
    (tmp_path / "thesis.tex").write_text("x")
    with pytest.raises(InputError, match="out"):
        scalecheck.verify(only=["N1"], out=tmp_path)
    assert (tmp_path / "thesis.tex").read_text() == "x"


@pytest.mark.parametrize("marker", ["{}", '{"schema": "scalecheck-verdicts-1"}'])
def test_a_marker_does_not_make_a_report(tmp_path, marker):
    """A folder with a verdicts.json in it may still be somebody's."""
    (tmp_path / "verdicts.json").write_text(marker)
    (tmp_path / "thesis.tex").write_text("x")
    with pytest.raises(InputError, match="out"):
        scalecheck.verify(only=["N1"], out=tmp_path)
    assert (tmp_path / "thesis.tex").read_text() == "x"


@pytest.mark.parametrize("name", [".", "", ".."])
def test_the_current_folder_is_never_replaced(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="out"):
        scalecheck.verify(only=["N1"], out=name)


@pytest.mark.parametrize("name", ["missing/report", "file"])
def test_unusable_folders(tmp_path, name):
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match="out"):
        scalecheck.verify(only=["N1"], out=tmp_path / name)


def test_a_crash_while_writing_leaves_the_old_report(tmp_path, monkeypatch):
    from scalecheck import report as module

    out = tmp_path / "report"
    scalecheck.verify(only=["N1.diagonal.minimum"], quick=True, jobs=1, out=out)
    before = (out / "verdicts.json").read_text()

    def crash(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "_swap", crash)
    with pytest.raises(KeyboardInterrupt):
        scalecheck.verify(only=["N1.diagonal.minimum"], quick=True, jobs=1, out=out)
    assert (out / "verdicts.json").read_text() == before
    assert [path.name for path in tmp_path.iterdir()] == ["report"]


def test_bibtex_has_what_the_claims_cite(report):
    text = (report[1] / "references.bib").read_text()
    cited = {key for hearing in report[0].hearings for key in hearing.claim.source.keys}
    assert all(f"{{{key}," in text for key in cited | {"scalecheck"})
    assert text.count("{") == text.count("}")


def test_every_entry_of_the_bibliography_is_whole():
    for key, entry in bibliography().items():
        assert entry.count("{") == entry.count("}"), key
        assert entry.startswith("@")


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no pdflatex on this machine")
def test_claims_compile(report, tmp_path):
    shutil.copy(report[1] / "claims.tex", tmp_path)
    lines = [r"\documentclass{article}\usepackage{amsmath,amssymb}\input{claims.tex}\begin{document}"]
    lines.append(r"Verdict: \claimverdict{N1.diagonal.minimum}, hash \claimhash{N1.diagonal.minimum}.")
    lines.append(r"Value: \claimvalue{N1.diagonal.penalty}, $\claimvalue[formula]{N1.diagonal.penalty} > 0$,")
    lines.append(r"\claimvalue[verdict]{N1.diagonal.penalty}, \claimvalue[hash]{N1.diagonal.penalty}.")
    lines.append(r"See Claim \ref{claim:N1.diagonal.penalty}. \claim{N1.diagonal.penalty} \allclaims\end{document}")
    (tmp_path / "paper.tex").write_text("\n".join(lines))
    command = ["pdflatex", "-halt-on-error", "-interaction=nonstopmode", "paper.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]


def test_values_of_claims_come_from_the_run(report):
    """A paper's number is the formula that was heard; of a claim that was not accepted there is none."""
    text = (report[1] / "claims.tex").read_text()
    assert r"\csname scaleclaim@value@value@N1.diagonal.penalty\endcsname" in text
    (accepted,) = (item for item in report[0].hearings if item.claim.id == "N1.diagonal.penalty")
    stated = accepted.claim.assertion.formula
    assert tex_values(accepted) == {"formula": latex(stated), "value": latex(stated)}
    refuted = replace(accepted, judgement=Judgement(Verdict.REFUTED, "no"))
    assert tex_values(refuted) == {}


def test_hash_knows_no_timing_and_changes_with_the_verdict(report):
    (heard, *_) = report[0].hearings
    slow = replace(heard, seconds=heard.seconds + 5)
    refuted = replace(heard, judgement=Judgement(Verdict.REFUTED, "no"))
    assert heard.fingerprint("1") == slow.fingerprint("1") != refuted.fingerprint("1")
    assert heard.fingerprint("1") != heard.fingerprint("2")


@pytest.mark.skipif(shutil.which("bibtex") is None, reason="no bibtex on this machine")
def test_bibliography_is_read_by_bibtex(report, tmp_path):
    (tmp_path / "references.bib").write_text(scalecheck.cite())
    lines = [r"\citation{*}", r"\bibstyle{plain}", r"\bibdata{references}"]
    (tmp_path / "paper.aux").write_text("\n".join(lines) + "\n")
    done = subprocess.run(["bibtex", "paper"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "error" not in done.stdout.lower(), done.stdout
    assert "scalecheck" in (tmp_path / "paper.bbl").read_text()


def test_prose_is_escaped():
    assert "<script>" not in str(mathml("<script> and $x<y$"))
    assert tex_word("a_b & 100%") == r"a\_b \& 100\%"
    assert tex_prose("5% of $x_1$") == r"5\% of $x_1$"
    assert tex_word("λ ≥ 0").isascii()


@pytest.mark.parametrize("only", ["N3.diagonal.train_error", "N1"])
def test_every_link_of_a_run_of_some_claims_leads_somewhere(only, tmp_path):
    result = scalecheck.verify(only=[only], quick=True, jobs=1, out=tmp_path / "report")
    page = (tmp_path / "report" / "index.html").read_text()
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(re.findall(r'\bid="([^"]+)"', page))
    heard = {hearing.claim.id for hearing in result.hearings}
    outside = {other for hearing in result.hearings for other in hearing.claim.rests_on} - heard
    assert all(f"{other} (not in this run)" in page for other in outside)
    assert 'href="#' not in result._repr_html_()  # a notebook has no section of the claim
