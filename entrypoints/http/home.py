"""The page that one sees first."""

from pathlib import Path
from typing import Final

from litestar import MediaType, get
from litestar.di import NamedDependency
from litestar.response import Template

from entrypoints.settings import Settings

# Nango's library for browsers, which `make install` fetches; signing in by a pop-up needs it.
LIBRARY: Final = Path(__file__).parent / "static" / "nango" / "index.js"


@get("/", include_in_schema=False, media_type=MediaType.HTML, public=True, page=True)
async def get_home(settings: NamedDependency[Settings]) -> Template:
    """Show who is signed in, and the way in or out, and which repositories are connected."""
    may_authorise = settings.github_app_client_id is not None
    return Template("home.html", context={"has_pop_up": LIBRARY.is_file(), "may_authorise": may_authorise})
