"""Files, pull requests and comments, read and written with the App's token."""

import base64
import json

import pytest

from tests.sandbox.github import Caller, installed_app, oauth_person, person
from tests.sandbox.stage import Stage

ATLAS, BEACON, HANDBOOK = 770_001, 770_002, 770_003
BOTH = pytest.mark.parametrize("address", [f"/repositories/{ATLAS}", "/repos/northwind-labs/atlas"])
NOT_FOR_APPS = (403, "Resource not accessible by integration")


@pytest.fixture
def app(stage: Stage) -> Caller:
    return installed_app(stage)


@BOTH
async def test_a_file_comes_with_its_content(app: Caller, address: str) -> None:
    document = await app.read(f"{address}/contents/docs/guide/first%20steps.md?ref=main")

    assert base64.b64decode(document["content"]).decode() == "# First steps\n\nBegin in Malmö.\n"
    assert (document["type"], document["encoding"], document["size"]) == ("file", "base64", 32)
    assert (document["name"], document["path"]) == ("first steps.md", "docs/guide/first steps.md")
    assert len(document["sha"]) == 40


async def test_a_file_has_the_name_that_git_gives_it(stage: Stage, app: Caller) -> None:
    await stage.control("PUT", f"/repositories/{ATLAS}/files", {"hello.txt": "hello\n", "README.md": None})

    assert (await app.read(f"/repositories/{ATLAS}/contents/hello.txt"))["sha"] == (
        "ce013625030ba8dba906f756967f9e9ca394464a"
    )
    assert (await app.ask("GET", f"/repositories/{ATLAS}/contents/README.md")).status == 404


@pytest.mark.parametrize("media", ["application/vnd.github.raw+json", "application/vnd.github.raw"])
async def test_a_file_comes_raw_when_that_is_accepted(app: Caller, media: str) -> None:
    answer = await app.ask("GET", f"/repositories/{BEACON}/contents/lamp.bin", headers={"accept": media})

    assert (answer.status, answer.body) == (200, bytes(range(256)))


async def test_a_raw_file_comes_through_the_proxy(stage: Stage) -> None:
    await stage.import_installation("chosen")
    headers = {
        **stage.key,
        "Connection-Id": "chosen",
        "Provider-Config-Key": "github-app-oauth",
        "Nango-Proxy-Accept": "application/vnd.github.raw+json",
    }

    answer = await stage.http.get(f"/proxy/repositories/{BEACON}/contents/lamp.bin", headers=headers)

    assert answer.content == bytes(range(256))


async def test_a_large_file_has_its_content_only_raw(stage: Stage, app: Caller) -> None:
    stage.sandbox.world.repositories[ATLAS].files["large"] = bytes(1024 * 1024 + 1)

    document = await app.read(f"/repositories/{ATLAS}/contents/large")

    assert (document["content"], document["encoding"], document["size"]) == ("", "none", 1_048_577)


@pytest.mark.parametrize(
    ("folder", "names"),
    [
        ("", [("README.md", "file"), ("docs", "dir"), ("src", "dir")]),
        ("/docs", [("guide", "dir")]),
        ("/docs/guide/", [("first steps.md", "file")]),
    ],
)
async def test_a_folder_is_listed(app: Caller, folder: str, names: list[tuple[str, str]]) -> None:
    listed = await app.read(f"/repositories/{ATLAS}/contents{folder}")

    assert [(one["name"], one["type"]) for one in listed] == names


@pytest.mark.parametrize(
    ("target", "message"),
    [
        (f"/repositories/{ATLAS}/contents/none", "Not Found"),
        (f"/repositories/{ATLAS}/contents/README.md?ref=gone", "No commit found for the ref gone"),
        (f"/repositories/{HANDBOOK}/contents/README.md", "Not Found"),
        ("/repos/northwind-labs/none/contents/README.md", "Not Found"),
        ("/repos/nobody/none/contents/README.md", "Not Found"),
        (f"/repositories/{ATLAS}/pulls/1", "Not Found"),
        (f"/repositories/{ATLAS}/pulls/x", "Not Found"),
        (f"/repositories/{ATLAS}/pulls/999/files", "Not Found"),
    ],
)
async def test_what_is_not_there_is_a_404(app: Caller, target: str, message: str) -> None:
    assert await app.refusal(target) == (404, message)


@BOTH
async def test_a_pull_request_comes_with_its_files(app: Caller, address: str) -> None:
    pull, files = await app.read(f"{address}/pulls/2"), await app.read(f"{address}/pulls/2/files")

    assert (pull["number"], pull["title"], pull["state"], pull["merged"]) == (2, "Add a legend", "open", False)
    assert (pull["user"]["login"], pull["head"]["ref"], pull["base"]["ref"]) == ("ada-rivera", "legend", "main")
    assert (pull["changed_files"], pull["additions"], pull["deletions"]) == (2, 14, 1)
    assert [(one["filename"], one["status"]) for one in files] == [
        ("README.md", "modified"),
        ("docs/legend.md", "added"),
    ]


async def test_the_files_of_a_pull_request_come_in_pages(stage: Stage, app: Caller) -> None:
    files = [{"path": f"f{number}"} for number in range(120)]
    made = await stage.control(
        "POST", f"/repositories/{ATLAS}/pulls", {"title": "Much", "author": "sam-lindqvist", "files": files}
    )
    target = f"/repositories/{ATLAS}/pulls/{made['number']}/files"

    pages = [await app.read(f"{target}?per_page=100&page={page}") for page in (1, 2, 3)]

    assert [len(page) for page in pages] == [100, 20, 0]


@BOTH
async def test_the_app_comments_as_a_bot(stage: Stage, app: Caller, address: str) -> None:
    answer = await app.ask("POST", f"{address}/issues/2/comments", {"body": "Found: 14 lines ü"})

    document = json.loads(answer.body)
    assert (answer.status, document["body"]) == (201, "Found: 14 lines ü")
    assert (document["user"]["login"], document["user"]["type"]) == ("latchkey-sandbox[bot]", "Bot")
    (comment,) = await stage.control("GET", f"/repositories/{ATLAS}/comments")
    assert (comment["number"], comment["author"], comment["id"]) == (2, None, document["id"])
    assert (await app.read(f"{address}/pulls/2"))["comments"] == 1


async def test_a_person_comments_through_the_app(stage: Stage) -> None:
    grace = person(stage, "grace-okafor")
    made = await stage.control("POST", f"/repositories/{BEACON}/issues", {"title": "Dark", "author": "ada-rivera"})

    answer = await grace.ask("POST", f"/repositories/{BEACON}/issues/{made['number']}/comments", {"body": "hm"})

    assert (answer.status, json.loads(answer.body)["user"]["login"]) == (201, "grace-okafor")


async def test_a_comment_needs_its_permission(stage: Stage, app: Caller) -> None:
    stage.sandbox.world.installations[5001].permissions["issues"] = "read"
    grace = person(stage, "grace-okafor")

    for caller in (app, grace):
        for number in (1, 2):
            target = f"/repositories/{ATLAS}/issues/{number}/comments"
            assert await caller.refusal(target, "POST", {"body": "hm"}) == NOT_FOR_APPS


@pytest.mark.parametrize("permission", ["contents", "pull_requests"])
async def test_reading_needs_its_permission_too(stage: Stage, app: Caller, permission: str) -> None:
    part = {"contents": "contents/README.md", "pull_requests": "pulls/2"}[permission]
    await stage.change(withheld_permissions=[permission])

    assert await app.refusal(f"/repositories/{ATLAS}/{part}") == NOT_FOR_APPS


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [({"body": " "}, 422, "Validation Failed"), ({}, 422, "Validation Failed"), ([], 422, "Validation Failed")],
)
async def test_a_comment_without_a_text_is_refused(app: Caller, body: object, status: int, message: str) -> None:
    assert await app.refusal(f"/repositories/{ATLAS}/issues/1/comments", "POST", body) == (status, message)


async def test_comments_go_only_where_they_can(stage: Stage, app: Caller) -> None:
    assert await app.refusal(f"/repositories/{ATLAS}/issues/999/comments", "POST", {"body": "x"}) == (404, "Not Found")
    assert (await app.refusal(f"/repositories/{ATLAS}/issues/1/comments", "POST"))[0] == 400
    await stage.control("PATCH", f"/repositories/{ATLAS}", {"archived": True})
    archived = await app.refusal(f"/repositories/{ATLAS}/issues/1/comments", "POST", {"body": "x"})
    assert archived == (403, "Repository was archived so is read-only.")


async def test_what_is_public_is_read_without_an_installation_and_not_written_to(stage: Stage) -> None:
    garden = 770_005
    await stage.control("PUT", f"/repositories/{garden}/files", {"README.md": "# Garden"})
    await stage.control("POST", f"/repositories/{garden}/issues", {"title": "Weeds", "author": "sam-lindqvist"})

    for caller in (installed_app(stage), person(stage, "ada-rivera"), oauth_person(stage, "ada-rivera")):
        assert (await caller.read(f"/repositories/{garden}/contents/README.md"))["size"] == 8
        comment = await caller.refusal(f"/repositories/{garden}/issues/1/comments", "POST", {"body": "hm"})
        assert comment == NOT_FOR_APPS


async def test_a_comment_under_a_former_name_is_led_on_too(stage: Stage, app: Caller) -> None:
    await stage.control("PATCH", f"/repositories/{ATLAS}", {"name": "maps"})

    answer = await app.ask("POST", "/repos/northwind-labs/atlas/issues/1/comments", {"body": "x"})

    assert (answer.status, answer.headers["location"]) == (
        307,
        f"https://api.github.com/repositories/{ATLAS}/issues/1/comments",
    )
