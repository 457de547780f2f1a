"""Which inputs a run without a named round takes."""

import pytest

from flows.inputs import round_folder
from tasks.sources.rounds import bundled_round
from warehouse.errors import InputError

ROUND = """\
round: mine
kind: official
period: "2020"
sources:
  - {{source: published, path: values.csv, framework: {framework}}}
"""


@pytest.fixture
def own(home):
    """Write one's own round of 2020 with a source of one framework."""

    def write(framework):
        folder = home / "rounds" / "2020"
        folder.mkdir(parents=True)
        (folder / "round.yaml").write_text(ROUND.format(framework=framework), encoding="utf-8")
        return folder

    return write


def test_round_folder__own_round_with_a_source_for_the_framework__is_taken(own):
    assert round_folder("egdi", "2020") == bundled_round("press_egdi").folder
    assert round_folder("egdi", "2020") != (mine := own("egdi"))
    assert round_folder("egdi", "2020") == mine


def test_round_folder__own_round_of_another_framework__hides_no_published_figures(own):
    own("province_2020")
    assert round_folder("egdi", "2020") == bundled_round("press_egdi").folder


def test_round_folder__own_round_of_another_framework_and_nothing_published__is_left_to_say_so(own):
    mine = own("province_2020")
    assert round_folder("egdi_components_2020", "2020") == mine


def test_round_folder__own_round_that_cannot_be_read__is_named(own):
    file = own("province_2020") / "round.yaml"
    file.write_text("round: [", encoding="utf-8")
    with pytest.raises(InputError, match=r"round\.yaml"):
        round_folder("egdi", "2020")
