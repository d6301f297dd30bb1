package dev.coxswain.deploy.hosts;

import dev.coxswain.deploy.cluster.ClusterSpec;
import dev.coxswain.deploy.cluster.Home;
import dev.coxswain.deploy.host.CoxException;
import dev.coxswain.deploy.image.BuiltinImages;
import dev.coxswain.deploy.image.NativePrograms;
import dev.coxswain.deploy.pki.PemFiles;
import dev.coxswain.runtime.time.Time;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** The plan that is kept beside the cluster's keys, and what is made of it. */
public final class HostPlans {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private final Home home;
  private final Time time;

  /** Plans and keys below a directory of their own. */
  public HostPlans(Path directory, Time time) {
    this.home = new Home(directory);
    this.time = time;
  }

  /**
   * Adds hosts to the plan and makes every host's directory.
   *
   * @param controlPlanes each {@code NAME=ADDRESS}, as are the nodes
   * @param names further names or addresses of the API servers
   * @return the hosts' directories
   * @throws CoxException when a host is wrong or contradicts the plan
   */
  public List<Path> add(
      List<String> controlPlanes, List<String> nodes, List<String> names, NativePrograms programs) {
    HostPlan plan =
        read()
            .with(
                controlPlanes.stream()
                    .map(host -> HostPlan.Host.parse("--control-plane", host))
                    .toList(),
                nodes.stream().map(host -> HostPlan.Host.parse("--node", host)).toList(),
                names);
    PemFiles.writePublic(file(), JSON.writeValueAsString(plan) + "\n");
    var bundles = new HostBundles(home, plan, time);
    bundles.make(BuiltinImages.archive(programs));
    return plan.hosts().stream().map(bundles::directory).toList();
  }

  /** What the administrator uses. */
  public Path kubeconfig() {
    return home.kubeconfig();
  }

  private HostPlan read() {
    if (!Files.exists(file())) {
      return HostPlan.empty(ClusterSpec.idOf(home.root()));
    }
    try {
      return JSON.readValue(Files.readString(file()), HostPlan.class);
    } catch (IOException | JacksonException damaged) {
      throw new CoxException(
          file() + " is not readable as a plan of hosts: " + damaged.getMessage(), damaged);
    }
  }

  private Path file() {
    return home.root().resolve("plan.json");
  }
}
