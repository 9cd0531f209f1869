"""What a picture looks like, as 64 bits that a smaller copy or another format hardly changes."""

import io
import warnings
from typing import Final

import numpy as np
from PIL import Image

MOST_BYTES: Final = 10 * 1024 * 1024
MOST_PIXELS: Final = 40_000_000
FORMATS: Final = ("JPEG", "PNG", "GIF", "WEBP", "BMP")
_SIDE = 8
_PLAIN = 4


def difference_hash(data: bytes) -> str | None:
    """The picture's difference hash (dHash: each pixel of a 9 x 8 grey copy brighter than the next or not) as 16 hex digits.

    None where there is nothing to go by: not a picture, broken, too large (MOST_BYTES, MOST_PIXELS), or one plain surface.
    Compare with `distance`: 0 to 4 of the 64 bits are the same picture saved anew, up to 10 a similar one.
    """
    if not data or len(data) > MOST_BYTES:
        return None
    grey = _small_grey(data)
    if grey is None or int(grey.max()) - int(grey.min()) < _PLAIN:
        return None
    bits = (grey[:, 1:] > grey[:, :-1]).ravel()
    return np.packbits(bits).tobytes().hex() if 0 < int(bits.sum()) < bits.size else None


def _small_grey(data: bytes) -> "np.ndarray[tuple[int, ...], np.dtype[np.uint8]] | None":
    """A picture of 9 x 8 grey pixels; its size is read before a pixel is, so that a small file cannot ask for much memory."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
                width, height = picture.size
                if width < _SIDE or height < _SIDE or width * height > MOST_PIXELS:
                    return None
                picture.draft("L", (_SIDE * 16, _SIDE * 16))
                flat = Image.new("RGBA", picture.size, "white")
                flat.alpha_composite(picture.convert("RGBA"))
                small = flat.convert("L").resize((_SIDE + 1, _SIDE), Image.Resampling.LANCZOS)
                return np.asarray(small, np.uint8)
    except Exception:  # decoders of foreign files raise whatever they like; none of it is worth more than "no picture"
        return None


def distance(a: str, b: str) -> int:
    """In how many of 64 bits two hashes of 16 hex digits differ; 64 where one is not such a hash."""
    try:
        return (int(a, 16) ^ int(b, 16)).bit_count() if len(a) == len(b) == 16 else 64
    except ValueError:
        return 64
