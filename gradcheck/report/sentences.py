"""How words become a sentence."""

import re

# A hyphen straight before a number, and not inside a word or an option.
HYPHEN = re.compile(r"(?<![\w.-])-(?=[\d.])")


def sentence(text: str) -> str:
    """The text with a capital at its start, unless it starts with a name, and a full stop at its end."""
    first = text.split(" ", 1)[0]
    is_word = first.isalpha() and first.islower() and len(first) > 1
    return (text[:1].upper() + text[1:] if is_word else text).rstrip(".") + "."


def polished(text: str) -> str:
    """The text with a real minus before numbers, and real arrows: sentences of other rooms come in plain ASCII."""
    parts = text.split("`")  # code stands between backticks, and stays as it is
    return "`".join(part if n % 2 else HYPHEN.sub("−", part).replace("->", "→") for n, part in enumerate(parts))
