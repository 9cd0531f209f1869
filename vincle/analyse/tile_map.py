"""The world as squares of one size, each country near its neighbours: small countries are seen as well as large ones."""

from collections.abc import Mapping
from typing import Final, NamedTuple

_GRID = """
.. .. .. .. .. .. .. GL .. .. IS .. .. NO SE FI .. .. .. .. RU .. .. .. .. ..
.. .. CA .. .. .. .. .. .. .. .. .. .. .. DK EE LV .. .. .. .. .. .. .. .. ..
.. .. .. .. .. .. .. .. .. IE GB .. NL DE PL LT BY .. KZ .. MN .. .. .. .. ..
.. .. US .. .. .. .. .. .. .. .. BE LU CZ SK UA MD .. UZ KG .. CN KP .. JP ..
.. .. .. .. .. .. .. .. .. .. FR CH AT HU RO .. GE AM TM TJ .. .. KR .. .. ..
.. .. MX .. .. .. .. .. .. AD .. LI SI HR RS BG TR AZ AF PK NP BT .. TW .. ..
.. .. GT BZ CU BS .. .. PT ES MC IT SM BA ME MK SY IR .. IN BD MM LA HK MO ..
.. .. SV HN JM HT DO PR .. GI .. VA MT AL XK GR LB IQ KW .. LK TH VN PH .. ..
.. .. NI CR .. AG BB TT .. MA DZ TN LY EG CY IL JO SA BH QA MV KH MY BN PW ..
.. .. .. PA .. .. .. .. .. EH MR ML NE TD SD PS ER YE OM AE .. SG .. ID PG ..
.. .. .. CO VE GY SR GF CV SN GM BF NG CF SS ET DJ .. .. .. .. TL .. .. SB VU
.. .. .. EC PE BR .. .. .. GW GN CI GH CM .. UG KE SO .. .. .. .. AU .. .. FJ
.. .. .. .. BO PY .. .. .. SL LR TG BJ GQ CG CD RW TZ SC .. .. .. .. .. .. NC
.. .. .. CL AR UY .. .. .. .. .. .. ST GA AO ZM BI MW KM .. .. .. .. .. NZ ..
.. .. .. .. .. .. .. .. .. .. .. .. .. .. NA ZW MZ MG MU RE .. .. .. .. .. ..
.. .. .. .. .. .. .. .. .. .. .. .. .. .. BW ZA SZ LS .. .. .. .. .. .. .. ..
"""
PLACES: Final[Mapping[str, tuple[int, int]]] = {
    code: (x, y) for y, line in enumerate(_GRID.split("\n")[1:-1]) for x, code in enumerate(line.split()) if code != ".."
}
"""ISO 3166 alpha-2 code -> column and row."""
WIDTH, HEIGHT = 26, 16
STEPS: Final = 5


class Square(NamedTuple):
    """A country's square: where it stands, how many, and how dark it is (0: none, to `STEPS`)."""

    code: str
    x: int
    y: int
    n: int
    step: int


def squares(counts: Mapping[str, int]) -> list[Square]:
    """Every country of the map; darker by the root of its count, so that the second is seen beside a large first.

    >>> [each for each in squares({"ES": 100, "IT": 4}) if each.n]
    [Square(code='ES', x=9, y=6, n=100, step=5), Square(code='IT', x=11, y=6, n=4, step=1)]
    """
    most = max(counts.values(), default=0)
    return [Square(code, x, y, n := counts.get(code, 0), _step(n, most)) for code, (x, y) in PLACES.items()]


def _step(n: int, most: int) -> int:
    return max(1, round(STEPS * (n / most) ** 0.5)) if n and most else 0
