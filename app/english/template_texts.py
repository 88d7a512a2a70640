"""The texts of a template, found in its tokens and put into the other language as it is compiled.

What stands between two tags or blocks is one message: words, and expressions as its places. The translation may name
the places in another order. Sentences in strings of expressions are messages of their own. Words that an expression
brings from Python are looked up when the page is made (filter `english`), except what is known to be data.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream

from app.english.markup_place import Standing, follow
from app.english.template_strings import LOOKED_UP, Strings, Translate, bracketed, counted, filtered
from app.english.texts import ends, has_words, one_line, pieces

# What ends an expression when it is data: nobody's words, never to be looked up.
DATA = frozenset(
    {"address", "applicant_name", "applicant", "code", "full_name", "login", "made_by", "name_of_person", "officer",
     "officer_name", "phone", "procedure", "procedure_code", "procedure_name", "short_code", "unit_name", "file_name",
     "csrf_token", "check_code", "input_hash"}
)  # fmt: skip
# What others of our own templates give is translated there.
WITHIN = frozenset({"caller", "super", "self", "csrf_token", "url_for", "drawn"})


@dataclass(slots=True)
class Run:
    """Words and expressions between two tags or blocks; expressions are their tokens."""

    attribute: bool = False
    lineno: int = 1
    parts: list[str | list[Token]] = field(default_factory=list)

    def message(self) -> str:
        """The words with numbered places."""
        return one_line(self.with_places())

    def with_places(self) -> str:
        """The words as they stand, with numbered places."""
        counted = iter(range(len(self.parts)))
        return "".join(part if isinstance(part, str) else f"{{{next(counted)}}}" for part in self.parts)

    def expressions(self) -> list[list[Token]]:
        """The tokens of each place."""
        return [part for part in self.parts if not isinstance(part, str)]


class Texts(Extension):
    """Translates the templates of an environment; `environment.translate` gives the translations."""

    def filter_stream(self, stream: TokenStream) -> Iterable[Token]:
        """The tokens of a template in the other language."""
        translate: Translate = self.environment.translate  # type: ignore[attr-defined]
        return Rewriter(translate, stream.name or "").rewritten(stream)


class Rewriter:
    """Rewrites the tokens of one template."""

    def __init__(self, translate: Translate, template: str) -> None:
        self.translate, self.template = translate, template
        self.standing = Standing()
        self.branches: list[Standing] = []
        self.run = Run()
        self.macros: set[str] = set(WITHIN)
        self.out: list[Token] = []

    def rewritten(self, stream: Iterable[Token]) -> Iterator[Token]:
        """All tokens, those of texts replaced."""
        tokens = list(stream)
        at = 0
        while at < len(tokens):
            token = tokens[at]
            if token.type == "data":
                self._data(token)
                at += 1
            elif token.type in ("variable_begin", "block_begin"):
                end = _end(tokens, at)
                inner = tokens[at + 1 : end]
                if token.type == "variable_begin":
                    self._expression(token, inner, tokens[end])
                else:
                    self._block(token, inner, tokens[end])
                at = end + 1
            else:
                self.out.append(token)
                at += 1
        self._flush()
        return iter(_joined(self.out))

    def _data(self, token: Token) -> None:
        for text, standing in follow(self.standing, token.value):
            if standing.is_translated and text:
                self._add(text, standing, token.lineno)
            elif text:
                self._flush()
                self._put(text, token.lineno)
            self.standing = standing
        if not self.standing.is_translated:
            self._flush()

    def _add(self, text: str, standing: Standing, lineno: int) -> None:
        if not self.run.parts:
            self.run = Run(standing.is_read_out, lineno)
        self.run.parts.append(text)

    def _expression(self, begin: Token, inner: list[Token], end: Token) -> None:
        if not self.standing.is_translated:
            self._flush()
            self.out += [begin, *(inner if self.standing.mode == "value" else self._strings(inner)), end]
            return
        if _is_mark(inner):
            self._flush()
            self.out += [begin, *inner, end]
            return
        if not self.run.parts:
            self.run = Run(self.standing.is_read_out, begin.lineno)
        self.run.parts.append(self._strings(inner))

    def _block(self, begin: Token, inner: list[Token], end: Token) -> None:
        self._flush()
        self._branch(inner)
        self._note_macros(inner)
        in_words = self.standing.mode != "value" or self.standing.is_read_out or inner[0].value == "set"
        self.out += [begin, *(self._strings(inner) if in_words else inner), end]

    def _branch(self, inner: list[Token]) -> None:
        """Each branch of a condition begins where the first one began."""
        keyword = inner[0].value if inner else ""
        if keyword in ("if", "for"):
            self.branches.append(self.standing)
        elif keyword in ("elif", "else") and self.branches:
            self.standing = self.branches[-1]
        elif keyword in ("endif", "endfor") and self.branches:
            self.branches.pop()
        elif keyword == "macro":
            self.standing = Standing()
        elif keyword == "block" and inner[1].value.endswith("_class"):
            self.branches.append(self.standing)
            self.standing = Standing(mode="value", attribute="class", quote='"')
        elif keyword == "endblock" and self.standing.attribute == "class" and self.branches:
            self.standing = self.branches.pop()

    def _note_macros(self, inner: list[Token]) -> None:
        """Names of macros and of imported templates: what they give is translated by their own template."""
        words = [token.value for token in inner if token.type == "name"]
        keyword = words[0] if words else ""
        if keyword == "macro":
            self.macros.add(words[1])
        elif keyword == "import" and "as" in words:
            self.macros.add(words[words.index("as") + 1])
        elif keyword == "from" and "import" in words:
            self.macros |= set(words[words.index("import") + 1 :]) - {"with", "without", "context", "as"}
        elif keyword == "set" and len(words) > 1 and not any(token.type == "assign" for token in inner):
            self.macros.add(words[1])  # a block of markup

    def _flush(self) -> None:
        """Put the collected run out, translated."""
        run, self.run = self.run, Run()
        if not run.parts:
            return
        message = run.message()
        is_told = has_words(message) and '="' not in message  # a macro may give attributes
        told = self.translate(message, self.template) if is_told else None
        if told is None:
            for part in run.parts:
                self._part(part, run.lineno)
            return
        before, after = ends(run.with_places())
        self._put(before, run.lineno)
        self._translated(told, run.expressions(), run.lineno)
        self._put(after, run.lineno)

    def _part(self, part: str | list[Token], lineno: int) -> None:
        if isinstance(part, str):
            self._put(part, lineno)
        else:
            self.out += self._shown(part, lineno)

    def _translated(self, told: str, expressions: list[list[Token]], lineno: int) -> None:
        for piece in pieces(told):
            if isinstance(piece, str):
                self._put(piece, lineno)
            elif piece.index >= len(expressions):  # a place that a script fills
                self._put(f"{{{piece.index}}}", lineno)
            elif piece.one is None:
                self.out += self._shown(expressions[piece.index], lineno)
            else:
                told = counted(expressions[piece.index], piece, lineno)
                self.out += [
                    Token(lineno, "variable_begin", "{{"),
                    *told,
                    Token(lineno, "variable_end", "}}"),
                ]

    def _shown(self, inner: list[Token], lineno: int) -> list[Token]:
        """An expression as a place: its words are looked up unless it is data or comes translated."""
        begin, end = Token(lineno, "variable_begin", "{{"), Token(lineno, "variable_end", "}}")
        if self._is_data(inner):
            return [begin, *inner, end]
        return [begin, *bracketed(inner, lineno), *filtered(LOOKED_UP, lineno), end]

    def _is_data(self, inner: list[Token]) -> bool:
        first = inner[0]
        if first.type in ("integer", "float"):
            return True
        if (
            first.type == "name"
            and first.value in self.macros
            and len(inner) > 1
            and inner[1].type in ("lparen", "dot")
        ):
            return _is_one_call(inner)
        plain = all(token.type in ("name", "dot") for token in inner)
        return plain and inner[-1].value in DATA

    def _strings(self, inner: list[Token]) -> list[Token]:
        """The tokens of an expression with its texts translated: strings, and chains of strings and values (`~`)."""
        is_loop = inner[0].type == "name" and inner[0].value == "for"
        return Strings(self.translate, self.template).rewritten(inner, loop=is_loop)

    def _put(self, text: str, lineno: int) -> None:
        if text:
            self.out.append(Token(lineno, "data", text))


def _end(tokens: list[Token], at: int) -> int:
    closing = tokens[at].type.replace("begin", "end")
    return next(place for place in range(at, len(tokens)) if tokens[place].type == closing)


def _is_mark(inner: list[Token]) -> bool:
    """A drawn mark, `marks.mark("flag")`: as good as a tag."""
    names = [token.value for token in inner[:3] if token.type == "name"]
    return (
        "mark" in names
        and any(token.type == "lparen" for token in inner[:4])
        and names[:1] in (["mark"], ["marks"])
    )


def _is_one_call(inner: list[Token]) -> bool:
    """Is the expression one call, `name.name(...)`, and nothing beside it?"""
    at = next((place for place, token in enumerate(inner) if token.type == "lparen"), -1)
    if at < 0:
        return all(token.type in ("name", "dot") for token in inner)
    depth = 0
    for place in range(at, len(inner)):
        depth += {"lparen": 1, "rparen": -1}.get(inner[place].type, 0)
        if not depth:
            return place == len(inner) - 1
    return False


def _joined(tokens: list[Token]) -> list[Token]:
    """Neighbouring texts as one: fewer pieces to put together for every page."""
    joined: list[Token] = []
    for token in tokens:
        if token.type == "data" and joined and joined[-1].type == "data":
            joined[-1] = Token(joined[-1].lineno, "data", joined[-1].value + token.value)
        else:
            joined.append(token)
    return joined
