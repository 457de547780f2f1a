"""Prefect blocks of the warehouse: secrets and where messages go, made from the environment and never shown."""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from prefect.blocks.core import Block
from prefect.blocks.notifications import AppriseNotificationBlock, CustomWebhookNotificationBlock, SlackWebhook
from prefect.blocks.system import Secret
from prefect.exceptions import PrefectException
from prefect.types import SecretDict
from pydantic import SecretStr

from tasks.secrets import WAREHOUSE
from warehouse.errors import InputError

NOTIFY = "dti-notify"
SLACK, WEBHOOK, MAIL = "DTI_NOTIFY_SLACK_URL", "DTI_NOTIFY_WEBHOOK_URL", "DTI_NOTIFY_MAIL_URL"
_CREDENTIAL = re.compile(r"DTI_([A-Z][A-Z0-9_]*)_(TOKEN|USER|PASSWORD)")
_WEB = re.compile(r"https?://[^\s/]+\S*")
_MAIL = re.compile(r"mailtos?://\S+")
_SEND_SECONDS = 4.0


class MailNotification(AppriseNotificationBlock):
    """A message by e-mail through the SMTP server of the house.

    Attributes:
        url: Address as Apprise has it, e.g. `mailtos://user:password@mail.example.gov.vn?from=dti@example.gov.vn&to=a@b.vn`.
    """

    _block_type_name = "DTI e-mail"
    _block_type_slug = "dti-mail"


@dataclass(frozen=True)
class Made:
    """What became of one block.

    Attributes:
        block: Name of the block, with its type.
        variable: Variable of the environment that it comes from.
        outcome: `made`, `renewed`, `unchanged`, or `missing` where the environment has nothing for it.
    """

    block: str
    variable: str
    outcome: str


def wanted(environment: Mapping[str, str]) -> Iterator[tuple[str, str, Block]]:
    """The blocks that an environment describes.

    Args:
        environment: Variables and their values.

    Yields:
        Variable, name of the block, and the block.

    Raises:
        InputError: A value is no address; the sentence names the variable, never its value.
    """
    if url := environment.get("DTI_WAREHOUSE_URL", ""):
        yield "DTI_WAREHOUSE_URL", f"dti-{WAREHOUSE}", Secret(value=SecretStr(url))
    for name in sorted(environment):
        match = _CREDENTIAL.fullmatch(name)
        if match and environment[name]:
            stem, part = match[1].lower().replace("_", "-"), match[2].lower()
            yield name, f"dti-{stem}-{part}", Secret(value=SecretStr(environment[name]))
    if url := environment.get(SLACK, ""):
        yield SLACK, NOTIFY, SlackWebhook(url=_address(SLACK, url, _WEB))
    if url := environment.get(WEBHOOK, ""):
        yield WEBHOOK, NOTIFY, _webhook(_address(WEBHOOK, url, _WEB))
    if url := environment.get(MAIL, ""):
        yield MAIL, NOTIFY, MailNotification(url=_address(MAIL, url, _MAIL))


def make_blocks(environment: Mapping[str, str] | None = None) -> list[Made]:
    """Make or renew the blocks that the environment describes; what it does not describe stays as it is.

    Args:
        environment: Variables and their values; None: those of this process.

    Returns:
        What was made, and what is missing.

    Raises:
        InputError: A value cannot be used; no value is ever shown.
    """
    found = [_made(*one) for one in wanted(os.environ if environment is None else environment)]
    have = {one.variable for one in found}
    if "DTI_WAREHOUSE_URL" not in have:
        found.append(Made(f"secret/dti-{WAREHOUSE}", "DTI_WAREHOUSE_URL", "missing"))
    if not have & {SLACK, WEBHOOK, MAIL}:
        found.append(Made(f"(any)/{NOTIFY}", f"{SLACK}, {WEBHOOK} or {MAIL}", "missing"))
    return found


def missing_credentials(names: set[str], made: list[Made]) -> list[Made]:
    """What rounds ask for and neither the environment nor Prefect has.

    Args:
        names: Names of credentials in round.yaml files.
        made: What `make_blocks` gave.
    """
    there = {one.block for one in made}
    missing = []
    for name in sorted(names):
        blocks = [f"secret/dti-{name}-{part}" for part in ("token", "password")]
        if not any(block in there or _load(*block.split("/")) for block in blocks):
            stem = name.upper().replace("-", "_")
            missing.append(Made(blocks[0], f"DTI_{stem}_TOKEN, or DTI_{stem}_USER and DTI_{stem}_PASSWORD", "missing"))
    return missing


def _made(variable: str, name: str, block: Block) -> Made:
    slug = block.get_block_type_slug()
    before = _load(slug, name)
    if before is not None and _same(before, block):
        return Made(f"{slug}/{name}", variable, "unchanged")
    try:
        block.save(name, overwrite=True)
    except (PrefectException, ValueError) as error:
        # Its words may hold the value.
        raise InputError(
            f"Prefect refused the block {slug}/{name}: {type(error).__name__}.", f"Look at the value of {variable}."
        ) from None
    return Made(f"{slug}/{name}", variable, "made" if before is None else "renewed")


def _load(slug: str, name: str) -> Block | None:
    try:
        found = Block.load(f"{slug}/{name}")
    except ValueError:
        return None
    return found if isinstance(found, Block) else None


def _same(one: Block, other: Block) -> bool:
    shown = [block.model_dump(context={"include_secrets": True}) for block in (one, other)]
    fields = set(type(other).model_fields)
    return {name: shown[0].get(name) for name in fields} == {name: shown[1].get(name) for name in fields}


def _webhook(url: SecretStr) -> CustomWebhookNotificationBlock:
    return CustomWebhookNotificationBlock(
        name="dti",
        url="{{address}}",  # the field itself is shown in the UI: the address is kept as a secret
        json_data={"subject": "{{subject}}", "text": "{{body}}"},
        secrets=SecretDict({"address": url.get_secret_value()}),
        headers=None,
        cookies=None,
        timeout=_SEND_SECONDS,
    )


def _address(variable: str, url: str, pattern: re.Pattern[str]) -> SecretStr:
    if not pattern.fullmatch(url):
        kind = "an address of the kind mailtos://..." if pattern is _MAIL else "a web address"
        raise InputError(f"The value of {variable} is not {kind}.", "docs/operations.md shows examples.")
    return SecretStr(url)
