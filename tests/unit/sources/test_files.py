import os
import unicodedata

import pytest

from tasks.sources.files import gather_path
from warehouse.errors import PartlyUnavailable, SourceUnavailable


def fill(folder, *names):
    for name in names:
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(os.fsencode(name))


def gathered(path, folder, **kwargs):
    return [receipt.origin for receipt in gather_path(path, folder, **kwargs)]


def some_then_error(path, folder, **kwargs):
    receipts = gather_path(path, folder, **kwargs)
    origins = []
    with pytest.raises(SourceUnavailable) as error:
        origins.extend(receipt.origin for receipt in receipts)
    return origins, str(error.value)


def test_gather_path__of_a_file_gives_its_bytes(tmp_path):
    fill(tmp_path, "in/a.csv")
    (receipt,) = gather_path("in/a.csv", tmp_path)
    assert (receipt.content, receipt.origin, receipt.media_type) == (b"in/a.csv", "in/a.csv", "text/csv")
    assert receipt.fetched_at.utcoffset().total_seconds() == 0


def test_gather_path__of_a_folder_is_sorted_and_goes_down(tmp_path):
    fill(tmp_path, "r/b.xlsx", "r/a.xlsx", "r/a/z.xlsx", "other.csv")
    assert gathered("r", tmp_path) == ["r/a/z.xlsx", "r/a.xlsx", "r/b.xlsx"]


@pytest.mark.parametrize(
    "name",
    [".hidden.xlsx", "~$a.xlsx", "a.xlsx.tmp", "a.crdownload", "a.part", "Thumbs.db", ".git/a", "__MACOSX/a", "a~"],
)
def test_gather_path__passes_over_what_is_no_data(tmp_path, name):
    fill(tmp_path, "r/good.xlsx", f"r/{name}")
    assert gathered("r", tmp_path) == ["r/good.xlsx"]


def test_gather_path__a_decomposed_name_has_a_composed_origin(tmp_path):
    fill(tmp_path, unicodedata.normalize("NFD", "Bắc Ninh.xlsx"))
    assert gathered(".", tmp_path) == ["Bắc Ninh.xlsx"]


@pytest.mark.parametrize(("path", "said"), [("none.csv", "none.csv does not exist"), ("empty", "empty holds no file")])
def test_gather_path__nothing_there_is_an_unavailable_source(tmp_path, path, said):
    (tmp_path / "empty").mkdir()
    with pytest.raises(SourceUnavailable, match=said):
        list(gather_path(path, tmp_path))


def test_gather_path__a_file_that_is_too_large_does_not_keep_the_others_from_coming(tmp_path):
    fill(tmp_path, "r/a.csv", "r/c.csv")
    (tmp_path / "r/b.csv").write_bytes(b"x" * 2_000_000)
    origins, said = some_then_error("r", tmp_path, max_bytes=1024 * 1024)
    assert origins == ["r/a.csv", "r/c.csv"]
    assert "1 of 3 files were not taken: r/b.csv: it has 2 MiB, more than the 1 allowed" in said


def test_gather_path__a_link_out_of_the_folder_is_refused(tmp_path):
    fill(tmp_path, "secret.txt", "round/r/a.csv")
    (tmp_path / "round/r/b.csv").symlink_to(tmp_path / "secret.txt")
    origins, said = some_then_error("r", tmp_path / "round")
    assert origins == ["r/a.csv"]
    assert "r/b.csv: it is a link that leaves the round's folder" in said


def test_gather_path__a_folder_that_is_a_link_out_is_not_entered(tmp_path):
    fill(tmp_path, "outside/secret.txt", "round/r/a.csv")
    (tmp_path / "round/r/more").symlink_to(tmp_path / "outside", target_is_directory=True)
    assert gathered("r", tmp_path / "round") == ["r/a.csv"]


def test_gather_path__a_link_within_the_folder_is_followed(tmp_path):
    fill(tmp_path, "r/a.csv")
    (tmp_path / "r/b.csv").symlink_to(tmp_path / "r/a.csv")
    assert [receipt.content for receipt in gather_path("r", tmp_path)] == [b"r/a.csv", b"r/a.csv"]


def test_gather_path__the_path_itself_may_not_be_a_link_out(tmp_path):
    fill(tmp_path, "outside/secret.txt", "round/x")
    (tmp_path / "round/r").symlink_to(tmp_path / "outside", target_is_directory=True)
    origins, said = some_then_error("r", tmp_path / "round")
    assert origins == []
    assert "leaves the round's folder" in said


def test_gather_path__a_pipe_is_not_read(tmp_path):
    os.mkfifo(tmp_path / "a.csv")
    assert some_then_error("a.csv", tmp_path)[1].startswith(
        "1 of 1 files were not taken: a.csv: it is not a regular file"
    )


def test_gather_path__a_file_that_may_not_be_read_is_named(unprivileged):
    fill(unprivileged, "a.csv")
    (unprivileged / "a.csv").chmod(0)
    assert "a.csv: it cannot be read (Permission denied)" in some_then_error("a.csv", unprivileged)[1]


def test_gather_path__a_link_in_a_circle_does_not_keep_the_others_from_coming(tmp_path):
    fill(tmp_path, "r/a.csv")
    (tmp_path / "r/b.csv").symlink_to("b.csv")
    origins, said = some_then_error("r", tmp_path)
    assert origins == ["r/a.csv"]
    assert "r/b.csv: it is " in said


def test_gather_path__a_name_that_is_not_utf8_is_named_without_half_characters(tmp_path):
    fill(tmp_path, "a.csv", os.fsdecode(b"b\xff.csv"))
    origins, said = some_then_error(".", tmp_path)
    assert origins == ["a.csv"]
    assert "b\N{REPLACEMENT CHARACTER}.csv: its name is not UTF-8" in said


def test_gather_path__an_origin_holds_no_control_characters(tmp_path):
    fill(tmp_path, "a\n\x1b[31m.csv")
    assert gathered(".", tmp_path) == ["a\ufffd\ufffd[31m.csv"]


def test_gather_path__what_came_in_part_is_told_from_what_did_not_come(tmp_path):
    fill(tmp_path, "all/a.csv", "none/a.csv")
    os.mkfifo(tmp_path / "all/b.csv")
    with pytest.raises(PartlyUnavailable):
        list(gather_path("all", tmp_path))
    with pytest.raises(SourceUnavailable) as error:
        list(gather_path("none", tmp_path, max_bytes=1))
    assert not isinstance(error.value, PartlyUnavailable)
