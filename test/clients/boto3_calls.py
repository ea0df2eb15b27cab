"""Makes the calls that standard input names with boto3; writes what came of each as JSON.

In:  {"endpoint", "account", "region", "parallel", "calls": [[operation, params], ...]}
     An operation is a method of the client, or "paginate:" and the name of one that has pages.
Out: a list of {"output"} or {"error": {"type", "code", "message", "status", "requestId"}}; times
     are {"$time": ISO 8601} on both ways.
"""

import datetime
import json
import sys
from concurrent.futures import ThreadPoolExecutor

import boto3
import botocore.config
import botocore.exceptions


def with_times(value):
    if isinstance(value, dict):
        if list(value) == ["$time"]:
            return datetime.datetime.fromisoformat(value["$time"].replace("Z", "+00:00"))
        return {key: with_times(member) for key, member in value.items()}
    if isinstance(value, list):
        return [with_times(member) for member in value]
    return value


def shown(value):
    if isinstance(value, datetime.datetime):
        return {"$time": value.astimezone(datetime.timezone.utc).isoformat()}
    if isinstance(value, bytes):
        return {"$bytes": value.hex()}
    raise TypeError(f"{type(value)} in an answer")


def call(client, operation, params):
    try:
        if operation.startswith("paginate:"):
            pages = client.get_paginator(operation.split(":")[1]).paginate(**params)
            return {"output": [page for page in pages]}
        return {"output": getattr(client, operation)(**params)}
    except botocore.exceptions.ClientError as error:
        code = error.response["Error"]["Code"]
        expected = getattr(client.exceptions, code, botocore.exceptions.ClientError)
        return {
            "error": {
                "type": type(error).__name__ if isinstance(error, expected) else "untyped",
                "code": code,
                "message": error.response["Error"].get("Message"),
                "status": error.response["ResponseMetadata"]["HTTPStatusCode"],
                "requestId": error.response["ResponseMetadata"].get("RequestId"),
            }
        }


def main():
    asked = json.load(sys.stdin)
    parallel = asked.get("parallel", 1)
    client = boto3.client(
        "cloudtrail",
        endpoint_url=asked["endpoint"],
        region_name=asked["region"],
        aws_access_key_id=asked["account"],
        aws_secret_access_key="any",
        config=botocore.config.Config(
            retries={"total_max_attempts": 1}, max_pool_connections=parallel
        ),
    )
    with ThreadPoolExecutor(parallel) as pool:
        jobs = [pool.submit(call, client, name, with_times(params)) for name, params in asked["calls"]]
        json.dump([job.result() for job in jobs], sys.stdout, default=shown)


main()
