"""The door's quick look says the same as the reader's whole one."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from vincle.channels import web

_NAMES = st.sampled_from(["null", " ", "undefined", "u1", "x" * 400])
_VALUES = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=20), _NAMES)


@given(
    st.sampled_from(["identify", "track", "page", "screen", "group", "alias", "batch"]),
    st.dictionaries(st.sampled_from(["userId", "anonymousId", "event", "groupId", "previousId", "type"]), _VALUES),
)
def test_a_glance_never_lets_in_what_a_look_refuses(call: str, event: dict[str, Any]) -> None:
    quick = web._is_plainly_good(call, event)
    web_fault = web.fault(call, event)
    if quick:
        original = web._is_plainly_good
        web._is_plainly_good = lambda *_: False  # type: ignore[assignment]
        try:
            assert web.fault(call, event) is None
        finally:
            web._is_plainly_good = original
    else:
        assert web_fault is None or len(web_fault) == 2
