# The server, its job worker and its commands in one image: `serve` by default, `prepare`, `work`,
# `create_workspace` … by name. It runs as a user without a name or rights, and writes to /data
# (keyring, secret key, mail kept in files) and /tmp alone: the rest may be read-only.

FROM python:3.13-slim AS build
WORKDIR /app
# Without pip: the image installs nothing after it is built.
RUN python -m venv --without-pip /venv
COPY requirements.txt ./
RUN python -m pip --python /venv/bin/python install --quiet --no-cache-dir --disable-pip-version-check \
        --only-binary :all: --no-deps --no-compile --require-hashes --requirement requirements.txt \
    && /venv/bin/python -m compileall -q -j 0 /venv/lib
COPY manage.py ./
COPY cerbykeys cerbykeys
COPY workspaces workspaces
COPY templates templates
COPY static static
# The folder tells the settings that the static files are here. Nothing is signed with this key.
RUN mkdir staticfiles \
    && CERBYKEYS_DATA_DIR=/tmp CERBYKEYS_SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(64))')" \
        /venv/bin/python manage.py collectstatic --no-input --verbosity 0 --ignore 'redoc*' \
    && /venv/bin/python -m compileall -q -j 0 cerbykeys workspaces

FROM python:3.13-slim
RUN install --directory --owner 10001 --group 10001 --mode 700 /data
COPY --from=build /venv /venv
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    CERBYKEYS_DATA_DIR=/data \
    CERBYKEYS_HOST=0.0.0.0 \
    CERBYKEYS_PORT=8000
USER 10001:10001
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --start-interval=1s \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen('http://127.0.0.1:' + os.environ['CERBYKEYS_PORT'] + '/healthz', timeout=4)"]
ENTRYPOINT ["python", "manage.py"]
CMD ["serve"]
