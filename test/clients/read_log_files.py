"""Reads a folder of delivered log files as readers of CloudTrail do; writes what it found as JSON.

Usage: read_log_files.py gzip|duckdb FOLDER
"""

import collections
import glob
import gzip
import json
import sys
import zlib


def by_gzip(paths):
    names = collections.Counter()
    for path in paths:
        with open(path, "rb") as file:
            raw = file.read()
        inflate = zlib.decompressobj(zlib.MAX_WBITS | 16)
        text = inflate.decompress(raw) + inflate.flush()
        assert inflate.unused_data == b"", f"{path}: more than one gzip member"
        with gzip.open(path, "rt", encoding="utf-8") as file:
            document = json.load(file)
        assert list(document) == ["Records"], f"{path}: {list(document)}"
        assert text.startswith(b'{"Records":[{'), f"{path}: {text[:40]}"
        assert len(text) < 16 * 1024 * 1024, f"{path}: {len(text)} bytes"
        names.update(record["eventName"] for record in document["Records"])
    return names


def by_duckdb(folder):
    import duckdb

    query = f"""
        select record.eventName, count(*)
        from (select unnest(Records) as record from read_json('{folder}/**/*.json.gz'))
        group by 1
    """
    return dict(duckdb.sql(query).fetchall())


reader, folder = sys.argv[1:]
found = (
    by_gzip(glob.glob(f"{folder}/**/*.json.gz", recursive=True))
    if reader == "gzip"
    else by_duckdb(folder)
)
json.dump(found, sys.stdout)
