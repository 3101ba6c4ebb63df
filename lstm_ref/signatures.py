"""Public functions refuse what is not of the type that their signature says, and name it.

What a type cannot say, such as a shape or a range, is checked by a line of `lstm_ref.checks` in the function.
"""

import collections.abc
import functools
import inspect
import sys
import types
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from typing import Any, ParamSpec, TypeVar, Union, get_args, get_origin

import numpy as np

Given = ParamSpec("Given")
Answer = TypeVar("Answer")

WORDS = {float: "a number", int: "a whole number", str: "a text", bool: "True or False", type(None): "None"}
"""By type: what it is called. Numbers of NumPy count as Python's."""
NUMBERS = {float: (int, float, np.integer, np.floating), int: (int, np.integer), bool: (bool, np.bool_)}


def checked(function: Callable[Given, Answer]) -> Callable[Given, Answer]:
    """Let a function refuse what is not of the type that its signature says, with TypeError; a decorator.

    Of arrays it looks at whether they are arrays, of what kind of numbers; shapes are the function's own business.
    """
    signature = inspect.signature(function)

    @functools.wraps(function)
    def checking(*args: Given.args, **kwargs: Given.kwargs) -> Answer:
        kinds = _kinds(function)
        for name, value in signature.bind(*args, **kwargs).arguments.items():
            if name in kinds:
                _expect(name, value, kinds[name])
        return function(*args, **kwargs)

    return checking


def check_fields(record: Any, *names: str) -> None:
    """Refuse, with TypeError, a field of a dataclass that is not of the type that the class says; or only these."""
    kinds = _kinds(type(record))  # type: ignore[arg-type]  # a class is hashable
    for field in fields(record):
        if field.name in kinds and field.name in (names or kinds):
            _expect(field.name, getattr(record, field.name), kinds[field.name])


@functools.cache
def _kinds(owner: Callable[..., Any]) -> dict[str, Any]:
    """Return the types of arguments or fields by name, without those that are known to type checkers alone."""
    names, found = {"typing": sys.modules["typing"], **vars(sys.modules[owner.__module__])}, {}
    for name, kind in owner.__annotations__.items():
        try:
            found[name] = eval(kind, names) if isinstance(kind, str) else kind
        except NameError:
            continue
    return found


def _expect(name: str, value: object, kind: Any) -> None:
    if not _fits(value, kind):
        shown = repr(value) if isinstance(value, (str, int, float, types.NoneType)) else type(value).__name__
        if isinstance(value, np.ndarray):
            shown = f"{value.dtype} of shape {value.shape}"
        raise TypeError(f"{name}: expected {_words(kind)}, got {shown if len(shown) <= 60 else shown[:57] + '...'}")


def _written_out(kind: Any) -> Any:
    """Return what an alias of a type stands for: since NumPy 2.5, its types of arrays are such aliases."""
    value = getattr(get_origin(kind) or kind, "__value__", kind)
    return value[get_args(kind)] if value is not kind and get_args(kind) else value


def _fits(value: Any, kind: Any) -> bool:
    """Return whether a value is of a type, and what it contains of the types within."""
    kind = _written_out(kind)
    outer, inner = get_origin(kind), get_args(kind)
    if kind in NUMBERS:
        alike = isinstance(value, NUMBERS[kind]) and (kind is bool or not isinstance(value, (bool, np.bool_)))
        return alike and (kind is not int or abs(value) < 2**64)
    if outer in (Union, types.UnionType):
        return any(_fits(value, each) for each in inner)
    if outer is np.ndarray:
        wanted = get_origin(get_args(inner[1])[0]) or get_args(inner[1])[0]
        plain = isinstance(value, (np.ndarray, np.generic)) and not isinstance(value, (np.matrix, np.ma.MaskedArray))
        # Whole numbers are symbols, places or lengths: a number alone is none of them.
        return plain and (wanted is Any or np.issubdtype(value.dtype, wanted)) and (value.ndim or wanted != np.integer)
    if outer is collections.abc.Callable:
        return callable(value)
    if outer is tuple and ... not in inner:
        return isinstance(value, (tuple, list)) and len(value) == len(inner) and all(map(_fits, value, inner))
    if outer is not None and issubclass(outer, Mapping):
        return isinstance(value, outer) and all(_fits(k, inner[0]) and _fits(v, inner[1]) for k, v in value.items())
    if outer is not None and issubclass(outer, Iterable):
        if isinstance(value, np.ndarray) and value.dtype != object and outer is not tuple:
            each = np.zeros(value.shape[1:], value.dtype)[()]  # a number of a row, a row of a matrix
            return value.ndim > 0 and value.dtype.kind != "M" and _fits(each, inner[0])
        alike = isinstance(value, outer) and not isinstance(value, (str, bytes)) and getattr(value, "ndim", 1) > 0
        return alike and (not hasattr(value, "__len__") or all(_fits(each, inner[0]) for each in value))
    any_will_do = kind is Any or not isinstance(kind, type) or getattr(kind, "_is_protocol", False)
    return any_will_do or isinstance(value, kind)


def _words(kind: Any) -> str:
    """Return what a type is called in an error."""
    kind = _written_out(kind)
    outer, inner = get_origin(kind), get_args(kind)
    if outer in (Union, types.UnionType):
        return " or ".join(map(_words, inner))
    if outer is None:
        name = getattr(kind, "__name__", str(kind))
        return WORDS.get(kind, name if name.endswith("s") else _with_article(name))
    if outer is np.ndarray:
        return f"an array of {getattr(get_args(inner[1])[0], '__name__', 'any kind')} numbers"
    if outer is collections.abc.Callable:
        return "a function"
    return f"{_with_article(outer.__name__.lower())} of " + ", ".join(_words(each) for each in inner if each is not ...)


def _with_article(noun: str) -> str:
    return f"an {noun}" if noun[0] in "aeiouAEIOU" else f"a {noun}"
