"""The pages, one file an audience's place; a view gathers, calls one function of the program, and renders."""

from app.views import account, auth, desk, dossier, late, letters, score, style

BLUEPRINTS = (
    auth.blueprint,
    desk.blueprint,
    late.blueprint,
    dossier.blueprint,
    letters.blueprint,
    score.blueprint,
    account.blueprint,
    style.blueprint,
)
