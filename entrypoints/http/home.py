"""The page that one sees first."""

from litestar import MediaType, get
from litestar.response import Template


@get("/", include_in_schema=False, media_type=MediaType.HTML, public=True, page=True)
async def get_home() -> Template:
    """Show who is signed in, and the way in or out."""
    return Template("home.html")
