"""Posts, mentions, comments and reviews as tables."""

import contextlib
import csv
import io
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vincle.channels.base import FileError, Options, Sample
from vincle.channels.posts import channel
from vincle.vocabulary import Activity, Direction, Fact, HandleRef, ObjectType, Reject, Verb, Warn

HERE = Path(__file__).parent / "posts"
NOW = datetime(2026, 11, 21, tzinfo=UTC)
OPTIONS = Options(file_key="0123456789abcdef0123", now=NOW)


class Read:
    """Everything a file gave, sorted by kind."""

    def __init__(self, data: bytes, options: Options = OPTIONS) -> None:
        items = list(channel.read(io.BytesIO(data), options))
        self.posts = [item for item in items if isinstance(item, Activity)]
        self.facts = [item for item in items if isinstance(item, Fact)]
        self.rejects = [(item.line, item.code) for item in items if isinstance(item, Reject)]
        self.warns = [(item.line, item.code, item.field) for item in items if isinstance(item, Warn)]


def payload(name: str, options: Options = OPTIONS) -> Read:
    return Read((HERE / name).read_bytes(), options)


def sample(data: bytes) -> Sample:
    return Sample(head=data[:65536], size=len(data))


def test_mentions() -> None:
    found = payload("mentions.csv")
    first, second, third = found.posts
    assert first.actor == HandleRef("x_username", "laia_r", "Laia Roure")
    assert (first.verb, first.object_type, first.direction) == (Verb.CREATE, ObjectType.NOTE, Direction.IN)
    assert first.text == "El café & la gente, ♥ #CafèLligam"
    assert (first.hashtags, first.sentiment, first.language) == (("cafèlligam",), "positive", "es")
    assert first.props == {"likes": 3, "shares": 1, "network": "x"}
    assert first.happened_at == datetime(2026, 3, 1, 9, tzinfo=UTC)
    assert first.native_id == first.object_key == "1799990000000000001"
    assert second.actor == HandleRef("instagram_username", "biel.rou", "Biel")
    assert (second.parent_key, second.sentiment, second.url) == ("1799990000000000001", "negative", "")
    assert third.native_id == first.native_id, "an exact repeat keeps its name, so that the log keeps one"
    assert found.rejects == [(4, "no_text"), (5, "no_time")]
    assert found.warns == [(3, "invalid_url", "Permalink"), (6, "duplicate_in_file", "id")]


def test_reviews_with_every_spelling_of_a_rating() -> None:
    found = payload("reviews.csv")
    assert [(post.rating, post.rating_max, post.object_type) for post in found.posts] == [
        (4.0, 5.0, ObjectType.REVIEW), (5.0, 5.0, ObjectType.REVIEW), (2.0, 5.0, ObjectType.REVIEW), (None, None, ObjectType.NOTE)]
    assert found.posts[0].text == "Buon caffè,\nservizio lento"
    assert found.posts[2].happened_at == datetime(2026, 3, 14, 23, tzinfo=UTC)
    assert found.warns == [(6, "not_a_number", "Rating")]


def test_a_column_called_note_is_a_rating_only_where_it_holds_ratings() -> None:
    assert Read(b"auteur,note,date\nana,4,2026-01-01\n").posts[0].rating == 4
    assert Read(b"author,note,date\nana,Quite good,2026-01-01\n").posts[0].text == "Quite good"


def test_ids_damaged_by_a_spreadsheet_are_not_used() -> None:
    found = payload("damaged_ids.csv")
    assert found.warns == [(2, "damaged_ids", "tweet_id"), (4, "duplicate_in_file", "text")]
    first, second, third = (post.native_id for post in found.posts)
    assert first == third != second
    assert payload("damaged_ids.csv", Options(file_key="another file", now=NOW)).posts[0].native_id == first


def test_short_ids_are_unique_in_their_own_file_only() -> None:
    data = b"comment_id,author,text,date,parent_id\n1,ana,Hola,2026-01-01,\n2,luz,Que tal,2026-01-01,1.0\n"
    found = Read(data)
    space = "0123456789abcdef"
    assert [(post.native_id, post.parent_key) for post in found.posts] == [(f"{space}:1", ""), (f"{space}:2", f"{space}:1")]
    assert Read(data, Options(file_key="other", now=NOW)).posts[0].native_id != found.posts[0].native_id


def test_own_posts_ask_for_the_order_of_day_and_month() -> None:
    data = (HERE / "own_posts.csv").read_bytes()
    question = channel.preview(io.BytesIO(data), OPTIONS).questions[0]
    assert (question.option, question.example) == ("date_order", "04-11-2018 04:53")
    found = Read(data)
    assert found.rejects == [(3, "ambiguous_date"), (5, "ambiguous_date")]
    assert [post.happened_at.day for post in found.posts] == [22, 5], "the fifth of May is the same either way"
    video = found.posts[0]
    assert (video.actor, video.direction, video.object_type) == (None, Direction.OUT, ObjectType.VIDEO)
    assert video.props == {
        "kind": "video", "reactions": 529, "comments": 512, "shares": 262, "likes": 432, "loves": 92, "network": "facebook"}
    answered = Read(data, Options(file_key="f", now=NOW, date_order="mdy"))
    assert [(post.happened_at.month, post.happened_at.day) for post in answered.posts] == [(4, 22), (4, 11), (5, 5), (6, 7)]
    assert answered.warns == [(5, "not_a_number", "num_loves")]


def test_a_brand_column_makes_mentions_and_shares_are_announced() -> None:
    found = Read(b"author,text,date,brand,is retweet\nana,Hola,2026-01-01 10:00,Lligam,false\nluz,Hola,2026-01-01 11:00,Lligam,true\n")
    assert [(post.verb, post.object_type) for post in found.posts] == [(Verb.CREATE, ObjectType.MENTION), (Verb.ANNOUNCE, ObjectType.NOTE)]
    assert found.posts[0].props == {"brand": "Lligam", "network": "x"}


def test_columns_of_no_known_meaning_are_kept_and_may_be_forgotten() -> None:
    found = Read(b"author,text,date,shoe size\nana,Hola,2026-01-01,41\n")
    assert (found.posts[0].body, found.posts[0].props) == ({"shoe size": "41"}, {})


def test_a_plain_list_of_texts() -> None:
    found = Read("Qué café, madre mía\nNo volveré, \"jamás\"\nQué café, madre mía\nBuenísimo todo, de verdad\n".encode())
    assert [post.text for post in found.posts][:2] == ["Qué café, madre mía", 'No volveré, "jamás"']
    assert all(post.actor is None and post.happened_at == NOW for post in found.posts)
    assert len({post.native_id for post in found.posts}) == 3
    assert found.warns == [(3, "duplicate_in_file", "text")]


def test_mojibake_and_markup() -> None:
    found = Read("author,text,date\nana,LÃ¸ye &lt;3 <b>bold</b>,2026-01-01\n".encode())
    assert found.posts[0].text == "Løye <3 <b>bold</b>"


def test_authors_by_address_profile_and_name() -> None:
    found = Read(b"author,text,date\nana@x.org,a,2026-01-01\nhttps://x.com/Luz,b,2026-01-01\nAna Gil,c,2026-01-01\n,d,2026-01-01\n")
    assert [post.actor for post in found.posts] == [
        HandleRef("email", "ana@x.org"), HandleRef("x_username", "luz", "Luz"), HandleRef("web", "ana gil", "Ana Gil"), None]


def test_a_row_with_id_and_user_name_tells_that_they_are_one() -> None:
    found = Read(b"user id,screen name,tweet,date\n77,@AnaX,Hola,2026-01-01\n77,@AnaX,Adeu,2026-01-02\n78,,Ep,2026-01-03\n")
    assert [post.actor.kind if post.actor else "" for post in found.posts] == ["x", "x", "x"]
    assert [fact.handles for fact in found.facts] == [(HandleRef("x", "77", "AnaX"), HandleRef("x_username", "anax", "AnaX"))]


def test_reviews_of_shops_and_tweets_without_headings() -> None:
    found = Read(b"Id,ProductId,UserId,ProfileName,HelpfulnessNumerator,Score,Time,Summary,Text\n"
                 b"1,B001E4KFG0,A3SGXH7AUHU8GW,delmartian,1,5,1303862400,Good,Nice coffee beans\n")
    assert found.posts[0].actor == HandleRef("web", "a3sgxh7auhu8gw", "delmartian")
    assert (found.posts[0].rating, found.posts[0].title) == (5.0, "Good")
    bare = b'"0","1467810369","Mon Apr 06 22:19:45 PDT 2009","NO_QUERY","ana","so tired today, no coffee at all"\n' * 2
    assert Read(bare).posts[0].happened_at == datetime(2009, 4, 7, 5, 19, 45, tzinfo=UTC)
    assert Read(bare).posts[0].text == "so tired today, no coffee at all"


def test_without_text_there_is_nothing_to_read() -> None:
    with pytest.raises(FileError, match="missing_field: text"):
        Read(b"author,date\nana,2026-01-01\n")


def test_json_lines_and_a_mapping() -> None:
    data = (b'{"user": {"nick": "Ana"}, "said": "Hola a todo el mundo", "when": 1767225600}\n'
            b'{"user": {"nick": "Luz"}, "said": "", "when": 1767225600}\n')
    found = Read(data, Options(file_key="f", now=NOW, mapping={"user.nick": "author", "said": "text", "when": "time"}))
    assert [(post.actor.value if post.actor else "", post.text) for post in found.posts] == [("ana", "Hola a todo el mundo")]
    assert found.posts[0].happened_at == datetime(2026, 1, 1, tzinfo=UTC)
    assert found.rejects == [(2, "no_text")]


def test_recognised_by_content() -> None:
    for name in ("mentions.csv", "reviews.csv", "damaged_ids.csv", "own_posts.csv"):
        assert channel.recognise(sample((HERE / name).read_bytes())) > 0.6, name
    others = (b"BEGIN:VCARD\n", b'{"object":"page","entry":[{"id":"1"}]}', b"<rss/>", b"From a@b Thu\nTo: x\n",
              b"email,name\na@x.org,Ana\n")
    for other in others:
        assert channel.recognise(sample(other)) < 0.3


WORDS = ["", "Hola", "ana", "1/2/2020", "2026-01-01", "5.7E+17", "3.0", "4/5", "#a", "yes", "-1"]
CELLS = st.one_of(st.sampled_from(WORDS), st.text(max_size=8))


@settings(deadline=None)
@given(st.lists(st.lists(CELLS, min_size=8, max_size=8), max_size=12))
def test_every_row_is_a_post_or_a_reject_and_twice_is_the_same(rows: list[list[str]]) -> None:
    file = io.StringIO()
    writer = csv.writer(file, quoting=csv.QUOTE_ALL)
    writer.writerow(["id", "author", "text", "date", "rating", "likes", "sentiment", "other"])
    writer.writerows(rows)
    data = file.getvalue().encode("utf-8", "surrogatepass")
    options = Options(file_key="f", now=NOW, separator=",", encoding="utf-8")
    found = Read(data, options)
    assert len(found.posts) + len(found.rejects) == len(rows)
    assert list(channel.read(io.BytesIO(data), options)) == list(channel.read(io.BytesIO(data), options))


@settings(deadline=None)
@given(st.one_of(st.binary(max_size=200), st.text(max_size=99).map(
    lambda text: f"text,{text}\nhola,{text}\n".encode("utf-8", "replace"))))
def test_arbitrary_bytes_raise_nothing_but_a_file_error(data: bytes) -> None:
    assert 0 <= channel.recognise(sample(data)) <= 1
    for act in (lambda: channel.preview(io.BytesIO(data), OPTIONS), lambda: list(channel.read(io.BytesIO(data), OPTIONS))):
        with contextlib.suppress(FileError):
            act()


def test_airline_tweets(shared_data: Path) -> None:
    data = (shared_data / "airline_tweets/Tweets.csv").read_bytes()
    found = Read(data)
    assert (len(found.posts), found.rejects) == (14_640, [])
    assert len({post.native_id for post in found.posts}) == 14_485
    assert len({post.actor for post in found.posts}) == 7_701
    assert Counter(post.sentiment for post in found.posts) == {"negative": 9_178, "neutral": 3_099, "positive": 2_363}
    assert Counter(topic for post in found.posts for topic in post.topics)["Customer Service Issue"] == 2_910
    assert Counter(post.props["brand"] for post in found.posts)["US Airways"] == 2_913
    assert found.warns[0] == (2, "damaged_ids", "tweet_id")
    assert channel.recognise(sample(data)) > 0.8


def test_damaged_encoding(shared_data: Path) -> None:
    found = Read((shared_data / "airline_tweets/Tweets_damaged_encoding_first300lines.csv").read_bytes())
    assert len(found.posts) == 295
    assert found.posts[0].happened_at == datetime(2015, 2, 24, 19, 35, 52, tzinfo=UTC)
    assert sum(code == "damaged_text" for _, code, _ in found.warns) == 8


def test_facebook_live_sellers(shared_data: Path) -> None:
    data = (shared_data / "facebook_live_sellers/Live_20210128.csv").read_bytes()
    assert channel.preview(io.BytesIO(data), OPTIONS).questions[0].code == "ambiguous_date"
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    dashed = [row["status_published"] for row in rows if "-" in row["status_published"]]
    open_ones = sum(text[:2] != text[3:5] for text in dashed)
    found = Read(data)
    assert len(dashed) == 2_814
    assert Counter(code for _, code in found.rejects) == {"ambiguous_date": open_ones}
    assert len(found.posts) == 7_050 - open_ones
    answered = Read(data, Options(file_key="f", now=NOW, date_order="mdy"))
    assert (len(answered.posts), answered.rejects) == (7_050, [])
    sums = {name: sum(post.props[name] for post in answered.posts) for name in ("reactions", "comments", "shares")}
    assert sums == {"reactions": 1_622_326, "comments": 1_581_710, "shares": 282_159}


def test_account_and_support_tweets_and_lists(shared_data: Path) -> None:
    account = Read((shared_data / "account_tweets/election-tweets-2016.tab").read_bytes())
    assert (len(account.posts), account.rejects) == (6_444, [])
    assert Counter(post.verb for post in account.posts)[Verb.ANNOUNCE] == 722
    support = Read((shared_data / "support_tweets/twcs_first_threads.csv").read_bytes())
    keys = {post.native_id for post in support.posts}
    assert len(keys) == 43
    assert {post.parent_key for post in support.posts} <= keys | {""}
    assert sum(not post.parent_key for post in support.posts) == 8
    assert Counter(post.direction for post in support.posts)[Direction.OUT] == 18
    for language in ("spanish", "italian", "english", "french", "portuguese"):
        data = (shared_data / f"sentiment_tweets/{language}/val_text.txt").read_bytes()
        assert len(Read(data).posts) == 324, language
