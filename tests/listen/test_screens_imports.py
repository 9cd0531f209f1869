"""Imports over HTTP: upload, preview, trial, start, progress, result, cancel, undo, and everything that should be refused."""

import csv
import io
import os
import threading
import time
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from vincle.accounts.models import AuditEntry, Role, User, Workspace
from vincle.identify.models import Person
from vincle.listen import actions, pending, raw
from vincle.listen.models import Activity, Delivery, Rejection
from vincle.project import pipeline

PEOPLE = b"Name,Email,Visited\nAna Torres,ana@example.org,2024-05-17\nLuc Roy,luc@example.org,2024-05-18\nBad,nope,2024-05-19\n"
AMBIGUOUS = b"Name,Email,Birthday\nAna Torres,ana@example.org,03/04/1980\nLuc Roy,luc@example.org,05/06/1981\n"

Send = Callable[..., Any]


@pytest.fixture
def owner(client_for: Callable[..., Client]) -> Client:
    return client_for(Role.OWNER)


def place(name: str, **values: Any) -> str:
    return reverse(f"listen:{name}", kwargs={"workspace": "cafe-lligam", **values})


def send(client: Client, *files: tuple[str, bytes], **more: Any) -> Any:
    return client.post(place("upload"), {"files": [SimpleUploadedFile(name, content) for name, content in files]}, **more)


def token_of(response: Any) -> str:
    assert response.status_code == 302
    assert "/imports/new/" in response["Location"], response["Location"]
    return str(response["Location"].rstrip("/").rpartition("/")[2])


def start(client: Client, token: str, kind: str = "contacts", **form: Any) -> Delivery:
    response = client.post(place("start", token=token), {"kind": kind, **form})
    assert response.status_code == 302
    return Delivery.objects.get(pk=int(response["Location"].rstrip("/").rpartition("/")[2]))


def text_of(response: Any) -> str:
    return b"".join(response).decode() if response.streaming else response.content.decode()


def said(response: Any) -> str:
    return " ".join(str(message) for message in response.context["messages"])


def test_from_a_file_to_people(owner: Client, workspace: Workspace) -> None:
    token = token_of(send(owner, ("people.csv", PEOPLE)))
    page = text_of(owner.get(place("preview", token=token)))
    assert "Nothing of it is stored yet" in page
    assert "Ana Torres" in page
    assert "UTF-8" in page
    assert "comma" in page
    assert not Delivery.objects.exists()
    delivery = start(owner, token, rows="3")
    assert "Waits for its turn" in text_of(owner.get(place("import", pk=delivery.pk)))
    pipeline.catch_up()
    page = text_of(owner.get(place("import", pk=delivery.pk)))
    assert "2 things are new, 1 row was rejected" in page
    assert "This is not an e-mail address: “nope”" in page
    assert Person.objects.of(workspace).count() == 2
    assert "2 new people" in text_of(owner.get(reverse("identify:import_people", kwargs={"workspace": workspace.slug, "pk": delivery.pk})))
    listed = text_of(owner.get(place("imports")))
    assert "people.csv" in listed
    assert f'id="new-{delivery.pk}"' in listed
    counts = text_of(owner.get(reverse("identify:imports_people", kwargs={"workspace": workspace.slug}) + f"?delivery={delivery.pk}"))
    assert f'<span id="new-{delivery.pk}" hx-swap-oob="true">2</span>' in counts


def test_the_trial_counts_and_stores_nothing(owner: Client, workspace: Workspace) -> None:
    token = token_of(send(owner, ("people.csv", PEOPLE)))
    page = text_of(owner.post(place("trial", token=token), {"kind": "contacts"}))
    assert "Import 3 rows" in page
    assert "This is not an e-mail address" in page
    assert not Activity.objects.exists()
    assert not Rejection.objects.exists()
    assert not Delivery.objects.exists()
    start(owner, token)
    pipeline.catch_up()
    again = text_of(owner.post(place("trial", token=token_of(send(owner, ("people.csv", PEOPLE)))), {"kind": "contacts"}))
    assert "Import all the same" in again


def test_what_was_undone_is_new_again_for_the_trial(owner: Client, workspace: Workspace) -> None:
    delivery = start(owner, token_of(send(owner, ("people.csv", PEOPLE))))
    pipeline.catch_up()
    owner.post(place("undo_import", pk=delivery.pk))
    pipeline.catch_up()
    page = text_of(owner.post(place("trial", token=token_of(send(owner, ("people.csv", PEOPLE)))), {"kind": "contacts"}))
    assert "Import 3 rows" in page


def test_the_same_file_again_changes_nothing_and_says_so(owner: Client, workspace: Workspace) -> None:
    start(owner, token_of(send(owner, ("people.csv", PEOPLE))))
    pipeline.catch_up()
    token = token_of(send(owner, ("renamed.csv", PEOPLE)))
    assert "This very file was imported before" in text_of(owner.get(place("preview", token=token)))
    before = Activity.objects.count()
    mapping = {"columns": "3", **{f"heading-{n}": h for n, h in enumerate(("Name", "Email", "Visited"))}}
    same = {f"{part}-{n}": g for part in ("field", "guess") for n, g in enumerate(("name", "email", "custom:Visited"))}
    delivery = start(owner, token, **mapping, **same)
    pipeline.catch_up()
    delivery.refresh_from_db()
    assert (delivery.accepted, delivery.duplicates) == (0, 2)
    assert Activity.objects.count() == before


def test_a_column_goes_where_it_is_sent(owner: Client, workspace: Workspace) -> None:
    token = token_of(send(owner, ("people.csv", PEOPLE)))
    delivery = start(
        owner,
        token,
        columns="3",
        **{"heading-2": "Visited", "guess-2": "custom:Visited", "field-2": ""},
        **{"heading-0": "Name", "guess-0": "name", "field-0": "name"},
    )
    assert delivery.options["mapping"] == {"Visited": ""}
    response = owner.post(
        place("start", token=token),
        {"kind": "contacts", "columns": "1", "heading-0": "Name", "guess-0": "name", "field-0": "no such field"},
    )
    assert "There is no field" in said(owner.get(response["Location"]))


def test_ambiguous_dates_are_asked_about(owner: Client, workspace: Workspace) -> None:
    token = token_of(send(owner, ("born.csv", AMBIGUOUS)))
    page = text_of(owner.get(place("preview", token=token)))
    assert "How are dates written in this file?" in page
    assert "3 April 1980" in page
    assert "4 March 1980" in page
    response = owner.post(place("start", token=token), {"kind": "contacts", "asked": "date_order"})
    assert "Say first how dates are written" in said(owner.get(response["Location"]))
    assert not Delivery.objects.exists()
    delivery = start(owner, token, asked="date_order", date_order="mdy")
    pipeline.catch_up()
    delivery.refresh_from_db()
    assert (delivery.accepted, delivery.warned) == (2, 0)


def test_dates_of_an_own_field_are_asked_about_by_the_trial(owner: Client, workspace: Workspace) -> None:
    content = b"Name,Email,Visited\nAna,ana@example.org,03/04/2024\nLuc,luc@example.org,05/06/2024\n"
    token = token_of(send(owner, ("visits.csv", content)))
    page = text_of(owner.post(place("trial", token=token), {"kind": "contacts"}))
    assert "3 April 2024" in page
    page = text_of(owner.post(place("trial", token=token), {"kind": "contacts", "date_order": "mdy", "example": "03/04/2024"}))
    assert 'value="mdy" checked' in page
    assert "cannot be told apart: “" not in page


def test_sending_the_preview_twice_is_one_import(owner: Client, workspace: Workspace) -> None:
    token = token_of(send(owner, ("people.csv", PEOPLE)))
    first, second = start(owner, token), start(owner, token)
    assert first == second
    assert Delivery.objects.count() == 1
    pipeline.catch_up()
    assert start(owner, token) == first
    assert AuditEntry.objects.filter(verb="import").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_the_same_moment_are_one_import(owner: Client, workspace: Workspace, client_for: Callable[..., Client]) -> None:
    token = token_of(send(owner, ("people.csv", PEOPLE)))
    actions.connection_for(workspace, "contacts")
    clients, gate, failed = [client_for(Role.OWNER) for _ in range(4)], threading.Barrier(4), []

    def click(client: Client) -> None:
        try:
            gate.wait()
            start(client, token)
        except Exception as error:  # shown by the assertion below
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=click, args=(client,)) for client in clients]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert not failed
    assert Delivery.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_uploads_at_once_are_both_remembered(workspace: Workspace, owner: Client) -> None:
    owner.get(place("imports"))
    gate = threading.Barrier(2)

    def upload(name: str) -> None:
        client = Client()
        client.cookies = owner.cookies
        gate.wait()
        send(client, (f"{name}1.csv", PEOPLE), (f"{name}2.csv", PEOPLE))
        connection.close()

    threads = [threading.Thread(target=upload, args=(name,)) for name in "ab"]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    page = text_of(owner.get(place("imports")))
    assert all(f"{name}.csv" in page for name in ("a1", "a2", "b1", "b2"))


def test_several_files_wait_each_for_a_look(owner: Client, workspace: Workspace) -> None:
    response = send(owner, ("one.csv", PEOPLE), ("two.csv", AMBIGUOUS))
    assert response["Location"] == place("imports")
    page = owner.get(place("imports"))
    assert "2 files are here" in said(page)
    assert [upload.name for upload in page.context["waiting"]] == ["one.csv", "two.csv"]
    first = page.context["waiting"][0]
    start(owner, first.token)
    assert [upload.name for upload in owner.get(place("imports")).context["waiting"]] == ["two.csv"]
    owner.post(place("drop", token=owner.get(place("imports")).context["waiting"][0].token))
    assert owner.get(place("imports")).context["waiting"] == []


def test_a_script_is_told_where_to_go(owner: Client, workspace: Workspace) -> None:
    response = send(owner, ("people.csv", PEOPLE), headers={"X-Requested-With": "fetch"})
    assert response.status_code == 204
    assert "/imports/new/" in response["X-Location"]


def test_an_upload_is_its_senders_and_its_workspaces(
    owner: Client, workspace: Workspace, other_workspace: Workspace, client_for: Callable[..., Client], member: Callable[..., User]
) -> None:
    token = token_of(send(owner, ("people.csv", PEOPLE)))
    assert client_for(Role.ADMIN).get(place("preview", token=token)).status_code == 404
    both = Client()
    both.force_login(member(Role.OWNER))
    member(Role.OWNER, other_workspace).memberships.update(user=member(Role.OWNER))
    assert both.get(place("preview", token=token)).status_code == 200
    elsewhere = reverse("listen:preview", kwargs={"workspace": other_workspace.slug, "token": token})
    assert both.get(elsewhere).status_code == 404
    assert owner.get(place("preview", token=token[:-1] + ("a" if token[-1] != "a" else "b"))).status_code == 404
    assert owner.get(place("preview", token="../../etc/passwd".replace("/", "%2f"))).status_code == 404


def test_an_upload_lasts_less_than_a_day(owner: Client, workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    assert pending.LASTS < raw.DAY
    token = token_of(send(owner, ("people.csv", PEOPLE)))
    later = time.time() + pending.LASTS + 1
    monkeypatch.setattr("django.core.signing.time.time", lambda: later)
    assert owner.get(place("preview", token=token)).status_code == 404


def _bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (600 * 1024**2))
    return out.getvalue()


REFUSED = {
    "nothing in it": (b"", "The file is empty"),
    "only blanks": (b" \r\n\x00\x00  ", "The file is empty"),
    "binary": (bytes(range(256)) * 200, None),
    "a page named as a table": (b"<!doctype html><html><body><h1>Sign in</h1></body></html>", None),
    "a picture": (b"\x89PNG\r\n\x1a\n" + os.urandom(2000), None),
}


@pytest.mark.parametrize("content", REFUSED, ids=str)
def test_what_is_no_table_is_refused_with_a_sentence(content: str, owner: Client, workspace: Workspace) -> None:
    body, sentence = REFUSED[content]
    response = owner.get(place("preview", token=token_of(send(owner, ("contacts.csv", body)))))
    assert response.status_code == 200
    page = text_of(response)
    if "This file cannot be read" not in page:
        pytest.fail(f"taken for {response.context['kind']}")
    assert sentence is None or sentence in page
    assert "Nothing was stored" in page
    assert "Import" not in page.partition("<main")[2].partition("</header>")[0].replace("Imports", "")


@pytest.mark.slow
def test_a_zip_bomb_is_refused(owner: Client, workspace: Workspace) -> None:
    token = token_of(send(owner, ("contacts.xlsx", _bomb())))
    assert "This file cannot be read" in text_of(owner.get(place("preview", token=token)))
    page = text_of(owner.get(place("preview", token=token) + "?kind=contacts"))
    assert "refused for safety" in page or "larger than can be read safely" in page
    assert "This file cannot be read" in text_of(owner.post(place("trial", token=token), {"kind": "contacts"}))


def test_a_claim_of_two_gigabytes_is_refused_before_it_is_read(owner: Client, workspace: Workspace) -> None:
    class Untouched(io.BytesIO):
        def read(self, *_args: Any) -> bytes:
            raise AssertionError("the body was read")

    environ = {"CONTENT_LENGTH": str(settings.OPTIONS.import_max_bytes + 2 * 1024**2), "wsgi.input": Untouched()}
    response = owner.post(place("upload"), content_type="multipart/form-data; boundary=x", data=b"", **environ)
    assert response.status_code == 413
    assert "A file may have at most" in text_of(response)


def test_a_file_over_the_limit_is_refused_and_the_others_taken(
    owner: Client, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    monkeypatch.setattr(settings, "OPTIONS", replace(settings.OPTIONS, import_max_bytes=200))
    send(owner, ("large.csv", PEOPLE * 3), ("small.csv", PEOPLE))
    page = owner.get(place("imports"))
    assert "large.csv: A file may have at most" in said(page)
    assert [upload.name for upload in page.context["waiting"]] == ["small.csv"]


def test_a_forged_upload_is_refused(workspace: Workspace, client_for: Callable[..., Client]) -> None:
    assert send(client_for(Role.OWNER, enforce_csrf_checks=True), ("people.csv", PEOPLE)).status_code == 403


def test_script_and_paths_stay_words(owner: Client, workspace: Workspace) -> None:
    content = b'Name,Email,Notes\n<script>alert(1)</script>,eva@example.org,"=HYPERLINK(""x"")"\n<img src=x onerror=alert(2)>,nope,\n'
    token = token_of(send(owner, ('../../etc/"><script>x.csv', content)))
    page = text_of(owner.get(place("preview", token=token)))
    assert "<script>alert" not in page
    assert "<script>x" not in page
    assert "&lt;script&gt;alert(1)" in page
    delivery = start(owner, token)
    assert "/" not in delivery.name
    assert raw.path(delivery.path).resolve().is_relative_to((settings.HOME / "raw").resolve())
    pipeline.catch_up()
    page = text_of(owner.get(place("import", pk=delivery.pk)))
    assert "<img src=x" not in page
    response = owner.get(place("rejected_csv", pk=delivery.pk))
    assert '"' not in response["Content-Disposition"].partition("filename=")[2].strip('"')


def test_rejected_rows_come_back_in_their_columns(owner: Client, workspace: Workspace) -> None:
    content = b'Name;Email;City\nAna;ana@example.org;Vic\nBad;nope;"Pa\nris"\n;;\nWorse;no@;Roma\n'
    delivery = start(owner, token_of(send(owner, ("people.csv", content))))
    pipeline.catch_up()
    response = owner.get(place("rejected_csv", pk=delivery.pk))
    rows = list(csv.reader(io.StringIO(text_of(response).lstrip("\ufeff"))))
    assert rows[0] == ["Name", "Email", "City", "Line", "Reason"]
    by_name = {row[0]: row for row in rows[1:]}
    assert by_name["Bad"][1:3] == ["nope", "Pa\nris"]
    assert "This is not an e-mail address: “no@”" in by_name["Worse"][4]
    assert len(rows) - 1 == Rejection.objects.filter(delivery=delivery, is_warning=False).count()
    assert AuditEntry.objects.filter(verb="exported", object_type="import").exists()


def test_rejects_of_other_files_come_as_written(owner: Client, workspace: Workspace) -> None:
    card = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:{}\r\n{}END:VCARD\r\n"
    cards = (card.format("Nobody", "") + card.format("Ana", "EMAIL:ana@example.org\r\n")).encode()
    delivery = start(owner, token_of(send(owner, ("cards.vcf", cards))), kind="vcard")
    pipeline.catch_up()
    rows = list(csv.reader(io.StringIO(text_of(owner.get(place("rejected_csv", pk=delivery.pk))).lstrip("\ufeff"))))
    assert rows[0] == ["Line", "Reason", "As written"]
    assert rows[1][0] == "1"
    assert "no e-mail, phone or account" in rows[1][1]


def test_rejects_are_read_page_by_page(owner: Client, workspace: Workspace) -> None:
    content = b"Name,Email\n" + b"".join(b"Bad %d,nope%d\n" % (n, n) for n in range(120)) + b"Ana,ana@example.org\n"
    delivery = start(owner, token_of(send(owner, ("people.csv", content))))
    pipeline.catch_up()
    seen, url = [], place("import", pk=delivery.pk) + "?show=rejected"
    while url:
        found = owner.get(url).context["page"]
        seen += [row.line for row in found.rows]
        url = f"{place('import', pk=delivery.pk)}?show=rejected&after={found.after}" if found.after else ""
    assert seen == list(range(2, 122))
    back = owner.get(f"{place('import', pk=delivery.pk)}?show=rejected&before={found.before}").context["page"]
    assert [row.line for row in back.rows] == seen[50:100]


def test_progress_counts_and_then_asks_for_the_page(owner: Client, workspace: Workspace) -> None:
    delivery = start(owner, token_of(send(owner, ("people.csv", PEOPLE))), rows="3")
    Delivery.objects.filter(pk=delivery.pk).update(state=Delivery.State.RUNNING, position=2, accepted=2)
    stamp = timezone.now().timestamp() - 1
    page = owner.get(place("import_progress", pk=delivery.pk) + f"?at={stamp}&stood=0")
    assert "2 of 3 read" in text_of(page)
    assert 1 <= page.context["rate"] <= 2
    assert owner.get(place("import_progress", pk=delivery.pk) + "?at=x&stood=y").status_code == 200
    Delivery.objects.filter(pk=delivery.pk).update(state=Delivery.State.DONE)
    assert owner.get(place("import_progress", pk=delivery.pk))["HX-Refresh"] == "true"


def test_cancel_while_it_runs_keeps_what_came(owner: Client, workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "BATCH", 1)
    delivery = start(owner, token_of(send(owner, ("people.csv", PEOPLE))))

    def stop(_delivery: Delivery) -> None:
        if not AuditEntry.objects.filter(verb="cancel import").exists():
            owner.post(place("cancel_import", pk=delivery.pk))

    actions.work_off(Delivery.objects.get(pk=delivery.pk), progress=stop)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.accepted) == (Delivery.State.CANCELLED, 1)
    page = owner.get(place("import", pk=delivery.pk))
    assert "The import is stopped" in said(page)
    assert "Undo this import" in text_of(page)
    assert "nothing to stop" in said(owner.post(place("cancel_import", pk=delivery.pk), follow=True))


def test_undo_while_it_runs_is_refused_with_a_sentence(owner: Client, workspace: Workspace) -> None:
    delivery = start(owner, token_of(send(owner, ("people.csv", PEOPLE))))
    Delivery.objects.filter(pk=delivery.pk).update(state=Delivery.State.RUNNING)
    assert "still running. Cancel it first" in said(owner.post(place("undo_import", pk=delivery.pk), follow=True))
    delivery.refresh_from_db()
    assert delivery.state == Delivery.State.RUNNING


def test_undo_takes_people_back_and_says_so(owner: Client, workspace: Workspace) -> None:
    delivery = start(owner, token_of(send(owner, ("people.csv", PEOPLE))))
    pipeline.catch_up()
    page = owner.post(place("undo_import", pk=delivery.pk), follow=True)
    assert "is being undone" in said(page)
    assert "Being undone" in text_of(page)
    pipeline.catch_up()
    assert Person.objects.of(workspace).count() == 0
    assert "Undone" in text_of(owner.get(place("import", pk=delivery.pk)))
    assert "undone already" in said(owner.post(place("undo_import", pk=delivery.pk), follow=True))


def test_a_file_that_breaks_off_says_where(owner: Client, workspace: Workspace) -> None:
    delivery = start(owner, token_of(send(owner, ("people.csv", PEOPLE))))
    Delivery.objects.filter(pk=delivery.pk).update(
        state=Delivery.State.FAILED, error_code="broken_xml", error_detail="line 7: mismatched tag"
    )
    page = text_of(owner.get(place("import", pk=delivery.pk)))
    assert "The XML of this file is broken: “line 7: mismatched tag”" in page


def test_a_viewer_looks_and_changes_nothing(workspace: Workspace, client_for: Callable[..., Client], owner: Client) -> None:
    delivery = start(owner, token_of(send(owner, ("people.csv", PEOPLE))))
    pipeline.catch_up()
    viewer = client_for(Role.VIEWER)
    page = text_of(viewer.get(place("imports")))
    assert 'type="file"' not in page
    page = text_of(viewer.get(place("import", pk=delivery.pk)))
    assert "Undo this import" not in page
    assert "rejected.csv" not in page


def test_the_list_goes_page_by_page_in_few_queries(owner: Client, workspace: Workspace, django_assert_max_num_queries: Any) -> None:
    source = actions.connection_for(workspace, "contacts")
    Delivery.objects.bulk_create(
        Delivery(
            workspace=workspace,
            connection=source,
            channel="contacts",
            name=f"{n}.csv",
            sha256=f"{n:064d}",
            size=1,
            is_import=True,
            state="done",
        )
        for n in range(45)
    )
    with django_assert_max_num_queries(8):
        first = owner.get(place("imports"))
    names = [row.name for row in first.context["page"].rows]
    second = owner.get(place("imports") + f"?after={first.context['page'].after}").context["page"]
    assert names[0] == "44.csv"
    assert second.rows[0].name == "24.csv"
    assert owner.get(place("imports") + "?after=nonsense").status_code == 200
    assert owner.get(place("imports") + "?after=" + "9" * 40).status_code == 200


def _stored(content: bytes, age: timedelta) -> tuple[str, str, int]:
    digest, path, size = actions.keep_file(io.BytesIO(content))
    then = time.time() - age.total_seconds()
    os.utime(raw.path(path), (then, then))
    return digest, path, size


def test_uploads_nobody_imported_are_removed_after_a_day(workspace: Workspace) -> None:
    used = _stored(PEOPLE, timedelta(days=3))
    forgotten, fresh = _stored(b"forgotten", timedelta(hours=25)), _stored(b"fresh", timedelta(hours=23))
    delivery = actions.receive_stored(workspace, *used, "people.csv", "contacts", None)
    actions.sweep()
    assert raw.path(delivery.path).is_file()
    assert raw.path(fresh[1]).is_file()
    assert not raw.path(forgotten[1]).exists()
    pipeline.catch_up()
    delivery.refresh_from_db()
    assert delivery.accepted == 2


def test_a_file_that_came_into_use_while_swept_is_put_back(workspace: Workspace) -> None:
    kept = _stored(b"came into use", timedelta(days=2))
    answers = iter([False, True])
    raw.sweep(lambda relative: next(answers) if relative == kept[1] else True)
    assert raw.path(kept[1]).read_bytes() == b"came into use"
    assert not list(Path(settings.HOME / "raw").glob(f"??/*{raw.ASIDE}*"))
