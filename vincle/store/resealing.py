"""The second step of changing the key of secrets: everything sealed is sealed anew."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import transaction

from . import secrets
from .fields import SealedField


def everything() -> tuple[int, list[Any]]:
    """Seal what stands in any sealed column with the first key. Returns how many, and the rows that no key opens."""
    done, lost = 0, list[Any]()
    for model, column in columns():
        for pk in list(model._default_manager.filter(**{f"{column}__isnull": False}).order_by("pk").values_list("pk", flat=True)):
            with transaction.atomic():
                row = model._default_manager.select_for_update(of=("self",)).filter(pk=pk, **{f"{column}__isnull": False}).first()
                if row is None:
                    continue
                try:
                    setattr(row, column, secrets.reseal(getattr(row, column)))
                except secrets.Unreadable:
                    lost.append(row)
                    continue
                row.save(update_fields=[column])
                done += 1
    return done, lost


def columns() -> Iterator[tuple[Any, str]]:
    """(model, name of a sealed column), in a lasting order."""
    for model in sorted(apps.get_models(), key=lambda each: each._meta.label):
        yield from ((model, field.name) for field in model._meta.local_fields if isinstance(field, SealedField))
