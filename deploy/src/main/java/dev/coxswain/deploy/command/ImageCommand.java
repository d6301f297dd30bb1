package dev.coxswain.deploy.command;

import dev.coxswain.deploy.cluster.ClusterState;
import dev.coxswain.deploy.cluster.ImageLoad;
import dev.coxswain.deploy.host.CoxException;
import dev.coxswain.deploy.host.MachineCheck;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** Brings images to the nodes without a registry. */
@Command(
    name = "image",
    description = "Brings images to the nodes without a registry.",
    synopsisSubcommandLabel = "COMMAND")
final class ImageCommand {
  @ParentCommand private @Nullable CoxCommand cox;

  @Command(
      name = "load",
      description =
          "Imports an OCI or Docker archive (as docker save writes it) into every node that is on.")
  int load(@Parameters(paramLabel = "ARCHIVE", description = "A tar file.") Path archive) {
    CoxCommand root = java.util.Objects.requireNonNull(cox);
    MachineCheck.requireRoot();
    if (!Files.isReadable(archive)) {
      throw new CoxException("cannot read " + archive);
    }
    ClusterState state = root.state().current();
    List<String> nodes = ImageLoad.intoEveryNode(state, archive.toAbsolutePath());
    System.out.println("Loaded into " + String.join(", ", nodes) + ".");
    return 0;
  }
}
