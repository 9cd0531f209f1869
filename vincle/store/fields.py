"""Column types the framework lacks."""

from typing import Any

from django.db import models


class SealedField(models.BinaryField):  # type: ignore[type-arg]
    """What `store.secrets.seal` made. Every such column is sealed anew when the installation's key changes (`store.resealing`)."""

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.BinaryField", args, kwargs


class KeyField(models.BigIntegerField):  # type: ignore[type-arg]
    """A 63-bit key that is also the row's place: on SQLite `INTEGER PRIMARY KEY` is the table's own order, so that no second
    index stands beside it, as one would for `BIGINT PRIMARY KEY`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "primary_key": True})

    def db_type(self, connection: Any) -> str | None:
        return "integer" if connection.vendor == "sqlite" else super().db_type(connection)
