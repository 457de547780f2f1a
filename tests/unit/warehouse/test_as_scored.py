"""A framework as it was when a vintage was scored."""

from dataclasses import replace

import pytest

from warehouse.as_scored import framework_as_scored
from warehouse.earlier import agency_names
from warehouse.errors import WarehouseError
from warehouse.frameworks.loader import load_framework
from warehouse.vintages import publish, write_vintage

SHARES = {"province-a": 0.5, "province-b": 0.25}


def test_framework__unchanged__is_that_of_today(engine, framework, write):
    assert framework_as_scored(engine, write(SHARES), framework) is framework


def test_framework__edited_since__has_the_nodes_of_then(engine, framework, make, write):
    written = write(SHARES)
    today = replace(make.tiny_framework(digest="d2", title="Chỉ số mới"), nodes=framework.nodes[:1])
    found = framework_as_scored(engine, written, today)
    assert found.nodes == framework.nodes  # tiers as tuples, blank weights as None
    assert (found.digest, found.description.title_vi) == ("d1", "Chỉ số mới")


def test_framework__every_rule_and_parameter_of_a_whole_edition__comes_back(engine, make):
    then = load_framework("province_2020")
    written = write_vintage(
        engine,
        framework=then,
        round_name="press",
        kind="press",
        period="2020",
        measurements=make.measurements({}, framework=then.name),
        scores=make.scores({}, framework=then.name),
        run_id="r",
        code_version="1",
    )
    found = framework_as_scored(engine, written, replace(then, digest="another", nodes=()))
    assert found.nodes == tuple(replace(node, line=0) for node in then.nodes)


def test_framework__content_that_the_warehouse_does_not_know__is_refused(engine, framework, write):
    unknown = replace(write(SHARES), framework_digest="d9")
    with pytest.raises(WarehouseError, match="does not know the framework that vintage 1 of tiny_2020 2020"):
        framework_as_scored(engine, unknown, framework)


def test_agency_names__unknown_to_the_registry__is_called_by_its_id(engine, write):
    assert agency_names(engine, write(SHARES)) == {agency: agency for agency in SHARES}


def test_agency_names__only_of_the_vintage(engine, write):
    write(SHARES)
    publish(engine, framework="tiny_2020", round_name="press", period="2020")
    assert agency_names(engine, write({"province-c": 0.5})) == {"province-c": "province-c"}
