"""Files are written whole or not at all, and what the system refuses is told in words."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from transfer_planner.io.files import reason, write_whole


def names(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()}


def test_a_file_is_replaced_at_once(tmp_path: Path) -> None:
    """The content is the new one, and nothing else is left; a link keeps leading to its file."""
    (tmp_path / "file").write_bytes(b"old")
    (tmp_path / "link").symlink_to("file")
    write_whole(tmp_path / "link", b"new")
    assert (tmp_path / "file").read_bytes() == b"new"
    assert (tmp_path / "link").is_symlink()
    assert names(tmp_path) == {"file", "link"}


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "full"), KeyboardInterrupt()])
def test_a_write_that_stops_leaves_the_earlier_file(
    error: BaseException, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk or Ctrl-C halfway leaves what was there, and no half-written file."""
    (tmp_path / "file").write_bytes(b"old")

    def stop(self: Path, _: bytes) -> None:
        self.touch()
        raise error

    monkeypatch.setattr(Path, "write_bytes", stop)
    with pytest.raises(type(error)):
        write_whole(tmp_path / "file", b"new")
    assert (tmp_path / "file").read_bytes() == b"old"
    assert names(tmp_path) == {"file"}


@pytest.mark.parametrize(
    ("place", "kind"), [("", IsADirectoryError), ("none/file", FileNotFoundError), ("file/x", NotADirectoryError)]
)
def test_the_refusal_names_the_file_asked_for(place: str, kind: type[OSError], tmp_path: Path) -> None:
    """Never a working name that the user does not know."""
    (tmp_path / "file").touch()
    with pytest.raises(kind) as caught:
        write_whole(tmp_path / place, b"x")
    assert caught.value.filename == str(tmp_path / place)


def test_a_pipe_is_written_not_replaced() -> None:
    """A device stays what it is."""
    write_whole(os.devnull, b"x")
    assert not Path(os.devnull).is_file()


def test_reasons_are_told_in_french() -> None:
    """The usual refusals have our words, the others those of the system."""
    assert reason(OSError(errno.ENOSPC, "No space left on device")).text("fr") == "le disque est plein"
    assert reason(OSError(errno.EIO, "Input/output {error}")).text("fr") == "Input/output {error}"
