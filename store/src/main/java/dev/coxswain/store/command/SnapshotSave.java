package dev.coxswain.store.command;

import dev.coxswain.proto.etcd.MaintenanceGrpc;
import dev.coxswain.proto.etcd.SnapshotRequest;
import dev.coxswain.proto.etcd.SnapshotResponse;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Iterator;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cox store snapshot save FILE}: what one member has, while it goes on serving. */
@Command(
    name = "save",
    mixinStandardHelpOptions = true,
    description = "Saves what one member has applied to a file.")
final class SnapshotSave extends OperatorTask {
  @Parameters(paramLabel = "FILE", description = "Where to save to.")
  private Path file = Path.of("snapshot.db");

  @Mixin private Endpoint endpoint = new Endpoint();

  @Option(
      names = "--timeout",
      defaultValue = "600",
      description = "Seconds the whole snapshot may take. Default: ${DEFAULT-VALUE}.")
  private long timeoutSeconds;

  @Override
  int run() throws IOException {
    Path part = file.resolveSibling(file.getFileName() + ".part");
    ManagedChannel channel = endpoint.open();
    try {
      Iterator<SnapshotResponse> blobs =
          MaintenanceGrpc.newBlockingStub(channel)
              .withDeadlineAfter(timeoutSeconds, TimeUnit.SECONDS)
              .snapshot(SnapshotRequest.getDefaultInstance());
      save(blobs, part);
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (StatusRuntimeException e) {
      throw new IOException(endpoint + ": " + reason(e), e);
    } finally {
      Files.deleteIfExists(part);
      channel.shutdownNow();
    }
    say("Snapshot saved at " + file);
    return 0;
  }

  // Of a member that is not there gRPC says no more than "io exception".
  private static String reason(StatusRuntimeException failure) {
    String said = failure.getStatus().getDescription();
    String told = said == null ? failure.getStatus().getCode().name() : said;
    Throwable cause = failure;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return failure.getCause() == null ? told : told + ": " + cause.getMessage();
  }

  private static void save(Iterator<SnapshotResponse> blobs, Path part) throws IOException {
    try (FileChannel out =
        FileChannel.open(
            part,
            Set.of(
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
      long left = -1;
      while (blobs.hasNext()) {
        SnapshotResponse next = blobs.next();
        left = next.getRemainingBytes();
        ByteBuffer blob = next.getBlob().asReadOnlyByteBuffer();
        while (blob.hasRemaining()) {
          out.write(blob);
        }
      }
      if (left != 0) {
        throw new IOException("the snapshot ended early; nothing was saved");
      }
      out.force(true);
    }
  }
}
