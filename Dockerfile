# The checkout is what runs: nothing is built but the environment.
FROM python:3.13-slim AS environment
WORKDIR /shouwang
COPY requirements.lock ./
RUN python -m venv .venv && .venv/bin/pip install --no-cache-dir --require-hashes -r requirements.lock

FROM python:3.13-slim
WORKDIR /shouwang
RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/shouwang shouwang
COPY --from=environment /shouwang/.venv .venv
COPY pyproject.toml ./
COPY alembic alembic
COPY app app
COPY frontend frontend
COPY models models
COPY routers routers
RUN .venv/bin/python -m compileall -q app models routers
USER shouwang
ENV PATH=/shouwang/.venv/bin:$PATH SHOUWANG_ENV=production SHOUWANG_HOST=0.0.0.0 SHOUWANG_DATA_DIR=/var/lib/shouwang
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/health/ready', timeout=2)"]
CMD ["python", "-m", "app", "serve"]
