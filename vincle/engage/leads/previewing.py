"""A draft drawn as the public would see it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from . import blocks, definition, receiving, showing, views_pages_public, views_public
from .definition import Definition
from .models import Form, Page


def _form_context(form: Form, asked: Definition, language: str) -> dict[str, Any]:
    found = showing.questions(asked, asked.items, language, None, {})
    return {
        "steps": showing.stepped(found), "token": "", "trap": receiving.TRAP, "version": 0, "carried": [], "own": showing.titled(asked,
        language),
        "language": language, "form": form, "action": "", "proof": asked.proof.least if asked.proof.is_on else 0,
        "proof_days": asked.proof.days,
    }  # fmt: skip


def of_form(request: HttpRequest, form: Form, language: str) -> HttpResponse:
    asked = definition.load(form.draft)
    context = {
        **_form_context(form, asked, language), "brand": showing.colours(form.workspace, asked.colour),
        "company": views_public.company(form.workspace), "languages": showing.languages_of(form, asked), "theme_address": _theme("form",
        form),
    }  # fmt: skip
    return render(request, "leads/preview_form.html", context)


def of_page(request: HttpRequest, page: Page, language: str) -> HttpResponse:
    layout = blocks.load(page.draft)
    context = {**views_pages_public.page_context(page, layout, language), "theme_address": _theme("page", page), "is_preview": True}
    if page.form is not None and page.form.version:
        _number, asked = receiving.version_of(page.form)
        context = {**_form_context(page.form, asked, language), "form_context": True, **context}
    return render(request, "leads/preview_page.html", context)


def _theme(kind: str, row: Form | Page) -> str:
    return reverse(f"leads:{kind}_theme", kwargs={"workspace": row.workspace.slug, kind: row.pk})
