"""Where in a page a piece of template text stands: in words, in an attribute that is read out, or in neither. Pure.

Follows the text character by character across the expressions and blocks of a template, so that a value split by an
expression is still known to be one. Nothing is checked: templates are our own.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

# Attributes that a person reads or hears.
READ_OUT = frozenset(
    {"title", "aria-label", "aria-description", "aria-valuetext", "placeholder", "alt", "label", "data-title",
     "data-all", "data-label", "data-more", "data-question", "data-said", "data-words"}
)  # fmt: skip
# Inside these nothing is anybody's language: names of commands and files, code, what somebody typed.
AS_IT_IS = frozenset({"script", "style", "textarea", "pre", "code", "kbd", "samp"})
UNPARSED = frozenset({"script", "style", "textarea"})
KEEPS = re.compile(r"""\s(?:translate="no"|lang="vi")""")
NAMED = re.compile(r"""([^\s"'<>/=]+)\s*=\s*$""")
LONGEST_NAME = 60
TAG = re.compile(r"</?([a-zA-Z][a-zA-Z0-9-]*)")


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the next character stands."""

    mode: str = "text"  # text, tag, value, comment
    tag: str = ""
    closes: bool = False
    opened: str = ""  # the tag so far, to know whether it keeps its language
    attribute: str = ""
    quote: str = ""
    kept: tuple[
        tuple[str, int], ...
    ] = ()  # elements that keep their language, with how often their name is nested

    @property
    def is_words(self) -> bool:
        """Text between tags that is to be translated?"""
        return self.mode == "text" and not self.kept

    @property
    def is_read_out(self) -> bool:
        """The value of an attribute that is to be translated?"""
        return (
            self.mode == "value"
            and self.attribute in READ_OUT
            and not self.kept
            and KEEPS.search(self.opened) is None
        )

    @property
    def is_translated(self) -> bool:
        """Either of the two."""
        return self.is_words or self.is_read_out


def follow(standing: Standing, text: str) -> Iterator[tuple[str, Standing]]:
    """The text cut where the standing changes: each piece with how it stands; an empty last piece tells how it ends."""
    at = 0
    while at < len(text):
        end, after = _step(standing, text, at)
        if end > at:
            yield text[at:end], standing
        at, standing = end, after
    yield "", standing


def _step(standing: Standing, text: str, at: int) -> tuple[int, Standing]:
    """How far the present standing goes, and what follows it."""
    return {"text": _text, "tag": _tag, "value": _value, "comment": _comment}[standing.mode](
        standing, text, at
    )


def _text(standing: Standing, text: str, at: int) -> tuple[int, Standing]:
    if standing.kept and standing.kept[-1][0] in UNPARSED:
        end = text.find(f"</{standing.kept[-1][0]}", at)
    else:
        end = next(
            (
                each
                for each in _lesser(text, at)
                if text[each + 1 : each + 2].isalpha() or text[each + 1 : each + 2] in "/!"
            ),
            -1,
        )
    if end < 0:
        return len(text), standing
    if end > at:
        return end, standing
    if text.startswith("<!--", at):
        return at, replace(standing, mode="comment")
    found = TAG.match(text, at)
    name = found[1].lower() if found else ""
    opened = {"mode": "tag", "tag": name, "closes": text.startswith("</", at), "opened": "", "attribute": ""}
    return at, replace(standing, **opened)


def _lesser(text: str, at: int) -> Iterator[int]:
    found = text.find("<", at)
    while found >= 0:
        yield found
        found = text.find("<", found + 1)


def _tag(standing: Standing, text: str, at: int) -> tuple[int, Standing]:
    """Up to the end of the tag or into the value of an attribute."""
    # The quote that ended a value is the tag's own.
    for place in range(at + bool(standing.quote), len(text)):
        if text[place] == ">":
            opened = standing.opened + text[at:place]
            return place + 1, _after_tag(replace(standing, opened=opened), text[place - 1 : place] == "/")
        if text[place] in "\"'" and (name := NAMED.search(text[max(at, place - LONGEST_NAME) : place])):
            opened = standing.opened + text[at : place + 1]
            after = {"mode": "value", "attribute": name[1].lower(), "quote": text[place]}
            return place + 1, replace(standing, opened=opened, **after)
    return len(text), replace(standing, opened=standing.opened + text[at:], quote="")


def _after_tag(standing: Standing, alone: bool) -> Standing:
    kept = standing.kept
    if kept and kept[-1][0] == standing.tag:
        depth = kept[-1][1] + (-1 if standing.closes else 1)
        kept = (*kept[:-1], (standing.tag, depth)) if depth else kept[:-1]
    elif not standing.closes and not alone and not kept and _keeps(standing):
        kept = ((standing.tag, 1),)
    return replace(standing, mode="text", tag="", closes=False, opened="", attribute="", quote="", kept=kept)


def _keeps(standing: Standing) -> bool:
    return standing.tag in AS_IT_IS or (
        KEEPS.search(standing.opened) is not None and standing.tag not in ("input", "img", "html")
    )


def _value(standing: Standing, text: str, at: int) -> tuple[int, Standing]:
    end = text.find(standing.quote, at)
    if end < 0:
        return len(text), replace(standing, opened=standing.opened + text[at:])
    if end > at:
        return end, replace(standing, opened=standing.opened + text[at:end])
    return end, replace(standing, mode="tag", attribute="")


def _comment(standing: Standing, text: str, at: int) -> tuple[int, Standing]:
    end = text.find("-->", at)
    return (len(text), standing) if end < 0 else (end + 3, replace(standing, mode="text"))
