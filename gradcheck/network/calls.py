"""Layers in words: `lstm(4,peepholes),last,dense(2,tanh)`, read and written."""

from collections.abc import Iterator, Sequence
from dataclasses import MISSING, Field, fields
from difflib import get_close_matches
from typing import Any

from gradcheck.errors import NetworkError
from gradcheck.network.layers import LAYERS, Layer


def read_layers(text: str) -> tuple[Layer, ...]:
    """The layers of `name(setting,key=value),...`; raises NetworkError where a word is not known or does not fit."""
    return tuple(_read_layer(part) for part in split(text) if part)


def write_layers(layers: Sequence[Layer]) -> str:
    """The text that `read_layers` reads back."""
    return ",".join(map(_write_layer, layers))


def split(text: str, mark: str = ",") -> list[str]:
    """The parts between marks that stand in no bracket."""
    parts, depth = [""], 0
    for letter in text:
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if letter == mark and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts]


def read_shape(text: str) -> tuple[int, ...] | None:
    """(5, 3) from `5x3`; None where the text is no shape."""
    parts = [part.strip() for part in text.split("x")]
    return tuple(map(int, parts)) if all(part.isdecimal() for part in parts) else None


def _read_layer(text: str) -> Layer:
    word, bracket, rest = text.partition("(")
    kind = LAYERS.get(word.strip().lower())
    if kind is None or (bracket and not rest.endswith(")")):
        near = get_close_matches(word.strip().lower(), LAYERS, n=1)
        hint = f"did you mean {near[0]}?" if near and kind is None else f"write name(settings), {', '.join(LAYERS)}"
        raise NetworkError(f"{text!r} is no layer: {hint}")
    if word.strip().lower() == "residual":
        return kind(read_layers(rest[:-1]))  # type: ignore[call-arg, arg-type]
    given = [part for part in split(rest[:-1]) if part]
    try:
        return kind(**dict(_settings(kind, given)))
    except TypeError:
        known = ", ".join(field.name for field in fields(kind))
        raise NetworkError(f"{text!r} does not give {word} what it needs: its settings are {known or 'none'}") from None


def _word_of(kind: type[Layer]) -> str:
    return next(word for word, one in LAYERS.items() if one is kind)


def _settings(kind: type[Layer], given: list[str]) -> Iterator[tuple[str, Any]]:
    """Name and value of every setting: by place, by key=value, or a yes-or-no one by its bare name."""
    known = {field.name: field for field in fields(kind)}
    places = iter(known)
    for part in given:
        key, equals, value = (side.strip() for side in part.partition("="))
        if not equals and known.get(key) is not None and known[key].type in (bool, "bool"):
            yield key, True
            continue
        name = key if equals else next(places, None)
        if name not in known:
            raise NetworkError(f"{_word_of(kind)} has no setting {key!r}: it has {', '.join(known) or 'none'}")
        yield name, _value(known[name], value if equals else key)


def _value(field: "Field[Any]", text: str) -> Any:
    kind = str(getattr(field.type, "__name__", field.type))
    try:
        if "tuple" in kind or "tuple" in str(field.type):
            return tuple(map(int, text)) if field.name == "mask" else read_shape(text) or _refuse(field.name, text)
        if "bool" in kind:
            return {"yes": True, "true": True, "no": False, "false": False}[text.lower()]
        return text if "str" in kind else float(text) if "float" in kind else int(text)
    except (ValueError, KeyError):
        return _refuse(field.name, text)


def _refuse(name: str, text: str) -> Any:
    raise NetworkError(f"{text!r} is no value for {name}: give a number, sizes like 3x3, or a name")


def _write_layer(layer: Layer) -> str:
    if hasattr(layer, "layers"):
        return f"residual({write_layers(layer.layers)})"
    told = [(field, getattr(layer, field.name)) for field in fields(layer)]
    parts = [_write(field, value) for field, value in told if field.default is MISSING or value != field.default]
    return f"{_word_of(type(layer))}({','.join(parts)})" if parts else _word_of(type(layer))


def _write(field: "Field[Any]", value: Any) -> str:
    if value is True:
        return field.name
    text = ("" if field.name == "mask" else "x").join(map(str, value)) if isinstance(value, tuple) else str(value)
    return text if field.default is MISSING else f"{field.name}={text}"
