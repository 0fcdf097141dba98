from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from sqlsel.errors import ConfigError
from sqlsel.images.models.parts import Embedding, Input, Output, Settings
from sqlsel.images.models.settings import READY, find_settings, with_overrides
from sqlsel.images.models.settings_file import read_settings

SettingsFile = Callable[[str], Path]
BOXES = '[output]\nkind = "boxes"\nboxes = "b"\nscores = "s"\n'


def test_all_keys_arrive(settings_file: SettingsFile) -> None:
    path = settings_file(
        """
        [input]
        size = [320, 240]
        resize = "crop"
        short = 336
        rounding = "nearest"
        value = 0
        interpolation = "bicubic"
        channels = "BGR"
        scale = 255
        mean = [0.1, 0.2, 0.3]
        std = 0.5
        layout = "NHWC"
        name = "image"
        batch = 4
        [embedding]
        tensor = "e"
        pool = "first"
        [output]
        kind = "boxes"
        boxes = "b"
        scores = "s"
        format = "cxcywh"
        units = "pixels"
        activation = "softmax"
        background = 0
        probabilities = "scores"
        min_score = 0.3
        overlap = 0.6
        classes = ["cat", "dog"]
        """
    )
    assert read_settings(path) == Settings(
        str(path),
        Input(
            (320, 240),
            "crop",
            336,
            "nearest",
            0,
            "bicubic",
            "BGR",
            255.0,
            (0.1, 0.2, 0.3),
            (0.5, 0.5, 0.5),
            "NHWC",
            "image",
            4,
        ),
        Embedding("e", "first"),
        Output(
            "boxes",
            boxes="b",
            scores="s",
            activation="softmax",
            min_score=0.3,
            overlap=0.6,
            classes=("cat", "dog"),
            format="cxcywh",
            units="pixels",
            background=0,
            probabilities="scores",
        ),
    )


def test_an_embedding_may_stand_as_the_output(settings_file: SettingsFile) -> None:
    found = read_settings(settings_file('[output]\nkind = "embedding"\ntensor = "e"'))
    assert (found.embedding, found.output) == (Embedding("e"), None)


FAULTS = [
    ("", "needs a table [embedding], a table [output], or both"),
    ("[input]\nsize = 8", "needs a table [embedding], a table [output], or both"),
    ("[embeding]", "embeding: unknown table 'embeding'. Did you mean 'embedding'? Known: emb"),
    ("output = 3", "output: must be a table, [output]"),
    ("[input", "is not TOML: "),
    ("[input]\nsize = 1\nsize = 2", "is not TOML: "),
    ("[input]\nsiez = 8", "input.siez: unknown key 'siez'. Did you mean 'size'? Known: batch, "),
    ("[input]\nsize = 0", "input.size: must be a whole number from 1 to 8192, got 0"),
    ("[input]\nsize = 8.5", "input.size: must be a whole number from 1 to 8192, got 8.5"),
    ("[input]\nsize = true", "input.size: must be a whole number from 1 to 8192, got True"),
    ("[input]\nsize = [8]", "input.size: must be a whole number or [width, height], got 1 n"),
    ("[input]\nsize = [8, -8]", "input.size: must be a whole number from 1 to 8192, got -8"),
    ('[input]\nresize = "crp"', "input.resize: unknown way to resize 'crp'. Did you mean 'crop'?"),
    ("[input]\nresize = 3", "input.resize: must be one of crop, stretch, letterbox, got 3"),
    ("[input]\nshort = 0", "input.short: must be a whole number from 1 to 8192, got 0"),
    ("[input]\nsize = [8, 9]\nshort = 8", "input.short: must be at least 9, the longer side of "),
    ('[input]\nresize = "stretch"\nshort = 9', 'input.short: goes with resize = "crop" only'),
    ('[input]\nrounding = "up"', "input.rounding: unknown rounding 'up'."),
    ("[input]\nvalue = 256", "input.value: must be a whole number from 0 to 255, got 256"),
    ('[input]\ninterpolation = "linear"', "'linear'. Did you mean 'bilinear'? Known: area, bicu"),
    ('[input]\nchannels = "rgb"', "'rgb'. Did you mean 'RGB'? Known: BGR, RGB."),
    ("[input]\nscale = 0", "input.scale: must be a number above 0 to 1e+06, got 0"),
    ("[input]\nscale = 1" + "0" * 400, "input.scale: must be a number above 0 to 1e+06, got 10"),
    ("[input]\nscale = nan", "input.scale: must be a number above 0 to 1e+06, got nan"),
    ("[input]\nmean = [1, 2]", "input.mean: must be one number or three, got 2"),
    ('[input]\nmean = "1"', "input.mean: must be a number from -1e+06 to 1e+06, got '1'"),
    ("[input]\nmean = [1, 2, inf]", "input.mean: must be a number from -1e+06 to 1e+06, got inf"),
    ("[input]\nstd = [1, 0, 1]", "input.std: must be a number above 0 to 1e+06, got 0"),
    ('[input]\nlayout = "CHW"', "input.layout: unknown layout 'CHW'. Did you mean 'NCHW'?"),
    ('[input]\nname = ""', "input.name: must be a name in quotes, got ''"),
    ("[input]\nbatch = 0", "input.batch: must be a whole number from 1 to 1024, got 0"),
    ("[embedding]\ntensor = 3", "embedding.tensor: must be a name in quotes, got 3"),
    ('[embedding]\npool = "max"', "embedding.pool: unknown pool 'max'."),
    ("[embedding]\nkind = 3", "embedding.kind: unknown key 'kind'. Known: pool, tensor."),
    ("[output]", "output.kind: is missing"),
    ('[output]\nkind = "yolo"', "output.kind: unknown kind 'yolo'. Did you mean 'yolox'?"),
    ('[embedding]\n[output]\nkind = "embedding"', "[embedding] describes the embedding already"),
    ('[output]\nkind = "yolox"\nactivation = "none"', "unknown key of kind 'yolox', 'activation'"),
    ('[output]\nkind = "boxes"\nscores = "s"', "output.boxes: is missing"),
    ('[output]\nkind = "boxes"\nboxes = "b"', "output.scores: is missing"),
    (BOXES + 'format = "cxcyw"', "output.format: unknown format 'cxcyw'. Did you mean 'cxcywh'?"),
    (BOXES + 'units = "pixel"', "output.units: unknown unit 'pixel'. Did you mean 'pixels'?"),
    (BOXES + "background = -1", "output.background: must be a whole number from 0 to 1000000"),
    (BOXES + 'probabilities = "score"', "unknown kind 'score'. Did you mean 'scores'?"),
    (BOXES + "min_score = 1.5", "output.min_score: must be a number from 0 to 1, got 1.5"),
    (BOXES + "overlap = -1", "output.overlap: must be a number from 0 to 1, got -1"),
    (BOXES + 'activation = "relu"', "output.activation: unknown activation 'relu'."),
    (BOXES + "classes = 3", "output.classes: must be a list of names or the name of a file, got 3"),
    (BOXES + "classes = []", "output.classes: must name at least one class"),
    (BOXES + 'classes = ["a", ""]', "output.classes: [1]: must be a name in quotes, got ''"),
    (BOXES + 'classes = ["a", "a"]', "output.classes: [1]: 'a' stands here for the second time"),
    (BOXES + 'classes = "no.txt"', "no.txt: No such file or directory"),
]


@pytest.mark.parametrize(
    ("text", "message"), FAULTS, ids=[f"{at}: {m[:30]}" for at, (_, m) in enumerate(FAULTS)]
)
def test_a_fault_is_told_with_file_and_key(
    settings_file: SettingsFile, text: str, message: str
) -> None:
    path = settings_file(text)
    with pytest.raises(ConfigError) as raised:
        read_settings(path)
    told = [problem for problem in raised.value.problems if message in problem]
    assert len(told) == 1
    assert told[0].startswith(f"{path}: ")
    assert "\n" not in told[0]


def test_all_faults_are_told_at_once(settings_file: SettingsFile) -> None:
    path = settings_file('[input]\nbatch = 0\nscale = -1\n[output]\nkind = "yolox"\noverlap = 2')
    with pytest.raises(ConfigError) as raised:
        read_settings(path)
    assert [p.split(": ")[1] for p in raised.value.problems] == [
        "input.scale",
        "input.batch",
        "output.overlap",
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "m.toml: No such file or directory"),
        (b"\xff\xfe\x00", "m.toml: is not text in UTF-8"),
        (b" " * (2**20 + 1), "m.toml: is too large to be settings of a model"),
        (b"a = " + b"[" * 100_000, "m.toml: is not TOML: "),
    ],
    ids=["missing", "binary", "large", "deep"],
)
def test_a_file_that_is_no_settings_is_an_error(
    tmp_path: Path, content: bytes | None, message: str
) -> None:
    if content is not None:
        (tmp_path / "m.toml").write_bytes(content)
    with pytest.raises(ConfigError, match=message):
        read_settings(tmp_path / "m.toml")


def test_classes_come_from_a_file_beside_the_settings(
    settings_file: SettingsFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir("/")
    (tmp_path / "names.txt").write_text("cat\n hot dog \nzebra\n\n", encoding="utf-8")
    found = read_settings(settings_file('[output]\nkind = "yolox"\nclasses = "names.txt"'))
    assert found.output is not None
    assert found.output.classes == ("cat", "hot dog", "zebra")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("0,tench, Tinca tinca\n1,goldfish\n", ("tench, Tinca tinca", "goldfish")),
        ("0,a\n2,b", ("0,a", "2,b")),
        ("crane\ndog\ncrane", ("crane (0)", "dog", "crane (2)")),
        ("\ufeffa\r\nb\r\n", ("a", "b")),
    ],
)
def test_class_files_as_people_have_them_are_read(
    settings_file: SettingsFile, tmp_path: Path, text: str, names: tuple[str, ...]
) -> None:
    (tmp_path / "names.txt").write_text(text, encoding="utf-8", newline="")
    found = read_settings(settings_file('[output]\nkind = "yolox"\nclasses = "names.txt"'))
    assert found.output is not None
    assert found.output.classes == names


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "names.txt: holds no names; it must hold one per line"),
        (b" \n\n", "names.txt: holds no names; it must hold one per line"),
        (b"a\n\nb\n", "names.txt: line 2 holds no name"),
        (b"\xff", "names.txt: is not text in UTF-8"),
        (b"a" * (4 * 2**20 + 1), "names.txt: is larger than 4,194,304 bytes"),
    ],
    ids=["empty", "blank", "gap", "binary", "large"],
)
def test_a_file_without_names_is_an_error(
    settings_file: SettingsFile, tmp_path: Path, content: bytes, message: str
) -> None:
    (tmp_path / "names.txt").write_bytes(content)
    with pytest.raises(ConfigError, match=rf"m\.toml: output\.classes: .*{message}"):
        read_settings(settings_file('[output]\nkind = "yolox"\nclasses = "names.txt"'))


@pytest.mark.parametrize("name", READY)
def test_every_ready_file_reads_and_says_where_it_is_from(name: str) -> None:
    found = find_settings(Path("m.onnx"), name)
    assert Path(found.source).name == f"{name}.toml"
    assert Path(found.source).read_text(encoding="utf-8").startswith("# ")
    assert found.embedding or found.output


def test_the_ready_settings_are_these() -> None:
    assert READY == ("fastestdet", "squeezenet", "torchvision", "ultraface", "yolox")


def test_the_detectors_of_coco_know_its_80_classes() -> None:
    for name in ("fastestdet", "yolox"):
        output = find_settings(Path("m.onnx"), name).output
        assert output is not None
        assert (len(output.classes), output.classes[0], output.classes[79]) == (
            80,
            "person",
            "toothbrush",
        )


def test_settings_are_found_beside_the_model_or_where_the_user_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("model.toml", "other.toml", "extensionless"):
        (tmp_path / name).write_text("[embedding]\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    model = tmp_path / "model.onnx"
    assert find_settings(model, None).source == str(tmp_path / "model.toml")
    assert find_settings(model, "other.toml").source == "other.toml"
    assert find_settings(model, "extensionless").source == "extensionless"


def test_settings_that_are_not_there_are_told_of(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as raised:
        find_settings(tmp_path / "model.onnx", None)
    assert str(raised.value) == (
        f"{tmp_path}/model.onnx: its settings would stand in {tmp_path}/model.toml, which does not "
        "exist. Write it, or name settings with --settings: a TOML file, or one of fastestdet, "
        "squeezenet, torchvision, ultraface, yolox"
    )
    with pytest.raises(
        ConfigError, match=r"--settings: unknown settings 'yolo'\. Did you mean 'yolox'"
    ):
        find_settings(tmp_path / "model.onnx", "yolo")
    with pytest.raises(ConfigError, match=r"no\.toml: No such file"):
        find_settings(tmp_path / "model.onnx", str(tmp_path / "no.toml"))


PLAIN = Settings(
    "m.toml",
    Input((224, 224), short=256, channels="RGB", mean=(1, 2, 3), std=(4, 5, 6)),
    None,
    Output("yolox"),
)


def test_nothing_given_changes_nothing() -> None:
    assert with_overrides(PLAIN) == PLAIN
    assert with_overrides(PLAIN, size=None, mean=None, bgr=None, classes=None) == PLAIN


@pytest.mark.parametrize(
    ("overrides", "fields"),
    [
        ({"size": 448}, {"size": (448, 448), "short": 512}),
        ({"size": (112, 56)}, {"size": (112, 56), "short": 128}),
        ({"bgr": True}, {"channels": "BGR", "mean": (3, 2, 1), "std": (6, 5, 4)}),
        ({"bgr": False}, {}),
        (
            {"bgr": True, "mean": [7, 8, 9]},
            {"channels": "BGR", "mean": (7, 8, 9), "std": (6, 5, 4)},
        ),
        ({"std": 2}, {"std": (2, 2, 2)}),
        ({"mean": 0}, {"mean": (0, 0, 0)}),
        ({"batch": 3}, {"batch": 3}),
    ],
)
def test_the_command_line_overrides_the_input(overrides: dict, fields: dict) -> None:
    assert with_overrides(PLAIN, **overrides) == replace(
        PLAIN, input=replace(PLAIN.input, **fields)
    )


def test_the_command_line_overrides_outputs(tmp_path: Path) -> None:
    assert with_overrides(PLAIN, output="e").embedding == Embedding("e")
    assert with_overrides(PLAIN, predictions="p").output == Output("yolox", "p")
    pooled = replace(PLAIN, embedding=Embedding("a", "first"))
    assert with_overrides(pooled, output="e").embedding == Embedding("e", "first")
    (tmp_path / "names.txt").write_text("a\nb", encoding="utf-8")
    for classes in (["a", "b"], ("a", "b"), tmp_path / "names.txt", str(tmp_path / "names.txt")):
        assert with_overrides(PLAIN, classes=classes).output == Output("yolox", classes=("a", "b"))


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"size": 0}, "--size: must be a whole number from 1 to 8192, got 0"),
        ({"mean": [1, 2]}, "--mean: must be one number or three, got 2"),
        ({"std": 0}, "--std: must be a number above 0 to 1e\\+06, got 0"),
        ({"batch": 0}, "--batch: must be a whole number from 1 to 1024, got 0"),
        ({"output": ""}, "--tensor: must be a name in quotes, got ''"),
        ({"classes": Path("/no.txt")}, "--classes: /no.txt: No such file"),
        ({"classes": ["a", "a"]}, "--classes: \\[1\\]: 'a' stands here for the second time"),
    ],
)
def test_an_option_that_cannot_be_used_is_named(overrides: dict, message: str) -> None:
    with pytest.raises(ConfigError, match=f"^{message}"):
        with_overrides(PLAIN, **overrides)


def test_what_is_said_of_predictions_needs_a_table_of_them() -> None:
    nothing = replace(PLAIN, output=None)
    with pytest.raises(ConfigError, match=r"^--classes: m.toml has no table \[output\]"):
        with_overrides(nothing, classes=["a"])
    with pytest.raises(ConfigError, match=r"^--tensor: m.toml has no table \[output\]"):
        with_overrides(nothing, predictions="p")
    with pytest.raises(ConfigError, match=r"^--tensor: boxes have two outputs, which m.toml names"):
        with_overrides(replace(PLAIN, output=Output("boxes")), predictions="p")
