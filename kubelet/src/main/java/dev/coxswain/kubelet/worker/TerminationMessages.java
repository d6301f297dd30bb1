package dev.coxswain.kubelet.worker;

import dev.coxswain.kubelet.cri.CriLabels;
import dev.coxswain.kubelet.log.LogTail;
import dev.coxswain.proto.cri.ContainerStatus;
import dev.coxswain.proto.cri.Mount;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a container had to say at its end. */
final class TerminationMessages {
  private static final Logger LOG = LoggerFactory.getLogger(TerminationMessages.class);

  /** Upstream's limit for the message file. */
  private static final int FILE_BYTES = 4096;

  /** Upstream's limits for the log's tail. */
  private static final int LOG_BYTES = 2048;

  private static final int LOG_LINES = 80;

  /**
   * What was said.
   *
   * @param text all of it
   * @param runtime the runtime's part, which it begins with
   * @param log the container's log where it was looked for there: the runtime may say that a
   *     container has ended before all that it wrote is in its log
   */
  record Message(String text, String runtime, Optional<Path> log) {
    /** The same, with what its log has come to end with. */
    Message saying(String own) {
      return new Message(joined(runtime, own), runtime, log);
    }
  }

  /** The message of an ended container: the runtime's, which is rare, and then its own. */
  Message of(ContainerStatus status) {
    String runtime = status.getMessage();
    String path = status.getAnnotationsOrDefault(CriLabels.TERMINATION_MESSAGE_PATH, "");
    for (Mount mount : status.getMountsList()) {
      if (!path.isEmpty() && mount.getContainerPath().equals(path)) {
        String message = read(Path.of(mount.getHostPath()));
        if (!message.isEmpty()) {
          return new Message(joined(runtime, message), runtime, Optional.empty());
        }
      }
    }
    String policy = status.getAnnotationsOrDefault(CriLabels.TERMINATION_MESSAGE_POLICY, "File");
    if (policy.equals("FallbackToLogsOnError") && status.getExitCode() != 0) {
      Path log = Path.of(status.getLogPath());
      return new Message(joined(runtime, endOf(log)), runtime, Optional.of(log));
    }
    return new Message(runtime, runtime, Optional.empty());
  }

  private static String joined(String runtime, String own) {
    return runtime.isEmpty() || own.isEmpty() ? runtime + own : runtime + ": " + own;
  }

  /** The end of a container's log; empty where there is none. */
  String endOf(Path log) {
    try {
      return LogTail.text(log, LOG_LINES, LOG_BYTES);
    } catch (IOException failure) {
      LOG.warn("Cannot read {} for a termination message: {}", log, failure.getMessage());
      return "";
    }
  }

  private static String read(Path file) {
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      return "";
    }
    try (SeekableByteChannel in = Files.newByteChannel(file)) {
      // Of what is too long the end counts: the last word is what brought the end about.
      in.position(Math.max(0, in.size() - FILE_BYTES));
      byte[] end = Channels.newInputStream(in).readNBytes(FILE_BYTES);
      return new String(end, StandardCharsets.UTF_8);
    } catch (IOException failure) {
      return "Error reading termination log " + file.getFileName() + ": " + failure.getMessage();
    }
  }
}
