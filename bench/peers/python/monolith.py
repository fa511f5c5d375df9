"""The monolith: FastAPI, everything in the request. Downloads overlap; the rest runs in the pool of threads."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from capture_work import decode, judge, model_from_environment
from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel


class Capture(BaseModel):
    url: str


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    app.state.model = model_from_environment()
    async with httpx.AsyncClient(timeout=60, limits=httpx.Limits(max_connections=64)) as client:
        app.state.client = client
        yield


app = FastAPI(lifespan=lifespan)


@app.post("/capture")
async def capture(capture: Capture, request: Request) -> dict:
    answer = await request.app.state.client.get(capture.url)
    answer.raise_for_status()

    def work() -> dict:
        (scores,) = request.app.state.model.score([decode(answer.content)])
        return judge(scores)

    return await run_in_threadpool(work)
