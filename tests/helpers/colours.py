"""Colours as eyes have them: how light they are, and how far apart."""

import numpy as np


def rgb(colour):
    """The colour as a browser writes it."""
    return f"rgb({', '.join(str(int(colour[place : place + 2], 16)) for place in (1, 3, 5))})"


def channels(colour):
    """The red, green and blue of a colour, each from 0 to 1."""
    return np.array([int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)])


def linear(rgb):
    """The same as amounts of light."""
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def contrast(one, two):
    """The ratio of WCAG 2 between two colours."""
    light, dark = sorted((linear(rgb) @ [0.2126, 0.7152, 0.0722] + 0.05 for rgb in (one, two)), reverse=True)
    return light / dark


def cielab(rgb):
    """The place of a colour where distances are those that are seen."""
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    f = np.cbrt(to_xyz @ rgb / [0.9505, 1, 1.089])
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])
