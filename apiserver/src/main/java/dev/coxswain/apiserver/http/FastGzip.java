package dev.coxswain.apiserver.http;

import java.io.IOException;
import java.io.OutputStream;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/** Compresses quickly rather than well. Closing it frees its memory, and finishes nothing. */
final class FastGzip extends GZIPOutputStream {
  private static final int BUFFER = 8 << 10;

  FastGzip(OutputStream out) throws IOException {
    super(out, BUFFER);
    def.setLevel(Deflater.BEST_SPEED);
  }

  @Override
  public void close() {
    def.end();
  }
}
