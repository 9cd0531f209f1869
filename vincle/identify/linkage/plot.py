"""The calibration of probabilities as a picture: plain SVG, readable without colour."""

from collections.abc import Sequence
from html import escape

from .evaluate import Bin

_SIZE, _LEFT, _TOP, _SIDE = 420, 56, 40, 320


def calibration_svg(bins: Sequence[Bin], title: str = "Calibration") -> str:
    """Predicted probability against the share that was the same, with 95 % intervals; on the diagonal the probabilities are right."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_SIZE} {_SIZE + 20}" role="img" '
        'font-family="system-ui, sans-serif" font-size="12">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{_SIZE}" height="{_SIZE + 20}" fill="#ffffff"/>',
        f'<text x="{_LEFT}" y="22" font-size="15" font-weight="600" fill="#1a1a1a">{escape(title)}</text>',
        *(_grid(step / 5) for step in range(6)),
        f'<line x1="{_x(0)}" y1="{_y(0)}" x2="{_x(1)}" y2="{_y(1)}" stroke="#767676" stroke-dasharray="4 4"/>',
        *(_point(each) for each in bins),
        f'<text x="{_x(0.5)}" y="{_y(0) + 38}" text-anchor="middle" fill="#1a1a1a">predicted probability</text>',
        f'<text transform="translate(16 {_y(0.5)}) rotate(-90)" text-anchor="middle" fill="#1a1a1a">share that was the same</text>',
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _x(share: float) -> float:
    return round(_LEFT + share * _SIDE, 1)


def _y(share: float) -> float:
    return round(_TOP + (1 - share) * _SIDE, 1)


def _grid(share: float) -> str:
    lines = f'<path d="M{_x(share)} {_y(0)}V{_y(1)}M{_x(0)} {_y(share)}H{_x(1)}" stroke="#e3e3e3"/>'
    below = f'<text x="{_x(share)}" y="{_y(0) + 18}" text-anchor="middle" fill="#555555">{share:.1f}</text>'
    beside = f'<text x="{_x(0) - 8}" y="{_y(share) + 4}" text-anchor="end" fill="#555555">{share:.1f}</text>'
    return lines + below + beside


def _point(each: Bin) -> str:
    said = f"{each.count} pairs, predicted {each.predicted:.2f}, the same {each.observed:.2f} ({each.lower:.2f} to {each.upper:.2f})"
    bar = f'<path d="M{_x(each.predicted)} {_y(each.lower)}V{_y(each.upper)}" stroke="#1f5fa8" stroke-width="2"/>'
    radius = round(3 + min(each.count, 10_000) ** 0.25 / 2, 1)
    dot = f'<circle cx="{_x(each.predicted)}" cy="{_y(each.observed)}" r="{radius}" fill="#1f5fa8"/>'
    return f"<g><title>{said}</title>{bar}{dot}</g>"
