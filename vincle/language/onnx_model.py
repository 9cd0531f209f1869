"""A trained model in ONNX, in a folder of this machine: `model.onnx`, `tokenizer.json` and `config.json`, as model hubs export them.

The runtime comes with `vincle[onnx]` and is loaded at first use. Each text is judged alone: so it is judged alike whatever else is read.
"""

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar, Final

from . import _optional
from .base import Ask, Context, Judge, Judgement, NotReady
from .page import Page
from .reading import Sentiment

MODEL, TOKENS, CONFIG = "model.onnx", "tokenizer.json", "config.json"
_THREADS: Final = 1
_MOST_TOKENS: Final = 512


class OnnxReader:
    """`folder`: where the model lies."""

    id: ClassVar[str] = "onnx"
    version: ClassVar[int] = 1
    fills: ClassVar[frozenset[str]] = frozenset({"sentiment", "sentiment_score", "sentiment_confidence"})
    after: ClassVar[tuple[str, ...]] = ("tongue",)
    refines: ClassVar[tuple[str, ...]] = ("sentiment",)
    extra: ClassVar[str] = "onnx"
    goes_out: ClassVar[bool] = False

    def read(self, pages: Sequence[Page], context: Context) -> None:
        _optional.read(self, pages, context)

    def said(self, page: Page) -> str:
        return _optional.words_of(page)

    def open(self, settings: Mapping[str, str], ask: Ask | None = None) -> Judge:
        model = _load(settings.get("folder", ""))
        return lambda pages: [model.judge(self.said(page)) for page in pages]


optional = OnnxReader()


class _Model:
    def __init__(self, session: Any, tokenizer: Any, classes: tuple[Sentiment, ...]) -> None:
        self.session, self.tokenizer, self.classes = session, tokenizer, classes
        self.wanted = {each.name for each in session.get_inputs()}

    def judge(self, text: str) -> Judgement:
        import numpy as np

        found = self.tokenizer.encode(text)
        all_inputs = {"input_ids": found.ids, "attention_mask": found.attention_mask, "token_type_ids": found.type_ids}
        inputs = {name: np.asarray([each], np.int64) for name, each in all_inputs.items() if name in self.wanted}
        outcome = self.session.run(None, inputs)[0][0]
        return _optional.judged([float(each) for each in outcome], self.classes)


@lru_cache(maxsize=2)
def _load(folder: str) -> _Model:
    try:
        onnxruntime, tokenizers = import_module("onnxruntime"), import_module("tokenizers")
    except ImportError as error:
        raise NotReady("missing", extra="onnx") from error
    at = Path(folder)
    missing = [name for name in (MODEL, TOKENS, CONFIG) if not (at / name).is_file()]
    if not folder or missing:
        raise NotReady("no_model", folder=at.name, files=", ".join(missing or (MODEL, TOKENS, CONFIG)))
    classes = classes_of(at)
    try:
        tokenizer = tokenizers.Tokenizer.from_file(str(at / TOKENS))
        tokenizer.enable_truncation(_MOST_TOKENS)
        tokenizer.no_padding()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = _THREADS
        session = onnxruntime.InferenceSession(str(at / MODEL), options, providers=["CPUExecutionProvider"])
        model = _Model(session, tokenizer, classes)
        said = session.run(None, _nothing(model))[0]
    except Exception as error:  # both libraries raise what they like for a file that is none of theirs
        raise NotReady("broken_model", folder=at.name, why=f"{type(error).__name__}: {error}"[:200]) from error
    if said.ndim != 2 or said.shape[1] != len(classes):
        raise NotReady("labels", folder=at.name)
    return model


def _nothing(model: _Model) -> dict[str, Any]:
    import numpy as np

    return {name: np.ones((1, 2), np.int64) for name in model.wanted}


def classes_of(folder: Path) -> tuple[Sentiment, ...]:
    """The sentiment of each class, from the model's own description. NotReady."""
    try:
        described = json.loads((folder / CONFIG).read_text())
        labels = {int(place): str(name) for place, name in described["id2label"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise NotReady("broken_model", folder=folder.name, why=f"{CONFIG}: {type(error).__name__}") from error
    found = _optional.sides(labels)
    if found is None:
        raise NotReady("labels", folder=folder.name)
    return found
