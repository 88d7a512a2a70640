"""Is a word a Vietnamese syllable? By its spelling alone: onset, rhyme, tone. For telling encodings apart."""

import re
import unicodedata
from functools import lru_cache

TONES = {"\u0300", "\u0301", "\u0303", "\u0309", "\u0323"}
ACUTE, DOT = "\u0301", "\u0323"
ONSET = "(?:ngh|ng|nh|ch|gh|gi|kh|ph|qu|th|tr|[bcdđghklmnpqrstvx])?"
RHYME = (
    "(?:"
    "[aeêoôơ](?:ch|nh|ng|[cmnpt])?|[ăâ](?:ng|[cmnpt])|(?:i|u|ư|y)(?:ch|nh|ng|[cmnpt])?|"
    "oo(?:ng|c)|i[aê]u?|iê(?:ng|[cmnpt])|yê(?:ng|[mntu])|u[aâê](?:y|ch|nh|ng|[cmnpt])?|uyê[nt]|uya|uy(?:ch|nh|n|t|u|p)?|"
    "u[ơ]|uô(?:i|ng|[cmnt])|ưa|ươ(?:[iu]|ng|[cmnpt])|"
    "o[aăe](?:[iyo]|ch|nh|ng|[cmnpt])?|a[iouy]|â[uy]|eo|êu|iu|[oôơ]i|ui|ư[iu]"
    ")"
)
SYLLABLE = re.compile(ONSET + RHYME)
STOPPED = re.compile("(?:ch|[cpt])$")


@lru_cache(maxsize=20_000)
def is_syllable(word: str) -> bool:
    """Could a Vietnamese word be spelt like this? `word` without blanks or punctuation, in any case."""
    tones = [mark for mark in unicodedata.normalize("NFD", word.lower()) if mark in TONES]
    if len(tones) > 1:
        return False
    bare = "".join(mark for mark in unicodedata.normalize("NFD", word.lower()) if mark not in TONES)
    plain = unicodedata.normalize("NFC", bare)
    if not SYLLABLE.fullmatch(plain):
        return False
    # Syllables that end in a stop have one of two tones.
    return not STOPPED.search(plain) or (bool(tones) and tones[0] in (ACUTE, DOT))
