from datetime import date

import pytest

from tasks.demo.agencies import ABSENT, AS_CSV, BROKEN, EMPTY, RESENT, assign_roles, spelling
from tasks.demo.latent import seeded
from tasks.harmonise.agencies import Registry


def test_spelling__always_resolves_to_the_agency():
    at, registry = date(2020, 12, 31), Registry.bundled()
    written = set()
    for agency in registry.valid_at(at):
        for seed in range(8):
            text = spelling(agency, registry, at, seeded(seed, agency.agency_id))
            assert registry.resolve(text, at).agency_id == agency.agency_id
            written.add(text)
    assert {"UBND tỉnh Bắc Ninh", "BỘ Y TẾ"} & written


@pytest.mark.parametrize(
    ("number", "with_losses", "expected"),
    [
        (63, True, {RESENT, AS_CSV, BROKEN, EMPTY, ABSENT}),
        (63, False, {RESENT, AS_CSV}),
        (4, True, {RESENT}),
        (3, True, set()),
        (0, True, set()),
    ],
)
def test_assign_roles__leaves_some_agencies_alone(number, with_losses, expected):
    agencies = Registry.bundled().valid_at(date(2020, 12, 31), ["province"])[:number]
    roles = assign_roles(agencies, seeded(1), with_losses=with_losses)
    assert set(roles.values()) == expected
    assert len(roles) == len(expected)
