"""Two persons: who asks for a change or drafts a letter does not decide on it."""


def may_decide(proposer: str, decider: str) -> bool:
    """May `decider` approve or reject what `proposer` asked for? Both are login names, or `operator`.

    Names that differ in case or blanks only are one person; nobody (an empty name) decides nothing.
    """
    return bool(decider.strip()) and _same(proposer) != _same(decider)


def _same(login: str) -> str:
    return login.strip().casefold()
