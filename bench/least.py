"""The least that the nine requests of a submission can cost: one INSERT each, photos fsynced."""

import os
from pathlib import Path
from uuid import uuid4

from flask import Flask, Response, jsonify, request
from sqlalchemy import create_engine, text

app = Flask(__name__)
engine = create_engine(
    os.environ["BENCH_URL"].replace("postgresql://", "postgresql+psycopg://"),  # noqa: TID251
    pool_size=16,
)
folder = Path(os.environ["BENCH_FOLDER"])  # noqa: TID251
INSERT = text("INSERT INTO kept VALUES (:id, :name, :size)")


@app.get("/healthz")
def alive() -> Response:
    return jsonify(status="ok")


@app.route("/api/applications", methods=["POST"])
@app.route("/api/applications/<path:rest>", methods=["POST", "PUT"])
def keep(rest: str = "") -> Response:
    """The body kept durable, whatever it is."""
    key = uuid4()
    photo = request.files.get("photo")
    data = photo.read() if photo else request.get_data()
    if photo:
        with (folder / str(key)).open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    with engine.begin() as connection:
        connection.execute(INSERT, {"id": key, "name": rest, "size": len(data)})
    return jsonify(id=str(key), receipt={"photos": []})
