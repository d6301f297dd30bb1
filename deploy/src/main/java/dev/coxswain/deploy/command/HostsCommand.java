package dev.coxswain.deploy.command;

import dev.coxswain.deploy.cluster.Distribution;
import dev.coxswain.deploy.hosts.HostPlans;
import dev.coxswain.deploy.image.NativePrograms;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** Prepares a cluster of hosts of one's own. */
@Command(
    name = "hosts",
    description =
        "Prepares a cluster on hosts of your own: makes for each a directory with its keys, its"
            + " configuration and a script that installs them. Run again with further nodes, it"
            + " adds them.")
final class HostsCommand implements Callable<Integer> {
  @ParentCommand private @Nullable CoxCommand cox;

  @Option(
      names = "--control-plane",
      paramLabel = "NAME=ADDRESS",
      description = "A host for store, apiserver, scheduler and controllers: 1, 3, 5 or 7 of them.")
  private List<String> controlPlanes = List.of();

  @Option(
      names = "--node",
      paramLabel = "NAME=ADDRESS",
      description = "A host for pods; a control plane may be one, too.")
  private List<String> nodes = List.of();

  @Option(
      names = "--api-name",
      paramLabel = "NAME",
      description = "A further name or address of the API servers, such as a load balancer's.")
  private List<String> names = List.of();

  @Option(
      names = "--output",
      paramLabel = "DIR",
      description = "Where keys and directories are made (default: on-hosts below the home).")
  private @Nullable Path output;

  @Override
  public Integer call() {
    CoxCommand root = java.util.Objects.requireNonNull(cox);
    Path directory = output == null ? root.home().root().resolve("on-hosts") : output;
    var plans = new HostPlans(directory.toAbsolutePath().normalize(), root.time());
    Distribution distribution = Distribution.current();
    List<Path> made =
        plans.add(
            controlPlanes,
            nodes,
            names,
            new NativePrograms(distribution.nativeSources(), distribution.nativePrograms()));
    System.out.println("Made:\n");
    made.forEach(host -> System.out.println("  " + host));
    System.out.printf(
        """

        On each host, as root (control planes first):

          # The program, the same for all, without the start-up caches that fit this machine alone:
          tar -C %s --exclude=./cache -c . |
            ssh root@HOST 'mkdir -p /opt/coxswain; tar -C /opt/coxswain --no-same-owner -x'
          # What is this host's own, and what makes it one of the cluster's:
          tar -C %s -c . |
            ssh root@HOST 'mkdir -p coxswain-host; tar -C coxswain-host --no-same-owner -x'
          ssh root@HOST coxswain-host/install

        The same again brings a newer program.

        Then, from here (an API server answers some seconds after its installation):

          export KUBECONFIG=%s
          kubectl get nodes

        Keep %s: it holds the cluster's keys, and further nodes are made from it.
        """,
        distribution.root(), made.getFirst(), plans.kubeconfig(), directory);
    return 0;
  }
}
