"""Columns of numbers as one compressed value of the store: names of columns, then each as it is."""

from collections.abc import Mapping
from io import BytesIO
from typing import Any

import numpy as np
import zstandard


def pack(columns: Mapping[str, Any]) -> bytes:
    """
    >>> {name: values.tolist() for name, values in unpack(pack({"a": [1, 2], "b": [0.5]})).items()}
    {'a': [1, 2], 'b': [0.5]}
    """
    out = BytesIO()
    arrays: dict[str, Any] = {name: np.asarray(values) for name, values in columns.items()}
    np.savez(out, **arrays)
    return zstandard.ZstdCompressor(level=6).compress(out.getvalue())


def unpack(packed: bytes | memoryview) -> dict[str, Any]:
    """The columns by name; none of nothing."""
    if not packed:
        return {}
    with np.load(BytesIO(zstandard.ZstdDecompressor().decompress(bytes(packed))), allow_pickle=False) as found:
        return dict(found)
