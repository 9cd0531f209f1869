"""The components: what they say, what they escape, what they refuse."""

import html
import json
import re
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django import forms
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone, translation

BAD = '"><boo>'
CHART = {"columns": ["Day", "Mentions"], "rows": [["Mon", 3], ["</script>", None], ["Wed", 1.5]], "hrefs": ["?day=1", "", '?"><b>']}


@pytest.fixture(autouse=True)
def _english() -> Any:
    with translation.override("en"):
        yield


def draw(source: str, path: str = "/people/", **values: Any) -> str:
    return Template(source).render(Context({"request": RequestFactory().get(path), "bad": BAD, **values}))


@pytest.mark.parametrize(
    "source",
    [
        "{% page_head title=bad sentence=bad back_url=bad back_label=bad %}{{ bad }}{% endpage_head %}",
        "{% card title=bad sentence=bad id=bad css=bad table_url=bad %}{{ bad }}{% endcard %}",
        "{% tile bad bad bad bad bad bad %}",
        "{% avatar bad %}{% person bad bad bad bad %}{% stage bad %}{% channel_mark bad %}{% words bad bad bad %}",
        "{% timeline_item channel=bad said=bad tone=bad note=bad language=bad %}{{ bad }}{% endtimeline_item %}",
        "{% why reasons bad bad %}{% empty_state bad bad bad %}{% panel title=bad %}{{ bad }}{% endpanel %}{% progress bad 1 2 bad bad %}",
        "{% dialog bad title=bad %}{{ bad }}{% enddialog %}{% menu label=bad text=bad %}{{ bad }}{% endmenu %}{% copy_button bad bad %}",
        "{% filter_chip bad bad choices %}{% chip bad bad %}{% filter_search bad bad bad %}{% sort_head bad bad %}{% pick bad bad %}",
        "{% bulk_bar bad %}{{ bad }}{% endbulk_bar %}{% pager bad bad bad %}{% tabs tabs bad %}{% column_chooser choices choices %}",
        "{% tags_input bad tags bad tags bad %}{% chart 'c' 'line' bad bad data %}{% bar 1 2 bad %}{% ladder counts links %}",
    ],
)
def test_nothing_of_others_becomes_markup(source: str) -> None:
    values: dict[str, Any] = {
        "reasons": [(BAD, BAD, 0.5, BAD)],
        "choices": [(BAD, BAD)],
        "tabs": [(BAD, BAD, True, 1)],
        "tags": [BAD],
        "data": CHART,
        "counts": {"critic": 1},
    }
    values["links"] = {"critic": BAD}
    text = draw(source, path="/people/?x=%22%3E%3Cboo%3E", **values)
    assert "<boo" not in text
    assert "&lt;boo&gt;" in text


def test_icon_is_silent_unless_named(settings: Any) -> None:
    assert 'aria-hidden="true"' in draw("{% icon 'users' %}")
    assert 'aria-label="People"' in draw("{% icon 'users' 'People' %}")
    assert "#circle" in draw("{% icon 'no-such' %}")
    settings.DEBUG = True
    with pytest.raises(ValueError, match="no-such"):
        draw("{% icon 'no-such' %}")


def test_avatar_keeps_its_tint() -> None:
    tints = {re.search(r"tint-(\d)", draw("{% avatar name key=7 %}", name=name)).group(1) for name in ("Ana", "Ana Torres")}  # type: ignore[union-attr]
    assert len(tints) == 1
    assert "anon" in draw("{% avatar '' %}")
    assert "anon" in draw("{% avatar '12345' %}")
    assert "organisation" in draw("{% avatar 'Hotel' kind='organisation' %}")


def test_stage_has_word_and_shape() -> None:
    critic = draw("{% stage 'critic' %}")
    assert "Critic" in critic
    assert "rung-critic" in critic
    assert draw("{{ 'semi-active'|stage_name }}") == "Semi-active"


@pytest.mark.parametrize(
    ("kind", "name"), [("mastodon", "Mastodon"), ("username@x", "X"), ("email", "E-mail"), ("facebook", "Facebook"), ("hubspot", "hubspot")]
)
def test_channel_name(kind: str, name: str) -> None:
    assert draw("{{ kind|channel_name }}", kind=kind).startswith(name)


def test_filter_chip_keeps_the_rest_and_forgets_the_place() -> None:
    choices = [("x", "X", 3), ("ig", "Instagram", 9)]
    off = draw("{% filter_chip 'channel' 'All channels' choices %}", "/people/?q=ana&after=abc", choices=choices)
    assert "All channels" in off
    assert 'href="?q=ana&amp;channel=x"' in off
    on = draw("{% filter_chip 'channel' 'All channels' choices multiple=True %}", "/people/?q=ana&channel=x", choices=choices)
    assert 'href="?q=ana"' in on
    assert 'href="?q=ana&amp;channel=x&amp;channel=ig"' in on
    assert "chip-set on" in on


def test_filter_taken_off_leaves_a_plain_address() -> None:
    on = draw("{% filter_chip 'channel' 'All' choices %}", "/people/?channel=x", choices=[("x", "X")])
    assert 'href="/people/"' in on


@pytest.mark.parametrize(
    ("path", "aria", "href"),
    [("/p/", None, "?sort=name"), ("/p/?sort=name", "ascending", "?sort=-name"), ("/p/?sort=-name", "descending", "?sort=name")],
)
def test_sort_head(path: str, aria: str | None, href: str) -> None:
    text = draw("{% sort_head 'name' 'Name' %}", path)
    assert (f'aria-sort="{aria}"' in text) if aria else ("aria-sort" not in text)
    assert f'href="{href}"' in text


def test_figures_sort_downwards_first() -> None:
    assert 'href="?sort=-value"' in draw("{% sort_head 'value' 'Value' numeric=True %}")
    assert 'href="?sort=value"' in draw("{% sort_head 'value' 'Value' numeric=True %}", sort="-value")


def test_pager_says_only_the_pages_there_are() -> None:
    assert "href" not in draw("{% pager summary='all' %}")
    text = draw("{% pager after='k9' %}", "/p/?q=a&before=b1")
    assert 'href="?q=a&amp;after=k9"' in text
    assert 'rel="prev"' not in text


def test_chart_carries_data_and_table() -> None:
    text = draw("{% chart 'talk' 'line' 'Twice the talk' 'Mentions a day' data %}", data=CHART)
    payload = re.search(r'<data id="talk-data" hidden>(.*?)</data>', text, re.S)
    assert payload
    assert json.loads(html.unescape(payload.group(1))) == {**CHART, "kind": "line"}
    assert "<script" not in text, "htmx would take it out of what it puts into a page"
    assert '<a class="link" href="?day=1">Mon</a>' in text
    assert "1.50" in text
    assert text.count("<tr>") == 4


def test_what_a_chart_carries_is_no_markup() -> None:
    text = draw("{% chart 'x' 'bars' 'Names' '' data %}", data={"columns": ["a", "b"], "rows": [["</data><img src=x>", 1]]})
    assert "<img" not in text


def test_chart_links_each_value() -> None:
    data = {"columns": ["", "08", "09"], "rows": [["Mon", 1, 2]], "hrefs": [["?h=8", "?h=9"]]}
    text = draw("{% chart 'h' 'heat' 'When' '' data %}", data=data)
    assert 'href="?h=8">1<' in text
    assert 'href="?h=9">2<' in text
    assert '<th scope="row">Mon</th>' in text


def test_chart_without_rows_and_of_unknown_kind() -> None:
    assert "Nothing to draw" in draw("{% chart 'e' 'line' 'None' %}")
    with pytest.raises(ValueError, match="pie"):
        draw("{% chart 'e' 'pie' 'None' %}")


@pytest.mark.parametrize(
    ("value", "largest", "width"), [(50, 100, "50.00"), (0, 100, "0.00"), (0.1, 100, "1.20"), (200, 100, "100.00"), (1, 0, "1.20")]
)
def test_bar(value: float, largest: float, width: str) -> None:
    assert f'width="{width}%"' in draw("{% bar value largest %}", value=value, largest=largest)


def test_waterfall_piece_runs_between_its_ends() -> None:
    assert 'x="25.00%" width="50.00%"' in draw("{% bar_between 4 -4 -8 8 %}")


def test_sparkline_needs_two_points() -> None:
    assert draw("{% sparkline points %}", points=[1]) == ""
    assert "0.0,18.0 86.0,2.0" in draw("{% sparkline points %}", points=[1, 2])
    assert "polyline" in draw("{% sparkline points %}", points=[3, 3, 3])


def test_field_says_what_is_wrong_to_everyone() -> None:
    class Sample(forms.Form):
        email = forms.EmailField(help_text="Only the team sees it.")
        note = forms.CharField(required=False)

    text = draw("{% field form.email %}{% field form.note %}", form=Sample({"email": "x@"}))
    assert 'aria-invalid="true"' in text
    assert 'aria-describedby="id_email_help id_email_wrong"' in text
    assert text.count("optional") == 2  # the class and the word
    assert 'for="id_email"' in text


def test_undo_of_a_message() -> None:
    assert draw("{% undo_of message %}", message=SimpleNamespace(extra_tags="undo:/w/cafe/undo/7/")) == "/w/cafe/undo/7/"
    assert draw("{% undo_of message %}", message=SimpleNamespace(extra_tags="undo:https://elsewhere")) == ""
    assert draw("{% undo_of message %}", message=SimpleNamespace(extra_tags=None)) == ""


def test_progress_without_length() -> None:
    assert "value=" not in re.search(r"<progress[^>]*>", draw("{% progress 'Waiting' %}")).group()  # type: ignore[union-attr]
    assert 'value="0.5" max="2"' in draw("{% progress 'Reading' 0.5 2 %}")


def test_timeline_has_time_mark_and_words() -> None:
    text = draw(
        "{% timeline_item at=at channel='mastodon' said='Bon dia' tone='pos' language='ca' %}said{% endtimeline_item %}",
        at=timezone.now() - timedelta(days=3),
    )
    assert "<time" in text
    assert 'aria-label="Mastodon"' in text
    assert 'lang="ca">Bon dia</blockquote>' in text
