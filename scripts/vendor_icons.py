"""Builds the sprite of Tabler icons: `python scripts/vendor_icons.py FOLDER`, FOLDER being the unpacked npm package @tabler/icons.

Take an icon into use: add its name to scripts/icons.txt, run this, commit both files and the new checksum.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NAMES = ROOT / "scripts" / "icons.txt"
SPRITE = ROOT / "vincle" / "web" / "static" / "icons.svg"
SHAPE = re.compile(r"<(?:path|circle|rect|line|polyline|ellipse)\b[^>]*/>", re.S)
GROUND = 'd="M0 0h24v24H0z"'


def names() -> list[str]:
    return [line.strip() for line in NAMES.read_text().splitlines() if line.strip() and not line.startswith("#")]


def symbol(name: str, svg: str) -> str:
    shapes = [re.sub(r"\s+", " ", shape) for shape in SHAPE.findall(svg) if GROUND not in shape]
    return f'<symbol id="{name}" viewBox="0 0 24 24">{"".join(shapes)}</symbol>'


def main(package: Path) -> None:
    symbols = [symbol(name, (package / "icons" / "outline" / f"{name}.svg").read_text()) for name in names()]
    SPRITE.write_text('<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n")
    print(f"{len(symbols)} icons, {SPRITE.stat().st_size} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
