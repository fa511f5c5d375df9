"""Asks a model server all that Triton's own client can ask of it, and prints the answers as one JSON object."""

import json
import sys

import numpy as np
import tritonclient.grpc as triton


def main(address: str) -> dict:
    client = triton.InferenceServerClient(address)
    pictures = np.random.default_rng(7).integers(0, 256, (3, 224, 224, 3), dtype=np.uint8)
    tensor = triton.InferInput("images", pictures.shape, "UINT8")
    tensor.set_data_from_numpy(pictures)
    result = client.infer("nsfw", [tensor], request_id="check", outputs=[triton.InferRequestedOutput("scores")])
    statistics = client.get_inference_statistics("nsfw", as_json=True)["model_stats"][0]
    server = client.get_server_metadata()
    metadata = client.get_model_metadata("nsfw")
    config = client.get_model_config("nsfw").config
    answers = {
        "live": client.is_server_live(),
        "ready": client.is_server_ready(),
        "model_ready": client.is_model_ready("nsfw"),
        "unknown_ready": client.is_model_ready("faces"),
        "server": {"name": server.name, "extensions": list(server.extensions)},
        "metadata": {
            "versions": list(metadata.versions),
            "platform": metadata.platform,
            "input": [[each.name, each.datatype, list(each.shape)] for each in metadata.inputs],
            "output": [[each.name, each.datatype, list(each.shape)] for each in metadata.outputs],
        },
        "config": {
            "max_batch_size": config.max_batch_size,
            "input": [[each.name, each.data_type, list(each.dims)] for each in config.input],
            "versions": config.version_policy.latest.num_versions,
            "preferred": list(config.dynamic_batching.preferred_batch_size),
            "queue": config.dynamic_batching.default_queue_policy.max_queue_size,
            "labels": config.parameters["labels"].string_value,
        },
        "infer": {
            "id": result.get_response().id,
            "version": result.get_response().model_version,
            "shape": list(result.as_numpy("scores").shape),
            "sums": [round(float(row.sum()), 4) for row in result.as_numpy("scores")],
        },
        "statistics": {
            "inference_count": int(statistics["inference_count"]),
            "success": int(statistics["inference_stats"]["success"]["count"]),
            "batch": int(statistics["batch_stats"][0]["batch_size"]),
        },
        "index": [[each.name, each.version, each.state] for each in client.get_model_repository_index().models],
        "errors": {
            "unknown": error_of(lambda: client.infer("faces", [tensor])),
            "shape": error_of(lambda: client.infer("nsfw", [wrong_shape()])),
        },
    }
    client.unload_model("nsfw")
    answers["unloaded_ready"] = client.is_model_ready("nsfw")
    client.load_model("nsfw")
    answers["loaded_ready"] = client.is_model_ready("nsfw")
    return answers


def wrong_shape() -> triton.InferInput:
    tensor = triton.InferInput("images", [1, 3, 2, 2], "UINT8")
    tensor.set_data_from_numpy(np.zeros((1, 3, 2, 2), dtype=np.uint8))
    return tensor


def error_of(call) -> list:
    try:
        call()
    except triton.InferenceServerException as error:
        return [error.status(), error.message()]
    return []


print(json.dumps(main(sys.argv[1])))
