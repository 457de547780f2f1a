"""`dti setup-blocks`: Prefect blocks with the warehouse's secrets, made from the environment."""

from dataclasses import asdict

from cyclopts import App

from flows.cli.output import Format, show
from warehouse.errors import InputError
from warehouse.settings import get_settings

app = App(name="setup-blocks", help="Make or renew Prefect blocks (secrets, where messages go) from the environment.")


@app.default
def setup_blocks(*, format: Format = "table") -> None:
    """Make or renew the blocks that the environment describes, and say what is missing; no secret is shown.

    Args:
        format: table, csv or json.
    """
    from flows.server import prefect_server

    names = _credentials_of_rounds()
    with prefect_server(get_settings().prefect_home):
        from flows.blocks import make_blocks, missing_credentials

        made = make_blocks()
        made += missing_credentials(names, made)
    show([asdict(one) for one in made], format)


def _credentials_of_rounds() -> set[str]:
    from tasks.sources.rounds import FILE, load_round

    names: set[str] = set()
    for file in sorted(get_settings().rounds.glob(f"*/{FILE}")):
        try:
            names |= {entry.credential for entry in load_round(file.parent).sources if entry.credential}
        except InputError:
            continue  # a round that is not ready yet; its run says what is wrong with it
    return names
