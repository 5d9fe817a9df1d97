# docker build -t dense-serve .
# docker run --rm -p 8080:8080 --read-only dense-serve

FROM docker.io/library/swift:6.3-bookworm AS build
RUN apt-get -q update \
    && apt-get -q install -y --no-install-recommends ca-certificates libnghttp2-dev libsimdjson-dev libssl-dev libzstd-dev \
        zlib1g-dev \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src

# The dependencies first: this layer is built again only when the list of them changes.
COPY Package.swift ./
RUN swift package resolve

COPY . .
# docker build --build-arg TESTS=1 . runs every check and test before the image is built.
ARG TESTS=0
RUN if [ "$TESTS" = 1 ]; then scripts/test; fi
RUN scripts/stage-image /image

FROM scratch
COPY --from=build /image /
USER 65532:65532
WORKDIR /
ENV DENSE_HOST=0.0.0.0
EXPOSE 8080 8443
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s --retries=3 CMD ["/usr/bin/dense-serve", "health"]
ENTRYPOINT ["/usr/bin/dense-serve"]
CMD ["serve"]
