import pytest

from warehouse import patience
from warehouse.errors import ConnectionLost, WarehouseError
from warehouse.patience import patiently


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(patience, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(patience, "PATIENCE", 0.2)


def failing(error, times):
    """Work that fails some times, and the list of its attempts."""
    attempts = []

    def work():
        attempts.append(len(attempts))
        if len(attempts) <= times:
            raise error
        return "done"

    return work, attempts


def test_patiently__comes_back_in_time__the_result(quick):
    work, attempts = failing(ConnectionLost("Away."), 3)
    assert patiently(work) == "done"
    assert len(attempts) == 4


def test_patiently__stays_away__the_error_after_the_last_attempt(quick):
    work, attempts = failing(ConnectionLost("Away."), 1_000)
    with pytest.raises(ConnectionLost):
        patiently(work)
    assert 3 <= len(attempts) <= 6


def test_patiently__another_error__at_once(quick):
    work, attempts = failing(WarehouseError("Full."), 1)
    with pytest.raises(WarehouseError, match="Full"):
        patiently(work)
    assert len(attempts) == 1
