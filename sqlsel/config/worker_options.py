"""The options of Lightly's Worker, versions 2 to 4, as nested mappings; None for one without suboptions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

Options: TypeAlias = Mapping[str, "Options | None"]


def _options(*names: str, **below: Options) -> Options:
    return {**dict.fromkeys(names), **below}


JOB = _options(
    "config",
    "config_orig",
    "created_at",
    "creator",
    "docker",
    "id",
    "lightly",
    "lightly_config",
    "name",
    "priority",
    "runs_on",
    "selection",
    "selection_config",
    "version",
    "worker",
    "worker_config",
    "worker_type",
)
WORKER = _options(
    "cache_size",
    "checkpoint",
    "checkpoint_run_id",
    "docker",
    "embeddings",
    "enable_corruptness_check",
    "enable_training",
    "method",
    "normalize_embeddings",
    "num_processes",
    "num_threads",
    "output_image_format",
    "pretagging",
    "pretagging_debug",
    "pretagging_upload",
    "relevant_filenames_file",
    "remove_exact_duplicates",
    "scorer",
    "selected_sequence_length",
    "shutdown_when_job_finished",
    "upload_report",
    "use_datapool",
    "worker",
    active_learning=_options("task_name", "score_name"),
    corruptness_check=_options("corruption_threshold"),
    crops=_options("enable_upload", "enable_upload_for_tasks"),
    datasource=_options(
        "bypass_verify",
        "enable_datapool_update",
        "process_all",
        input_expiration=_options("min_days_to_expiration", "handling_strategy"),
    ),
    object_level=_options("crop_dataset_name", "padding", "task_name"),
    scorer_config=_options("frequency_penalty", "min_score"),
    stopping_condition=_options("n_samples", "min_distance"),
    training=_options("task_name"),
)
LIGHTLY = _options(
    "seed",
    checkpoint_callback=_options("save_last"),
    collate=_options(
        "cj_bright",
        "cj_contrast",
        "cj_hue",
        "cj_prob",
        "cj_sat",
        "gaussian_blur",
        "hf_prob",
        "input_size",
        "kernel_size",
        "min_scale",
        "random_gray_scale",
        "rr_degrees",
        "rr_prob",
        "sigmas",
        "vf_prob",
    ),
    criterion=_options("temperature"),
    loader=_options("batch_size", "drop_last", "num_workers", "shuffle"),
    model=_options("name", "num_ftrs", "out_dim", "width"),
    optimizer=_options("lr", "weight_decay"),
    trainer=_options("gpus", "max_epochs", "precision"),
)
