package dev.coxswain.kubelet.csi;

import dev.coxswain.runtime.program.Rounds;
import dev.coxswain.runtime.time.Time;
import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the folder where plugins put the sockets by which they register. What happens to the
 * folder is only a reason to look: what counts is which sockets are there now.
 */
public final class PluginFolder {
  private static final Logger LOG = LoggerFactory.getLogger(PluginFolder.class);

  /** Far more than one node has drivers. */
  private static final int MOST_SOCKETS = 100;

  private static final int TYPE_BITS = 0170000;
  private static final int SOCKET = 0140000;

  private final Path folder;
  private final Registrations registrations;
  private final Time time;
  private final Map<Path, Object> known = new HashMap<>();
  private @Nullable WatchService watcher;
  private volatile boolean stopped;

  /** Follows this folder, {@code plugins_registry} below the kubelet's root. */
  public PluginFolder(Path folder, Registrations registrations, Time time) {
    this.folder = folder;
    this.registrations = registrations;
    this.time = time;
  }

  /** Registers what is there now and follows the folder on a thread of its own. */
  public void start() throws IOException {
    Files.createDirectories(folder);
    WatchService notices = folder.getFileSystem().newWatchService();
    watcher = notices;
    folder.register(
        notices, StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_DELETE);
    Thread.ofPlatform()
        .daemon()
        .name("plugin-folder")
        .start(
            () -> Rounds.run("plugin-folder", time, () -> !stopped, () -> lookAndAwait(notices)));
  }

  /** Ends; the drivers run on. */
  public void stop() {
    stopped = true;
    try {
      if (watcher != null) {
        watcher.close();
      }
    } catch (IOException failure) {
      LOG.debug("The watch of {} was not closed: {}", folder, failure.getMessage());
    }
    registrations.close();
  }

  private void lookAndAwait(WatchService notices) throws InterruptedException {
    look();
    try {
      WatchKey key = notices.take();
      key.pollEvents();
      key.reset();
    } catch (ClosedWatchServiceException closed) {
      LOG.debug("{} is no longer watched", folder);
    }
  }

  private void look() {
    Map<Path, Object> found = new HashMap<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        if (found.size() < MOST_SOCKETS) {
          identity(file, found);
        }
      }
    } catch (IOException failure) {
      LOG.warn("Plugins: {} cannot be read: {}", folder, failure.getMessage());
      return;
    }
    for (Path gone : known.keySet()) {
      if (!Objects.equals(found.get(gone), known.get(gone))) {
        registrations.end(gone);
      }
    }
    for (Path socket : found.keySet()) {
      if (!found.get(socket).equals(known.get(socket))) {
        registrations.begin(socket);
      }
    }
    known.clear();
    known.putAll(found);
  }

  /** A plugin that starts again makes a new socket of the same name. */
  private static void identity(Path file, Map<Path, Object> found) throws IOException {
    try {
      int mode = (Integer) Files.getAttribute(file, "unix:mode", LinkOption.NOFOLLOW_LINKS);
      if (!file.getFileName().toString().startsWith(".") && (mode & TYPE_BITS) == SOCKET) {
        BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
        found.put(file, attributes.fileKey() + " " + attributes.lastModifiedTime());
      }
    } catch (NoSuchFileException gone) {
      // It went between listing and looking.
      found.remove(file);
    }
  }
}
