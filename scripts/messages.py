"""Translations: collects texts from code and templates into the catalogues and compiles them.

`--check` changes nothing and ends with 1 when a text is missing, fuzzy, or a compiled catalogue is behind.
"""

import os
import subprocess
import sys
from pathlib import Path

import machine
import polib

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "vincle" / "web" / "locale"
LANGUAGES = ("es", "it", "ca")


def spoken() -> dict[tuple[str, str], polib.POEntry]:
    """What channels ask for stands in their specs, which are pure and know no translation."""
    from vincle.channels.registry import channels

    found = {}
    for channel in channels().values():
        for each in (*channel.spec.settings, *channel.spec.secrets):
            choices = [label for _, label in getattr(each, "choices", ())]
            for text in filter(str.strip, (each.label, each.help, *choices)):
                found["", text] = polib.POEntry(msgid=text, occurrences=[(f"channels/{channel.spec.id}.py", "")])
    return found


def extract() -> dict[tuple[str, str], polib.POEntry]:
    """Every text of the product by (context, text), as xgettext and the channels tell."""
    machine.gettext()
    keep = LOCALE / "xx" / "LC_MESSAGES"
    keep.mkdir(parents=True, exist_ok=True)
    try:
        command = [sys.executable, "-m", "django", "makemessages", "-l", "xx", "--no-obsolete", "--no-wrap", "--add-location", "file"]
        environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "vincle.project.settings"}
        subprocess.run(command, cwd=ROOT / "vincle", env=environment, check=True, stdout=subprocess.DEVNULL)
        return spoken() | {(entry.msgctxt or "", entry.msgid): entry for entry in polib.pofile(str(keep / "django.po"))}
    finally:
        (keep / "django.po").unlink(missing_ok=True)
        keep.rmdir()
        keep.parent.rmdir()


def catalogue(language: str) -> polib.POFile:
    path = LOCALE / language / "LC_MESSAGES" / "django.po"
    if path.exists():
        return polib.pofile(str(path), wrapwidth=0)
    path.parent.mkdir(parents=True, exist_ok=True)
    made = polib.POFile(wrapwidth=0)
    made.fpath = str(path)
    plural = "nplurals=2; plural=(n != 1);"
    made.metadata = {
        "Language": language,
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": plural,
    }
    return made


def update(language: str, texts: dict[tuple[str, str], polib.POEntry]) -> None:
    """Add what is new, drop what is gone, compile."""
    old = {(entry.msgctxt or "", entry.msgid): entry for entry in catalogue(language)}
    fresh = catalogue(language)
    fresh.clear()
    for key in sorted(texts):
        entry, known = texts[key], old.get(key)
        made = polib.POEntry(
            msgid=entry.msgid, msgid_plural=entry.msgid_plural, msgctxt=entry.msgctxt, flags=[f for f in entry.flags if f != "fuzzy"]
        )
        made.occurrences = sorted({(path, "") for path, _ in entry.occurrences})
        if entry.msgid_plural:
            made.msgstr_plural = known.msgstr_plural if known and known.msgid_plural else {0: "", 1: ""}
        else:
            made.msgstr = known.msgstr if known else ""
        fresh.append(made)
    fresh.save(fresh.fpath)
    fresh.save_as_mofile(fresh.fpath.removesuffix(".po") + ".mo")


def problems(language: str, texts: dict[tuple[str, str], polib.POEntry]) -> list[str]:
    known = {(entry.msgctxt or "", entry.msgid): entry for entry in catalogue(language)}
    found = [f"{language}: missing: {text!r}" for _, text in sorted(texts.keys() - known.keys())]
    found += [f"{language}: not translated: {entry.msgid!r}" for key, entry in known.items() if key in texts and not entry.translated()]
    found += [f"{language}: no longer used: {text!r}" for _, text in sorted(known.keys() - texts.keys())]
    compiled = LOCALE / language / "LC_MESSAGES" / "django.mo"
    if not compiled.exists() or {(e.msgid, e.msgstr) for e in polib.mofile(str(compiled))} != {
        (e.msgid, e.msgstr) for e in known.values() if e.translated()
    }:
        found.append(f"{language}: compiled catalogue is behind; run `make messages`")
    return found


def main() -> int:
    texts = extract()
    if "--check" not in sys.argv:
        for language in LANGUAGES:
            update(language, texts)
    found = [problem for language in LANGUAGES for problem in problems(language, texts)]
    print("\n".join(found[:60]))
    print(f"{len(texts)} texts in {len(LANGUAGES) + 1} languages; {len(found)} problems")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
