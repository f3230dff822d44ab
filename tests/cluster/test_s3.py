"""A build into a bucket: a server on this machine speaks S3, and every node talks to it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from index_builder.build import silent
from index_builder.shards.build import build_shards
from index_builder.shards.depot import Depot
from index_builder.shards.hands import OwnHands
from service.retrieval.index import open_index
from tests.cluster.conftest import SETTINGS, build_there, corpus, files_of


@pytest.fixture
def bucket(storage: str | None) -> str:
    """The URL of a bucket of its own."""
    if storage is None:
        pytest.skip("no server that speaks S3: pip install s3fs 'moto[server]'")
    import boto3

    boto3.client("s3").create_bucket(Bucket="firstline")
    return "s3://firstline"


def test_a_bucket_gets_what_a_folder_gets(bucket: str, cluster: Any, tmp_path: Path) -> None:
    """Three nodes build into it twice: a copy is the folder's index to the byte, and opens."""
    import boto3
    from fsspec.core import url_to_fs

    depot = Depot(f"{bucket}/index")
    for attempt in range(2):
        build_there(tmp_path / f"source-{attempt}", depot.place, cluster.address)
    hands = OwnHands(silent)
    build_shards(corpus(60), Depot(str(tmp_path / "here")), SETTINGS, shards=3, hands=hands)
    files, root = url_to_fs(depot.place)
    files.get(f"{root}/", f"{tmp_path}/copy/", recursive=True)
    assert files_of(tmp_path / "copy") == files_of(tmp_path / "here")
    assert open_index(tmp_path / "copy").entry_count == 60
    pages = boto3.client("s3").get_paginator("list_objects_v2").paginate(Bucket="firstline")
    keys = [one["Key"].split("/") for page in pages for one in page["Contents"]]
    assert sorted({key[1][:2] for key in keys}) == ["CU", "g-"]
    assert depot.names() == sorted({key[1] for key in keys})
