"""The contrast of two colours by the formula of WCAG 2.1."""

import re

Colour = tuple[int, int, int]
_HEX = re.compile(r"#(?:([0-9a-f])([0-9a-f])([0-9a-f])|([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2}))", re.IGNORECASE)
_RGB = re.compile(r"rgb\(\s*(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*(\d{1,3})\s*\)", re.IGNORECASE)
_NAMED: dict[str, Colour] = {
    "black": (0, 0, 0),
    "white": (255, 255, 255),
    "red": (255, 0, 0),
    "green": (0, 128, 0),
    "blue": (0, 0, 255),
    "yellow": (255, 255, 0),
    "orange": (255, 165, 0),
    "gray": (128, 128, 128),
    "grey": (128, 128, 128),
    "silver": (192, 192, 192),
    "navy": (0, 0, 128),
    "maroon": (128, 0, 0),
}


def parse_colour(text: str) -> Colour | None:
    """Return the colour that a style names; None where it is transparent, or none that we know.

    >>> parse_colour("#fff"), parse_colour("rgb(0, 128, 0)"), parse_colour("inherit")
    ((255, 255, 255), (0, 128, 0), None)
    """
    said = text.strip().lower().removesuffix("!important").strip()
    if said in _NAMED:
        return _NAMED[said]
    if found := _HEX.fullmatch(said):
        short = found[1] is not None
        digits = [found[at] * 2 for at in (1, 2, 3)] if short else [found[at] for at in (4, 5, 6)]
        return int(digits[0], 16), int(digits[1], 16), int(digits[2], 16)
    if found := _RGB.fullmatch(said):
        red, green, blue = (min(255, int(found[at])) for at in (1, 2, 3))
        return red, green, blue
    return None


def contrast_of(one: Colour, other: Colour) -> float:
    """Return the contrast ratio of two colours, between 1 and 21 (WCAG 2.1, "contrast ratio").

    >>> contrast_of((0, 0, 0), (255, 255, 255)), round(contrast_of((119, 119, 119), (255, 255, 255)), 2)
    (21.0, 4.48)
    """
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: Colour) -> float:
    """Relative luminance (WCAG 2.1, "relative luminance")."""
    red, green, blue = (_linear(channel / 255) for channel in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)
