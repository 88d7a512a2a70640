"""What the pages of criteria show: editions side by side by criterion, what a change of one does to the points. No request."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from app.edition_changes import EditionSet
from app.edition_words import points_words, title
from app.presenters import moment
from tracker.criteria_data import edition_values, published_values
from tracker.measures.scoring import Edition
from tracker.pipeline.editions import RESULT
from tracker.pipeline.scores import EditionScore, YearQuestion, scores_by
from tracker.store.session import Store
from tracker.types.editions import EditionKind, Published


@dataclass(frozen=True, slots=True)
class CriterionBlock:
    """A criterion with its editions and the points of a year by each."""

    criterion: str
    title: str
    scores: Sequence[EditionScore]


def blocks(found: Sequence[EditionScore]) -> list[CriterionBlock]:
    """The editions by criterion, in their order."""
    grouped = groupby(found, key=lambda each: each.kept.edition.criterion)
    return [CriterionBlock(criterion, title(criterion), list(each)) for criterion, each in grouped]


def effect(
    store: Store, question: YearQuestion, standing: Edition, wanted: Edition
) -> list[Mapping[str, str]]:
    """What the points of a year are by an edition as it stands and as it is wanted, as lines of a change."""
    was, will = scores_by(store, question, (standing, wanted))
    label = f"Năm {question.year}, tính lúc đề nghị ({moment(question.as_of)})"
    return [{"label": label, "before": points_words(was), "after": points_words(will)}]


def edition_change(wanted: Edition, told: Sequence[Mapping[str, str]]) -> EditionSet:
    """The change by two persons that sets an edition."""
    kind = EditionKind.CRITERION.value
    return EditionSet(kind, wanted.criterion, wanted.key, edition_values(wanted), told)


def result_change(result: Published) -> EditionSet:
    """The change by two persons that sets a published result."""
    return EditionSet(EditionKind.PUBLISHED.value, result.subject, RESULT, published_values(result))
