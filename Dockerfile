FROM node:24-slim AS build
WORKDIR /app
# Before the sources, so that a change of them does not install the packages again.
COPY package.json package-lock.json ./
COPY shims shims
# No install script is needed: what is native comes prebuilt, the rest is for `npm start` and the tests.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY src src
RUN npm run build && npm prune --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:24-slim
ENV NODE_ENV=production NODE_OPTIONS=--enable-source-maps HOTLINE_DATA_DIR=/var/lib/hotline/data
# A new volume takes the owner of the folder it covers. The recordings' folder is left to the image of Asterisk, who writes it.
RUN install -d -o node -g node -m 700 /var/lib/hotline/data && install -d -o node -g node /var/lib/hotline/prompts
WORKDIR /app
COPY --from=build /app/package.json ./
# node_modules has a link into it.
COPY --from=build /app/shims shims
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY migrations migrations
COPY asterisk-conf/prompts.csv asterisk-conf/
USER node
CMD ["sh", "-c", "node dist/setup.js && exec node dist/main.js"]
