"""Holds the pages of the specification, the registry and the kit's checks together.

`python tools/spec_lint.py` prints `file:line: message` for everything that is wrong and exits with
1, or with 0 if nothing is. Three comparisons, each a pure function:

- `lint_pages`: a sentence with a requirement word stands in a labelled block;
- `lint_registry`: labels and registry entries are the same, word for word;
- `lint_checks`: every requirement has a check or a reason why there is none.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from spec_source import (
    Block,
    Entry,
    Label,
    Page,
    SourceError,
    read_label,
    read_page,
    read_registry,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

ROOT = Path(__file__).resolve().parent.parent
PAGES = "docs/spec"
SUITE = "conformance/omnisession_conformance/suite"
REGISTRY = "schemas/requirements/1.0.yaml"

DEFINING_PAGE = "index.md"
"""The one page where quoted requirement words are free: it says what they mean."""

WORD = re.compile(
    r"(?<![\w-])(?:(?:MUST|SHALL|SHOULD)(?: NOT)?|(?:NOT )?RECOMMENDED|REQUIRED|OPTIONAL|MAY)(?![\w-])"
)
PERMISSIONS = frozenset({"MAY", "OPTIONAL"})
LEVELS = ("MUST", "MUST NOT", "SHOULD", "SHOULD NOT")
_CODE = re.compile(r"(`+).*?\1")
_QUOTED = re.compile(r'"[^"]*"|“[^”]*”')
_LOOKS_LIKE_LABEL = re.compile(r"\*\*[A-Z]+-\d+\*\*")


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """Something that is wrong, and where; line 0 stands for a whole file."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


def requirement_words(text: str, page: str = "") -> tuple[str, ...]:
    """The requirement words of a text in their order, those in code left out."""
    text = _CODE.sub("", text)
    if page == DEFINING_PAGE:
        text = _QUOTED.sub("", text)
    return tuple(WORD.findall(text))


def labels(pages: Iterable[Page]) -> Iterator[tuple[Page, Label]]:
    """All labels in the order of the pages."""
    for page in pages:
        for block in page.blocks:
            if label := read_label(block):
                yield page, label


def lint_pages(pages: Sequence[Page]) -> list[Finding]:
    """Find requirement words outside labelled blocks, and labels that are written wrongly."""
    found = [
        Finding(f"{PAGES}/{page.name}", block.line, message)
        for page in pages
        for block in page.blocks
        for message in _block_faults(page, block)
    ]
    seen: Counter[str] = Counter()
    for page, label in labels(pages):
        seen[label.id] += 1
        if seen[label.id] > 1:
            message = f"{label.id} is labelled twice: link to its first label instead"
            found.append(Finding(f"{PAGES}/{page.name}", label.line, message))
    return found


def _block_faults(page: Page, block: Block) -> Iterator[str]:
    label = read_label(block)
    if label is not None:
        if label.anchor != label.id.lower():
            yield f"the anchor of {label.id} is #{label.anchor}: write #{label.id.lower()}"
        return
    if _LOOKS_LIKE_LABEL.match(block.text):
        yield "a label is written **ABC-001**{ #abc-001 .req } and followed by its sentence"
    elif words := requirement_words(block.text, page.name):
        yield f"{words[0]} stands outside a labelled block: label the sentence, or say it plainly"


def lint_registry(pages: Sequence[Page], registry: Sequence[Entry]) -> list[Finding]:
    """Compare labels and entries: ids, words, anchors, levels."""
    labelled = {label.id: (page, label) for page, label in labels(pages)}
    known = {entry.id: entry for entry in registry}
    found = [
        Finding(f"{PAGES}/{page.name}", label.line, f"{label.id} is not in {REGISTRY}")
        for page, label in labelled.values()
        if label.id not in known
    ]
    seen: Counter[str] = Counter()
    for entry in registry:
        seen[entry.id] += 1
        if seen[entry.id] > 1:
            found.append(Finding(REGISTRY, entry.line, f"{entry.id} is used twice"))
        found.extend(Finding(REGISTRY, entry.line, fault) for fault in _level_faults(entry))
        if entry.id in labelled:
            found.extend(_differences(entry, *labelled[entry.id]))
        else:
            message = f"{entry.id} has no label on a page of {PAGES}"
            found.append(Finding(REGISTRY, entry.line, message))
    return found


def _level_faults(entry: Entry) -> Iterator[str]:
    words = set(requirement_words(entry.text))
    if entry.level not in LEVELS:
        yield f"{entry.id} has the level '{entry.level}': it is one of {', '.join(LEVELS)}"
    elif entry.level not in words:
        yield f"{entry.id} has the level {entry.level}, but its text does not say {entry.level}"
    elif others := sorted(words - {entry.level}):
        yield f"{entry.id} has the level {entry.level}, but its text also says {others[0]}"


def _differences(entry: Entry, page: Page, label: Label) -> Iterator[Finding]:
    file = f"{PAGES}/{page.name}"
    if entry.spec != f"{page.name}#{label.anchor}":
        message = f"{entry.id} points to {entry.spec}, but stands at {page.name}#{label.anchor}"
        yield Finding(REGISTRY, entry.line, message)
    text = " ".join(entry.text.split())
    if label.text != text and not label.text.startswith(f"{text} "):
        same = _common(text, label.text)
        message = (
            f"{entry.id} differs from the registry after '{text[:same][-30:]}': "
            f"the registry goes on '{text[same : same + 30]}', the page '{label.text[same : same + 30]}'"
        )
        yield Finding(file, label.line, message)
        return
    extra = [w for w in requirement_words(label.text[len(text) :]) if w not in PERMISSIONS]
    if extra:
        message = (
            f"{entry.id}: {extra[0]} after the sentence of the registry needs a label of its own"
        )
        yield Finding(file, label.line, message)


def _common(left: str, right: str) -> int:
    pairs = zip(left, right, strict=False)
    return next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(left), len(right)))


def lint_checks(registry: Sequence[Entry], checks: Iterable[str]) -> list[Finding]:
    """Compare requirements with the kit's checks, `REQ-ID@case` or `REQ-ID@sweep`."""
    known = {entry.id for entry in registry}
    by_id: dict[str, list[str]] = {}
    for check in checks:
        by_id.setdefault(check.partition("@")[0], []).append(check)
    found = [
        Finding(REGISTRY, 0, f"the check {check} judges {id_}, which is no requirement")
        for id_ in by_id.keys() - known
        for check in by_id[id_]
    ]
    for entry in registry:
        checked = by_id.get(entry.id, [])
        if entry.excluded and checked:
            message = f"{entry.id} is excluded, but has the check {checked[0]}: drop one of them"
            found.append(Finding(REGISTRY, entry.line, message))
        elif not entry.excluded and not checked:
            message = f"{entry.id} has no check: write one, or say in 'excluded' why none can exist"
            found.append(Finding(REGISTRY, entry.line, message))
    return found


def read_pages(folder: Path) -> list[Page]:
    """Read all pages of a folder, in the order of their names."""
    return [read_page(path.name, path.read_text("utf-8")) for path in sorted(folder.glob("*.md"))]


def kit_checks() -> list[str]:
    """The names of all checks of the kit."""
    from omnisession_conformance.suite import checks  # noqa: PLC0415 - pages can be linted without

    return [str(check) for check in checks()]


def main(arguments: Sequence[str] | None = None) -> int:
    """Lint a checkout and print what was found; returns the exit code."""
    parser = argparse.ArgumentParser(description="Lint the specification.")
    parser.add_argument("--root", type=Path, default=ROOT, help="checkout to lint")
    parser.add_argument(
        "--pages-only", action="store_true", help="leave out the comparison with the kit's checks"
    )
    options = parser.parse_args(arguments)
    pages = read_pages(options.root / PAGES)
    try:
        registry = read_registry((options.root / REGISTRY).read_text("utf-8"))
    except (OSError, SourceError) as error:
        print(Finding(REGISTRY, 0, f"{error}"))
        return 1
    found = lint_pages(pages) + lint_registry(pages, registry)
    if not pages:
        found.append(Finding(PAGES, 0, "there is no page"))
    if not options.pages_only:
        try:
            found += lint_checks(registry, kit_checks())
        except ImportError as error:
            message = f"the kit's checks cannot be read ({error}): --pages-only leaves them out"
            found.append(Finding(SUITE, 0, message))
    for finding in sorted(found):
        print(finding)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
