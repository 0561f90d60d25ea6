"""The commands about keys that sign access tokens."""

from typing import Annotated

import typer

from adapters.jwt.keys import Algorithm, generate

keys = typer.Typer(no_args_is_help=True, help="Make keys that sign access tokens.")


# With only one command, typer would leave its name out.
@keys.callback()
def root() -> None: ...


@keys.command("generate")
def generate_command(
    algorithm: Annotated[Algorithm, typer.Option(help="What the key is for.")] = Algorithm.EDDSA,
) -> None:
    """Print a line for the environment with a new private key."""
    typer.echo(f"JWT_PRIVATE_KEYS={generate(algorithm)}")
