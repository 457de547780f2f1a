"""Secrets from Prefect's blocks, for what the environment does not have."""

from collections.abc import Iterator
from contextlib import contextmanager

from prefect.blocks.system import Secret

from warehouse.settings import get_settings

WAREHOUSE = "warehouse-url"


def secret_block(name: str) -> str:
    """Return the secret of the block `dti-<name>`, or empty text where there is none.

    Args:
        name: For example `kobo-token`.
    """
    try:
        block = Secret.load(f"dti-{name}")
    except ValueError:
        return ""
    return str(block.get()) if isinstance(block, Secret) else ""


@contextmanager
def warehouse_of_block() -> Iterator[None]:
    """Use the warehouse of the block `dti-warehouse-url` where `DTI_WAREHOUSE_URL` names none.

    The address stays in the settings of this process: it enters neither the environment nor a parameter of a run.
    """
    settings = get_settings()
    if settings.warehouse_url:
        yield
        return
    settings.warehouse_url = secret_block(WAREHOUSE)
    try:
        yield
    finally:
        settings.warehouse_url = ""
