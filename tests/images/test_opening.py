"""Files that people call images: the good are opened, the others say in one line what is wrong."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFile

from sqlsel.errors import SqlselError
from sqlsel.images.pixels import need_pillow, opening
from sqlsel.images.pixels.opening import FORMATS, BadImage, open_image, size_of

RED, BLUE = (255, 0, 0), (0, 0, 255)


def noise(width: int = 20, height: int = 13, seed: int = 0) -> Image.Image:
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    return Image.fromarray(pixels)


def open_descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def reason(path: Path) -> str:
    with pytest.raises(BadImage) as caught:
        open_image(path)
    text = str(caught.value)
    assert text.isprintable()
    assert path.name not in text
    return text


@pytest.mark.parametrize("name", ["PNG", "BMP", "TIFF", "PPM"])
def test_what_was_saved_without_loss_is_opened_as_it_was(tmp_path: Path, name: str) -> None:
    path, picture = tmp_path / "a", noise()
    picture.save(path, name)
    assert np.array_equal(np.asarray(open_image(path)), np.asarray(picture))
    assert open_image(path).size == (20, 13)


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "PPM"])
def test_every_format_is_opened_whatever_its_name_says(tmp_path: Path, name: str) -> None:
    path = tmp_path / "called.jpg"
    noise().save(path, name)
    image = open_image(path)
    assert (image.size, image.format) == ((20, 13), name)
    assert image.convert("RGB").resize((5, 5)).size == (5, 5)


@pytest.mark.parametrize("name", ["GIF", "WEBP", "TIFF", "PNG", "MPO"])
def test_of_several_frames_or_pages_the_first_is_seen_with_the_file_closed(
    tmp_path: Path, name: str
) -> None:
    path = tmp_path / "frames"
    first, second = Image.new("RGB", (8, 6), RED), Image.new("RGB", (8, 6), BLUE)
    first.save(path, name, save_all=True, append_images=[second])
    image = open_image(path)
    path.unlink()
    red, _, blue = image.convert("RGB").crop((1, 1, 7, 5)).resize((1, 1)).tobytes()
    assert red > 240
    assert blue < 15


def test_the_orientation_of_a_camera_does_not_turn_the_pixels(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    noise(20, 13).save(tmp_path / "a.jpg", exif=exif)
    assert open_image(tmp_path / "a.jpg").size == (20, 13)


def test_no_descriptor_stays_open(tmp_path: Path) -> None:
    noise().save(tmp_path / "a.png")
    noise().save(tmp_path / "b.gif", save_all=True, append_images=[noise(seed=1)])
    (tmp_path / "c.png").write_bytes((tmp_path / "a.png").read_bytes()[:100])
    before = open_descriptors()
    kept = [open_image(tmp_path / "a.png"), open_image(tmp_path / "b.gif")]
    for _ in range(5):
        reason(tmp_path / "c.png")
        reason(tmp_path)
    assert open_descriptors() == before
    assert len(kept) == 2


def test_what_is_no_image_is_told_with_the_formats_that_are_known(tmp_path: Path) -> None:
    texts = {
        "page.jpg": b"<!DOCTYPE html><html><body>404 Not Found</body></html>",
        "words.png": b"file_name,width,height\n",
        "drawing.jpg": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\nshowpage\n",
        "paper.jpg": b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n",
        "zeros.bmp": bytes(2000),
        "icon.png": b"\x00\x00\x01\x00\x01\x00\x01\x01" + bytes(60),
    }
    for name, text in texts.items():
        (tmp_path / name).write_bytes(text)
        assert "no image of a known format (JPEG, PNG, WEBP, BMP, GIF" in reason(tmp_path / name)


def test_an_eps_drawing_is_refused_though_pillow_knows_it(tmp_path: Path) -> None:
    noise().save(tmp_path / "drawing.jpg", "EPS")
    with Image.open(tmp_path / "drawing.jpg") as known:
        assert known.format == "EPS"
    assert "no image of a known format" in reason(tmp_path / "drawing.jpg")


def test_what_is_no_file_with_content_is_told_in_plain_words(tmp_path: Path) -> None:
    (tmp_path / "empty.jpg").touch()
    (tmp_path / "loop.jpg").symlink_to(tmp_path / "loop.jpg")
    assert reason(tmp_path / "empty.jpg") == "is empty"
    assert reason(tmp_path) == "is a folder"
    assert reason(tmp_path / "none.jpg") == "does not exist"
    assert reason(tmp_path / "empty.jpg" / "x.jpg") == "cannot be read (Not a directory)"
    assert reason(tmp_path / "loop.jpg").startswith("cannot be read (Too many levels")
    assert reason(Path("/dev/zero")) == "is not a regular file"
    assert reason(Path("nul\0.jpg")).startswith("is damaged (embedded null")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_without_permission_is_told_of(tmp_path: Path) -> None:
    noise().save(tmp_path / "a.png")
    (tmp_path / "a.png").chmod(0)
    assert reason(tmp_path / "a.png") == "cannot be read (Permission denied)"


def test_a_pipe_is_refused_without_waiting_for_a_writer(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    said: list[str] = []

    def look() -> None:
        with pytest.raises(BadImage) as caught:
            open_image(tmp_path / "pipe.jpg")
        said.append(str(caught.value))

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    thread.join(5)
    assert said == ["is not a regular file"]


def test_a_file_that_was_cut_off_is_not_filled_with_grey(tmp_path: Path) -> None:
    noise(200, 200).save(tmp_path / "a.jpg")
    data = (tmp_path / "a.jpg").read_bytes()
    (tmp_path / "a.jpg").write_bytes(data[: len(data) // 2])
    assert reason(tmp_path / "a.jpg").startswith("is truncated (")
    assert not ImageFile.LOAD_TRUNCATED_IMAGES


def test_the_size_of_an_image_is_in_its_header(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.new("L", (40, 30)).save(path)
    assert size_of(path) == (40, 30)
    path.write_bytes(path.read_bytes()[:60])  # what is behind the header is not read
    assert size_of(path) == (40, 30)
    path.write_bytes(b"no image")
    with pytest.raises(BadImage, match="is no image of a known format"):
        size_of(path)


def test_an_image_without_pixels_is_refused() -> None:
    with pytest.raises(BadImage, match="has no pixels"):
        opening._check_size(Image.new("L", (0, 5)))


def test_ctrl_c_while_decoding_is_ctrl_c(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: object) -> None:
        raise KeyboardInterrupt

    noise().save(tmp_path / "a.png")
    monkeypatch.setattr(ImageFile.ImageFile, "load", interrupted)
    with pytest.raises(KeyboardInterrupt):
        open_image(tmp_path / "a.png")


def test_without_pillow_the_remedy_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    need_pillow("metadata")
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(SqlselError, match=r"^metadata: .*pip install 'sqlsel\[images\]'"):
        need_pillow("metadata")
