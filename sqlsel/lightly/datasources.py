"""Calls that say where the data lies: folders of this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlsel.config.plain import plain
from sqlsel.lightly.answers import DatasourceConfig
from sqlsel.lightly.names import DatasourcePurpose
from sqlsel.lightly.session import Session
from sqlsel.lightly.store import Record, put_record


class Datasources(Session):
    """The client's calls on folders of images and of their ``.lightly``."""

    def set_local_config(
        self,
        relative_path: str = "",
        web_server_location: str | None = None,
        thumbnail_suffix: str | None = None,
        purpose: str = DatasourcePurpose.INPUT_OUTPUT,
        **options: Any,
    ) -> None:
        """Set the folder of the images, of their ``.lightly``, or (by default) of both.

        A relative path starts at the working directory. ValueError for an unknown ``purpose``, or a folder of
        images that does not exist.
        """
        path = options.pop("resource_path", None) or relative_path
        self._note_ignored({**options, "web_server_location": web_server_location})
        self._note_ignored({"thumbnail_suffix": thumbnail_suffix})
        self._set(path or ".", str(plain(purpose)))

    def set_s3_config(
        self,
        resource_path: str,
        *options: Any,
        purpose: str = DatasourcePurpose.INPUT_OUTPUT,
        **more: Any,
    ) -> None:
        """As set_local_config, for a path of this machine; ValueError for the URL of a bucket."""
        if "://" in resource_path and not resource_path.startswith("file://"):
            raise ValueError(
                f"{resource_path} is in the cloud, and sqlsel reads folders of this machine: copy it "
                f"or mount it, and call set_local_config(relative_path='FOLDER', purpose={plain(purpose)!r})"
            )
        if options or more:
            self._note("keys and regions of buckets are ignored: the folder is of this machine")
        self._set(resource_path.removeprefix("file://"), str(plain(purpose)))

    def set_s3_delegated_access_config(self, resource_path: str, *o: Any, **more: Any) -> None:
        """As set_s3_config."""
        self.set_s3_config(resource_path, *o, **more)

    def set_gcs_config(self, resource_path: str, *options: Any, **more: Any) -> None:
        """As set_s3_config."""
        self.set_s3_config(resource_path, *options, **more)

    def set_obs_config(self, resource_path: str, *options: Any, **more: Any) -> None:
        """As set_s3_config."""
        self.set_s3_config(resource_path, *options, **more)

    def set_azure_config(self, container_name: str, *options: Any, **more: Any) -> None:
        """As set_s3_config; a container name counts as a URL unless it is a folder of this machine."""
        local = Path(container_name).is_dir()
        self.set_s3_config(
            container_name if local else f"azure://{container_name}", *options, **more
        )

    def get_datasource(self) -> DatasourceConfig:
        """The folder of the current dataset's images; ValueError where none was set."""
        record = self._current_record()
        if record.input is None:
            raise ValueError(f"dataset {record.name!r} has no folder yet: call set_local_config")
        both = record.lightly == record.input
        purpose = DatasourcePurpose.INPUT_OUTPUT if both else DatasourcePurpose.INPUT
        return DatasourceConfig(record.input, purpose)

    def list_datasource_permissions(self, *ignored: Any, **options: Any) -> dict[str, bool]:
        """What may be done in a folder of this machine: everything that a run needs."""
        return dict.fromkeys(("can_list", "can_read", "can_write", "can_overwrite"), True)

    def _set(self, path: str, purpose: str) -> None:
        """Store the folder in the record of the current dataset, for the input, ``.lightly``, or both."""
        if purpose not in tuple(DatasourcePurpose):
            listed = ", ".join(DatasourcePurpose)
            raise ValueError(f"purpose must be one of {listed}, got {purpose!r}")
        folder, record = Path(path).expanduser().absolute(), self._current_record()
        is_input = purpose != DatasourcePurpose.LIGHTLY
        if is_input and not folder.is_dir():
            raise ValueError(
                f"{folder}: no such folder; paths are those of this machine, and relative ones "
                "start at the working directory"
            )
        if not is_input and not folder.is_dir():
            self._note(
                f"{folder}: no such folder yet; predictions and metadata are looked for there"
            )
        with self._open_catalogue(write=True) as con:
            put_record(
                con,
                Record(
                    record.name,
                    record.type,
                    str(folder) if is_input else record.input,
                    str(folder) if purpose != DatasourcePurpose.INPUT else record.lightly,
                ),
            )
