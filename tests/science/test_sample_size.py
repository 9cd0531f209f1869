"""People needed, beside the figures that R prints in its own help (power.prop.test, power.t.test without the small-sample correction)."""

from math import inf

import pytest

from vincle.science.sample_size import for_means, for_shares, gap_seen, price_of_looking, whole


def test_figures_of_r() -> None:
    assert for_shares(0.50, 0.75, power=0.90, often=False) / 2 == pytest.approx(76.7, abs=0.05)
    assert for_means(1, 1, power=0.90, often=False) / 2 == pytest.approx(21.01, abs=0.01)
    assert for_shares(0.15, 0.30, often=False) / 2 == pytest.approx(120.5, abs=0.1)


def test_unequal_groups_need_more_and_looking_has_its_price() -> None:
    equal, tenth = for_shares(0.05, 0.06), for_shares(0.05, 0.06, 0.1)
    assert 2.3 < tenth / equal < 3.1
    assert for_shares(0.05, 0.06) / for_shares(0.05, 0.06, often=False) == pytest.approx(price_of_looking(), rel=0.01)


@pytest.mark.parametrize(("base", "share"), [(0.02, 0.1), (0.2, 0.5), (0.6, 0.3)])
def test_the_gap_seen_is_the_inverse(base: float, share: float) -> None:
    gap = gap_seen(base, 4_000, share)
    assert gap is not None
    assert for_shares(base, base + gap, share) == pytest.approx(4_000, rel=1e-6)


def test_edges() -> None:
    assert for_shares(0.1, 0.1) == inf
    assert whole(inf) is None
    assert whole(10.1) == 11
    assert for_means(0, 1) == inf
    assert gap_seen(0.5, 3) is None
    assert gap_seen(1.0, 1_000) is None
    for wrong in ((-0.1, 0.5, 0.5), (0.1, 1.5, 0.5), (0.1, 0.2, 0.0)):
        with pytest.raises(ValueError, match="shares"):
            for_shares(*wrong)
    with pytest.raises(ValueError, match="share"):
        for_means(1, 1, 1)
