from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import tarfile
import zipfile
from pathlib import Path

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from afteraction.fetch.archive import zip_count
from afteraction.fetch.folder import gather
from afteraction.fetch.stream import Limits
from afteraction.model.reading import SAMPLE_BYTES, Problem, RawInput

LINES = b"".join(b"2025-10-15T14:00:%02dZ line %d\n" % (n % 60, n) for n in range(5000))


def gathered(*paths: Path, limits: Limits | None = None) -> tuple[dict[str, bytes], list[Problem]]:
    contents: dict[str, bytes] = {}
    problems: list[Problem] = []
    for found in gather(list(paths), limits):
        if isinstance(found, Problem):
            problems.append(found)
        else:
            contents[found.name] = found.read()
            assert found.head == contents[found.name][:SAMPLE_BYTES]
            with found.open() as again:
                assert again.read() == contents[found.name]
    return contents, problems


def tar_of(members: dict[str, bytes], mode: str = "w") -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode=mode) as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            info.mtime = 1_760_000_000
            archive.addfile(info, io.BytesIO(data))
    return held.getvalue()


def zip_of(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return held.getvalue()


def test_a_folder_is_walked_in_the_order_of_names_and_hidden_files_are_reported(tmp_path: Path) -> None:
    for name in ("b.txt", "a/z.txt", "a/b/c.txt", ".git/config", ".env"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    contents, problems = gathered(tmp_path)
    assert list(contents) == ["a/b/c.txt", "a/z.txt", "b.txt"]
    assert [problem.origin.file for problem in problems] == [".env", ".git"]


def test_with_several_paths_names_begin_with_the_path_they_come_from(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "x.txt").write_text(folder)
    contents, problems = gathered(tmp_path / "one", tmp_path / "two", tmp_path / "absent")
    assert list(contents) == ["one/x.txt", "two/x.txt"]
    assert "no such file" in problems[0].reason


@pytest.mark.parametrize(
    ("name", "pack"),
    [
        ("app.log.gz", gzip.compress),
        ("app.log.zst", zstandard.compress),
        ("app.log.bz2", bz2.compress),
        ("app.log.xz", lzma.compress),
        ("two.gz", lambda data: gzip.compress(data[:1000]) + gzip.compress(data[1000:])),
        ("two.zst", lambda data: zstandard.compress(data[:1000]) + zstandard.compress(data[1000:])),
        ("two.xz", lambda data: lzma.compress(data[:1000]) + lzma.compress(data[1000:])),
    ],
)
def test_packed_files_are_read_unfolded_under_their_own_name(tmp_path: Path, name: str, pack: object) -> None:
    (tmp_path / name).write_bytes(pack(LINES))  # type: ignore[operator]
    contents, problems = gathered(tmp_path)
    assert contents == {name: LINES}
    assert problems == []


def test_archives_inside_archives_are_opened(tmp_path: Path) -> None:
    inner = zip_of({"general/day.json": b"[]" * 100})
    (tmp_path / "bundle.tgz").write_bytes(gzip.compress(tar_of({"export.zip": inner, "logs/app.log": LINES})))
    contents, problems = gathered(tmp_path)
    assert contents == {"bundle.tgz/export.zip/general/day.json": b"[]" * 100, "bundle.tgz/logs/app.log": LINES}
    assert problems == []


@pytest.mark.parametrize("packing", ["", "gz", "xz", "bz2"])
def test_members_of_a_tar_can_be_opened_in_any_order_and_at_once(tmp_path: Path, packing: str) -> None:
    members = {f"m{n}": bytes([65 + n]) * (n * 700_000 + 100) for n in range(5)}
    (tmp_path / "x.tar").write_bytes(tar_of(members, f"w:{packing}"))
    found = [raw for raw in gather([tmp_path]) if isinstance(raw, RawInput)]
    streams = [raw.open() for raw in reversed(found)]
    for stream, raw in zip(streams, reversed(found), strict=True):
        assert stream.read() == members[raw.name.rpartition("/")[2]]
        stream.close()
    assert [raw.size for raw in found] == [len(data) for data in members.values()]
    assert {raw.modified.timestamp() for raw in found if raw.modified} == {1_760_000_000}


def test_reading_a_packed_tar_in_order_walks_it_a_few_times_and_not_once_a_member(tmp_path: Path) -> None:
    path = tmp_path / "x.tgz"
    path.write_bytes(gzip.compress(tar_of({f"m{n:03}": os.urandom(20_000) for n in range(100)})))
    opened = 0
    real_open = Path.open

    def counting(self: Path, *args: str, **kwargs: str) -> object:
        nonlocal opened
        opened += self == path
        return real_open(self, *args, **kwargs)  # type: ignore[call-overload]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "open", counting)
        contents, _ = gathered(tmp_path)
    assert len(contents) == 100
    assert opened < 10


def test_the_same_content_is_read_once(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_bytes(LINES)
    (tmp_path / "b.log").write_bytes(LINES)
    (tmp_path / "small1").write_text("No resources found")
    (tmp_path / "small2").write_text("No resources found")
    contents, problems = gathered(tmp_path)
    assert list(contents) == ["a.log", "small1", "small2"]
    assert problems[0].reason == "it has the same content as a.log, which was read"


def test_links_in_a_loop_end_and_links_out_of_the_folder_are_not_followed(tmp_path: Path) -> None:
    inside, outside = tmp_path / "in", tmp_path / "out"
    inside.mkdir()
    outside.mkdir()
    (outside / "id_rsa").write_text("private")
    (inside / "a.txt").write_text("a")
    (inside / "loop").symlink_to(inside)
    (inside / "stolen").symlink_to(outside / "id_rsa")
    (inside / "dead").symlink_to(inside / "nowhere")
    contents, problems = gathered(inside)
    assert list(contents) == ["a.txt"]
    assert [problem.origin.file for problem in problems] == ["dead", "stolen"]


def test_a_pipe_is_refused_instead_of_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    contents, problems = gathered(tmp_path)
    assert not contents
    assert "pipe" in problems[0].reason


def test_a_cut_off_file_yields_its_beginning_and_a_problem(tmp_path: Path) -> None:
    packed = gzip.compress(os.urandom(200_000))
    (tmp_path / "cut.gz").write_bytes(packed[:100_000])
    found = list(gather([tmp_path]))
    raw = found[0]
    assert isinstance(raw, RawInput)
    assert 50_000 < len(raw.read()) < 200_000
    assert isinstance(found[1], Problem)
    assert "cut off" in found[1].reason


def test_a_cut_off_tar_yields_the_members_before_the_cut(tmp_path: Path) -> None:
    whole = tar_of({"a": b"a" * 5000, "b": b"b" * 5000})
    (tmp_path / "cut.tar").write_bytes(whole[: 512 + 5120 + 512 + 2000])
    found = list(gather([tmp_path]))
    names = [item.name for item in found if isinstance(item, RawInput)]
    assert names == ["cut.tar/a", "cut.tar/b"]
    assert any(isinstance(item, Problem) for item in found)


def test_a_bomb_ends_with_a_problem_that_names_the_remedy(tmp_path: Path) -> None:
    limits = Limits(free_bytes=1_000_000, ratio=100)
    (tmp_path / "bomb.gz").write_bytes(gzip.compress(bytes(20_000_000)))
    (tmp_path / "bomb.zip").write_bytes(zip_of({"big": bytes(20_000_000), "fine": b"fine"}))
    problems: list[Problem] = []
    for found in gather([tmp_path], limits):
        if isinstance(found, Problem):
            problems.append(found)
        else:
            assert len(found.read()) < 5_000_000
    assert [problem.origin.file for problem in problems] == ["bomb.gz", "bomb.zip/big"]
    assert all("unpack it yourself" in problem.remedy for problem in problems)


def test_all_packed_files_together_have_a_limit(tmp_path: Path) -> None:
    for n in range(3):
        (tmp_path / f"{n}.gz").write_bytes(gzip.compress(os.urandom(400_000)))
    _, problems = gathered_without_checks(tmp_path, Limits(total_bytes=1_000_000))
    assert [problem.origin.file for problem in problems] == ["2.gz"]


def gathered_without_checks(path: Path, limits: Limits) -> tuple[list[int], list[Problem]]:
    sizes: list[int] = []
    problems: list[Problem] = []
    for found in gather([path], limits):
        if isinstance(found, Problem):
            problems.append(found)
        else:
            sizes.append(len(found.read()))
    return sizes, problems


def test_too_many_members_too_deep_nesting_and_encryption_are_problems(tmp_path: Path) -> None:
    (tmp_path / "many.zip").write_bytes(zip_of({str(n): b"x" for n in range(20)}))
    (tmp_path / "many.tar").write_bytes(tar_of({str(n): b"x" for n in range(20)}))
    deep = b"bottom" * 20
    for _ in range(8):
        deep = gzip.compress(deep)
    (tmp_path / "deep.gz").write_bytes(deep)
    (tmp_path / "old.rar").write_bytes(b"Rar!\x1a\x07\x01\x00")
    locked = bytearray(zip_of({"secret.txt": b"x" * 100}))
    locked[6] |= 1
    locked[locked.find(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "locked.zip").write_bytes(bytes(locked))
    contents, problems = gathered(tmp_path, limits=Limits(members=10))
    reasons = {problem.origin.file: problem.reason for problem in problems}
    assert "more than 10 members" in reasons["many.zip"]
    assert "more than 10 members" in reasons["many.tar"]
    assert "deep" in reasons["deep.gz"]
    assert "RAR" in reasons["old.rar"]
    assert "encrypted" in reasons["locked.zip/secret.txt"]
    assert len(contents) == 10


def test_names_of_members_are_only_names(tmp_path: Path) -> None:
    inner = tmp_path / "in"
    inner.mkdir()
    (inner / "x.zip").write_bytes(
        zip_of({"../../evil.txt": b"1" * 80, "/abs.txt": b"2" * 80, "a\x1b[31m.txt": b"3" * 80})
    )
    contents, _ = gathered(inner)
    assert set(contents) == {"x.zip/../../evil.txt", "x.zip//abs.txt", "x.zip/a\N{REPLACEMENT CHARACTER}[31m.txt"}
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["in", "x.zip"]


def test_office_documents_and_programs_in_zips_clothes_are_files(tmp_path: Path) -> None:
    (tmp_path / "report.docx").write_bytes(zip_of({"[Content_Types].xml": b"<x/>", "word/document.xml": b"<x/>"}))
    contents, _ = gathered(tmp_path)
    assert list(contents) == ["report.docx"]


def test_a_tar_header_of_absurd_length_does_not_fill_the_memory(tmp_path: Path) -> None:
    info = tarfile.TarInfo("x")
    info.type = tarfile.XHDTYPE
    info.size = 8 * 1024**3 - 1
    (tmp_path / "x.tar").write_bytes(info.tobuf(tarfile.USTAR_FORMAT) + bytes(10_240))
    contents, problems = gathered(tmp_path)
    assert not contents
    assert "header" in problems[0].reason


def test_the_number_of_members_is_read_from_the_end_of_a_zip() -> None:
    assert zip_count(zip_of({str(n): b"x" for n in range(7)})) == 7
    assert zip_count(b"no zip") == 0


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_damaged_archives_never_raise(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    members = {"a/one.txt": b"one" * 300, "two.json": b"{}" * 200}
    whole = data.draw(
        st.sampled_from(
            [
                zip_of(members),
                zip_of(members, zipfile.ZIP_STORED),
                tar_of(members),
                gzip.compress(tar_of(members)),
                zstandard.compress(LINES[:4000]),
                lzma.compress(LINES[:4000]),
                bz2.compress(LINES[:4000]),
                zip_of({"inner.tgz": gzip.compress(tar_of(members))}),
            ]
        )
    )
    damaged = bytearray(whole)
    for _ in range(data.draw(st.integers(0, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    end = data.draw(st.integers(0, len(damaged)))
    path = tmp_path_factory.mktemp("damaged") / "x"
    path.write_bytes(bytes(damaged[:end] if data.draw(st.booleans()) else damaged))
    for found in gather([path]):
        if isinstance(found, RawInput):
            found.read()
            found.read()
