"""Merging, splitting, undoing and answering questions over HTTP: what changes, what is refused, what is done once."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from tests.api.v1.conftest import Program
from tests.api.v1.test_people import import_csv, read
from tests.identify.test_review import FIRST, SECOND
from vincle.accounts.models import ApiAnswer, AuditEntry, Workspace
from vincle.identify.models import Belonging, Case, Move
from vincle.project import pipeline
from vincle.vocabulary import from_public_id, public_id

pytestmark = pytest.mark.django_db

ANA = "Name,Email,City,Newsletter\nAna Torres,ana@example.org,Vic,yes\nAnna Torres,anna@example.com,Girona,no\n"


def refused(response: Any, status: int, code: str) -> Any:
    said = json.loads(response.content)
    assert (response.status_code, said["code"]) == (status, code), said
    return said


@pytest.fixture
def two(workspace: Workspace, program: Program) -> tuple[str, str]:
    """Ids of Ana and Anna."""
    import_csv(workspace, ANA)
    return tuple(read(program.get("people", email=email))["data"][0]["id"] for email in ("ana@example.org", "anna@example.com"))  # type: ignore[return-value]


def owners(workspace: Workspace) -> dict[int, int]:
    return dict(Belonging.objects.of(workspace).values_list("handle", "person"))


class TestMerge:
    def test_preview_says_what_the_merge_then_does(self, two: tuple[str, str], program: Program, workspace: Workspace) -> None:
        before = owners(workspace)
        preview = read(program.get(f"people/{two[0]}/merge-preview", **{"with": two[1]}))
        assert owners(workspace) == before
        assert (preview["left"]["name"], preview["right"]["handles"]) == ("Ana Torres", ["email:anna@example.com"])
        city = next(row for row in preview["fields"] if row["field"] == "city")
        assert (city["left"]["value"], city["right"]["value"]) == ("Vic", "Girona")
        (consent,) = [row for row in preview["consents"] if row["purpose"] == "marketing"]
        assert (consent["left"], consent["right"], consent["both"]) == ("granted", "denied", "denied")
        merged = read(program.post(f"people/{two[0]}/merge", {"with": two[1]}))
        assert (merged["id"], merged["joined"]) == (preview["id"], preview["joined"])
        pipeline.catch_up()
        person = read(program.get(f"people/{merged['joined']}"))
        assert person["id"] == merged["id"]
        assert person["traits"]["city"]["value"] == (city["left"] if city["stands"] == "left" else city["right"])["value"]

    @pytest.mark.parametrize(("side", "city"), [("left", "Vic"), ("right", "Girona")])
    def test_the_survivor_of_a_field_is_chosen(self, side: str, city: str, two: tuple[str, str], program: Program) -> None:
        read(program.post(f"people/{two[0]}/merge", {"with": two[1], "survivors": {"city": side}}))
        pipeline.catch_up()
        assert read(program.get(f"people/{two[0]}"))["traits"]["city"]["value"] == city

    def test_it_says_who_did_it(self, two: tuple[str, str], program: Program, workspace: Workspace) -> None:
        merged = read(program.post(f"people/{two[0]}/merge", {"with": two[1]}))
        move = Move.objects.of(workspace).get(pk=from_public_id(merged["move"]))
        assert (move.via, move.act, move.by and move.by.email) == ("api", "merge", "owner@cafe-lligam.example")
        assert AuditEntry.objects.of(workspace).get(verb="merge").actor == "owner@cafe-lligam.example, speak key"

    def test_with_oneself_or_twice(self, two: tuple[str, str], program: Program) -> None:
        refused(program.post(f"people/{two[0]}/merge", {"with": two[0]}), 409, "conflict")
        refused(program.get(f"people/{two[0]}/merge-preview", **{"with": two[0]}), 409, "conflict")
        read(program.post(f"people/{two[0]}/merge", {"with": two[1]}))
        refused(program.post(f"people/{two[0]}/merge", {"with": two[1]}), 409, "conflict")

    def test_wrong_survivors(self, two: tuple[str, str], program: Program) -> None:
        said = refused(program.post(f"people/{two[0]}/merge", {"with": two[1], "survivors": {"city": "up"}}), 400, "invalid_field")
        assert said["field"] == "survivors"


class TestUndo:
    def test_merge_and_undo_is_nothing(self, two: tuple[str, str], program: Program, workspace: Workspace) -> None:
        before = owners(workspace)
        move = read(program.post(f"people/{two[0]}/merge", {"with": two[1]}))["move"]
        assert owners(workspace) != before
        assert read(program.post(f"identity/moves/{move}/undo")) == {"move": move}
        assert owners(workspace) == before
        assert read(program.get(f"people/{two[1]}"))["redirected_from"] is None
        refused(program.post(f"identity/moves/{move}/undo"), 409, "not_undoable")

    def test_moves_newest_first_in_pages(self, two: tuple[str, str], program: Program) -> None:
        move = read(program.post(f"people/{two[0]}/merge", {"with": two[1]}))["move"]
        program.post(f"identity/moves/{move}/undo")
        whole = read(program.get("identity/moves"))["data"]
        assert [each["act"] for each in whole] == ["undo", "merge"]
        assert (whole[1]["id"], whole[0]["undoes"]) == (move, move)
        assert whole[1]["undone_at"]
        assert whole[1]["undone_by"] == "owner@cafe-lligam.example"
        first = read(program.get("identity/moves", limit="1"))
        second = read(program.get("identity/moves", limit="1", cursor=first["next_cursor"]))
        assert (first["data"] + second["data"], second["next_cursor"]) == (whole, None)
        assert read(program.get("identity/moves", person=two[0]))["data"] == whole
        assert read(program.get(f"people/{two[0]}/identity"))["history"] == whole[::-1]

    def test_moves_of_somebody_who_is_not_there(self, program: Program) -> None:
        refused(program.get("identity/moves", person="0" * 13), 404, "not_found")


class TestSplit:
    def handle(self, program: Program, person: str, value: str) -> str:
        handles = read(program.get(f"people/{person}/identity"))["handles"]
        return str(next(each["id"] for each in handles if each["value"] == value))

    def test_a_handle_leaves_and_comes_back(self, two: tuple[str, str], program: Program, workspace: Workspace) -> None:
        merged = read(program.post(f"people/{two[0]}/merge", {"with": two[1]}))
        joined = owners(workspace)
        handle = self.handle(program, merged["id"], "anna@example.com")
        split = read(program.post(f"people/{merged['id']}/split", {"handles": [handle]}))
        assert split["id"] == merged["id"]
        assert public_id(owners(workspace)[from_public_id(handle)]) == split["people"][0]
        assert read(program.get(f"people/{split['people'][0]}"))["email"] == "anna@example.com"
        (move,) = split["moves"]
        read(program.post(f"identity/moves/{move}/undo"))
        assert owners(workspace) == joined

    @pytest.mark.parametrize("how", ["whole", "at"])
    def test_all_of_it(self, how: str, two: tuple[str, str], program: Program, workspace: Workspace) -> None:
        from django.utils.timezone import now

        before, then = owners(workspace), now().isoformat()
        merged = read(program.post(f"people/{two[0]}/merge", {"with": two[1]}))
        split = read(program.post(f"people/{merged['id']}/split", {"whole": True} if how == "whole" else {"at": then}))
        assert len(split["people"]) == len(split["moves"]) == 1
        groups = {frozenset(key for key, owner in mapping.items() if owner == who) for mapping in (before,) for who in mapping.values()}
        after = owners(workspace)
        assert {frozenset(key for key, owner in after.items() if owner == who) for who in after.values()} == groups

    @pytest.mark.parametrize(
        ("asked", "field"),
        [
            ({}, "handles"), ({"handles": []}, "handles"), ({"whole": False}, "whole"),
            ({"whole": True, "at": "2026-03-31T00:00:00Z"}, "handles"),
            ({"at": "2999-01-01T00:00:00Z"}, "at"), ({"at": "yesterday"}, "at"), ({"at": "2026-03-31T00:00:00"}, "at"),
            ({"handles": "x"}, "handles"),
        ],
    )  # fmt: skip
    def test_what_cannot_be_read(self, asked: dict[str, Any], field: str, two: tuple[str, str], program: Program) -> None:
        assert refused(program.post(f"people/{two[0]}/split", asked), 400, "invalid_field")["field"] == field

    def test_what_cannot_be_done(self, two: tuple[str, str], program: Program) -> None:
        only = self.handle(program, two[0], "ana@example.org")
        refused(program.post(f"people/{two[0]}/split", {"handles": [only]}), 409, "conflict")
        refused(program.post(f"people/{two[1]}/split", {"handles": [only]}), 404, "not_found")


class TestCases:
    @pytest.fixture
    def case(self, workspace: Workspace, program: Program) -> Any:
        import_csv(workspace, FIRST)
        import_csv(workspace, SECOND, "customers.csv")
        (found,) = read(program.get("identity/cases"))["data"]
        return found

    def test_a_question_with_its_evidence(self, case: Any) -> None:
        assert (case["state"], case["evidence"], case["probability"], case["steps"]) == ("open", ["same row"], None, [])
        assert {case["left"]["name"], case["right"]["name"]} == {"Montse", "M. Vilaro"}

    def test_a_probable_one_adds_up(self, case: Any, program: Program, workspace: Workspace) -> None:
        same = {"field": "city", "left": "Vic", "right": "Vic"}
        steps = [
            {"matcher": "city", "level": "same", "weight": 3.5, "code": "same_text", "values": same},
            {"matcher": "phone", "level": "differs", "weight": -1.25, "code": "unheard_of", "values": {}},
        ]
        entry = {"evidence": "probable", "prior": -7.5, "steps": steps}
        Case.objects.of(workspace).update(kind="probable", evidence=[entry], probability=0.02)
        (told,) = read(program.get("identity/cases"))["data"]
        assert (told["prior"], [step["weight"] for step in told["steps"]]) == (-7.5, [3.5, -1.25])
        assert told["steps"][0]["text"] == "Same city: Vic"

    def test_same_and_take_back(self, case: Any, program: Program, workspace: Workspace) -> None:
        before = owners(workspace)
        said = read(program.post(f"identity/cases/{case['id']}/decide", {"answer": "same"}))
        assert (said["state"], len(set(owners(workspace).values()))) == ("same", 1)
        assert read(program.get(f"people/{case['left']['id']}"))["id"] == said["person"]
        assert read(program.get("identity/cases"))["data"] == []
        assert Move.objects.of(workspace).get(act="merge").via == "api"
        refused(program.post(f"identity/cases/{case['id']}/decide", {"answer": "different"}), 409, "conflict")
        assert read(program.post(f"identity/cases/{case['id']}/take-back"))["state"] == "open"
        assert Move.objects.of(workspace).get(act="undo").via == "api"
        assert owners(workspace) == before
        refused(program.post(f"identity/cases/{case['id']}/take-back"), 409, "not_undoable")

    @pytest.mark.parametrize("answer", ["different", "later"])
    def test_other_answers(self, answer: str, case: Any, program: Program) -> None:
        assert read(program.post(f"identity/cases/{case['id']}/decide", {"answer": answer}))["state"] == answer
        assert [row["id"] for row in read(program.get("identity/cases", state=answer))["data"]] == [case["id"]]


class TestOnce:
    def test_the_same_request_again_gets_the_first_answer(self, two: tuple[str, str], program: Program, workspace: Workspace) -> None:
        asked, path = {"with": two[1]}, f"people/{two[0]}/merge"
        first = program.post(path, asked, Idempotency_Key="k1")
        again = program.post(path, asked, Idempotency_Key="k1")
        assert (read(first), first.content) == (read(again), again.content)
        assert Move.objects.of(workspace).count() == 1
        refused(program.post(path, asked, Idempotency_Key="k2"), 409, "conflict")

    def test_another_request_with_the_same_key(self, two: tuple[str, str], program: Program) -> None:
        read(program.post(f"people/{two[0]}/merge", {"with": two[1]}, Idempotency_Key="k1"))
        said = refused(program.post(f"people/{two[1]}/merge", {"with": two[0]}, Idempotency_Key="k1"), 409, "idempotency_key_reused")
        assert said["field"] == "Idempotency-Key"

    def test_what_was_refused_is_tried_anew(self, two: tuple[str, str], program: Program) -> None:
        refused(program.post(f"people/{two[0]}/merge", {"with": two[0]}, Idempotency_Key="k1"), 409, "conflict")
        assert not ApiAnswer.objects.exists()
        read(program.post(f"people/{two[0]}/merge", {"with": two[1]}, Idempotency_Key="k1"))

    def test_keys_of_others_are_their_own(self, two: tuple[str, str], program: Program, key_of: Callable[..., str]) -> None:
        path, asked = f"people/{two[0]}/merge", {"with": two[1]}
        read(program.post(path, asked, Idempotency_Key="k1"))
        refused(Program(key_of()).post(path, asked, Idempotency_Key="k1"), 409, "conflict")

    def test_a_day_later_it_is_forgotten(self, two: tuple[str, str], program: Program) -> None:
        from datetime import timedelta

        from django.utils.timezone import now

        path, asked = f"people/{two[0]}/merge", {"with": two[1]}
        read(program.post(path, asked, Idempotency_Key="k1"))
        ApiAnswer.objects.update(at=now() - timedelta(hours=25))
        refused(program.post(path, asked, Idempotency_Key="k1"), 409, "conflict")

    def test_too_long(self, two: tuple[str, str], program: Program) -> None:
        refused(program.post(f"people/{two[0]}/merge", {"with": two[1]}, Idempotency_Key="x" * 201), 400, "invalid_field")


@pytest.mark.django_db(transaction=True)
def test_twice_at_the_same_moment_is_done_once(workspace: Workspace, program: Program) -> None:
    import_csv(workspace, ANA)
    one, other = (read(program.get("people", email=email))["data"][0]["id"] for email in ("ana@example.org", "anna@example.com"))
    barrier = Barrier(4)

    def send() -> bytes:
        try:
            barrier.wait(10)
            response = Program(program.token).post(f"people/{one}/merge", {"with": other}, Idempotency_Key="same")
            assert response.status_code == 200, response.content
            return bytes(response.content)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _n: send(), range(4)))
    assert len(set(answers)) == 1
    assert Move.objects.of(workspace).count() == 1
