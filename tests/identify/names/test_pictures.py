"""Pictures as 64 bits."""

import io
import zlib

import numpy as np
import pytest
from PIL import Image, ImageDraw

from vincle.identify.names.pictures import difference_hash, distance


def face(seed: int, size: int = 256) -> Image.Image:
    chance = np.random.default_rng(seed)
    picture = Image.new("RGB", (size, size), tuple(chance.integers(0, 255, 3).tolist()))
    draw = ImageDraw.Draw(picture)
    for _ in range(12):
        x, y, w, h = (chance.random(4) * size).tolist()
        draw.ellipse((x, y, x + w / 2 + 1, y + h / 2 + 1), fill=tuple(chance.integers(0, 255, 3).tolist()))
    return picture


def saved(picture: Image.Image, format: str = "PNG", **options: int) -> bytes:
    file = io.BytesIO()
    picture.save(file, format, **options)
    return file.getvalue()


def test_a_copy_in_another_size_and_format_is_the_same_picture() -> None:
    for seed in range(20):
        one = difference_hash(saved(face(seed)))
        other = difference_hash(saved(face(seed).resize((96, 96)), "JPEG", quality=70))
        assert one is not None
        assert other is not None
        assert distance(one, other) <= 4


def test_other_pictures_are_far() -> None:
    hashes = [difference_hash(saved(face(seed))) for seed in range(30)]
    gaps = [distance(a or "", b or "") for at, a in enumerate(hashes) for b in hashes[:at]]
    assert min(gaps) > 10


@pytest.mark.parametrize("data", [b"", b"not a picture", saved(face(1))[:200], b"\x89PNG\r\n\x1a\n" + b"\0" * 60, b"GIF89a" + b"\xff" * 40])
def test_broken_files_are_no_picture(data: bytes) -> None:
    assert difference_hash(data) is None


def test_a_plain_surface_says_nothing() -> None:
    assert difference_hash(saved(Image.new("RGB", (64, 64), "grey"))) is None


def test_a_small_file_of_a_huge_picture_is_refused_unread() -> None:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")

    head = (50_000).to_bytes(4, "big") * 2 + bytes([8, 2, 0, 0, 0])
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1_000_000)) + chunk(b"IEND", b"")
    assert difference_hash(bomb) is None


def test_a_transparent_picture_is_seen_on_white() -> None:
    picture = face(3).convert("RGBA")
    picture.putalpha(255)
    assert distance(difference_hash(saved(picture)) or "", difference_hash(saved(face(3))) or "") == 0


def test_distance_of_what_is_no_hash() -> None:
    assert distance("0" * 16, "f" * 16) == 64
    assert distance("xyz", "0" * 16) == 64
    assert distance("z" * 16, "0" * 16) == 64
