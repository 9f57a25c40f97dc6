# An image from a released archive, which it takes as it is and does not build:
#
#   docker build --build-arg VERSION=0.1.0 --build-context release=DIRECTORY -t cpsync .
#
# DIRECTORY has the archives and checksums.txt of the release. git is for --base and for
# the defaults that a checkout may lack. Mount the repository at /work: git reads it there,
# whoever owns it.
FROM debian:trixie-slim AS unpack
ARG VERSION
ARG TARGETARCH=amd64
COPY --from=release cpsync_${VERSION}_linux_${TARGETARCH}.tar.gz checksums.txt /
RUN sha256sum --check --ignore-missing checksums.txt && tar -xzf cpsync_*.tar.gz cpsync

FROM debian:trixie-slim
RUN apt-get update \
 && apt-get install --yes --no-install-recommends ca-certificates git \
 && rm -rf /var/lib/apt/lists/* \
 && git config --system --add safe.directory /work
COPY --from=unpack /cpsync /usr/local/bin/cpsync
USER nobody
WORKDIR /work
ENTRYPOINT ["cpsync"]
