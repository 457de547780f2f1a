"""Secrets from Prefect's blocks, for what the environment does not have."""

from prefect.blocks.system import Secret


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
