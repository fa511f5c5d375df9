# One image for every role; the command names the role: docker run briareus worker fetch

FROM node:24-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# onnxruntime-node carries the binaries of every platform, and packages carry what only editors and debuggers read.
# npm keeps TypeScript, too, which valibot of bull-board may use where it is; nothing that runs here does.
RUN npm ci --omit=dev --ignore-scripts \
 && rm -r node_modules/typescript node_modules/@typescript node_modules/.bin/tsc \
 && cd node_modules/onnxruntime-node/bin \
 && find . -mindepth 3 -maxdepth 3 -type d \
      ! -path "*/linux/$(node -p process.arch)" -exec rm -r {} + \
 && cd /app \
 && find node_modules -type f \
      \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' -o -name '*.md' \) \
      ! -iname 'license*' -delete

FROM dependencies AS demo-model
COPY src/model-server/demo-model src/model-server/demo-model
RUN node --eval 'import("./src/model-server/demo-model/ensure-demo-model.ts").then((it) => it.ensureDemoModel("models"))'

FROM node:24-slim AS console
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY tsconfig.json .
COPY src src
RUN NODE_ENV=production npx vite build --config src/console/vite.config.ts --logLevel warn

FROM node:24-slim
LABEL org.opencontainers.image.title="briareus" \
      org.opencontainers.image.description="Moderates live video: captures in, verdicts out" \
      org.opencontainers.image.licenses="Apache-2.0"
ENV NODE_ENV=production \
    NODE_OPTIONS="--max-semi-space-size=2" \
    NODE_COMPILE_CACHE=/app/compile-cache \
    BRIAREUS_BLOBS=file:///var/lib/briareus/blobs \
    BRIAREUS_EVIDENCE=file:///var/lib/briareus/evidence \
    BRIAREUS_METRICS_HOST=0.0.0.0 \
    BRIAREUS_METRICS_PORT=9464
WORKDIR /app
# A named volume mounted at /var/lib/briareus takes over its owner, so that it can be written without root. The folder
# must stay empty: containers created at the same moment each copy its content into the new volume, and all but one fail.
RUN install --directory --owner=1000 --group=1000 /var/lib/briareus compile-cache
COPY --from=dependencies /app/node_modules node_modules
COPY --from=demo-model /app/models models
COPY package.json LICENSE ./
COPY policies policies
COPY src src
COPY --from=console /app/src/console/dist src/console/dist
COPY deploy/docker/ready /usr/local/bin/
USER 1000:1000
# Node keeps what it compiled of each role, so that a container starts a third sooner.
RUN for role in ingress worker model-server review; do node src/cli/main.ts $role --help >/dev/null || exit 1; done
EXPOSE 8080 9464
HEALTHCHECK --interval=2s --timeout=5s --start-period=60s --retries=5 CMD ["/usr/local/bin/ready"]
ENTRYPOINT ["node", "src/cli/main.ts"]
CMD ["--help"]
