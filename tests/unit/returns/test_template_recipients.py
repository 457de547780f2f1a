import pytest

from tasks.returns.recipients import ranked_agencies, ranked_agency
from warehouse.errors import AgencyError, InputError
from warehouse.frameworks.loader import load_framework
from warehouse.frameworks.model import Framework


@pytest.mark.parametrize(("name", "number"), [("province_2020", 63), ("ministry_2020", 25)])
def test_ranked_agencies__are_those_of_the_framework(name, number):
    assert len(ranked_agencies(load_framework(name), "2020")) == number


def test_ranked_agencies__of_a_framework_without_a_population_is_an_error(framework):
    anybody = Framework(
        framework.description.model_copy(update={"population": ()}), framework.nodes, {}, framework.folder, ""
    )
    with pytest.raises(InputError, match="does not say which agencies"):
        ranked_agencies(anybody, "2020")


def test_ranked_agency__any_spelling(framework):
    assert ranked_agency(framework, "UBND tỉnh Bắc Ninh", "2020").full_name_vi == "Tỉnh Bắc Ninh"


def test_ranked_agency__that_is_not_ranked_is_an_error(framework):
    only = Framework(framework.description, framework.nodes, {"Bắc Ninh": "a"}, framework.folder, "")
    with pytest.raises(AgencyError, match="Tỉnh Hà Giang is not ranked by tiny in 2020"):
        ranked_agency(only, "Hà Giang", "2020")
