package dev.coxswain.kubelet.worker;

import dev.coxswain.kubelet.cri.CriLabels;
import dev.coxswain.kubelet.log.LogTail;
import dev.coxswain.proto.cri.ContainerStatus;
import dev.coxswain.proto.cri.Mount;
import java.io.IOException;
import java.io.InputStream;
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
   * @param log the container's log where it was looked for there: the runtime may say that a
   *     container has ended before all that it wrote is in its log
   */
  record Message(String text, Optional<Path> log) {
    private Message(String text) {
      this(text, Optional.empty());
    }
  }

  /** The message of an ended container; the runtime's own where it left none. */
  Message of(ContainerStatus status) {
    String path = status.getAnnotationsOrDefault(CriLabels.TERMINATION_MESSAGE_PATH, "");
    for (Mount mount : status.getMountsList()) {
      if (!path.isEmpty() && mount.getContainerPath().equals(path)) {
        String message = read(Path.of(mount.getHostPath()));
        if (!message.isEmpty()) {
          return new Message(message);
        }
      }
    }
    String policy = status.getAnnotationsOrDefault(CriLabels.TERMINATION_MESSAGE_POLICY, "File");
    if (policy.equals("FallbackToLogsOnError") && status.getExitCode() != 0) {
      Path log = Path.of(status.getLogPath());
      return new Message(endOf(log), Optional.of(log));
    }
    return new Message(status.getMessage());
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
    try (InputStream in = Files.newInputStream(file)) {
      return new String(in.readNBytes(FILE_BYTES), StandardCharsets.UTF_8);
    } catch (IOException failure) {
      return "Error reading termination log " + file.getFileName() + ": " + failure.getMessage();
    }
  }
}
