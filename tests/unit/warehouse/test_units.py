"""The table of units: what it holds, and that a bad factor is found."""

from fractions import Fraction

import pytest

from warehouse.errors import InputError
from warehouse.reference import units as module
from warehouse.reference.units import load_units


def test_units__a_billion_dong():
    assert {row.unit: row.factor for row in load_units()}["tỷ đồng"] == Fraction(10**9)


def test_units__no_base_is_itself_converted():
    assert not {row.base for row in load_units()} & {row.unit for row in load_units()}


@pytest.mark.parametrize("factor", ["", "0", "-1", "ten", "1/0"])
def test_units__bad_factor_is_named_with_its_line(tmp_path, monkeypatch, factor):
    file = tmp_path / "units.csv"
    file.write_text(f"from,to,factor,note\na,b,{factor},\n", encoding="utf-8")
    monkeypatch.setattr(module, "UNITS_FILE", file)
    with pytest.raises(InputError, match=r"Line 2 of units\.csv"):
        load_units.__wrapped__()
