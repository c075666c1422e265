# syntax=docker/dockerfile:1
# docker build -t tokenhouse .
# docker run --read-only --tmpfs /tmp -v tokenhouse:/data -e OPENAI_API_KEY tokenhouse
# docker run --rm --read-only --tmpfs /tmp -v tokenhouse:/data -e OPENAI_API_KEY tokenhouse sync

# What runs: the dependencies without the tools.
FROM node:24-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts

# What is built: JavaScript in dist/. No install scripts: the image's own Node 24 takes the place of the dev dependency.
FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
COPY jobs ./jobs
RUN npm run build

FROM node:24-slim
ARG VERSION=0.1.0
LABEL org.opencontainers.image.title="tokenhouse" \
      org.opencontainers.image.description="Copies every stored OpenAI chat completion into a DuckDB warehouse you own." \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}"
# No package manager in what runs, and one folder that its user may write to.
RUN rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /opt/yarn* \
 && install -d -o node -g node /data
WORKDIR /app
COPY package.json LICENSE ./
COPY sql ./sql
COPY src/cli/tokenhouse.js ./src/cli/tokenhouse.js
COPY --from=dependencies /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
ENV NODE_ENV=production \
    WAREHOUSE=/data/tokenhouse.duckdb \
    LOG_FORMAT=json
# The warehouse, the embedded queue (/data/tokenhouse.duckdb.queue/) and the published copy.
VOLUME /data
USER node
# Asks the worker itself where HTTP_PORT gives it a port; without one there is nobody to ask, and a process that ends is seen anyway.
# By an agent of its own (agent: false), which asks no proxy.
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s CMD ["node", "-e", "const port = process.env.HTTP_PORT; if (port) http.get({ port, host: '127.0.0.1', path: '/healthz', agent: false, timeout: 8000 }, (reply) => process.exit(reply.statusCode === 200 ? 0 : 1)).on('timeout', () => process.exit(1)).on('error', () => process.exit(1))"]
# Finish or leave the page, commit, release: `docker stop --time` must be longer than SHUTDOWN_SECONDS.
STOPSIGNAL SIGTERM
# Node as the first process: it handles SIGTERM itself and starts no processes that would have to be reaped.
ENTRYPOINT ["node", "/app/src/cli/tokenhouse.js"]
CMD ["worker"]
