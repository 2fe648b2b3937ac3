# The image of web, worker, beat and migrations: no compiler, no Node, no root.

FROM node:22-slim AS frontend
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
# The templates and the code as well: the build takes the icons that they name.
COPY . .
RUN npm run build


FROM python:3.11-slim AS packages
RUN python -m venv /opt/venv
COPY requirements.txt .
RUN /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.txt


FROM python:3.11-slim
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    KAM_DATA_DIR=/data \
    HOST=0.0.0.0 \
    PORT=8000 \
    ACCESS_LOG=-
RUN useradd --system --uid 10001 --user-group --home-dir /data --shell /usr/sbin/nologin kam \
    && install -d -o kam -g kam -m 0750 /data
COPY --from=packages /opt/venv /opt/venv
WORKDIR /srv/kam
COPY . .
COPY --from=frontend /build/static/build static/build
# Translations, bytecode, and the static files hashed and compressed; these variables last for this line only.
RUN for po in locale/*/LC_MESSAGES/*.po; do \
        pybabel --quiet compile --input-file "$po" --output-file "${po%.po}.mo" --locale "$(basename "$(dirname "$(dirname "$po")")")" || exit 1; \
    done \
    && KAM_DATA_DIR=/tmp/build DATABASE_URL=postgres://build REDIS_URL=redis://build SECRET_KEY=build ALLOWED_HOSTS=build \
        python manage.py collectstatic --no-input --verbosity 0 \
    && rm -rf /tmp/build \
    && python -m compileall -q accounts audit contacts core dashboards integrations interactions kam notifications \
        orders search tiers users
USER kam
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 CMD ["python", "docker/healthcheck.py"]
CMD ["gunicorn", "--config", "python:kam.gunicorn_conf", "kam.wsgi"]
