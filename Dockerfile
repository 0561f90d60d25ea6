# Latchkey as an ordinary user, with nothing in the image but the pinned dependencies and the sources.
FROM python:3.11-slim AS dependencies
RUN python -m venv /venv
COPY requirements/runtime.txt /requirements.txt
RUN /venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r /requirements.txt

FROM node:22-slim AS browser
WORKDIR /browser
COPY browser .
RUN npm ci --ignore-scripts

FROM python:3.11-slim
# The account has a name, because initdb wants one when DATABASE_URL is unset.
RUN useradd --system --user-group --no-create-home --home-dir /var/lib/latchkey --shell /usr/sbin/nologin latchkey \
    && install --directory --owner=latchkey --group=latchkey --mode=0700 /var/lib/latchkey
COPY --from=dependencies /venv /venv
# The sources run in place: installing them would need a build tool that no lock file of the runtime pins.
COPY domain /app/domain
COPY application /app/application
COPY adapters /app/adapters
COPY entrypoints /app/entrypoints
COPY --from=browser /browser/node_modules/@nangohq/frontend/dist/authModal.js \
    /browser/node_modules/@nangohq/frontend/dist/connectUI.js \
    /browser/node_modules/@nangohq/frontend/dist/index.js /app/entrypoints/http/static/nango/
# The guard, because each of several processes reads the file again.
RUN printf '#!/venv/bin/python\nfrom entrypoints.cli import main\n\nif __name__ == "__main__":\n    main()\n' > /venv/bin/latchkey \
    && chmod 0755 /venv/bin/latchkey \
    && /venv/bin/python -m compileall -q /app

ENV PATH=/venv/bin:$PATH \
    PYTHONPATH=/app \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOST=0.0.0.0 \
    PORT=8000 \
    LATCHKEY_DATA_DIR=/var/lib/latchkey
USER latchkey
WORKDIR /var/lib/latchkey
VOLUME /var/lib/latchkey
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen('http://127.0.0.1:' + os.environ['PORT'] + '/healthz', timeout=2)"]
CMD ["latchkey", "serve"]
