"""A trained model as `transformers` saves it, in a folder of this machine. Nothing is fetched, and no code of the folder is run.

The library comes with `vincle[transformers]` and is loaded at first use. Each text is judged alone: so it is judged alike whatever else is
read.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar, Final

from . import _optional
from .base import Ask, Context, Judge, Judgement, NotReady
from .onnx_model import CONFIG, classes_of
from .page import Page
from .reading import Sentiment

_MOST_TOKENS: Final = 512


class TransformersReader:
    """`folder`: where the model lies."""

    id: ClassVar[str] = "transformers"
    version: ClassVar[int] = 1
    fills: ClassVar[frozenset[str]] = frozenset({"sentiment", "sentiment_score", "sentiment_confidence"})
    after: ClassVar[tuple[str, ...]] = ("tongue",)
    refines: ClassVar[tuple[str, ...]] = ("sentiment",)
    extra: ClassVar[str] = "transformers"
    goes_out: ClassVar[bool] = False

    def read(self, pages: Sequence[Page], context: Context) -> None:
        _optional.read(self, pages, context)

    def said(self, page: Page) -> str:
        return _optional.words_of(page)

    def open(self, settings: Mapping[str, str], ask: Ask | None = None) -> Judge:
        model = _load(settings.get("folder", ""))
        return lambda pages: [model.judge(self.said(page)) for page in pages]


optional = TransformersReader()


class _Model:
    def __init__(self, torch: Any, tokenizer: Any, model: Any, classes: tuple[Sentiment, ...]) -> None:
        self.torch, self.tokenizer, self.model, self.classes = torch, tokenizer, model, classes

    def judge(self, text: str) -> Judgement:
        inputs = self.tokenizer(text, truncation=True, max_length=_MOST_TOKENS, return_tensors="pt")
        with self.torch.inference_mode():
            outcome = self.model(**inputs).logits[0].tolist()
        return _optional.judged([float(each) for each in outcome], self.classes)


@lru_cache(maxsize=2)
def _load(folder: str) -> _Model:
    try:
        torch, transformers = import_module("torch"), import_module("transformers")
    except ImportError as error:
        raise NotReady("missing", extra="transformers") from error
    at = Path(folder)
    if not folder or not (at / CONFIG).is_file():
        raise NotReady("no_model", folder=at.name, files=CONFIG)
    classes = classes_of(at)
    offline = {"local_files_only": True, "trust_remote_code": False}
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(str(at), **offline)
        model = transformers.AutoModelForSequenceClassification.from_pretrained(str(at), use_safetensors=True, **offline).eval()
    except Exception as error:  # the library raises what it likes for a folder that is none of its own
        raise NotReady("broken_model", folder=at.name, why=f"{type(error).__name__}: {error}"[:200]) from error
    if model.config.num_labels != len(classes):
        raise NotReady("labels", folder=at.name)
    return _Model(torch, tokenizer, model, classes)
