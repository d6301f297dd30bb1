package dev.coxswain.store.command;

import dev.coxswain.store.backup.SnapshotStatus;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cox store snapshot status FILE}. */
@Command(
    name = "status",
    mixinStandardHelpOptions = true,
    description = "Says what a snapshot file holds.")
final class SnapshotShow extends OperatorTask {
  @Parameters(paramLabel = "FILE", description = "The snapshot.")
  private Path file = Path.of("snapshot.db");

  enum Form {
    SIMPLE,
    TABLE,
    JSON
  }

  @Option(
      names = {"-w", "--write-out"},
      defaultValue = "SIMPLE",
      description = "simple, table or json. Default: ${DEFAULT-VALUE}.")
  private Form form = Form.SIMPLE;

  @Override
  int run() throws IOException {
    SnapshotStatus status = SnapshotStatus.of(file);
    String hash = Integer.toHexString(status.hash());
    String revision = Long.toString(status.revision());
    String keys = Long.toString(status.totalKeys());
    switch (form) {
      case SIMPLE -> say(String.join(", ", hash, revision, keys, status.readableSize()));
      case TABLE ->
          say(
              new Table(List.of("HASH", "REVISION", "TOTAL KEYS", "TOTAL SIZE"))
                  .row(List.of(hash, revision, keys, status.readableSize()))
                  .toString());
      case JSON ->
          say(
              String.format(
                  Locale.ROOT,
                  "{\"hash\":%d,\"revision\":%d,\"totalKey\":%d,\"totalSize\":%d}",
                  Integer.toUnsignedLong(status.hash()),
                  status.revision(),
                  status.totalKeys(),
                  status.totalSize()));
    }
    return 0;
  }
}
