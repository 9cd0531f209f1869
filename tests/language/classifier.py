"""A real, tiny classifier in ONNX: each word has its weights, and a text is their sum."""

import json
from pathlib import Path

import pytest

WORDS = {"[UNK]": (0.0, 0.3, 0.0), "love": (-1.0, 0.0, 2.5), "good": (-0.5, 0.0, 1.5), "slow": (2.0, 0.0, -1.0), "never": (2.5, -0.5, -1.0)}
LABELS = {"0": "negative", "1": "neutral", "2": "positive"}


def build(folder: Path, labels: dict[str, str] | None = None) -> Path:
    """A folder as a model hub exports one. Skips where the runtime of the extra `onnx` is not installed."""
    onnx = pytest.importorskip("onnx", reason="onnx is not installed: no model can be built to read with")
    pytest.importorskip("onnxruntime", reason="the extra vincle[onnx] is not installed")
    tokenizers = pytest.importorskip("tokenizers", reason="the extra vincle[onnx] is not installed")
    import numpy as np
    from onnx import TensorProto, helper, numpy_helper

    folder.mkdir(parents=True)
    weights = numpy_helper.from_array(np.asarray(list(WORDS.values()), np.float32), "weights")
    axes = numpy_helper.from_array(np.asarray([1], np.int64), "axes")
    last = numpy_helper.from_array(np.asarray([2], np.int64), "last")
    nodes = [
        helper.make_node("Gather", ["weights", "input_ids"], ["each"]),
        helper.make_node("Cast", ["attention_mask"], ["flat"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["flat", "last"], ["mask"]),
        helper.make_node("Mul", ["each", "mask"], ["kept"]),
        helper.make_node("ReduceSum", ["kept", "axes"], ["logits"], keepdims=0),
    ]
    inputs = [helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "words"]) for name in ("input_ids", "attention_mask")]
    outputs = [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", 3])]
    graph = helper.make_graph(nodes, "tiny", inputs, outputs, [weights, axes, last])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), str(folder / "model.onnx"))
    tokenizer = tokenizers.Tokenizer(tokenizers.models.WordLevel({word: place for place, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.normalizer = tokenizers.normalizers.Lowercase()
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "config.json").write_text(json.dumps({"id2label": labels or LABELS}))
    return folder
