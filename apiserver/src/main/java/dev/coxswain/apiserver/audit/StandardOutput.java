package dev.coxswain.apiserver.audit;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.util.List;

/** The process' standard output as a log. */
final class StandardOutput implements AuditLog.Target {
  private final FileOutputStream out = new FileOutputStream(FileDescriptor.out);

  @Override
  public void write(List<byte[]> lines) throws IOException {
    for (byte[] line : lines) {
      out.write(line);
      out.write('\n');
    }
  }

  /** It is not this log's to close. */
  @Override
  public void close() {}
}
