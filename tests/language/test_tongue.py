"""The language of short texts."""

from pathlib import Path

import pytest

from vincle.language.base import NOTHING_KNOWN
from vincle.language.page import Page
from vincle.language.reading import LANGUAGES
from vincle.language.tongue import TongueReader, reader, stated

TEXTS = Path(__file__).parent / "tongue_texts.tsv"
FOLDERS = {"english": "en", "spanish": "es", "italian": "it", "portuguese": "pt", "french": "fr"}


def read(*texts: str, said: str = "") -> list[Page]:
    pages = [Page(text, stated_language=said) for text in texts]
    reader.read(pages, NOTHING_KNOWN)
    return pages


def language(text: str, said: str = "") -> str:
    return read(text, said=said)[0].reading.language


def labelled() -> list[tuple[str, str]]:
    lines = (line.split("\t") for line in TEXTS.read_text(encoding="utf-8").splitlines() if line[0] != "#")
    return [(label, text) for label, text in lines]


def test_short_posts_without_accents_or_with_slang_are_told_apart() -> None:
    labels, texts = zip(*labelled(), strict=True)
    found = [page.reading.language for page in read(*texts)]
    for wanted in (*LANGUAGES, "pt", "fr"):
        right = [named == label for named, label in zip(found, labels, strict=True) if label == wanted]
        assert sum(right) >= 0.93 * len(right), wanted
    assert sum(named == label for named, label in zip(found, labels, strict=True)) >= 0.97 * len(labels)


def test_of_texts_called_ninety_percent_sure_nine_in_ten_are_right() -> None:
    pages = read(*(text for _, text in labelled()))
    sure = [
        page.reading.language == label
        for page, (label, _) in zip(pages, labelled(), strict=True)
        if page.reading.language_confidence >= 0.9
    ]
    assert len(sure) >= 0.7 * len(pages)
    assert sum(sure) >= 0.9 * len(sure)


@pytest.mark.parametrize(("folder", "wanted"), FOLDERS.items())
def test_tweets_of_a_language_are_named_so(shared_data: Path, folder: str, wanted: str) -> None:
    lines = (shared_data / "sentiment_tweets" / folder / "val_text.txt").read_text(encoding="utf-8").split("\n")
    pages = read(*(line for line in lines if line.strip()))
    assert sum(page.reading.language == wanted for page in pages) >= 0.94 * len(pages)


@pytest.mark.parametrize("text", ["", "   ", "123 45%", "👍👍", "@ana @pere", "https://cafe.example/hola", "?!..."])
def test_no_words_no_language(text: str) -> None:
    found = read(text)[0].reading
    assert (found.language, found.language_confidence, found.also) == ("", 0.0, ())


def test_what_the_source_says_is_evidence_not_truth() -> None:
    assert language("Casa nova", said="pt") == "pt"
    assert language("Casa nova", said="ca") == "ca"
    assert language("Portem tres setmanes sense que ningú ens contesti", said="es") == "ca"
    assert language("We have been waiting for three weeks now", said="de") == "en"
    assert [stated(said) for said in ("pt-BR", "ES_mx", "iw", "ca-valencia")] == ["pt", "es", "he", "ca"]


def test_a_sentence_in_another_language_is_told_a_loan_word_is_not() -> None:
    mixed = read("I love this place so much, pero no me gusta nada el café que tienen aquí")[0].reading
    assert {mixed.language, *mixed.also} == {"en", "es"}
    assert read("Necesito un coffee break antes del meeting de esta tarde")[0].reading.also == ()


def test_hashtags_speak_where_there_are_no_words() -> None:
    assert language("#FelizLunes #BuenosDiasATodos 😀") == "es"


@pytest.mark.parametrize(
    ("text", "wanted"), [("もう二時間も待っています", "ja"), ("我已经等了两个小时", "zh"), ("این خیلی خوب است پس چرا", "fa")]
)
def test_alphabets_shared_by_several_languages(text: str, wanted: str) -> None:
    assert language(text) == wanted


def test_a_text_reads_the_same_alone_among_others_and_by_a_fresh_reader() -> None:
    texts = [text for _, text in labelled()]
    together = [page.reading for page in read(*texts)]
    assert [read(text)[0].reading for text in texts] == together
    pages = [Page(text) for text in reversed(texts)]
    TongueReader().read(pages, NOTHING_KNOWN)
    assert [page.reading for page in reversed(pages)] == together


def test_drawn_out_letters_and_laughter_do_not_confuse() -> None:
    assert language("graciaaaaas a todoooos por veniiiir jajajajajajaja") == "es"
    assert language("kkkkkkkkkk que isso mano") == "pt"
