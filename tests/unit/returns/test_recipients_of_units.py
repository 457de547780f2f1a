"""Frameworks whose units are no agencies of the registry, such as the country: the form is for any unit by name."""

from tasks.returns.recipients import ranked_agency
from warehouse.frameworks.loader import load_framework


def test_ranked_agency__of_a_national_index__is_the_unit_of_that_name():
    found = ranked_agency(load_framework("national_2025"), "  Việt   Nam ", "2024")
    assert (found.agency_id, found.full_name_vi) == ("Việt Nam", "Việt Nam")
