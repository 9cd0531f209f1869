"""The tree a builder reshapes, the fields of its clauses, and the state between two presses: without a database."""

import json

import pytest
from django.http import QueryDict

from vincle.organise import segment_builder, segment_fields, segment_tree
from vincle.organise.segments.reading import read, write

SORTS = {"city": "text", "birthday": "date", "followers": "number", "is_identified": "boolean", "met_on": "list", "country": "choice"}
CLAUSES = [
    {"trait": "city", "is": "Girona"},
    {"trait": "city", "one_of": ["Girona", "Vic"]},
    {"trait": "followers", "at_least": 1000},
    {"trait": "followers", "less": 2.5},
    {"trait": "birthday", "birthday_in_next": 7},
    {"trait": "birthday", "before": "1990-01-01"},
    {"trait": "is_identified", "is": False},
    {"trait": "met_on", "contains": "shop"},
    {"trait": "city", "unknown": True},
    {"not": {"trait": "country", "is": "ES"}},
    {"tag": "vip"},
    {"not": {"tag": "vip"}},
    {"stage": ["critic", "creator"]},
    {"consent": "granted", "channel": "email", "purpose": "marketing"},
    {"score": "churn", "at_least": 0.7},
    {"segment": "abcdef"},
    {"top": 100, "by": "influence"},
    {"random": 0.1, "seed": 7},
    {"did": {"verb": ["Purchase"]}, "count": {"at_least": 2}, "within": {"days": 90}},
    {"did_not": {"verb": ["Purchase"], "channel": ["shop"]}, "within": {"since": "year"}},
    {"did": {"verb": ["Purchase"], "amount": {"at_least": 20}}, "sum": {"at_least": 100, "at_most": 500},
     "within": {"from": "2026-01-01", "to": "2026-03-31"}},
    {"did": {"verb": ["Create"], "rating": {"at_least": 0.9}, "is_reply": False, "by": "us"}, "count": {"at_most": 3}},
    {"did": {"verb": ["Purchase"]}, "kinds": {"at_least": 1, "at_most": 1}, "of": "product", "within": {"days": 30}},
    {"did": {"verb": ["Purchase"]}, "last": {"at_least": 180}},
    {"sequence": [{"verb": ["View"], "product": ["latte"]}, {"verb": ["Purchase"], "by": "us"}], "within_days": 7,
     "missing_last": True, "within": {"days": 90}},
]  # fmt: skip


def type_of(name: str) -> str:
    return SORTS.get(name, "text")


def typed(form: dict) -> QueryDict:
    """What a browser sends of the fields that `segment_fields.shown` fills."""
    post = QueryDict(mutable=True)
    post["c-kind"], post["c-not"] = form["kind"], "1" if form["denied"] else ""
    names = "name op channel purpose least most count share seed measure compare of window days since from to span"
    for name in names.split():
        if name in form:
            post[f"c-{name}"] = form[name]
    if form["kind"] == "stage":
        post.setlist("c-value", form["values"])
    elif form.get("control") == "many":
        post["c-value"] = ", ".join(form["values"])
    elif "value" in form:
        post["c-value"] = form["value"]
    post["c-did"], post["c-missing"] = "no" if form.get("never") else "yes", "1" if form.get("missing") else ""
    post["c-steps"] = str(len(form.get("acts", ())))
    for act in form.get("acts", ()):
        prefix = f"c-a{act['at']}"
        post[f"{prefix}-by"] = act["by"]
        post.setlist(f"{prefix}-verb", act["verbs"])
        post.setlist(f"{prefix}-has", [row["name"] for row in act["details"]])
        for row in act["details"]:
            if row["is_range"]:
                post[f"{prefix}-{row['name']}-least"], post[f"{prefix}-{row['name']}-most"] = row["least"], row["most"]
            else:
                post.setlist(f"{prefix}-{row['name']}", row["values"])
    return post


@pytest.mark.parametrize("clause", CLAUSES, ids=json.dumps)
def test_what_stands_in_the_fields_is_what_was_asked(clause):
    form = segment_fields.shown(clause, type_of)
    again = segment_fields.meant(segment_fields.read(typed(form), form["kind"], type_of))
    assert write(read(again)) == write(read(clause))


def test_what_is_no_number_is_kept_as_it_was_typed():
    post = QueryDict(mutable=True)
    post.update({"c-count": "many", "c-name": "influence"})
    assert segment_fields.read(post, "top", type_of) == {"top": "many", "by": "influence"}


TREE = {"all": [{"tag": "a"}, {"not": {"any": [{"tag": "b"}, {"tag": "c"}]}}]}


def test_groups_are_named_by_how_they_hold():
    assert [segment_tree.mode(node) for node in (TREE, TREE["all"][1], TREE["all"][0])] == ["all", "none", ""]
    assert [place for place, _ in segment_tree.clauses(TREE)] == [(0,), (1, 0), (1, 1)]


def test_a_clause_moves_within_its_group_and_out_of_it():
    tree, place = segment_tree.moved(TREE, (1, 1), -1)
    assert (segment_tree.parts(tree["all"][1]), place) == ([{"tag": "c"}, {"tag": "b"}], (1, 0))
    tree, place = segment_tree.moved(tree, place, -1)
    assert (tree["all"], place) == ([{"tag": "a"}, {"tag": "c"}, {"not": {"any": [{"tag": "b"}]}}], (1,))


def test_a_place_that_is_not_there_changes_nothing():
    assert segment_tree.put(TREE, (7, 1), None) == TREE
    assert segment_tree.at(TREE, (0, 0)) is None
    assert segment_tree.read_place("1.x") is None


def test_groups_that_lose_all_they_had_go_too():
    assert segment_tree.pruned(TREE, {(1, 0), (1, 1)}) == {"all": [{"tag": "a"}]}
    assert segment_tree.pruned(TREE, {(0,), (1, 0), (1, 1)}) == {"all": []}


def state(tree=TREE, **more):
    return segment_builder.start(tree, **more)


def test_undo_and_redo_walk_through_what_was():
    first = segment_builder.pressed(state(), "drop::0")
    second = segment_builder.pressed(first, "add:stage:top")
    assert second.tree["all"][-1] == {"stage": []}
    back = segment_builder.pressed(segment_builder.pressed(second, "undo"), "undo")
    assert (back.tree, len(back.future)) == (TREE, 2)
    assert segment_builder.pressed(back, "redo").tree == first.tree


def post_of(state, **fields):
    post = QueryDict(mutable=True)
    post["tree"] = segment_builder.packed(state.tree)
    post["open"] = segment_tree.written(state.open) if state.open else ""
    post["past"], post["future"] = json.dumps(state.past), json.dumps(state.future)
    post.update({name.replace("_", "-"): value for name, value in fields.items()})
    return post


def test_what_is_typed_into_the_open_clause_is_a_step_that_can_be_undone():
    opened = segment_builder.pressed(state(), "open::0")
    typed_in = segment_builder.of_post(post_of(opened, c_kind="tag", c_value="vip"), type_of)
    assert typed_in.tree["all"][0] == {"tag": "vip"}
    assert segment_builder.pressed(typed_in, "undo").tree == TREE


def test_how_a_group_holds_together_is_chosen_by_its_field():
    post = post_of(state())
    post["mode-1"], post["mode-top"] = "all", "any"
    assert segment_builder.of_post(post, type_of).tree == {"any": [{"tag": "a"}, {"all": [{"tag": "b"}, {"tag": "c"}]}]}


@pytest.mark.parametrize("junk", ["", "[", "[1]", '{"all": [1, null, {"tag": []}]}', '{"all":' * 3000, '"x"', "\x00"])
def test_whatever_is_sent_leaves_a_tree_that_can_be_shown(junk):
    post = QueryDict(mutable=True)
    post.update({"tree": junk, "open": "0.0", "past": junk, "future": "{}", "c-kind": "did"})
    found = segment_builder.of_post(post, type_of)
    segment_builder.pressed(found, "detail:x-y:0")
    segment_builder.checked(found.tree)


def test_each_clause_says_what_is_wrong_with_it_and_the_rest_is_asked():
    tree = {"all": [{"tag": ""}, {"top": "many", "by": "influence"}, {"tag": "vip"}]}
    found = segment_builder.checked(tree)
    assert (set(found.wrong), found.value) == ({(0,), (1,)}, {"all": [{"tag": "vip"}]})
    assert found.wrong[(1,)].path == "top"


def test_details_that_were_opened_and_left_empty_ask_nothing():
    tree = {"all": [{"did": {"verb": ["Purchase"], "channel": [], "amount": {}}, "count": {"at_least": 1}}]}
    assert segment_builder.checked(tree).value == {"all": [{"did": {"verb": ["Purchase"]}, "count": {"at_least": 1}}]}


def test_json_that_cannot_be_read_stays_where_it_was_typed():
    post = post_of(state(), view="json", text="{oops")
    found = segment_builder.pressed(segment_builder.of_post(post, type_of), "form")
    assert (found.text, found.tree, found.wrong) == ("{oops", TREE, "1:2")


def deep(levels):
    return '{"all":[' * levels + "]}" * levels


def test_what_nobody_could_show_is_refused():
    assert segment_builder.of_post(post_of(state(), view="json", text=deep(300)), type_of).wrong == "deep"
    assert segment_builder.of_post(post_of(state(), view="json", text="[1]"), type_of).wrong == "object"
    assert not segment_builder.of_post(post_of(state(), view="json", text=deep(12)), type_of).wrong
    hidden = post_of(state())
    hidden["tree"] = deep(300)
    assert segment_builder.of_post(hidden, type_of).tree == {"all": []}


def test_undoing_in_json_writes_the_json_anew():
    shown = segment_builder.pressed(segment_builder.pressed(state(), "drop::0"), "json")
    assert json.loads(segment_builder.pressed(shown, "undo").text) == TREE
