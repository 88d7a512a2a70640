"""What an office has set for its letters: who signs, from which template; and each letter made by it.

Reads what it needs of the store while a session is open; the shipped letter needs nothing of it.
"""

from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

from letters.case import LetterPolicy, Names, facts_of_stored
from letters.compiled import render
from letters.content import Lacking, LetterFacts, Missing, write
from letters.forms import LetterForm
from letters.issuer import Authority, Signature
from letters.layout import Paper
from letters.obligations import LetterKind
from letters.signers import signature_of
from letters.template_text import ALL, values_of
from tracker.errors import WorkFailed
from tracker.store import signer_store, template_store
from tracker.store.letter_candidates import load_catalogue
from tracker.store.letter_store import StoredLetter
from tracker.store.session import Session
from tracker.store.signer_store import SignerRow

if TYPE_CHECKING:
    from letters.template_compiled import OfficeTemplate

HEADS = frozenset({Authority.HEAD, Authority.ACTING})


class Office:
    """Signers and templates of all units, read once a run; templates are prepared when first needed."""

    def __init__(self, session: Session, policy: LetterPolicy, names: Names | None = None) -> None:
        self.names = names or Names(load_catalogue(session))
        self._session, self._policy = session, policy
        self._signers = {row.signer_id: row for row in signer_store.signers_of(session)}
        self._of_unit: dict[int, list[SignerRow]] = {}
        for row in self._signers.values():
            self._of_unit.setdefault(row.unit_id, []).append(row)
        active = template_store.templates(session, only_active=True)
        self._active = {(row.unit_id, row.form, row.kind): row.template_id for row in active}
        self._compiled = lru_cache(maxsize=64)(self._compile)

    def usual_signer(self, unit_id: int, day: date) -> int | None:
        """Who signs for a unit if nobody says otherwise: its head, or the only one who may; None where that is unclear."""
        may = [row for row in self._of_unit.get(unit_id, ()) if row.is_valid(day)]
        heads = [row for row in may if row.authority in HEADS]
        chosen = heads if heads else may
        return chosen[0].signer_id if len(chosen) == 1 else None

    def template_for(self, unit_id: int, form: str, kind: LetterKind) -> int | None:
        """The template of a unit's letters of a kind: its own before that of all units, that of the kind before that of all kinds."""
        for place in (
            (unit_id, form, kind.value),
            (unit_id, form, ""),
            (None, form, kind.value),
            (None, form, ""),
        ):
            if (found := self._active.get(place)) is not None:
                return found
        return None

    def signature(self, signer_id: int | None) -> Signature | None:
        """How a signer stands under a letter; None: as the unit's catalogue entry says."""
        row = self._signers.get(signer_id or 0)
        return signature_of(row) if row else None

    def made(
        self, facts: LetterFacts, form: LetterForm, template_id: int | None, paper: Paper
    ) -> bytes | Lacking:
        """The file of a letter, or what it lacks: also a template that can be used, where its own no longer can be."""
        content = write(facts, self._policy.forms, form, check_address=self._policy.check_address)
        if isinstance(content, Lacking):
            return content
        if template_id is None:
            return render(content, paper)
        template = self._compiled(template_id)
        if template is None:
            return Lacking((Missing.TEMPLATE,))
        return template.render(values_of(facts, content, self._policy.forms))

    def made_again(self, letter: StoredLetter) -> bytes | Lacking:
        """The file of a letter as the register knows it, or what it lacks by now."""
        facts = facts_of_stored(letter, self.names, self.signature(letter.signer_id))
        return self.made(
            facts, self._policy.forms.by_key(letter.form), letter.template_id, Paper(letter.paper)
        )

    def _compile(self, template_id: int) -> "OfficeTemplate | None":
        # lxml is opened only when an office's own template is used: the command line must start without it.
        from letters.template_compiled import compile_template

        found = template_store.template_body(self._session, template_id)
        if found is None:
            return None
        kind, body = found
        try:
            return compile_template(body, {LetterKind(kind)} if kind else ALL)
        except (
            WorkFailed
        ):  # it was usable when it was uploaded; what is asked of templates has become more since
            return None
