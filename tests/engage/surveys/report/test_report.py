"""The report through HTTP: the page, its files, the people behind a number, what is shared, and what is kept back."""

import csv
import io
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pypdfium2 import PdfDocument

from tests.engage.campaigns.conftest import people
from tests.engage.surveys.report.data import survey
from vincle.accounts.models import AuditEntry, Workspace
from vincle.engage.surveys.delivering import source
from vincle.engage.surveys.models import ReportLink, Response, SurveyVersion
from vincle.engage.surveys.report import load, understood, words
from vincle.listen.models import Understanding
from vincle.project.commands.survey_stored import export_command, list_command, report_command
from vincle.vocabulary import event_id

pytestmark = pytest.mark.django_db


def _page(client: Client, workspace: Workspace, pk: int, query: str = "") -> str:
    answer = client.get(f"/w/{workspace.slug}/surveys/{pk}/report/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_page_says_what_to_mend_first(client_for: Any, workspace: Workspace) -> None:
    row = survey(workspace, 120, people=people(workspace, 30))
    page = _page(client_for("analyst"), workspace, row.pk)
    assert "Mend “Delivery on time” first; keep “Friendly staff”" in page
    assert page.index("Mend first</h2>") < page.index("Keep</h2>")
    assert "120 answers" in page
    assert "&lt;script&gt;alert(1)" in page or "alert(1)" not in page
    assert "<script>alert" not in page
    assert "ana@example.org" not in page


def test_queries_do_not_grow_with_answers(client_for: Any, workspace: Workspace) -> None:
    few, many = survey(workspace, 40, people=people(workspace, 10)), survey(workspace, 200, people=people(workspace, 60, start=50))
    client = client_for("viewer")
    _page(client, workspace, few.pk)
    counts = []
    for row in (few, many):
        load._kept.clear()
        with CaptureQueriesContext(
            connection,
        ) as asked:
            _page(client, workspace, row.pk)
        counts.append(len(asked))
    assert counts[0] == counts[1]
    assert counts[0] < 35


def test_open_answers_are_not_read_anew_and_nothing_forgotten_is_kept(workspace: Workspace) -> None:
    row = survey(workspace, 40)
    frame = load.frame(row, "en")
    column = frame.by_id["why"]
    mine = next(each for each in frame.rows if each.answers["why"])
    event = event_id(workspace.pk, source(workspace).pk, f"{mine.public_id}:why", "assert", "")
    Understanding.objects.create(
        workspace=workspace, event_id=event, seq=1, change=1, version=1, sentiment="negative", sentiment_score=-0.4, topics="parking|staff"
    )
    said = {each.row.pk: each.reading for each in words.spoken(frame, column, understood.of(row))}
    assert said[mine.pk].topics == ("parking", "staff")
    assert len(said) == sum(bool(each.answers["why"]) for each in frame.rows)
    with CaptureQueriesContext(connection) as asked:
        assert load.frame(row, "en").rows == frame.rows
    assert len(asked) == 1
    Response.objects.filter(pk=mine.pk).update(handle=7, answers={})
    assert next(each for each in load.frame(row, "en").rows if each.pk == mine.pk).answers == {}


def test_empty_narrowed_and_nonsense(client_for: Any, workspace: Workspace) -> None:
    client = client_for("viewer")
    assert "As soon as somebody answers" in _page(client, workspace, survey(workspace, 0).pk)
    row = survey(workspace, 60)
    way = row.collectors.order_by("pk").first()
    assert f"{40} answers" in _page(client, workspace, row.pk, f"?collector={way.public_id}")
    for query in (
        "?collector=%00x",
        "?from=2026-13-45&to=x",
        "?by=nothing&of=none",
        "?segment=zz",
        "?weighted&careful&language=xx",
        "?by=segment:zz",
    ):
        _page(client, workspace, row.pk, query)
    assert "They differ by more than chance" in _page(client, workspace, row.pk, "?of=nps&by=parts.delivery")
    assert client.get(f"/w/{workspace.slug}/surveys/{row.pk}/report/live/?n=58").content.decode().count("2 answers came") == 1
    assert client.get(f"/w/{workspace.slug}/surveys/999999/report/").status_code == 404


def test_a_wave_beside_another(client_for: Any, workspace: Workspace, other_workspace: Workspace) -> None:
    before, now = survey(workspace, 60), survey(workspace, 40)
    Response.objects.filter(survey=now, state="complete").update(answers={"nps": 10})
    alike, elsewhere = survey(workspace, 5, name="Otherwise"), survey(other_workspace, 5, name="Not ours")
    SurveyVersion.objects.filter(survey=alike).update(definition={"pages": [{"id": "p", "items": [{"type": "text", "id": "nps"}]}]})
    page = _page(client_for("viewer"), workspace, now.pk, f"?of=nps&by=survey:{before.public_id}")
    assert "They differ by more than chance" in page
    assert page.count("Survey: How was it? · 2026-03-02") == 1
    table = page.partition('id="compare"')[2].partition("<tbody>")[2]
    assert "+100" in table
    assert "Otherwise" not in page
    assert "Not ours" not in page
    for public in (elsewhere.public_id, alike.public_id, "none", ""):
        assert "There is nothing to compare" not in (text := _page(client_for("viewer"), workspace, now.pk, f"?of=nps&by=survey:{public}"))
        assert "Waves, ways, segments" in text
    book = client_for("analyst").get(f"/w/{workspace.slug}/surveys/{now.pk}/report/file/xlsx/?of=nps&by=survey:{before.public_id}")
    said = [str(row[0].value) for row in openpyxl.load_workbook(io.BytesIO(book.content))["Figures"].iter_rows()]
    assert sum("How was it? · 2026-03-02" in each for each in said) == 2
    assert "How was it? · 2026-03-02 (2)" in page


def test_people_behind_a_number(client_for: Any, workspace: Workspace) -> None:
    row = survey(workspace, 40, people=people(workspace, 12))
    client, address = client_for("viewer"), f"/w/{workspace.slug}/surveys/{row.pk}/report/people/"
    page = client.get(address, {"column": "nps", "key": "detractors"}).content.decode()
    frame = load.frame(row, "en")
    n = int((frame.numbers(frame.by_id["nps"]) <= 6).sum())
    assert f"{n} people" in page
    assert "Person " in page
    assert client.get(address, {"column": "none"}).status_code == 404


def test_an_anonymous_survey_names_nobody(client_for: Any, workspace: Workspace) -> None:
    row = survey(workspace, 30, is_anonymous=True)
    client = client_for("owner")
    assert client.get(f"/w/{workspace.slug}/surveys/{row.pk}/report/people/?column=nps").status_code == 404
    page = _page(client, workspace, row.pk)
    assert "/report/people/" not in page
    way = row.collectors.order_by("pk").first()
    Response.objects.filter(survey=row).exclude(pk__in=list(row.responses.filter(collector=way).values_list("pk", flat=True)[:3])).delete()
    assert "Too few answers to show" in _page(client, workspace, row.pk)
    assert client.get(f"/w/{workspace.slug}/surveys/{row.pk}/report/file/csv/").status_code == 302


def _rows(answer: Any) -> list[list[str]]:
    return list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))


def test_files(client_for: Any, workspace: Workspace) -> None:
    row = survey(workspace, 60, people=people(workspace, 10))
    client, base = client_for("analyst"), f"/w/{workspace.slug}/surveys/{row.pk}/report/file/"
    table = _rows(client.get(f"{base}csv/"))
    assert len(table) == 61
    place = next(number for number, each in enumerate(table[0]) if each.startswith("What should we mend?"))
    assert {each[place] for each in table if "HYPERLINK" in each[place]} == {'\'=HYPERLINK("http://evil.example")'}
    assert not any(each.public_id in line for each in row.responses.all()[:5] for line in map(str, table))
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"{base}xlsx/").content))
    assert [page.title for page in book] == ["Answers", "Questions", "Figures"]
    assert book["Answers"].max_row == 61
    pack = zipfile.ZipFile(io.BytesIO(client.get(f"{base}spss/").content))
    syntax = pack.read("answers.sps").decode("utf-8-sig")
    codes = list(csv.reader(io.StringIO(pack.read("answers.csv").decode("utf-8-sig"))))
    assert "VALUE LABELS often\r\n  1 'Weekly'\r\n  2 'Monthly'" in syntax
    assert "parts_delivery 'Delivery on time'" in syntax
    assert len({len(each) for each in codes}) == 1
    assert {each[codes[0].index("often")] for each in codes[1:]} <= {"1", "2", "3", ""}
    assert AuditEntry.objects.filter(verb="exported", object_type="survey").count() == 3


def test_paper(client_for: Any, workspace: Workspace) -> None:
    row = survey(workspace, 90, people=people(workspace, 10), name="Çà va? 満足")
    answer = client_for("analyst").get(f"/w/{workspace.slug}/surveys/{row.pk}/report/file/pdf/")
    assert answer["Content-Type"] == "application/pdf"
    found = PdfDocument(answer.content)
    text = "".join(found[number].get_textpage().get_text_range() for number in range(len(found)))
    assert text.index("Mend first") < text.index("Question by question")
    assert "Delivery on time" in text
    assert client_for("viewer").get(f"/w/{workspace.slug}/surveys/{row.pk}/report/file/pdf/").status_code == 403


def test_a_shared_address_is_read_by_anybody_until_it_ends(client_for: Any, workspace: Workspace) -> None:
    row = survey(workspace, 60, people=people(workspace, 10))
    client, base = client_for("analyst"), f"/w/{workspace.slug}/surveys/{row.pk}/report/"
    client.post(f"{base}links/", {"days": "30", "name": "Board"})
    page = _page(client, workspace, row.pk)
    token = page.partition("/s/r/")[2].partition("/")[0]
    assert "/s/r/" not in _page(client, workspace, row.pk)
    stranger = Client()
    shared = stranger.get(f"/s/r/{token}/")
    text = shared.content.decode()
    assert shared.status_code == 200
    assert "noindex" in shared["X-Robots-Tag"]
    assert "Mend “Delivery on time” first" in text
    assert "Person " not in text
    assert f"/w/{workspace.slug}/" not in text
    assert stranger.get(f"/s/r/{token}/report.pdf").content.startswith(b"%PDF")
    link = ReportLink.objects.get()
    assert link.opened == 1
    client.post(f"{base}links/{link.pk}/end/")
    assert stranger.get(f"/s/r/{token}/").status_code == 404
    assert client.post(f"{base}links/", {"days": "9999"}).status_code == 302
    assert ReportLink.objects.count() == 1
    ReportLink.objects.update(revoked_at=None, expires_at=timezone.now())
    assert stranger.get(f"/s/r/{token}/").status_code == 404


def test_weights_and_likeness(workspace: Workspace) -> None:
    known = people(workspace, 40)
    from vincle.organise.models import Profile

    Profile.objects.filter(person__in=known[:20]).update(stage="critic", country="ES")
    Profile.objects.filter(person__in=known[20:]).update(stage="creator", country="IT")
    row = survey(workspace, 30, people=known[:24])
    found = load.likeness(row, load.frame(row, "en"))
    assert found.raked is not None
    assert found.raked.weights.mean() == pytest.approx(1)
    assert found.raked.worth < 30
    shares = {name: (share, meant) for name, share, meant in found.tables["stage"]}
    assert shares["critic"][1] == pytest.approx(0.5)
    assert shares["critic"][0] > 0.7


def test_commands(workspace: Workspace, tmp_path: Path) -> None:
    row = survey(workspace, 60)
    run = CliRunner()
    assert row.public_id in run.invoke(list_command, ["-w", workspace.slug]).output
    said = run.invoke(report_command, [row.name, "-w", workspace.slug]).output
    assert "Mend “Delivery on time” first" in said
    for kind in ("csv", "xlsx", "zip", "pdf"):
        out = tmp_path / f"answers.{kind}"
        assert run.invoke(export_command, [row.public_id, "--out", str(out), "-w", workspace.slug]).exit_code == 0
        assert out.stat().st_size > 500
    assert run.invoke(export_command, [row.public_id, "--out", "a.doc", "-w", workspace.slug]).exit_code == 2
    assert run.invoke(report_command, ["none", "-w", workspace.slug]).exit_code == 2
