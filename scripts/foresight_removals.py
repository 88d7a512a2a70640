"""How the guards of signs and of the forecast are taken out; a part of `scripts/guard_removals.py`."""

from scripts.removal import Removal

FORESIGHT_REMOVALS = [
    Removal(
        "likely late dossiers by scope", "tracker/store/forecast_store.py",
        "    if asked.unit_ids is None:\n", "    if True:\n",
    ),
    Removal(
        "likely late dossiers by the unit that has them now", "tracker/store/forecast_store.py",
        "in_(ids), _D.c.resolving_unit_id.in_(ids)]", "in_(ids)]",
    ),
    Removal(
        "looking at likely late dossiers is logged", "app/views/forecast.py", "    current.log(", "    (lambda *_: None)(",
    ),
    Removal(
        "signs by scope", "tracker/store/finding_lists.py",
        "    if unit_ids is not None:\n        yield Finding", "    if unit_ids is not None and False:\n        yield Finding",
    ),
    Removal(
        "what is said of signs by scope", "tracker/store/finding_said.py",
        "    )  # fmt: skip\n    if unit_ids is not None:", "    )  # fmt: skip\n    if unit_ids is not None and False:",
    ),
    Removal("each role says of signs what is its own", "app/views/findings.py", "_reader().role not in pick.act.roles", "False"),
    Removal("nobody concludes about a sign that he explained", "app/finding_forms.py", "act.becomes in JUDGED and login", "False and login"),
    Removal(
        "a sign is confirmed after its unit was heard", "app/finding_forms.py",
        "    if finding.state not in act.of:", "    if False:",
    ),
    Removal(
        "who was quicker about a sign is not overwritten", "app/finding_acts.py",
        "raise FindingsChanged(CHANGED)", "pass",
    ),
    Removal("what is said of signs names no applicant", "app/finding_acts.py", "            self._check_names(found, form)\n"),
    Removal(
        "what is said of signs holds no long number", "app/finding_forms.py",
        "NO_PERSONAL_DATA if holds_long_number(", "NO_PERSONAL_DATA if False and holds_long_number(",
    ),
]  # fmt: skip
