"""The description of the API for programs (OpenAPI 3.1) and its page for people, both made from the endpoints themselves."""

from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from vincle import __version__
from vincle.accounts.access import public

from .endpoint import PARTS, Endpoint, Nothing, every
from .faults import CODES, Trouble

BASE = "/api/v1"
_REF = "#/components/schemas/{name}"
_SAID = {
    400: "What was sent cannot be read; `field` says where.",
    401: "No key, or one that opens nothing.",
    403: "The key may not do that.",
    404: "Not in this workspace.",
    405: "Another method is meant.",
    409: "It cannot be done as things stand.",
    413: "The body is too large.",
    415: "The body is not JSON.",
    429: "Too many requests; wait as `Retry-After` says.",
    500: "A fault of the server; nothing was changed.",
}
_ONLY_POST = {409, 413, 415}


def document() -> dict[str, Any]:
    """The whole description."""
    shapes = {Trouble} | {each.answers for each in every()} | {each.asks for each in every()}
    _schema, components = msgspec.json.schema_components(sorted(shapes, key=lambda shape: shape.__name__), ref_template=_REF)
    paths: dict[str, Any] = {}
    for each in every():
        path = "/" + each.path.replace("<", "{").replace(">", "}")
        paths.setdefault(path, {})[each.method.lower()] = _operation(each, components)
    only_queries = {each.asks.__name__ for each in every() if each.method == "GET"} - {Nothing.__name__}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Vincle", "version": __version__, "description": "People, who is who, and what they did."},
        "servers": [{"url": BASE}],
        "security": [{"key": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer", "description": "A key of Settings, API keys: vk_..."}},
            "schemas": {name: schema for name, schema in sorted(components.items()) if name not in only_queries},
        },
    }


def _operation(each: Endpoint, components: dict[str, Any]) -> dict[str, Any]:
    parts = [
        {"name": name, "in": "path", "required": True, "description": PARTS[name], "schema": {"type": "string"}} for name in each.values
    ]
    made: dict[str, Any] = {
        "operationId": each.name,
        "summary": each.summary,
        "description": f"Needs a key that may: {', '.join(sorted(each.needs))}.",
        "parameters": parts + (_query(each, components) if each.method == "GET" else [_ONCE]),
        "responses": {"200": _answered(each.answers.__name__, "Done."), **_refusals(each)},
    }
    if each.method == "POST":
        body = {"application/json": {"schema": {"$ref": _REF.format(name=each.asks.__name__)}}}
        made["requestBody"] = {"required": each.asks is not Nothing, "content": body}
    return made


_ONCE = {
    "name": "Idempotency-Key", "in": "header", "required": False, "schema": {"type": "string", "maxLength": 200},
    "description": "Any text of your own: the same request with it again within a day gets the first answer and changes nothing.",
}  # fmt: skip


def _query(each: Endpoint, components: dict[str, Any]) -> list[dict[str, Any]]:
    schema = components[each.asks.__name__]
    required = set(schema.get("required", ()))
    return [
        {"name": name, "in": "query", "required": name in required, "description": _about(values), "schema": values}
        for name, values in schema["properties"].items()
    ]


def _answered(name: str, said: str) -> dict[str, Any]:
    return {"description": said, "content": {"application/json": {"schema": {"$ref": _REF.format(name=name)}}}}


def _refusals(each: Endpoint) -> dict[str, Any]:
    return {
        str(status): _answered("Trouble", f"{_SAID[status]} Codes: {', '.join(codes)}.")
        for status, codes in CODES.items()
        if each.method == "POST" or status not in _ONLY_POST
    }


@public
@never_cache
@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    """The description, for programs. It holds nobody's data."""
    return HttpResponse(msgspec.json.encode(document()), content_type="application/json")


def page() -> str:
    """The reference for people, as Markdown."""
    lines = [
        "# HTTP API",
        "",
        f"Below `{BASE}`. The same for programs: `{BASE}/openapi.json`. How to begin: [Use the API](../guides/api.md).",
    ]
    _schema, components = msgspec.json.schema_components([each.asks for each in every()], ref_template=_REF)
    for each in every():
        lines += ["", f"## {each.method} /{each.path}", "", f"{each.summary} Needs: {', '.join(sorted(each.needs))}.", ""]
        lines += _asked(each, components)
        lines.append(f"Gives {_fields(each)}.")
    lines += ["", "## Refusals", "", "| status | codes | |", "|---|---|---|"]
    lines += [f"| {status} | {', '.join(f'`{code}`' for code in codes)} | {_SAID[status]} |" for status, codes in CODES.items()]
    return "\n".join(lines) + "\n"


def _fields(each: Endpoint) -> str:
    return ", ".join(f"`{field.encode_name}`" for field in msgspec.structs.fields(each.answers))


def _asked(each: Endpoint, components: dict[str, Any]) -> list[str]:
    schema = components[each.asks.__name__]
    required = schema.get("required", ())
    rows = [f"| `{name}`{' (required)' if name in required else ''} | {_about(values)} |" for name, values in schema["properties"].items()]
    return [f"| {'query' if each.method == 'GET' else 'body'} | |", "|---|---|", *rows, ""] if rows else []


def _about(values: dict[str, Any]) -> str:
    """What a parameter is for, and what it may be."""
    variants = [values, *values.get("anyOf", ())]
    said = next((variant["description"] for variant in variants if "description" in variant), "")
    choices: list[str] = next((variant["enum"] for variant in variants if "enum" in variant), [])
    return " ".join(filter(None, (said, f"One of {', '.join(f'`{choice}`' for choice in choices)}." if choices else "")))
