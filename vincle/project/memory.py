"""Collecting garbage where millions of small objects come and go by reference counting alone."""

import gc


def quiet() -> None:
    """Stop automatic collections: they cost a fifth of the time of a batch and find nothing. `sweep` takes their place."""
    gc.collect()
    gc.freeze()
    gc.disable()


def sweep() -> None:
    """Collect what little there is, between two batches; what stood at the beginning is not looked at again."""
    gc.collect()
