"""The imperative shell: gather, decide, apply. What the command line, the pages and the jobs call."""

from tracker.pipeline.answers import LateAnswer, LateQuestion, dossier, overdue
from tracker.pipeline.editions import editions, published
from tracker.pipeline.figures import RatesQuestion, rates
from tracker.pipeline.ingesting import IngestPlan, ingest
from tracker.pipeline.scores import ScoreQuestion, score

__all__ = [
    "IngestPlan",
    "LateAnswer",
    "LateQuestion",
    "RatesQuestion",
    "ScoreQuestion",
    "dossier",
    "editions",
    "ingest",
    "overdue",
    "published",
    "rates",
    "score",
]
