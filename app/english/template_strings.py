"""Texts in the strings of a template's expressions, and chains of strings and values joined by `~`."""

from collections.abc import Callable
from typing import Any

from jinja2.lexer import Token

from app.english.texts import Place, ends, has_words, is_vietnamese, one_line, pieces
from app.english.unmarked import UNMARKED

# Gives the translation of a message of a template, or None.
Translate = Callable[[str, str], str | None]
COUNTED, LOOKED_UP = "english_counted", "english"
OPENERS = {"lparen": "rparen", "lbracket": "rbracket", "lbrace": "rbrace"}
COMPARED = frozenset({"eq", "ne"})
# What stands between two chains; `~` binds closer than all of these.
BOUNDS = frozenset({"comma", "assign", "colon", "add", "sub", "eq", "ne", "lt", "gt", "lteq", "gteq"})
WORDS_BETWEEN = frozenset({"if", "else", "and", "or", "not", "in", "is"})


class Strings:
    """Rewrites the expressions of one template."""

    def __init__(self, translate: Translate, template: str) -> None:
        self.translate, self.template = translate, template

    def rewritten(self, tokens: list[Token], *, loop: bool = False) -> list[Token]:
        """The tokens of an expression with its texts translated; `loop`: those of a `for`, whose list is no comparison."""
        out: list[Token] = []
        chain: list[list[Token]] = [[]]
        at = 0
        while at < len(tokens):
            token = tokens[at]
            if token.type in OPENERS:
                end = _closing(tokens, at)
                inner = tokens[at + 1 : end]
                is_key = token.type == "lbracket" and bool(chain[-1]) and len(inner) == 1
                is_kept = is_key or (_is_in(tokens, at) and not loop)
                loop = loop and not _is_in(tokens, at)
                chain[-1] += [token, *(inner if is_kept else self.rewritten(inner)), tokens[end]]
                at = end
            elif token.type == "tilde":
                chain.append([])
            elif token.type in BOUNDS or (token.type == "name" and token.value in WORDS_BETWEEN):
                out += [*self._chain(chain), token]
                chain = [[]]
            else:
                chain[-1].append(token if _is_key(tokens, at) else self._single(token, tokens, at))
            at += 1
        return out + self._chain(chain)

    def _single(self, token: Token, tokens: list[Token], at: int) -> Token:
        """A string that is no part of a chain, translated."""
        near = [tokens[each].type for each in (at - 1, at + 1) if 0 <= each < len(tokens)]
        if token.type != "string" or "tilde" in near or not is_text(token.value):
            return token
        told = self.translate(one_line(token.value), self.template)
        if told is None:
            return token
        before, after = ends(token.value)
        return Token(token.lineno, "string", before + told + after)

    def _chain(self, chain: list[list[Token]]) -> list[Token]:
        if len(chain) == 1:
            return chain[0]
        lineno = next((token.lineno for part in chain for token in part), 1)
        whole, values = _with_places(chain)
        told = self.translate(one_line(whole), self.template) if is_text(whole) and has_words(whole) else None
        if told is None:
            return _joined(chain, lineno)
        before, after = ends(whole)
        told = before + told + after
        parts = [
            [Token(lineno, "string", piece)]
            if isinstance(piece, str)
            else (
                _looked_up(values[piece.index], lineno)
                if piece.one is None
                else counted(values[piece.index], piece, lineno)
            )
            for piece in pieces(told)
        ]
        return _joined(parts if len(parts) > 1 else [*parts, [Token(lineno, "string", "")]], lineno)


def is_text(text: str) -> bool:
    """Is a string of an expression something that a person reads?"""
    return is_vietnamese(text) or one_line(text) in UNMARKED


def counted(value: list[Token], place: Place, lineno: int) -> list[Token]:
    """`(value)|english_counted("dossier", "dossiers")`."""
    given = [
        Token(lineno, "string", place.one or ""), Token(lineno, "comma", ","), Token(lineno, "string", place.many)
    ]  # fmt: skip
    return [*bracketed(value, lineno), *filtered(COUNTED, lineno), *bracketed(given, lineno)]


def _looked_up(value: list[Token], lineno: int) -> list[Token]:
    """`(value)|english`: words that a value brings from Python."""
    return [*bracketed(value, lineno), *filtered(LOOKED_UP, lineno)]


def bracketed(tokens: list[Token], lineno: int) -> list[Token]:
    """`(tokens)`."""
    return [Token(lineno, "lparen", "("), *tokens, Token(lineno, "rparen", ")")]


def filtered(name: str, lineno: int) -> list[Token]:
    """`|name`."""
    return [Token(lineno, "pipe", "|"), Token(lineno, "name", name)]


def _with_places(chain: list[list[Token]]) -> tuple[str, list[list[Token]]]:
    """The words of a chain with numbered places, and the values that stand there."""
    words, values = [], []
    for part in chain:
        if len(part) == 1 and part[0].type == "string":
            words.append(part[0].value)
        else:
            words.append(f"{{{len(values)}}}")
            values.append(part)
    return "".join(words), values


def _joined(parts: list[list[Token]], lineno: int) -> list[Token]:
    joined: list[Any] = []
    for part in parts:
        joined += [*([Token(lineno, "tilde", "~")] if joined else []), *part]
    return joined


def _is_in(tokens: list[Token], at: int) -> bool:
    """Behind `in`: what is looked for there is compared, not read."""
    return at > 0 and tokens[at - 1].type == "name" and tokens[at - 1].value == "in"


def _is_key(tokens: list[Token], at: int) -> bool:
    """A string that is compared, or the key of a dict."""
    before = tokens[at - 1].type if at else ""
    after = tokens[at + 1].type if at + 1 < len(tokens) else ""
    return before in COMPARED or after in COMPARED or after == "colon"


def _closing(tokens: list[Token], at: int) -> int:
    depth = 0
    for place in range(at, len(tokens)):
        kind = tokens[place].type
        depth += (kind in OPENERS) - (kind in OPENERS.values())
        if not depth:
            return place
    return len(tokens) - 1
