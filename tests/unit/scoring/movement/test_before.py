from tasks.scoring.movement.before import ranks_before_merged

HEIRS = {"a": ("ab",), "b": ("ab",)}


def test_ranks_before__merged__by_the_mean_of_its_predecessors():
    shares = {"a": 0.9, "b": 0.1, "c": 0.6, "d": 0.4}
    assert ranks_before_merged(shares, {"ab", "c", "d"}, HEIRS) == {"c": 1, "ab": 2, "d": 3}


def test_ranks_before__predecessors_that_keep_their_scores__are_not_ranked_beside_it():
    shares = {"a": 0.9, "b": 0.1, "c": 0.6}
    assert ranks_before_merged(shares, {"ab", "c"}, HEIRS, {"a", "b"}) == {"c": 1, "ab": 2}


def test_ranks_before__nothing_merged__are_those_of_then():
    assert ranks_before_merged({"x": 0.5, "y": 0.5, "z": 0.25}, {"x", "y", "z"}, {}) == {"x": 1, "y": 1, "z": 3}


def test_ranks_before__new_agency__has_none():
    assert ranks_before_merged({"x": 0.5}, {"x", "new"}, {}) == {"x": 1}


def test_ranks_before__nobody_was_there__is_empty():
    assert ranks_before_merged({}, {"new"}, {}) == {}
