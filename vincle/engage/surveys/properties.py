"""What is set of a question on the builder's screen, filled from a draft and read back into it. Texts are those of one language."""

import copy
import re
from collections.abc import Mapping
from typing import Any

import msgspec

from .definition import model
from .editing import Draft
from .formats.building import choice_id
from .kinds import Control

LONGEST = 4_000
Post = Mapping[str, str]


def filled(controls: tuple[Control, ...], item: Draft, language: str, main: str) -> list[dict[str, Any]]:
    """Controls with what they hold; `first` is what stands there in the survey's own language, while another is written."""
    whole = _whole(item)
    found = []
    for each in controls:
        if each.name.startswith("scales.1") and len(whole.get("scales", [])) < 2:
            continue
        row: dict[str, Any] = {"name": each.name, "kind": each.kind, "label": each.label, "help": each.help, "options": each.options}
        row["value"] = _value(each, whole, language)
        row["first"] = _value(each, whole, main) if language != main and each.kind in ("text", "area", "lines", "labels") else ""
        if each.kind == "choice":
            choices = whole.get("choices", [])
            row["options"] = [
                ("", "–"),
                *((choice["id"], _said(choice.get("text", {}), language, main) or choice["id"]) for choice in choices),
            ]
        found.append(row)
    return found


def _whole(item: Draft) -> Draft:
    """With the defaults that a draft leaves away."""
    found = msgspec.convert(item, model.TYPES[item["type"]])
    defaults = {name: getattr(found, name) for name in found.__struct_fields__}
    made: Draft = {**msgspec.to_builtins(defaults), **item}
    for key in ("scale",):
        if key in made:
            made[key] = {"points": 5, **made[key]}
    if "scales" in made:
        made["scales"] = [{"points": 5, **scale} for scale in made["scales"]]
    return made


def _said(texts: Mapping[str, str], language: str, main: str) -> str:
    return texts.get(language) or texts.get(main) or next(iter(texts.values()), "")


def _below(item: Any, name: str) -> Any:
    for part in name.split("."):
        item = (
            item[int(part)]
            if isinstance(item, list) and part.isdigit() and int(part) < len(item)
            else item.get(part)
            if isinstance(item, dict)
            else None
        )
    return item


def _value(control: Control, item: Draft, language: str) -> Any:
    if control.name == "dual":
        return len(item.get("scales", [])) > 1
    if control.kind == "choice":
        flag = control.name.partition(".")[2]
        return next((choice["id"] for choice in item.get("choices", []) if choice.get(flag)), "")
    found = _below(item, control.name)
    if control.kind in ("text", "area"):
        return (found or {}).get(language, "")
    if control.kind == "lines":
        return "\n".join(choice.get("text", {}).get(language, "") for choice in found or [])
    if control.kind == "labels":
        return "\n".join(texts.get(language, "") for texts in found or []).strip("\n")
    if control.kind == "words":
        return ", ".join(found or [])
    if control.kind == "number":
        return "" if found is None else f"{found:g}"
    return found if found is not None else ""


def read(controls: tuple[Control, ...], post: Post, item: Draft, language: str, main: str) -> Draft:
    """Properties as they are to be, by their names. Only controls that were sent (`has`) are read."""
    sent = set(post.get("has", "").split())
    before = _whole(item)
    now = copy.deepcopy(before)
    for each in controls:
        if each.name in sent and (each.name.startswith("scales.1") is False or len(now.get("scales", [])) > 1):
            _read(each, post, now, language, main)
    return {name: value for name, value in now.items() if value != before.get(name) and name not in ("id", "type")}


def _read(control: Control, post: Post, item: Draft, language: str, main: str) -> None:
    text = post.get(control.name, "").replace("\x00", "").replace("\r\n", "\n")[: LONGEST * 4]
    holder, _, last = control.name.rpartition(".")
    target = _below(item, holder) if holder and control.kind != "choice" else item
    if control.name == "dual":
        item["scales"] = [item["scales"][0], *(item["scales"][1:2] or [{"points": 5}])] if text else item["scales"][:1]
    elif control.kind in ("text", "area"):
        target[last] = _with(target.get(last), language, text.strip()[:LONGEST])
    elif control.kind == "lines":
        target[last] = lines(target.get(last) or [], text, language, main)
    elif control.kind == "labels":
        target[last] = labels(target.get(last) or [], text, language, main)
        if language == main and 2 <= len(target[last]) <= 20:
            target["points"] = len(target[last])
    elif control.kind == "choice":
        for choice in item.get("choices", []):
            choice[last] = bool(text) and choice["id"] == text
    elif control.kind == "number":
        _number(target, last, text)
    elif control.kind == "check":
        target[last] = bool(text)
    elif control.kind == "words":
        target[last] = [
            bare for part in re.split(r"[,\s]+", text.lower()) if (bare := part.strip(". ")) and re.fullmatch(r"[a-z0-9]{1,8}", bare)
        ][:20]
    elif control.kind == "select":
        _chosen(control, target, last, text)
    else:
        target[last] = text.strip()[:LONGEST]


def _with(texts: Any, language: str, text: str) -> dict[str, str]:
    found = {code: said for code, said in (texts or {}).items() if code != language}
    return {**found, language: text} if text else found


def _number(target: Draft, name: str, text: str) -> None:
    text = text.strip().replace(",", ".")
    whole = isinstance(target.get(name), int) and not isinstance(target.get(name), bool)
    if not text and (target.get(name) is None or isinstance(target.get(name), float)):
        target[name] = None if name in ("least", "most") else target.get(name)
    elif re.fullmatch(r"-?\d{1,9}(\.\d{1,6})?", text):
        target[name] = int(float(text)) if whole else float(text)
    elif not text:
        target[name] = 0


def _chosen(control: Control, target: Draft, name: str, text: str) -> None:
    if text in {key for key, _label in control.options}:
        target[name] = int(text) if text.isdigit() else text
        if name == "points" and len(target.get("labels", [])) != target[name]:
            target["labels"] = []


def lines(choices: list[Draft], text: str, language: str, main: str) -> list[Draft]:
    """Choices by their lines. In the survey's own language lines make and remove choices, and one keeps its id where its words stand
    as they did, else where its place does; in another language lines are laid beside those of the first, place by place.

    >>> [each["id"] for each in lines([{"id": "a", "text": {"en": "Red"}}, {"id": "b", "text": {"en": "Blue"}}], "Blue\\nGreen tea", "en",
        "en")]
    ['b', 'Green_tea']
    """
    said = [line.strip()[:500] for line in text.split("\n")]
    if language != main:
        return [
            {**choice, "text": _with(choice.get("text"), language, said[n] if n < len(said) else "")} for n, choice in enumerate(choices)
        ]
    said = [line for line in said if line][:500]
    by_words = {choice.get("text", {}).get(language, ""): choice for choice in choices}
    left = [choice for choice in choices if choice.get("text", {}).get(language, "") not in said]
    taken = {choice["id"] for choice in choices}
    found: list[Draft] = []
    same_length = len(said) == len(choices)
    for n, line in enumerate(said):
        old = by_words.pop(line, None) or (choices[n] if same_length and choices[n] in left else None)
        if old is None:
            id = choice_id(line, taken, f"a{n + 1}")
            taken.add(id)
            old = {"id": id}
        found.append({**old, "text": _with(old.get("text"), language, line)})
    return found


def labels(texts: list[dict[str, str]], text: str, language: str, main: str) -> list[dict[str, str]]:
    said = [line.strip()[:200] for line in text.split("\n")]
    if language != main:
        return [_with(each, language, said[n] if n < len(said) else "") for n, each in enumerate(texts)]
    said = [line for line in said if line][:20]
    return [_with(texts[n] if n < len(texts) else {}, language, line) for n, line in enumerate(said)]
