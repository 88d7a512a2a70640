"""The pages in English: a second environment of templates beside the application's own, used where it was chosen.

The reader's choice is a cookie; without one a page is Vietnamese and nothing of this runs but a look at the cookie.
"""

from collections.abc import MutableMapping
from functools import cache
from html import escape, unescape
from typing import Any

from flask import Flask, g, has_request_context, request
from flask.templating import Environment as FlaskEnvironment
from jinja2 import BytecodeCache, Environment
from jinja2.bccache import Bucket
from markupsafe import Markup

from app.english import catalogue
from app.english.markup_place import Standing, follow
from app.english.phrases import Phrases
from app.english.template_strings import COUNTED, LOOKED_UP
from app.english.template_texts import Texts
from app.english.texts import by_number, is_vietnamese

COOKIE = "dunghen-language"
VIETNAMESE, ENGLISH = "vi", "en"
LANGUAGES = (VIETNAMESE, ENGLISH)


def cookie_name() -> str:
    """By https bound to this very host, as the session's."""
    return f"__Host-{COOKIE}" if request.is_secure else COOKIE


def language() -> str:
    """The language of the page that is being made."""
    if not has_request_context():
        return VIETNAMESE
    if "language" not in g:
        g.language = ENGLISH if request.cookies.get(cookie_name()) == ENGLISH else VIETNAMESE
    return str(g.language)


def said(text: str) -> str:
    """A text for the reader of this request, where no template shows it: the words of a chart, of progress told to a script."""
    return phrases().of(text) if language() == ENGLISH else text


@cache
def phrases() -> Phrases:
    """The shipped catalogue, ready to look words up."""
    read = catalogue.shipped()
    return Phrases(read.told, read.spoken)


class Templates(FlaskEnvironment):
    """Whose templates each have the global words in one table. A page takes in eight others, and of each it is asked which of
    its words that one lacks: word by word, where they stand in a chain of tables.
    """

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Those of the environment, which are all there before the first template is loaded, under the template's own."""
        return {**self.globals, **(d or {})}


class TwoLanguages(Flask):
    """The application whose templates come from the environment of the reader's language."""

    jinja_environment = Templates

    @property
    def jinja_env(self) -> Environment:  # type: ignore[override]
        """That of the page being made; Vietnamese outside of requests."""
        own: Environment | None = self.__dict__.get("_own_env")
        if own is None:
            own = self.__dict__["_own_env"] = self.create_jinja_environment()
        if language() == VIETNAMESE:
            return own
        other: Environment | None = self.__dict__.get("_english_env")
        if other is None:
            other = self.__dict__["_english_env"] = english_environment(own)
        return other


def english_environment(own: Environment) -> Environment:
    """An environment that translates as it compiles, alike in everything else."""
    kept = own.bytecode_cache
    other = own.overlay(extensions=[Texts], bytecode_cache=OtherCodes(kept) if kept else None)
    other.translate = lambda text, template: catalogue.shipped().of(text, template)  # type: ignore[attr-defined]
    other.filters = {**own.filters, LOOKED_UP: shown, COUNTED: by_number}
    return other


class OtherCodes(BytecodeCache):
    """Compiled templates of the second language in the cache of the first, under other names."""

    def __init__(self, kept: BytecodeCache) -> None:
        self._kept = kept

    def load_bytecode(self, bucket: Bucket) -> None:
        """As the first, under the other name."""
        bucket.key = f"{ENGLISH}-{bucket.key.removeprefix(f'{ENGLISH}-')}"
        self._kept.load_bytecode(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """As the first, under the other name."""
        self._kept.dump_bytecode(bucket)


def shown(value: Any) -> Any:
    """A value of a template's expression: words looked up, finished markup walked through, anything else as it is."""
    if isinstance(value, str) and not hasattr(value, "__html__"):
        return phrases().of(value)
    if hasattr(value, "__html__"):
        markup = value.__html__()
        return Markup(markup_in_english(markup)) if is_vietnamese(markup) else Markup(markup)
    return value


def markup_in_english(markup: str) -> str:
    """Markup that Python made (a form's field), with the words a person reads looked up."""
    told = []
    for text, standing in follow(Standing(), markup):
        is_told = standing.is_translated and is_vietnamese(text)
        told.append(escape(phrases().of(unescape(text))) if is_told else text)
    return "".join(told)
