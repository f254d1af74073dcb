#!/bin/bash -eu
# Builds the targets in the image of the Dockerfile beside it: binaries, seeds and dictionaries go to $OUT.
#
# SRC, OUT and SANITIZER are set there, and RUSTFLAGS so that the engine of the image fits.
cd "$SRC/mqspec"

case "${SANITIZER:-address}" in
  # The image's own flags say how coverage is measured.
  none | coverage) sanitizer=none ;;
  *) sanitizer=$SANITIZER ;;
esac
cargo fuzz build --release --debug-assertions --no-trace-compares --sanitizer "$sanitizer"

host=$(rustc -vV | sed -n 's/^host: //p')
for target in $(cargo fuzz list); do
  # The yardstick finds nothing.
  [ "$target" != empty ] || continue
  cp "fuzz/target/$host/release/$target" "$OUT/$target"
  if [ -d "fuzz/corpus/$target" ]; then
    zip -q -j -r "$OUT/${target}_seed_corpus.zip" "fuzz/corpus/$target"
  fi
  if [ -f "fuzz/$target.options" ]; then
    cp "fuzz/$target.options" "$OUT/$target.options"
  fi
done
# The one that the options name.
cp fuzz/amqp.dict "$OUT/"
