# An image with `mqspec` as its entry point, and nothing else: one static binary, and the authorities that TLS asks.
#
#   docker build -t mqspec .                        compiles it in a container
#   docker build -t mqspec --target prebuilt DIR    packs DIR, as .ci/image-root DIR fills it; needs no registry
#
#   docker run --rm --network host mqspec run amqp://guest:guest@127.0.0.1:5672
#   docker run --rm -v "$PWD:/work" mqspec run amqp://broker.example --json /work/report.json

# First, since a builder that makes every stage up to the wanted one then makes no other.
FROM scratch AS prebuilt
COPY . /
WORKDIR /work
ENTRYPOINT ["/usr/bin/mqspec"]

FROM rust:1-slim-bookworm AS compiled
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY . .
RUN .ci/image-root /image

FROM scratch
COPY --from=compiled /image /
WORKDIR /work
ENTRYPOINT ["/usr/bin/mqspec"]
