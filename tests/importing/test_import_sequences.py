"""Frames of a folder are in the order in which people count them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from importing.program import Program, write


def test_frames_without_padding_are_in_natural_order(
    tmp_path: Path, db: Path, program: Program
) -> None:
    names = [f"cam {side}/frame_{at}.jpg" for side in (2, 10) for at in range(1, 13)]
    names += [f"zoo/7/t{at}-x{part}.jpg" for at in (9, 10, 100) for part in ("2", "010")]
    for name in names:
        write(tmp_path / "photos" / name, "x")
    lines = [f"{name},{np.cos(i / 9)},{np.sin(i / 9)},0" for i, name in enumerate(names)]
    text = "\n".join(["filenames,embedding_0,embedding_1,labels", *lines]) + "\n"
    write(tmp_path / "photos/.lightly/embeddings/default.csv", text)
    config = write(tmp_path / "c.json", {
        "worker_config": {"selected_sequence_length": 3},
        "selection_config": {"n_samples": 30, "strategies": [
            {"input": {"type": "EMBEDDINGS"}, "strategy": {"type": "DIVERSITY"}}]},
    })  # fmt: skip
    done = program("run", config, "--data", tmp_path / "photos")
    assert done.code == 0, done.err
    chosen = done.out.splitlines()
    runs = sorted(chosen[at : at + 3] for at in range(0, 30, 3))
    assert runs == sorted(names[at : at + 3] for at in range(0, 30, 3))
