"""What several rooms' tests need."""

import pytest

from warehouse.settings import get_settings


@pytest.fixture
def private_allowed(monkeypatch):
    """Let sources be fetched from the loopback address."""
    monkeypatch.setenv("DTI_ALLOW_PRIVATE_ADDRESSES", "true")
    get_settings.cache_clear()
    yield
    get_settings.cache_clear()
