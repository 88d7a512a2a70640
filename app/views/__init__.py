"""The pages, one file an audience's place; a view gathers, calls one function of the program, and renders."""

from app.views import account, auth, calendar, desk, dossier, intake, late, letters, proof, score, style

BLUEPRINTS = (
    auth.blueprint,
    desk.blueprint,
    late.blueprint,
    intake.blueprint,
    dossier.blueprint,
    proof.blueprint,
    letters.blueprint,
    score.blueprint,
    calendar.blueprint,
    account.blueprint,
    style.blueprint,
)
