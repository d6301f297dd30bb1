package dev.coxswain.deploy.cluster;

import dev.coxswain.deploy.host.CoxException;
import dev.coxswain.deploy.pki.PemFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.UnaryOperator;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * The state on disk, always whole: each change replaces the file. Shared by the steps of a
 * bring-up.
 */
public final class StateFile {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private final Path file;
  private ClusterState current;

  private StateFile(Path file, ClusterState current) {
    this.file = file;
    this.current = current;
  }

  /** What the file says, if there is one. */
  public static Optional<StateFile> open(Path file) {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new StateFile(file, JSON.readValue(Files.readString(file), ClusterState.class)));
    } catch (IOException | JacksonException damaged) {
      throw new CoxException(
          file + " is not readable as a cluster's state: " + damaged.getMessage(), damaged);
    }
  }

  public static StateFile create(Path file, ClusterState state) {
    var created = new StateFile(file, state);
    created.update(same -> same);
    return created;
  }

  public synchronized ClusterState current() {
    return current;
  }

  /** Changes the state; it is on disk when this returns. */
  public synchronized ClusterState update(UnaryOperator<ClusterState> change) {
    current = change.apply(current);
    PemFiles.writePublic(file, JSON.writeValueAsString(current) + "\n");
    return current;
  }
}
