"""Questionnaires of other tools, written by hand as each tool writes them; our own comes back exactly; hostile files are refused."""

import io
import zipfile
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from vincle.engage.surveys import formats, library
from vincle.engage.surveys.definition import checks, model
from vincle.engage.surveys.formats import Refused
from vincle.engage.surveys.formats.conditions import LIMESURVEY, SURVEYJS, XLSFORM, Unsayable, translate

SHARED = Path("/work/shared/data/survey_definitions")


def items(survey: model.Survey) -> dict[str, Any]:
    return {item.id: item for _page, item in model.questions(survey)}


def sheet(*tables: tuple[str, list[list[Any]]]) -> bytes:
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in tables:
        made = book.create_sheet(name)
        for row in rows:
            made.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


FORM = (
    ("survey", [
        ["type", "name", "label::English (en)", "label::Català (ca)", "relevant", "constraint", "constraint_message", "required"],
        ["begin group", "about", "About you", "Sobre tu", "", "", "", ""],
        ["select_one yn or_other", "likes", "Do you like it?", "T’agrada?", "", "", "", "yes"],
        ["integer", "age", "How old?", "Quants anys?", "${likes} = 'y'", ". > 17 and . < 120", "Grown-ups only", ""],
        ["geopoint", "where", "Where?", "On?", "", "", "", ""],
        ["calculate", "double", "", "", "", "", "", ""],
        ["end group", "", "", "", "", "", "", ""],
        ["rank things", "order", "Best first", "", "pulldata('a', 'b', 'c') = 1", "", "", ""],
    ]),
    ("choices", [["list_name", "name", "label::English (en)"], ["yn", "y", "Yes"], ["yn", "n", "No"], ["things", "a b", "A"], ["things",
    "c", "C"]]),
)  # fmt: skip


def test_a_workbook_of_questions() -> None:
    read = formats.read(sheet(*FORM), "form.xlsx")
    found = items(read.survey)
    assert [page.id for page in read.survey.pages] == ["about", "page2"]
    assert read.survey.languages == ["en", "ca"]
    assert found["likes"].required == "yes"
    assert [each.id for each in found["likes"].choices] == ["y", "n", "other"]
    assert found["likes"].choices[-1].is_other
    assert found["age"].show_if == '{likes} = "y"'
    assert found["age"].validate.rule == "{age} > 17 and {age} < 120"
    assert found["age"].validate.words == {"en": "Grown-ups only"}
    told = {(each.place, each.why) for each in read.left_out}
    assert ("survey 5 (where)", "type") in told
    assert ("survey 6 (double)", "empty") in told
    assert ("survey 8 (order)", "logic") in told
    assert checks.is_ready(read.survey)


@pytest.mark.parametrize(("rows", "code"), [
    ([["kind", "name"], ["text", "a"]], "no_survey_sheet"),
    ([["type", "name"], ["geopoint", "a"]], "no_questions"),
])  # fmt: skip
def test_a_workbook_that_asks_nothing(rows: list[list[Any]], code: str) -> None:
    with pytest.raises(Refused) as refused:
        formats.read(sheet(("Sheet1" if code == "no_survey_sheet" else "survey", rows)), "form.xlsx")
    assert refused.value.code == code


LSS = """<?xml version="1.0" encoding="UTF-8"?><document><LimeSurveyDocType>Survey</LimeSurveyDocType><DBVersion>641</DBVersion>
<languages><language>es</language><language>en</language></languages>
<groups><rows><row><gid>1</gid><group_order>1</group_order></row></rows></groups>
<group_l10ns><rows><row><gid>1</gid><group_name>Uno</group_name><language>es</language></row></rows></group_l10ns>
<questions><rows>
<row><qid>1</qid><parent_qid>0</parent_qid><gid>1</gid><type>Y</type><title>SAT</title><mandatory>Y</mandatory>
<question_order>1</question_order></row>
<row><qid>2</qid><parent_qid>0</parent_qid><gid>1</gid><type>F</type><title>ROWS</title><mandatory>S</mandatory>
<question_order>2</question_order>
<relevance>((SAT.NAOK == "Y"))</relevance></row>
<row><qid>3</qid><parent_qid>0</parent_qid><gid>1</gid><type>:</type><title>GRID</title><question_order>3</question_order></row></rows>
</questions>
<subquestions><rows><row><qid>9</qid><parent_qid>2</parent_qid><title>SQ1</title><question_order>1</question_order><scale_id>0</scale_id>
</row></rows></subquestions>
<question_l10ns><rows><row><qid>1</qid><question>&lt;p&gt;¿Bien?&lt;/p&gt;</question><language>es</language></row>
<row><qid>1</qid><question>Fine?</question><language>en</language></row><row><qid>2</qid><question>Filas</question>
<language>es</language></row>
<row><qid>9</qid><question>Precio</question><language>es</language></row></rows></question_l10ns>
<answers><rows><row><aid>1</aid><qid>2</qid><code>A1</code><sortorder>1</sortorder><scale_id>0</scale_id></row>
<row><aid>2</aid><qid>2</qid><code>A2</code><sortorder>2</sortorder><scale_id>0</scale_id></row></rows></answers>
<answer_l10ns><rows><row><aid>1</aid><answer>Mal</answer><language>es</language></row><row><aid>2</aid><answer>Bien</answer>
<language>es</language></row></rows></answer_l10ns>
<quota><rows><row><id>1</id></row></rows></quota></document>"""


def test_a_survey_of_limesurvey() -> None:
    read = formats.read(LSS.encode(), "x.lss")
    found = items(read.survey)
    assert read.survey.languages == ["es", "en"]
    assert found["SAT"].text == {"es": "¿Bien?", "en": "Fine?"}
    assert found["ROWS"].show_if == '{SAT} = "Y"'
    assert found["ROWS"].required == "soft"
    assert [each["es"] for each in found["ROWS"].scales[0].labels] == ["Mal", "Bien"]
    assert {(each.place, each.why) for each in read.left_out} >= {("GRID", "type"), ("quota", "quota")}


SURVEYJS_FORM = {
    "title": {"default": "How was it?", "it": "Com’era?"},
    "pages": [{"name": "one", "elements": [
        {"type": "rating", "name": "score", "rateMin": 0, "rateMax": 10, "isRequired": True, "minRateDescription": "No"},
        {"type": "panel", "name": "more", "visibleIf": "{score} < 7", "elements": [
            {"type": "checkbox", "name": "why", "visibleIf": "{score} notempty", "choices": ["a", {"value": "b", "text": "Bee"}],
            "showOtherItem": True,
             "validators": [{"type": "answercount", "maxCount": 2}, {"type": "regex", "regex": "x"}]},
        ]},
        {"type": "signaturepad", "name": "sign"},
    ]}],
}  # fmt: skip


def test_a_form_of_surveyjs() -> None:
    read = formats.read(msgspec.json.encode(SURVEYJS_FORM), "x.json")
    found = items(read.survey)
    assert isinstance(found["score"], model.Nps)
    assert found["score"].required == "yes"
    assert found["score"].low == {"en": "No"}
    assert found["why"].most == 2
    assert found["why"].show_if == "{score} < 7 and answered({score})"
    assert [each.id for each in found["why"].choices] == ["a", "b", "other"]
    assert {(each.place, each.why) for each in read.left_out} == {("sign", "type"), ("why", "check")}


def qsf(*questions: dict[str, Any]) -> bytes:
    blocks = [{"Type": "Standard", "Description": "One", "ID": "B1", "BlockElements": [
        {"Type": "Question", "QuestionID": each["QuestionID"]} for each in questions]}]  # fmt: skip
    elements = [{"Element": "BL", "Payload": blocks}, {"Element": "FL", "Payload": {"Flow": [{"Type": "Branch", "FlowID": "F2",
        "Flow": [{"ID": "B1"}]}]}},
                *({"Element": "SQ", "PrimaryAttribute": each["QuestionID"], "Payload": each} for each in questions)]  # fmt: skip
    return msgspec.json.encode({"SurveyEntry": {"SurveyName": "Q", "SurveyLanguage": "EN"}, "SurveyElements": elements})


def test_a_file_of_qualtrics() -> None:
    first = {"QuestionID": "QID1", "DataExportTag": "Q1", "QuestionText": "Pick", "QuestionType": "MC", "Selector": "SAVR",
             "Choices": {"1": {"Display": "A"}, "2": {"Display": "B", "TextEntry": "true"}}, "ChoiceOrder": [2, "1"],
             "Language": {"ES": {"QuestionText": "Elige", "Choices": {"1": {"Display": "Á"}}}},
             "Validation": {"Settings": {"ForceResponse": "ON", "ForceResponseType": "RequestResponse"}}}  # fmt: skip
    logic = {
        "0": {"0": {"LogicType": "Question", "LeftOperand": "q://QID1/SelectableChoice/2", "Operator": "Selected"}, "Type": "If"},
        "Type": "BooleanExpression",
    }
    second = {"QuestionID": "QID2", "QuestionText": "You said ${q://QID1/ChoiceGroup/SelectedChoices}. Why?", "QuestionType": "TE",
        "Selector": "ML",
              "DisplayLogic": logic, "QuestionJS": "alert(1)"}  # fmt: skip
    third = {"QuestionID": "QID3", "QuestionText": "Draw", "QuestionType": "Draw", "Selector": "Signature"}
    read = formats.read(qsf(first, second, third), "x.qsf")
    found = items(read.survey)
    assert [each.id for each in found["Q1"].choices] == ["2", "1"]
    assert found["Q1"].choices[0].is_other
    assert found["Q1"].required == "soft"
    assert found["Q1"].text["es"] == "Elige"
    assert found["Q1"].choices[1].text["es"] == "Á"
    assert found["QID2"].show_if == 'contains({Q1}, "2")'
    assert found["QID2"].text["en"] == "You said {Q1}. Why?"
    assert {(each.place, each.why) for each in read.left_out} == {("F2", "logic"), ("QID2", "script"), ("QID3", "type")}


# Out and in again


@pytest.mark.parametrize("key", sorted(library.READY))
def test_every_ready_survey_goes_out_and_comes_back(key: str) -> None:
    survey = library.survey(key, "ca")
    assert not [each for each in checks.troubles(survey) if not each.is_warning or each.code == "untranslated"]
    assert formats.read(formats.write(survey, "own").content, "x.json").survey == survey
    for other in ("xlsform", "lss", "surveyjs", "qsf"):
        written = formats.write(survey, other)
        assert formats.told(written.content, f"x{written.ending}") == other
        back = formats.read(written.content, f"x{written.ending}").survey
        assert set(back.languages) == set(survey.languages)
        assert len(list(model.questions(back))) >= len(list(model.questions(survey))) - 2
        assert not [each for each in checks.troubles(back) if not each.is_warning], (other, checks.troubles(back))


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=20)
TEXTS = st.dictionaries(st.sampled_from(["en", "es", "it", "ca"]), WORDS, max_size=3)
IDS = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
CHOICES = st.lists(st.builds(model.Choice, id=IDS, text=TEXTS, is_other=st.booleans(), is_exclusive=st.booleans()), max_size=4)
SCALES = st.builds(model.Scale, points=st.integers(2, 10), labels=st.lists(TEXTS, max_size=3), low=TEXTS, high=TEXTS, has_na=st.booleans())
SHARED_PARTS: dict[str, Any] = {
    "id": IDS,
    "text": TEXTS,
    "help": TEXTS,
    "required": st.sampled_from(["no", "soft", "yes"]),
    "show_if": WORDS,
}
NUMBERS = st.floats(-1e9, 1e9)
ITEMS = st.one_of(
    st.builds(model.Single, **SHARED_PARTS, choices=CHOICES, is_random=st.booleans()),
    st.builds(model.Multiple, **SHARED_PARTS, choices=CHOICES, most=st.integers(0, 9)),
    st.builds(model.Matrix, **SHARED_PARTS, rows=CHOICES, scales=st.lists(SCALES, min_size=1, max_size=2)),
    st.builds(model.Likert, **SHARED_PARTS, scale=SCALES), st.builds(model.Nps, **SHARED_PARTS, low=TEXTS),
    st.builds(model.Number, **SHARED_PARTS, least=st.none() | NUMBERS), st.builds(model.ConstantSum, **SHARED_PARTS, choices=CHOICES,
        total=NUMBERS),
    st.builds(model.LongText, **SHARED_PARTS, validate=st.none() | st.builds(model.Rule, rule=WORDS, words=TEXTS)),
    st.builds(model.Computed, **SHARED_PARTS, formula=WORDS), st.builds(model.Note, **SHARED_PARTS), st.builds(model.Slider,
        **SHARED_PARTS, low=NUMBERS),
)  # fmt: skip
SURVEYS = st.builds(
    model.Survey, title=TEXTS, covering=TEXTS, languages=st.just(["en", "ca"]), pages=st.lists(
        st.builds(model.Page, id=IDS, title=TEXTS, items=st.lists(ITEMS, max_size=3), show_if=WORDS), max_size=3),
    areas=st.lists(st.builds(model.Area, id=IDS, name=TEXTS), max_size=2),
)  # fmt: skip


@given(SURVEYS)
def test_our_own_format_comes_back_exactly(survey: model.Survey) -> None:
    written = formats.write(survey, "own").content
    read = formats.read(written, "x.json")
    assert read.survey == survey
    assert not read.left_out
    assert formats.write(read.survey, "own").content == written


@given(SURVEYS, st.sampled_from(["xlsform", "lss", "surveyjs", "qsf"]))
def test_whatever_is_written_can_be_read_or_is_refused(survey: model.Survey, key: str) -> None:
    written = formats.write(survey, key)
    try:
        formats.read(written.content, f"x{written.ending}", key)
    except Refused as refused:
        if refused.code not in ("no_questions", "no_type_column", "no_survey_sheet"):
            raise


# Hostile


@given(st.binary(max_size=400), st.sampled_from(["x.json", "x.xls", "x.csv", "x.lss", "x.md", "x"]), st.sampled_from([b"", b"{",
    b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
       b"survey,,\n,type,name\n,text,", b"<document><LimeSurveyDocType>Survey</LimeSurveyDocType>"]))  # fmt: skip
def test_rubbish_is_refused(content: bytes, name: str, head: bytes) -> None:
    with suppress(Refused):
        formats.read(head + content, name)


def test_xml_that_defines_things_is_refused() -> None:
    bomb = (
        b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
        b"<document><LimeSurveyDocType>Survey</LimeSurveyDocType>&b;</document>"
    )
    outside = b'<!DOCTYPE d SYSTEM "file:///etc/passwd"><document><LimeSurveyDocType>Survey</LimeSurveyDocType></document>'
    deep = b"<document><LimeSurveyDocType>Survey</LimeSurveyDocType>" + b"<a>" * 500
    for content, code in ((bomb, "unsafe_xml"), (outside, "unsafe_xml"), (deep, "too_deep"), (b"<document><LimeSurveyDocType>", "not_xml")):
        with pytest.raises(Refused) as refused:
            formats.read(content, "x.lss", "lss")
        assert refused.value.code == code


def test_bombs_and_depth_are_refused() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (30 << 20))
    for content, name, code in (
        (stream.getvalue(), "x.xlsx", "bomb"), (b'{"pages":' * 5_000, "x.json", "too_deep"),
        (b'{"pages": ' + b"[" * 200 + b"]" * 200 + b"}", "x.json", "too_deep"),
        (b"x" * (6 << 20), "x.csv", "too_large"), (b"", "x.csv", "empty"), (b'{"format": "vincle-survey/9"}', "x.json", "newer_format"),
    ):  # fmt: skip
        with pytest.raises(Refused) as refused:
            formats.read(content, name)
        assert refused.value.code in (code, "not_json") if code == "too_deep" else refused.value.code == code


def test_formulas_stay_texts_in_a_workbook() -> None:
    survey = model.Survey(pages=[model.Page(id="p", items=[model.Text(id="q", text={"en": '=HYPERLINK("http://x")'})])])
    content = formats.write(survey, "xlsform").content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")
    assert items(formats.read(content, "x.xlsx").survey)["q"].text["en"].startswith("=HYPERLINK")


@pytest.mark.parametrize(("text", "dialect"), [
    ("(" * 3_000, XLSFORM), ("regex(., '^a')", XLSFORM), ("{a} ~ 1", SURVEYJS), ("self.value == 1 ? 2", LIMESURVEY), ("${a} = 'x",
    XLSFORM), ("", XLSFORM),
])  # fmt: skip
def test_what_cannot_be_said(text: str, dialect: Any) -> None:
    with pytest.raises(Unsayable):
        translate(text, dialect)


# Files of others

REFUSED = {
    "fruits.csv": "no_survey_sheet", "gps.csv": "no_questions", "gps.xls": "no_questions", "include_json.csv": "no_questions",
    "include_json.md": "no_questions", "include_json.xls": "no_questions", "include_json.xlsx": "no_questions",
    "LICENSE.txt": "unknown_format",
}  # fmt: skip


@pytest.mark.skipif(not SHARED.is_dir(), reason=f"the shared questionnaires are not at {SHARED}")
def test_every_shared_file_is_read_or_refused_with_a_reason() -> None:
    refused, asked, why = {}, {}, Counter[str]()
    for path in sorted(SHARED.glob("*/*")):
        try:
            read = formats.read(path.read_bytes(), path.name)
        except Refused as fault:
            refused[path.name] = fault.code
            continue
        asked[path.name] = len(items(read.survey))
        why.update(each.why for each in read.left_out)
        assert formats.read(formats.write(read.survey, "own").content, "x.json").survey == read.survey
    assert refused == REFUSED
    assert len(asked) == 78
    assert asked["abridged.qsf"] == 11
    assert asked["nps.json"] == 4
    assert asked["answers.lss"] == 2
    assert why["type"]
    assert why["loop"]
    assert why["logic"]
    assert why["metadata"]
