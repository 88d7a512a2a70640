"""Invented names in Vietnamese order (family, middle, given), of companies and organisations too. Nobody in particular."""

import tomllib
from importlib import resources

import numpy as np


def _words() -> dict[str, list[str]]:
    text = resources.files("tracker.data").joinpath("invented_names.toml").read_text(encoding="utf-8")
    return {key: words.split("|") for key, words in tomllib.loads(text).items()}


WORDS = _words()


def pick(rng: np.random.Generator, key: str) -> str:
    """One word of a list."""
    words = WORDS[key]
    return words[int(rng.integers(len(words)))]


def person(rng: np.random.Generator) -> str:
    """One invented person: most Kinh, the others Ê Đê, M'Nông, Tày, Nùng, Mông, Chăm H'roi as in the highlands."""
    people = int(rng.integers(100))
    woman = bool(rng.integers(2))
    if people < 70:
        return _kinh(rng, woman)
    if people < 87:
        return _ede(rng, woman)
    if people < 94:
        return f"{pick(rng, 'northern_families')} {_given(rng, woman)}"
    if people < 97:
        return f"{pick(rng, 'hmong_families')} {'Thị' if woman else 'A'} {pick(rng, 'hmong_given')}"
    return f"{pick(rng, 'cham_hroi')} {_given(rng, woman)}"


def _given(rng: np.random.Generator, woman: bool) -> str:
    if woman:
        return f"{pick(rng, 'female_middles')} {pick(rng, 'female_given')}"
    return f"{pick(rng, 'male_middles')} {pick(rng, 'male_given')}"


def _kinh(rng: np.random.Generator, woman: bool) -> str:
    return f"{pick(rng, 'families')} {_given(rng, woman)}"


def _ede(rng: np.random.Generator, woman: bool) -> str:
    clan = pick(rng, "ede_clans")
    return f"H'{pick(rng, 'ede_female')} {clan}" if woman else f"Y {pick(rng, 'ede_male')} {clan}"


def company(rng: np.random.Generator) -> str:
    """One invented company."""
    words = ("company_kinds", "company_trades", "company_first", "company_second")
    return " ".join(pick(rng, choice) for choice in words)


def organisation(rng: np.random.Generator) -> str:
    """One invented cooperative, club or centre."""
    return f"{pick(rng, 'organisation_kinds')} {pick(rng, 'company_first')} {int(rng.integers(1, 30))}"


def agency(rng: np.random.Generator) -> str:
    """One invented school, health station or board."""
    return f"{pick(rng, 'agency_kinds')} {pick(rng, 'company_first')} {int(rng.integers(1, 12))}"
